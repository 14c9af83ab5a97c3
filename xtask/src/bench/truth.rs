//! What `cargo xtask corpus` says is in a home.

use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

/// The part of TRUTH.json that is needed here. The rest is skipped while
/// reading: a child's peak memory is never less than its parent's was.
#[derive(Debug, Deserialize)]
pub(super) struct Truth {
    /// Of all stores.
    pub(super) bytes: u64,
    pub(super) needles: Vec<Needle>,
    pub(super) sessions: Vec<Session>,
}

/// A text that was put into one session.
#[derive(Debug, Deserialize)]
pub(super) struct Needle {
    pub(super) kind: String,
    /// What to search for.
    pub(super) query: String,
    /// What stands in the session.
    pub(super) text: String,
    /// The native id of the session.
    pub(super) session: String,
}

/// One session.
#[derive(Debug, Deserialize)]
pub(super) struct Session {
    pub(super) agent: String,
    pub(super) id: String,
    /// From the home.
    pub(super) file: PathBuf,
    pub(super) parent: Option<String>,
    pub(super) fork_of: Option<String>,
    pub(super) bytes: u64,
    pub(super) tokens: Tokens,
}

/// What the agent's own records add up to.
#[derive(Debug, Deserialize)]
pub(super) struct Tokens {
    pub(super) output: u64,
    pub(super) cache_read: u64,
    /// Part of the output, but for OpenCode, which counts it apart.
    pub(super) reasoning: u64,
}

impl Truth {
    /// Reads the file beside a home.
    pub(super) fn read(home: &Path) -> Result<Self> {
        let home = fs_err::canonicalize(home)?;
        let path = home.with_file_name("TRUTH.json");
        let file = fs_err::File::open(&path)
            .context("the home must be one that `cargo xtask corpus` wrote")?;
        Ok(serde_json::from_reader(BufReader::new(file))?)
    }

    pub(super) fn megabytes(&self) -> f64 {
        self.bytes as f64 / 1e6
    }

    /// The first needle of a kind.
    pub(super) fn needle(&self, kind: &str) -> Result<&Needle> {
        let mut needles = self.needles.iter().filter(|needle| needle.kind == kind);
        needles
            .next()
            .with_context(|| format!("no needle of kind {kind}"))
    }

    /// The largest session.
    pub(super) fn largest(&self) -> Result<&Session> {
        let sessions = self.sessions.iter();
        sessions
            .max_by_key(|session| session.bytes)
            .context("no sessions")
    }

    /// Sessions that a person appends to, of the agent that writes whole
    /// messages as lines: the one of middle size, and the largest.
    pub(super) fn growing(&self) -> Result<[&Session; 2]> {
        let mut found: Vec<&Session> = self.sessions.iter().collect();
        found.retain(|s| s.agent == "claude-code" && s.parent.is_none() && s.fork_of.is_none());
        found.sort_by_key(|session| session.bytes);
        let largest = *found.last().context("no session of Claude Code")?;
        Ok([found[found.len() / 2], largest])
    }
}

/// Whether an output names a session: by its id, or by a beginning of it.
pub(super) fn names(output: &[u8], id: &str) -> bool {
    let text = String::from_utf8_lossy(output);
    let mut words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c)));
    words.any(|word| word.len() >= 6 && id.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn sessions_are_known_by_a_beginning_of_their_id() {
        let id = "703cfbc4-bdc7-43e4-97ff-f21b2c226cb9";
        assert!(names(b"703cfbc4  a title", id));
        assert!(names(format!("claude-code:x \"{id}\"").as_bytes(), id));
        assert!(!names(b"703c 703cfbc5", id));
        assert!(!names(b"", id));
    }
}
