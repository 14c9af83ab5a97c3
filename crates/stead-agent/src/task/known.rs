//! Commands that a repository knows: what its own files say can be run. More than
//! `checks`, which is the one command that tests.

use serde_json::Value;

use super::{Facts, checks};

/// Every command that the repository's files name, the one that tests first.
pub(super) fn commands(facts: &Facts) -> Vec<String> {
    let mut known = checks(facts);
    known.extend(said(facts.text("AGENTS.md")));
    known.extend(scripts(facts));
    known.extend(targets(facts.text("Makefile")).map(|target| format!("make {target}")));
    known.extend(recipes(facts.text("justfile")).map(|recipe| format!("just {recipe}")));
    let of_tools: [(&str, &[&str]); 4] = [
        (
            "Cargo.toml",
            &["cargo test", "cargo check", "cargo clippy", "cargo build"],
        ),
        (
            "go.mod",
            &["go test ./...", "go vet ./...", "go build ./..."],
        ),
        ("tox.ini", &["tox"]),
        ("noxfile.py", &["nox"]),
    ];
    for (file, commands) in of_tools {
        if facts.has(file) {
            known.extend(commands.iter().map(|one| (*one).to_owned()));
        }
    }
    if facts.files.iter().any(|file| is_python(file)) {
        let runners = ["pytest", "python -m pytest", "python -m unittest"];
        known.extend(runners.iter().map(|one| (*one).to_owned()));
    }
    let mut seen = std::collections::BTreeSet::new();
    known.retain(|command| seen.insert(command.clone()));
    known
}

fn is_python(file: &str) -> bool {
    file.rsplit_once('.').is_some_and(|(_, end)| end == "py")
}

/// What stands between back quotes and looks like a command.
fn said(text: &str) -> impl Iterator<Item = String> {
    let lines = text.lines();
    let pieces = lines.flat_map(|line| line.split('`').skip(1).step_by(2));
    let commands = pieces.filter(|piece| super::checks::is_command(piece));
    commands.map(str::to_owned)
}

/// Scripts of `package.json`, as each of the runners calls them.
fn scripts(facts: &Facts) -> Vec<String> {
    let package: Option<Value> = serde_json::from_str(facts.text("package.json")).ok();
    let scripts = package
        .as_ref()
        .and_then(|package| package["scripts"].as_object());
    let Some(scripts) = scripts else {
        return Vec::new();
    };
    let ways = |name: &String| {
        let runners = ["npm run", "pnpm run", "pnpm", "yarn run", "yarn", "bun run"];
        let ways = runners.map(|runner| format!("{runner} {name}"));
        let short = (name == "test").then(|| "npm test".to_owned());
        ways.into_iter().chain(short).collect::<Vec<_>>()
    };
    scripts.keys().flat_map(ways).collect()
}

/// Targets of a Makefile that are called by a plain name.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    let name = |line: &'_ str| -> Option<usize> {
        let end = line.find(':')?;
        let name = &line[..end];
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        // `name := value` is no target.
        (!name.is_empty() && name.chars().all(plain) && !line[end..].starts_with(":="))
            .then_some(end)
    };
    text.lines()
        .filter_map(move |line| name(line).map(|end| &line[..end]))
}

/// Recipes of a justfile.
fn recipes(text: &str) -> impl Iterator<Item = &str> {
    let heads = text
        .lines()
        .filter(|line| line.contains(':') && !line.contains(":="));
    heads.filter_map(|line| {
        let name = line.split([' ', ':']).next()?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        (!name.is_empty() && name.chars().all(plain)).then_some(name)
    })
}
