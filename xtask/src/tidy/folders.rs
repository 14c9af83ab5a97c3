//! T3: every adapter's folder is complete and registered.

use super::Finding;
use super::tree::Tree;

const AGENTS: &str = "crates/stead-adapters/src/agents";
const REGISTRY: &str = "crates/stead-adapters/src/registry.rs";

/// Finds what an adapter lacks.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let registry = tree.text(REGISTRY).unwrap_or_default();
    let modules = tree.text(&format!("{AGENTS}/mod.rs")).unwrap_or_default();
    for name in tree.children(AGENTS) {
        let Some(agent) = name.strip_suffix('/') else {
            continue;
        };
        let folder = format!("{AGENTS}/{agent}");
        let mut report = |message: &str| found.push(Finding::new("T3", &folder, 0, message));
        for file in ["mod.rs", "FORMAT.md"] {
            if !tree.has(&format!("{folder}/{file}")) {
                report(&format!("has no {file}"));
            }
        }
        if !tree.has(&format!("{folder}/tests.rs")) && !tree.has(&format!("{folder}/tests")) {
            report("has no tests.rs");
        }
        if !registry.contains(&format!("agents::{agent}::")) {
            report("is not in registry.rs");
        }
        if !modules.contains(&format!("mod {agent};")) {
            report("is not declared in agents/mod.rs");
        }
        let mut cases = 0;
        for case in tree.children(&format!("{folder}/testdata")) {
            let Some(case) = case.strip_suffix('/') else {
                continue;
            };
            cases += 1;
            if !tree.has(&format!("{folder}/testdata/{case}/NOTE.md")) {
                report(&format!(
                    "testdata/{case} has no NOTE.md (agent version, how it was made, what it shows)"
                ));
            }
        }
        if cases == 0 {
            report("has no case in testdata/");
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::{AGENTS, REGISTRY, check};

    const WHOLE: [(&str, &str); 6] = [
        ("mod.rs", "pub mod demo;"),
        ("demo/mod.rs", ""),
        ("demo/FORMAT.md", ""),
        ("demo/tests/laws.rs", ""),
        ("demo/testdata/v1/NOTE.md", ""),
        ("demo/testdata/v1/home/a.jsonl", ""),
    ];

    fn findings(files: &[(&str, &str)], registry: &str) -> usize {
        let paths: Vec<_> = files
            .iter()
            .map(|(path, text)| (format!("{AGENTS}/{path}"), *text))
            .collect();
        let mut files: Vec<_> = paths
            .iter()
            .map(|(path, text)| (path.as_str(), *text))
            .collect();
        files.push((REGISTRY, registry));
        check(&Tree::of(&files)).len()
    }

    #[test]
    fn each_part_is_missed() {
        assert_eq!(findings(&WHOLE, "&agents::demo::Demo,"), 0);
        assert_eq!(findings(&WHOLE, ""), 1);
        for left_out in 0..5 {
            let mut files = WHOLE.to_vec();
            files.remove(left_out);
            assert_eq!(findings(&files, "&agents::demo::Demo,"), 1, "{left_out}");
        }
        assert_eq!(findings(&WHOLE[..4], "&agents::demo::Demo,"), 1, "no case");
    }
}
