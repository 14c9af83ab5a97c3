//! T4: no code names an agent but its adapter, so that an agent can be taken
//! out with one folder and one line.

use super::Finding;
use super::rust::{Kind, Token, code_tokens};
use super::tree::{File, Tree};

const AGENTS: &str = "crates/stead-adapters/src/agents";

/// The program's own agent is called like the program, which may be named.
const OWN: &str = "stead";

/// Where agents may be named: path prefix and reason.
const ALLOWED: &[(&str, &str)] = &[
    (AGENTS, "the adapters themselves"),
    (
        "crates/stead-adapters/src/registry.rs",
        "the list of adapters",
    ),
    (
        "crates/stead-adapters/src/samples.rs",
        "the list of fixtures for the demo",
    ),
    ("crates/stead-testkit/", "only tests use it"),
    ("xtask/src/corpus/", "writes stores as the agents do"),
    ("xtask/src/bench/", "runs on what corpus writes"),
    ("xtask/src/tidy/", "checks this rule"),
    (
        "crates/stead/src/cli/mcp.rs",
        "help: what is typed so that an agent starts stead",
    ),
];

/// Finds code that names an agent.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let folders = tree.children(AGENTS);
    let modules: Vec<&str> = folders
        .iter()
        .filter_map(|name| name.strip_suffix('/'))
        .filter(|module| *module != OWN)
        .collect();
    let mut found = Vec::new();
    for (file, text) in tree.rust() {
        found.extend(reaching(file, text));
        if is_allowed(file) {
            continue;
        }
        for token in code_tokens(text) {
            if let Some(agent) = modules.iter().find(|module| names(&token, module)) {
                let message = format!(
                    "names the agent `{}`; ask `AdapterInfo` for facts about agents",
                    agent.replace('_', "-")
                );
                found.push(Finding::new("T4", &file.path, token.line, message));
            }
        }
    }
    found
}

/// Finds adapters that use another adapter's files: neither could be taken out.
fn reaching(file: &File, text: &str) -> Vec<Finding> {
    if !file.path.starts_with(AGENTS) {
        return Vec::new();
    }
    let message = "uses another adapter's file; what two adapters need stands beside `agents/`";
    code_tokens(text)
        .iter()
        .filter(|token| token.kind == Kind::Text)
        .filter(|token| token.text.starts_with("../") && token.text.contains(".rs"))
        .map(|token| Finding::new("T4", &file.path, token.line, message))
        .collect()
}

fn is_allowed(file: &File) -> bool {
    file.is_test()
        || ALLOWED
            .iter()
            .any(|(prefix, _)| file.path.starts_with(prefix))
}

/// Whether a token names the agent whose module is `module`. Examples of the
/// filter in help texts do not count: `--agent codex`, `agent:codex`.
fn names(token: &Token<'_>, module: &str) -> bool {
    let id = module.replace('_', "-");
    match token.kind {
        Kind::Sign => false,
        Kind::Word => {
            let word = token.text.to_ascii_lowercase().replace('_', "");
            word == module.replace('_', "")
        }
        Kind::Text => token.text.match_indices(&id).any(|(start, _)| {
            let (before, after) = (&token.text[..start], &token.text[start + id.len()..]);
            let in_word = before.ends_with(|c: char| c.is_alphanumeric())
                || after.starts_with(|c: char| c.is_alphanumeric());
            // The word before, and in a list of agents the list before.
            let option = before.rsplit([' ', '\n', '"']).next().unwrap_or_default();
            let option = if option.is_empty() {
                before.trim_end()
            } else {
                option
            };
            let example = ["-a", "--agent"].iter().any(|flag| option.ends_with(flag))
                || before.ends_with("agent:")
                || before.ends_with("--agent=")
                || before.ends_with(',');
            !in_word && !example
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::{AGENTS, check};

    fn lines(path: &str, text: &str) -> Vec<usize> {
        let folders = [
            format!("{AGENTS}/codex/mod.rs"),
            format!("{AGENTS}/claude_code/mod.rs"),
        ];
        let tree = Tree::of(&[(&folders[0], ""), (&folders[1], ""), (path, text)]);
        check(&tree).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn code_that_knows_an_agent_is_found() {
        let source = "// codex\nif id == \"codex\" {}\nuse agents::claude_code;\nlet x = ClaudeCode;\nlet d = \".codex\";";
        assert_eq!(lines("crates/stead-app/src/a.rs", source), [2, 3, 4, 5]);
        assert_eq!(lines("crates/stead-app/src/tests.rs", source), [0; 0]);
        assert_eq!(lines(&format!("{AGENTS}/codex/map.rs"), source), [0; 0]);
    }

    #[test]
    fn adapters_do_not_reach_into_each_other() {
        let source = "//!\n#[path = \"../codex/patch.rs\"]\nmod patch;";
        assert_eq!(lines(&format!("{AGENTS}/claude_code/map.rs"), source), [2]);
    }

    #[test]
    fn examples_of_the_filter_are_none() {
        let source =
            "const HELP: &str = \"stead ls --agent codex,claude-code\\n agent:codex\\n -a codex\";";
        assert_eq!(lines("crates/stead/src/cli.rs", source), [0; 0]);
        assert_eq!(
            lines("crates/stead/src/cli.rs", "let x = \"codexes\";"),
            [0; 0]
        );
    }
}
