//! T7: nothing large, secret or of one machine only gets into the repository.

use stead_redact::Redactor;

use super::Finding;
use super::tree::Tree;

/// A larger file that is no text needs a row in [`LARGE`].
const MOST: usize = 64 << 10;

/// Large files that are no text: path suffix and reason.
const LARGE: &[(&str, &str)] = &[(
    ".zst",
    "databases of real sessions, packed; tests unpack them",
)];

/// Paths that exist on the machine where something was built, and nowhere else.
const MACHINES: &[&str] = &["/work/main", "/work/shared", "/root/"];

/// Where such a text is meant: path prefix, text and reason.
const MEANT: &[(&str, &str, &str)] = &[
    (
        "crates/stead-adapters/src/agents/codex/",
        "/root/",
        "names of agents: the first is called /root, its children /root/NAME",
    ),
    ("xtask/src/corpus/codex", "/root/", "the same, made up"),
    ("xtask/src/tidy/artifacts.rs", "/", "this list"),
];

/// Things that look like secrets and are none: path prefix, the rule that
/// finds them (or all), and why they are harmless.
const HARMLESS: &[(&str, Option<&str>, &str)] =
    &[("fuzz/seeds/redact/", None, "made up, to be found")];

/// Where secrets are looked for: what was captured from agents.
fn is_captured(path: &str) -> bool {
    path.contains("/testdata/") || path.starts_with("fuzz/seeds/")
}

/// Finds files that do not belong here.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let redactor = Redactor::default_rules();
    let mut found = Vec::new();
    for file in &tree.files {
        let path = file.path.as_str();
        let Some(text) = file.text() else {
            let excused = LARGE.iter().any(|(suffix, _)| path.ends_with(suffix));
            if file.bytes.len() > MOST && !excused {
                let message = format!("is no text and has {} bytes", file.bytes.len());
                found.push(Finding::new("T7", path, 0, message));
            }
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            for machine in MACHINES.iter().filter(|machine| has_path(line, machine)) {
                if !is_meant(path, machine) {
                    let message = format!("names `{machine}`, a path of one machine");
                    found.push(Finding::new("T7", path, number + 1, message));
                }
            }
        }
        if is_captured(path) {
            for secret in redactor.find(text) {
                let harmless = HARMLESS.iter().any(|(prefix, rule, _)| {
                    path.starts_with(prefix) && rule.is_none_or(|rule| rule == secret.rule)
                });
                if !harmless {
                    let line = text[..secret.range.start].matches('\n').count() + 1;
                    let message = format!("holds what looks like a secret ({})", secret.rule);
                    found.push(Finding::new("T7", path, line, message));
                }
            }
        }
    }
    found
}

fn is_meant(path: &str, machine: &str) -> bool {
    MEANT
        .iter()
        .any(|(prefix, text, _)| path.starts_with(prefix) && machine.starts_with(text))
}

/// Whether a line holds an absolute path that begins with `machine`.
fn has_path(line: &str, machine: &str) -> bool {
    line.match_indices(machine).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "_-.~}*/".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tree::{File, Tree};
    use super::check;

    fn found(path: &str, bytes: &[u8]) -> Vec<usize> {
        let mut tree = Tree::of(&[]);
        tree.files.push(File {
            path: path.into(),
            bytes: bytes.to_vec(),
        });
        check(&tree).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn large_binaries_are_found() {
        assert_eq!(found("a.bin", &vec![0; 70_000]), [0]);
        assert_eq!(found("a.bin", &vec![0; 60_000]), [0; 0]);
        assert_eq!(found("a.sqlite.zst", &vec![0; 70_000]), [0; 0]);
    }

    #[test]
    fn secrets_in_captures_are_found() {
        let text = b"ok\ndb: postgres://app:t0psecret@db.internal/app\n";
        assert_eq!(found("crates/a/testdata/v1/home/a.jsonl", text), [2]);
        assert_eq!(found("crates/a/src/lib.rs", text), [0; 0]);
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        let path = ["/ro", "ot/.cache"].concat();
        assert_eq!(found("a.md", format!("\nsee {path}").as_bytes()), [2]);
        assert_eq!(
            found("a.md", format!("see ~{path} or home{path}").as_bytes()),
            [0; 0]
        );
    }
}
