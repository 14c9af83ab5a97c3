//! Checkpoints of Entire: which session touched which files before a commit. They
//! lie on the branch `entire/checkpoints/v1`, and commits name theirs in a trailer;
//! `docs/architecture/sessions-and-checkpoints.md` of <https://github.com/entireio/cli>
//! describes it.

use serde::Deserialize;

use super::evidence::{Contributor, NoteEvidence, NoteSource};
use super::json;

/// The trailer by which a commit names its checkpoint.
const TRAILER: &str = "entire-checkpoint:";

/// The branch, below `refs/heads/` or a remote's.
pub(super) const BRANCH: &str = "entire/checkpoints/v1";

/// A checkpoint, or one session's part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Checkpoint {
    #[serde(default, deserialize_with = "json::lenient")]
    session_id: Option<String>,
    #[serde(default, deserialize_with = "json::lenient")]
    agent: Option<String>,
    #[serde(default, deserialize_with = "json::each")]
    files_touched: Vec<String>,
    /// Its sessions: only how many counts.
    #[serde(default, deserialize_with = "json::each")]
    sessions: Vec<serde_json::Value>,
}

impl Checkpoint {
    /// The checkpoint that a commit names: twelve hexadecimal digits.
    pub(super) fn named(trailers: &str) -> Option<String> {
        let named = |line: &str| {
            let small = line.to_ascii_lowercase();
            let id = small.strip_prefix(TRAILER)?.trim().to_owned();
            let hex = id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
            hex.then_some(id)
        };
        trailers.lines().find_map(named)
    }

    /// Where the description of a checkpoint lies on the branch, or that of one of
    /// its sessions.
    pub(super) fn path(id: &str, session: Option<usize>) -> Option<String> {
        let (shard, rest) = id.split_at_checked(2)?;
        Some(match session {
            Some(number) => format!("{shard}/{rest}/{number}/metadata.json"),
            None => format!("{shard}/{rest}/metadata.json"),
        })
    }

    /// Reads a description.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// How many sessions it has; at least one, and not more than anybody runs.
    pub(super) fn sessions(&self) -> usize {
        self.sessions.len().clamp(1, 64)
    }

    /// The files that it touched.
    pub(super) fn files(&self) -> &[String] {
        &self.files_touched
    }

    fn touched(&self, path: &str) -> bool {
        self.files_touched.iter().any(|file| file == path)
    }
}

/// What a checkpoint's sessions say of a file.
pub(super) fn said(sessions: &[Checkpoint], path: &str) -> Option<NoteEvidence> {
    let touching: Vec<&Checkpoint> = sessions
        .iter()
        .filter(|session| session.touched(path))
        .collect();
    let first = touching.first()?;
    let same = |of: fn(&Checkpoint) -> &Option<String>| {
        let all = touching.iter().all(|session| of(session) == of(first));
        of(first).clone().filter(|text| all && !text.is_empty())
    };
    let agent = same(|session| &session.agent);
    let who = agent.as_deref().unwrap_or("an agent");
    Some(NoteEvidence {
        contributor: Contributor::Agent,
        words: format!("a checkpoint of Entire says that {who} worked on this file"),
        session: same(|session| &session.session_id),
        model: None,
        agent,
        source: NoteSource::Entire,
        weight: 0.3,
    })
}
