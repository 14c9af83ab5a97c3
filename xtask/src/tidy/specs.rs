//! T11: the tests that specifications name exist, so that no rule claims to be
//! held by a test that is gone.

use super::Finding;
use super::tree::Tree;

const SPECS: &str = "docs/specs/";

/// Finds names of tests that no Rust file defines.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let sources: Vec<&str> = tree.rust().map(|(_, text)| text).collect();
    let mut found = Vec::new();
    for file in tree
        .files
        .iter()
        .filter(|file| file.path.starts_with(SPECS))
    {
        for (line, name) in named(file.text().unwrap_or_default()) {
            let function = name.rsplit("::").next().unwrap_or(name);
            let definition = format!("fn {function}(");
            if !sources.iter().any(|text| text.contains(&definition)) {
                let message = format!("there is no test `{name}`");
                found.push(Finding::new("T11", &file.path, line, message));
            }
        }
    }
    found
}

/// The names after a rule's dash, with their lines.
fn named(text: &str) -> Vec<(usize, &str)> {
    let mut names = Vec::new();
    let mut listing = false;
    for (number, line) in text.lines().enumerate() {
        // A list of tests goes on over lines until the next rule or paragraph.
        if line.is_empty() || line.starts_with("- **") {
            listing = false;
        }
        let list = match line.rsplit_once("— ") {
            Some((_, list)) => {
                listing = true;
                list
            }
            None if listing => line,
            None => continue,
        };
        let quoted = list.split('`').skip(1).step_by(2);
        names.extend(quoted.map(|name| (number + 1, name)));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::check;

    #[test]
    fn names_of_missing_tests_are_found() {
        let spec =
            "- **X1** Rule of `code`. — `tests::here`,\n  `gone`\n- **X2** `other` — no test yet\n";
        let tree = Tree::of(&[("docs/specs/x.md", spec), ("a.rs", "fn here() {}")]);
        let found: Vec<_> = check(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["docs/specs/x.md:2: T11: there is no test `gone`"]);
    }
}
