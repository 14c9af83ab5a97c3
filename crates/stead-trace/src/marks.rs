//! What commits say of agents by themselves: trailers, and names of authors.

use crate::attribute::Mark;
use crate::repo::Commit;

/// Names by which agents sign, in small letters, and the agent's name in ids.
const SIGNED: [(&str, &str); 14] = [
    ("claude", "claude-code"),
    ("codex", "codex"),
    ("aider", "aider"),
    ("opencode", "opencode"),
    ("goose", "goose"),
    ("openhands", "openhands"),
    ("cline", "cline"),
    ("crush", "crush"),
    ("cursor", "cursor"),
    ("copilot", "copilot"),
    ("gemini", "gemini"),
    ("devin", "devin"),
    ("amp", "amp"),
    ("jules", "jules"),
];

/// Trailers in which agents are named.
const TRAILERS: [&str; 4] = [
    "co-authored-by:",
    "assisted-by:",
    "generated-by:",
    "ai-assisted-by:",
];

/// The mark of a commit, if it has one.
pub(crate) fn of(commit: &Commit) -> Option<Mark> {
    let names = [&commit.author.0, &commit.committer.0];
    if commit.author.0.ends_with("(aider)") {
        return Some(Mark {
            agent: "aider".to_owned(),
            model: trailer_model(&commit.trailers),
            whole: true,
            words: format!("the commit's author is {}", commit.author.0),
        });
    }
    let line = commit.trailers.lines().find_map(|line| {
        let small = line.to_lowercase();
        let value = TRAILERS.iter().find_map(|name| small.strip_prefix(name))?;
        Some((line, signed(value)?))
    });
    if let Some((line, agent)) = line {
        return Some(Mark {
            agent: agent.to_owned(),
            model: trailer_model(line),
            // Aider commits nothing but its own changes.
            whole: agent == "aider",
            words: format!("the commit says `{}`", line.trim()),
        });
    }
    let name = names.iter().find_map(|name| {
        let small = name.to_lowercase();
        (small.contains("[bot]") || small.contains(" agent")).then(|| signed(&small))?
    })?;
    Some(Mark {
        agent: name.to_owned(),
        model: None,
        whole: false,
        words: format!("the commit's author is {}", commit.author.0),
    })
}

/// The agent whose name stands in this text as a word.
fn signed(text: &str) -> Option<&'static str> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = words.collect();
    let named = SIGNED.iter().find(|(name, _)| words.contains(name));
    named.map(|(_, agent)| *agent)
}

/// The model in `aider (MODEL) <address>`.
fn trailer_model(line: &str) -> Option<String> {
    let (_, rest) = line.split_once('(')?;
    let (model, _) = rest.split_once(')')?;
    (!model.is_empty()).then(|| model.to_owned())
}
