//! T6: every Rust file opens with a sentence that says what it is for. Files of
//! tests say so by their name.

use super::Finding;
use super::tree::Tree;

/// Finds files without an opening `//!`.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust()
        .filter(|(file, text)| !file.is_test() && !is_headed(text))
        .map(|(file, _)| {
            let message = "begins without `//!`: say what the file is for, and what it is not";
            Finding::new("T6", &file.path, 0, message)
        })
        .collect()
}

fn is_headed(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.starts_with("#!["));
    text.starts_with("#![doc = include_str!(")
        || lines
            .next()
            .and_then(|line| line.strip_prefix("//!"))
            .is_some_and(|sentence| !sentence.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::check;

    #[test]
    fn files_without_a_sentence_are_found() {
        let found = |text| check(&Tree::of(&[("a.rs", text)])).len();
        assert_eq!(found("//! What it is for.\nfn a() {}"), 0);
        assert_eq!(found("#![no_main]\n//! What it is for."), 0);
        assert_eq!(found("#![doc = include_str!(\"FORMAT.md\")]"), 0);
        assert_eq!(found("fn a() {}"), 1);
        assert_eq!(found("//!\nfn a() {}"), 1);
        assert_eq!(check(&Tree::of(&[("a/tests.rs", "use super::a;")])), []);
    }
}
