//! T2: files stay small enough to be read at one sitting.

use super::Finding;
use super::rust::{Kind, tokens};
use super::tree::Tree;

/// A longer file needs a row in [`LONG_FILES`].
const LONG: usize = 600;
/// No file is longer.
const TOO_LONG: usize = 1000;

/// Files over [`LONG`] lines: path, the most lines it may have, and why. Rows
/// go and numbers fall; they do not come and rise.
const LONG_FILES: &[(&str, usize, &str)] = &[];

/// Functions that may be longer than clippy's `too_many_lines` (clippy.toml):
/// path and reason. Rows go; they do not come.
const LONG_FUNCTIONS: &[(&str, &str)] = &[];

/// Finds long files, and rows that are no longer needed.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    check_with(tree, LONG_FILES, LONG_FUNCTIONS)
}

fn check_with(
    tree: &Tree,
    long_files: &[(&str, usize, &str)],
    long_functions: &[(&str, &str)],
) -> Vec<Finding> {
    let mut found = Vec::new();
    for (file, text) in tree.rust().filter(|(file, _)| !file.is_test()) {
        let lines = text.lines().count();
        let row = long_files.iter().find(|(path, ..)| *path == file.path);
        let message = match row {
            _ if lines > TOO_LONG => {
                Some(format!("{lines} lines; no file has more than {TOO_LONG}"))
            }
            Some((_, most, _)) if lines > *most => Some(format!(
                "{lines} lines; it had {most} and may only get shorter"
            )),
            Some(_) if lines <= LONG => {
                Some("is short now: take its row out of LONG_FILES".to_owned())
            }
            None if lines > LONG => Some(format!(
                "{lines} lines; look for a second concept at 400, and at {LONG} split it"
            )),
            _ => None,
        };
        found.extend(message.map(|message| Finding::new("T2", &file.path, 0, message)));
        if !long_functions.iter().any(|(path, _)| *path == file.path) {
            let long = tokens(text)
                .into_iter()
                .filter(|token| token.kind == Kind::Word && token.text == "too_many_lines");
            found.extend(long.map(|token| {
                let message = "a long function needs a reason in LONG_FUNCTIONS";
                Finding::new("T2", &file.path, token.line, message)
            }));
        }
    }
    let rows = long_files.iter().map(|row| row.0);
    for path in rows.chain(long_functions.iter().map(|row| row.0)) {
        if !tree.has(path) {
            found.push(Finding::new("T2", path, 0, "is gone: take its row out"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::check_with;

    #[test]
    fn long_files_need_a_reason_and_only_shrink() {
        let lines = |count: usize| "//\n".repeat(count);
        let check = |count, rows: &[(&str, usize, &str)]| {
            check_with(&Tree::of(&[("a.rs", &lines(count))]), rows, &[]).len()
        };
        assert_eq!(check(600, &[]), 0);
        assert_eq!(check(601, &[]), 1);
        assert_eq!(check(700, &[("a.rs", 700, "a table")]), 0);
        assert_eq!(check(701, &[("a.rs", 700, "a table")]), 1);
        assert_eq!(check(1001, &[("a.rs", 2000, "a table")]), 1);
        assert_eq!(check(10, &[("a.rs", 700, "a table")]), 1);
        assert_eq!(check(10, &[("b.rs", 700, "a table")]), 1);
        let tests = [("src/tests.rs", lines(2000))];
        assert_eq!(
            check_with(&Tree::of(&[(tests[0].0, &tests[0].1)]), &[], &[]),
            []
        );
    }

    #[test]
    fn exceptions_for_long_functions_are_counted() {
        let tree = Tree::of(&[("a.rs", "//!\n#[expect(clippy::too_many_lines)]\nfn f() {}")]);
        assert_eq!(check_with(&tree, &[], &[])[0].line, 2);
        assert_eq!(check_with(&tree, &[], &[("a.rs", "a table")]), []);
    }
}
