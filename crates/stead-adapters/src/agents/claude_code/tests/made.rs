//! Stores made by hand, for what the real ones do not show.

use std::fmt::Write as _;
use std::path::PathBuf;

use fs_err as fs;
use stead_usf::{Inactive, Session};

use super::super::ClaudeCode;
use crate::{conformance, load};

pub(super) const ID: &str = "11111111-1111-4111-8111-111111111111";
pub(super) const OTHER: &str = "22222222-2222-4222-8222-222222222222";

/// A home folder with transcripts.
pub(super) struct Home(pub(super) tempfile::TempDir);

impl Home {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn project(&self) -> PathBuf {
        self.0.path().join(".claude/projects/-work")
    }

    pub(super) fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.project().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// The session of the transcript [`ID`], which must be valid.
    pub(super) fn session(&self) -> Session {
        self.sessions().swap_remove(0)
    }

    pub(super) fn sessions(&self) -> Vec<Session> {
        let mut units = conformance::discover(&ClaudeCode, self.0.path());
        units.retain(|unit| unit.path.ends_with(format!("{ID}.jsonl")));
        let (sessions, tally, _) = load(&ClaudeCode, &units[0]).unwrap();
        let ignored: u64 = tally.ignored.values().sum();
        assert_eq!(tally.records, tally.mapped + ignored + tally.reported);
        for session in &sessions {
            assert_eq!(stead_usf::validate(session), []);
        }
        sessions
    }
}

pub(super) fn one(lines: &[String]) -> Session {
    Home::new()
        .with(&format!("{ID}.jsonl"), lines.concat())
        .session()
}

/// The common fields of a record, and a time that grows with its number.
pub(super) fn record(kind: &str, number: u32, parent: Option<u32>, more: &str) -> String {
    let parent = parent.map_or("null".to_owned(), |parent| format!("\"r{parent}\""));
    let mut line = format!("{{\"parentUuid\":{parent},\"isSidechain\":false,\"cwd\":\"/work\",");
    let _ = write!(
        line,
        "\"sessionId\":\"{ID}\",\"version\":\"2.1.329\",\"type\":\"{kind}\","
    );
    let time = format!("2026-01-01T00:{:02}:{:02}.000Z", number / 60, number % 60);
    let _ = writeln!(
        line,
        "\"uuid\":\"r{number}\",\"timestamp\":\"{time}\",{more}}}"
    );
    line
}

pub(super) fn user(number: u32, parent: Option<u32>, text: &str) -> String {
    let text = serde_json::to_string(text).unwrap();
    let message = format!("\"message\":{{\"role\":\"user\",\"content\":{text}}}");
    record("user", number, parent, &message)
}

pub(super) fn assistant(number: u32, parent: u32, block: &str, output_tokens: u32) -> String {
    let usage = format!("{{\"input_tokens\":10,\"output_tokens\":{output_tokens}}}");
    let message = format!(
        "\"message\":{{\"id\":\"m{}\",\"role\":\"assistant\",\"model\":\"claude-x\",\"content\":[{block}],\"usage\":{usage}}}",
        number / 10
    );
    record("assistant", number, Some(parent), &message)
}

pub(super) fn says(number: u32, parent: u32, text: &str) -> String {
    let text = format!("{{\"type\":\"text\",\"text\":\"{text}\"}}");
    assistant(number, parent, &text, 5)
}

pub(super) fn calls(number: u32, parent: u32, name: &str, input: &str) -> String {
    let call = format!(
        "{{\"type\":\"tool_use\",\"id\":\"t{number}\",\"name\":\"{name}\",\"input\":{input}}}"
    );
    assistant(number, parent, &call, 5)
}

pub(super) fn answers(number: u32, parent: u32, call: u32, content: &str, more: &str) -> String {
    let block =
        format!("{{\"type\":\"tool_result\",\"tool_use_id\":\"t{call}\",\"content\":{content}}}");
    let message = format!("\"message\":{{\"role\":\"user\",\"content\":[{block}]}}{more}");
    record("user", number, Some(parent), &message)
}

pub(super) fn rewound(session: &Session) -> Vec<&str> {
    let gone = session
        .events
        .iter()
        .filter(|e| e.inactive == Some(Inactive::Rewound));
    gone.map(|event| event.id.as_str()).collect()
}

pub(super) fn codes(session: &Session) -> Vec<&str> {
    session.issues.iter().map(|issue| &*issue.code).collect()
}
