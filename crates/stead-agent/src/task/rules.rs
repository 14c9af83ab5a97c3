//! A task taken apart by rules, where there is no model for it: nothing is guessed that
//! is not written there.

use super::checks::is_command;
use super::words::{constrains, intent};
use super::{Facts, TaskSpec, checks};

/// Takes a task apart by its words and the repository's files.
pub fn by_rules(task: &str, facts: &Facts) -> TaskSpec {
    let sentences = sentences(task);
    let quoted = quoted(task);
    let own: Vec<String> = quoted
        .iter()
        .filter(|piece| is_command(piece))
        .map(|piece| (*piece).to_owned())
        .collect();
    let intent = intent(task);
    TaskSpec {
        goal: sentences.first().cloned().unwrap_or_default(),
        intent,
        targets: targets(task, &quoted, facts),
        constraints: sentences
            .iter()
            .filter(|sentence| constrains(sentence))
            .cloned()
            .collect(),
        checks: match own {
            own if !own.is_empty() => own,
            _ if intent.changes() => checks(facts),
            _ => Vec::new(),
        },
        private: Vec::new(),
    }
}

/// The sentences of a task; lines are sentences too.
fn sentences(task: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    for line in task.lines() {
        let mut rest = line.trim().trim_start_matches(['-', '*', ' ']);
        while let Some(end) = end_of_sentence(rest) {
            sentences.push(rest[..=end].trim().to_owned());
            rest = rest[end + 1..].trim_start();
        }
        sentences.push(rest.to_owned());
    }
    sentences.retain(|sentence| sentence.chars().any(char::is_alphanumeric));
    sentences
}

/// A sign that ends a sentence stands before white space, and not in code.
fn end_of_sentence(text: &str) -> Option<usize> {
    let mut in_code = false;
    for (at, c) in text.char_indices() {
        match c {
            '`' => in_code = !in_code,
            '.' | '!' | '?' if !in_code && text[at + 1..].starts_with(char::is_whitespace) => {
                return Some(at);
            }
            _ => {}
        }
    }
    None
}

/// What stands between back quotes.
fn quoted(task: &str) -> Vec<&str> {
    let pieces = task.split('`').skip(1).step_by(2);
    pieces
        .map(str::trim)
        .filter(|piece| !piece.is_empty() && !piece.contains('\n'))
        .collect()
}

/// Files and folders that are there, and names that are written as code.
fn targets(task: &str, quoted: &[&str], facts: &Facts) -> Vec<String> {
    let mut targets: Vec<String> = Vec::new();
    let mut add = |target: &str| {
        if !targets.iter().any(|known| known == target) {
            targets.push(target.to_owned());
        }
    };
    for word in task.split_whitespace() {
        let word = word.trim_matches(|c: char| "`\"'()[]{}<>,;:!?".contains(c));
        let word = word.strip_suffix('.').unwrap_or(word);
        let bare = word.strip_prefix("./").unwrap_or(word);
        if facts.has(bare) || facts.has_folder(bare) && bare.contains('/') {
            add(bare.trim_end_matches('/'));
        } else if bare.contains('.')
            && let Some(file) = facts.only(bare)
        {
            add(file);
        }
    }
    let is_name = |piece: &str| {
        let sign = |c: char| c.is_alphanumeric() || "_.:#<>()".contains(c);
        piece.chars().all(sign) && piece.chars().any(char::is_alphabetic)
    };
    for piece in quoted.iter().filter(|piece| is_name(piece)) {
        if !facts.has(piece) && facts.only(piece).is_none() {
            add(piece.trim_end_matches("()"));
        }
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::{Facts, by_rules};
    use crate::task::Intent;

    fn facts(files: &[&str], texts: &[(&str, &str)]) -> Facts {
        let files = files.iter().map(|file| (*file).to_owned());
        let texts = texts
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        let mut facts = Facts {
            files: files.collect(),
            texts: texts.collect(),
        };
        facts
            .files
            .extend(facts.texts.keys().cloned().collect::<Vec<_>>());
        facts.files.sort();
        facts
    }

    #[test]
    fn the_kind_of_work_is_told_from_the_first_words() {
        for (task, intent) in [
            ("add unit tests to src/utils.py", Intent::Test),
            ("Please write a test for the parser", Intent::Test),
            ("Can you fix the failing test in tests/a.py?", Intent::Fix),
            ("The login page crashes when the name is empty", Intent::Fix),
            ("rename Foo to Bar everywhere", Intent::Refactor),
            ("Why does the cache grow?", Intent::Explain),
            ("How is config.toml read?", Intent::Explain),
            ("add a --json flag to the list command", Intent::Change),
            ("Create an error type for the parser", Intent::Change),
            ("", Intent::Change),
        ] {
            assert_eq!(by_rules(task, &Facts::default()).intent, intent, "{task}");
        }
    }

    #[test]
    fn targets_are_what_is_there_or_is_written_as_code() {
        let facts = facts(&["src/utils.py", "src/app/main.py", "README.md"], &[]);
        let targets = |task: &str| by_rules(task, &facts).targets;
        assert_eq!(targets("add unit tests to src/utils.py."), ["src/utils.py"]);
        assert_eq!(
            targets("fix `slugify()` in utils.py, see src/app/"),
            ["src/utils.py", "src/app", "slugify"]
        );
        assert_eq!(
            targets("make it e.g. faster, as in nothing.py"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn sentences_that_bind_are_kept() {
        let spec = by_rules(
            "Add a cache. It must not grow beyond 1 MB! Don't touch the API.\n- keep v1.2 working",
            &Facts::default(),
        );
        assert_eq!(spec.goal, "Add a cache.");
        assert_eq!(
            spec.constraints,
            [
                "It must not grow beyond 1 MB!",
                "Don't touch the API.",
                "keep v1.2 working"
            ]
        );
    }

    #[test]
    fn what_decides_is_said_by_the_user_or_by_the_repository() {
        let checks = |task: &str, files: &[&str], texts: &[(&str, &str)]| {
            by_rules(task, &facts(files, texts)).checks
        };
        assert_eq!(
            checks("add x, `npm run lint` has to pass", &[], &[]),
            ["npm run lint"]
        );
        assert_eq!(checks("add x", &[], &[("Cargo.toml", "")]), ["cargo test"]);
        assert_eq!(
            checks(
                "add x",
                &["yarn.lock"],
                &[("package.json", r#"{"scripts":{"test":"jest"}}"#)]
            ),
            ["yarn test"]
        );
        let init = r#"{"scripts":{"test":"echo \"Error: no test specified\" && exit 1"}}"#;
        assert_eq!(
            checks("add x", &[], &[("package.json", init)]),
            Vec::<String>::new()
        );
        assert_eq!(
            checks(
                "add x",
                &[],
                &[("Makefile", "all:\n\ntest: all\n\t./run"), ("go.mod", "")]
            ),
            ["make test"]
        );
        assert_eq!(
            checks("add x", &["tests/test_a.py"], &[]),
            ["python3 -m unittest discover -s tests"]
        );
        assert_eq!(
            checks("add x", &["tests/test_a.py", "tests/conftest.py"], &[]),
            ["python3 -m pytest -q"]
        );
        assert_eq!(
            checks(
                "add x",
                &["tests/test_a.py"],
                &[("AGENTS.md", "Run the tests with `uv run pytest -q`.")]
            ),
            ["uv run pytest -q"]
        );
        assert_eq!(
            checks("why is it slow?", &[], &[("Cargo.toml", "")]),
            Vec::<String>::new()
        );
    }
}
