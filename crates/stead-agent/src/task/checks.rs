//! How a repository is tested, told from its files.

use serde_json::Value;

use super::Facts;

/// Commands that run the repository's tests, as its own files say: the first kind of
/// project that is found decides. Empty if none is.
pub fn checks(facts: &Facts) -> Vec<String> {
    let found = said(facts)
        .or_else(|| make(facts))
        .or_else(|| cargo(facts))
        .or_else(|| node(facts))
        .or_else(|| go(facts))
        .or_else(|| python(facts));
    found.into_iter().collect()
}

/// AGENTS.md names the command in a line with the word `test`.
fn said(facts: &Facts) -> Option<String> {
    let lines = facts.text("AGENTS.md").lines();
    let mut lines = lines.filter(|line| {
        let line = line.to_lowercase();
        line.contains("test") && !line.contains("don't") && !line.contains("do not")
    });
    lines.find_map(|line| {
        let mut pieces = line.split('`').skip(1).step_by(2);
        pieces.find(|piece| is_command(piece)).map(str::to_owned)
    })
}

/// Whether a piece of text between back quotes is a command that tests.
pub(super) fn is_command(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let Some(first) = words.first() else {
        return false;
    };
    let runs = [
        "cargo",
        "npm",
        "pnpm",
        "yarn",
        "bun",
        "npx",
        "make",
        "just",
        "go",
        "pytest",
        "python",
        "python3",
        "tox",
        "nox",
        "uv",
        "poetry",
        "hatch",
        "mvn",
        "gradle",
        "./gradlew",
        "dotnet",
        "bundle",
        "rake",
        "mix",
        "ctest",
        "deno",
        "bash",
        "sh",
        "swift",
        "zig",
        "bazel",
    ];
    (runs.contains(first) || first.starts_with("./"))
        && (words.len() > 1 || *first == "pytest" || *first == "tox")
}

fn make(facts: &Facts) -> Option<String> {
    let target = |text: &str| text.lines().any(|line| line.starts_with("test:"));
    if target(facts.text("Makefile")) {
        return Some("make test".to_owned());
    }
    let recipe = |line: &str| line.starts_with("test:") || line.starts_with("test ");
    let is_there = facts.text("justfile").lines().any(recipe);
    is_there.then(|| "just test".to_owned())
}

fn cargo(facts: &Facts) -> Option<String> {
    facts.has("Cargo.toml").then(|| "cargo test".to_owned())
}

fn node(facts: &Facts) -> Option<String> {
    let package: Value = serde_json::from_str(facts.text("package.json")).ok()?;
    let test = package["scripts"]["test"].as_str()?;
    // What `npm init` writes fails by design.
    if test.contains("no test specified") {
        return None;
    }
    let runners = [
        ("pnpm-lock.yaml", "pnpm test"),
        ("yarn.lock", "yarn test"),
        ("bun.lockb", "bun run test"),
        ("bun.lock", "bun run test"),
    ];
    let runner = runners.iter().find(|(lock, _)| facts.has(lock));
    Some(runner.map_or("npm test", |(_, command)| command).to_owned())
}

fn go(facts: &Facts) -> Option<String> {
    facts.has("go.mod").then(|| "go test ./...".to_owned())
}

fn python(facts: &Facts) -> Option<String> {
    let is_test = |file: &String| {
        let name = file.rsplit('/').next().unwrap_or(file);
        let is_python = name.rsplit_once('.').is_some_and(|(_, end)| end == "py");
        is_python && (name.starts_with("test_") || name.ends_with("_test.py"))
    };
    let tests: Vec<&String> = facts.files.iter().filter(|file| is_test(file)).collect();
    let configured = ["pyproject.toml", "setup.cfg", "tox.ini"]
        .iter()
        .any(|file| facts.text(file).contains("pytest"));
    if configured
        || facts.has("pytest.ini")
        || facts.files.iter().any(|file| file.ends_with("conftest.py"))
    {
        return Some("python3 -m pytest -q".to_owned());
    }
    if tests.is_empty() {
        return None;
    }
    // Tests of the standard library need nothing that may not be installed.
    let folder = tests.iter().all(|file| file.starts_with("tests/"));
    let command = if folder {
        "python3 -m unittest discover -s tests"
    } else {
        "python3 -m unittest"
    };
    Some(command.to_owned())
}
