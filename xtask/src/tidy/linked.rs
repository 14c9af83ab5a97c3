//! T5: no forgotten file: every Rust file is part of a crate. The compiler
//! does not miss a test that nobody declares.

use super::Finding;
use super::tree::Tree;

/// Finds Rust files that no `mod` declares.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (file, _) in tree.rust() {
        let Some((before, inner)) = file.path.split_once("/src/") else {
            continue;
        };
        let (folder, name) = inner.rsplit_once('/').unwrap_or(("", inner));
        if folder.is_empty() && matches!(name, "lib.rs" | "main.rs")
            || folder
                .split('/')
                .any(|part| part == "bin" || part == "testdata")
        {
            continue;
        }
        let folder = format!("{before}/src/{folder}");
        let folder = folder.trim_end_matches('/');
        let (parents, module) = if name == "mod.rs" {
            let (above, module) = folder.rsplit_once('/').unwrap_or_default();
            (above, module)
        } else {
            (folder, name.trim_end_matches(".rs"))
        };
        let declared = declarers(parents).iter().any(|parent| {
            tree.text(parent).is_some_and(|text| {
                text.lines()
                    .any(|line| line.trim_end().ends_with(&format!("mod {module};")))
            })
        });
        let by_path = || {
            let attribute = format!("#[path = \"{name}\"]");
            tree.children(folder)
                .iter()
                .filter_map(|sibling| tree.text(&format!("{folder}/{sibling}")))
                .any(|text| text.contains(&attribute))
        };
        if !declared && !by_path() {
            let message = "no `mod` declares this file, so nothing compiles it";
            found.push(Finding::new("T5", &file.path, 0, message));
        }
    }
    found
}

/// The files in which a module in `folder` can be declared.
fn declarers(folder: &str) -> Vec<String> {
    if folder.ends_with("/src") {
        return vec![format!("{folder}/lib.rs"), format!("{folder}/main.rs")];
    }
    vec![format!("{folder}/mod.rs"), format!("{folder}.rs")]
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::check;

    #[test]
    fn files_that_nothing_declares_are_found() {
        let tree = Tree::of(&[
            (
                "a/src/lib.rs",
                "mod b;\npub mod c;\n#[cfg(test)]\nmod tests;",
            ),
            (
                "a/src/b.rs",
                "mod deep;\n#[path = \"b_tests.rs\"]\nmod tests;",
            ),
            ("a/src/b_tests.rs", ""),
            ("a/src/b/deep.rs", ""),
            ("a/src/b/lost.rs", ""),
            ("a/src/c/mod.rs", "pub(crate) mod inner;"),
            ("a/src/c/inner.rs", ""),
            ("a/src/d/mod.rs", ""),
            ("a/src/tests.rs", ""),
            ("a/examples/e.rs", ""),
        ]);
        let found: Vec<_> = check(&tree)
            .into_iter()
            .map(|finding| finding.path)
            .collect();
        assert_eq!(found, ["a/src/b/lost.rs", "a/src/d/mod.rs"]);
    }
}
