//! Authorship logs of git-ai, version 3.0.0: reading, writing, and what they say of
//! a line. The format is described in `specs/git_ai_standard_v3.0.0.md` of
//! <https://github.com/git-ai-project/git-ai>.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::evidence::{Contributor, NoteEvidence, NoteSource};
use super::ranges::LineNumbers;
use super::{hash, json};

/// The version that is written; all of 3.x are read.
pub const SCHEMA: &str = "authorship/3.0.0";

/// What stands between the claims and the description of sessions.
const DIVIDER: &str = "---";

/// Why a note cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is not of the expected form.
    #[error("{0}")]
    Form(&'static str),
    /// Its JSON cannot be read.
    #[error("its description is no JSON of the expected form: {0}")]
    Json(String),
    /// Another version of the format.
    #[error("it is of version `{0}`, which is not known")]
    Version(String),
}

/// A log: which lines of a commit's files which session or person wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    /// By path from the top: keys with their lines, in the note's order.
    pub files: Vec<(String, Vec<(String, LineNumbers)>)>,
    /// What the keys stand for.
    pub about: About,
    /// Claims that could not be read: how many.
    pub skipped: usize,
}

/// The part below the divider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The version of the format.
    pub schema_version: String,
    /// Which program wrote it.
    #[serde(default, deserialize_with = "json::lenient")]
    pub git_ai_version: Option<String>,
    /// The commit that the line numbers are about.
    #[serde(default, deserialize_with = "json::lenient")]
    pub base_commit_sha: String,
    /// Sessions in the older form, by key.
    #[serde(default, deserialize_with = "json::values")]
    pub prompts: BTreeMap<String, Session>,
    /// People, by key.
    #[serde(
        default,
        deserialize_with = "json::values",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub humans: BTreeMap<String, Person>,
    /// Sessions, by key.
    #[serde(
        default,
        deserialize_with = "json::values",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub sessions: BTreeMap<String, Session>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// `Name <address>`.
    pub author: String,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Whose it is.
    pub agent_id: AgentId,
    /// Who directed it.
    #[serde(
        default,
        deserialize_with = "json::lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub human_author: Option<String>,
}

/// An agent's session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentId {
    /// The agent.
    pub tool: String,
    /// Its own id of the session.
    pub id: String,
    /// The model.
    #[serde(default, deserialize_with = "json::lenient")]
    pub model: String,
}

impl Log {
    /// Reads a note. Claims that cannot be read are counted and left out.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        let text = std::str::from_utf8(bytes).map_err(|_| NoteError::Form("it is no text"))?;
        let mut lines = text.lines();
        let mut log = Self::default();
        loop {
            match lines.next() {
                None => return Err(NoteError::Form("it has no line `---`")),
                Some(DIVIDER) => break,
                Some(line) => log.claim(line.trim_end()),
            }
        }
        log.files.retain(|(_, claims)| !claims.is_empty());
        let rest: Vec<&str> = lines.collect();
        log.about = serde_json::from_str(&rest.join("\n"))
            .map_err(|error| NoteError::Json(error.to_string()))?;
        let version = &log.about.schema_version;
        if !version.starts_with("authorship/3.") {
            return Err(NoteError::Version(version.clone()));
        }
        Ok(log)
    }

    /// Takes in a line above the divider.
    fn claim(&mut self, line: &str) {
        if line.is_empty() {
            return;
        }
        let Some(claim) = line.strip_prefix("  ") else {
            let quoted = line
                .strip_prefix('"')
                .and_then(|line| line.strip_suffix('"'));
            let path = quoted.unwrap_or(line).to_owned();
            self.files.push((path, Vec::new()));
            return;
        };
        let read = claim
            .split_once(' ')
            .and_then(|(key, lines)| Some((key.to_owned(), LineNumbers::parse(lines)?)));
        match (self.files.last_mut(), read) {
            (Some((_, claims)), Some(claim)) => claims.push(claim),
            _ => self.skipped += 1,
        }
    }

    /// What it says of a line of the commit that it hangs on.
    pub(super) fn line(&self, commit: &str, path: &str, line: u64) -> Option<NoteEvidence> {
        let files = self.files.iter().filter(|(file, _)| file == path);
        let claims = files.flat_map(|(_, claims)| claims);
        let keys = claims.filter(|(_, lines)| lines.contains(line));
        let mut found: Option<NoteEvidence> = None;
        for (key, _) in keys {
            let said = self.said(key);
            match &mut found {
                None => found = Some(said),
                Some(before) if before.contributor != said.contributor => return None,
                Some(before) => before.agree(&said),
            }
        }
        Some(self.on(commit, found?))
    }

    /// What a claim is worth on the commit that the note hangs on.
    fn on(&self, commit: &str, mut found: NoteEvidence) -> NoteEvidence {
        if self.about.base_commit_sha != commit {
            found.weight = found.weight.min(0.4);
            found
                .words
                .push_str(" (the note was made for another commit)");
        }
        found
    }

    /// Everything that it says: path, lines, and what of them.
    pub(super) fn claims<'a>(
        &'a self,
        commit: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a LineNumbers, NoteEvidence)> {
        let files = self.files.iter();
        files.flat_map(move |(path, claims)| {
            let said = move |(key, lines): &'a (String, LineNumbers)| {
                (path.as_str(), lines, self.on(commit, self.said(key)))
            };
            claims.iter().map(said)
        })
    }

    /// What a key says.
    fn said(&self, key: &str) -> NoteEvidence {
        let evidence = |contributor, weight, words: String| NoteEvidence {
            contributor,
            agent: None,
            model: None,
            session: None,
            source: NoteSource::GitAi,
            weight,
            words,
        };
        if key.starts_with("h_") {
            let person = self.about.humans.get(key);
            return match person {
                Some(person) => evidence(
                    Contributor::Human,
                    0.7,
                    format!("a git-ai note says that {} typed it", person.author),
                ),
                None => evidence(
                    Contributor::Human,
                    0.4,
                    "a git-ai note says that a person typed it, and not who".to_owned(),
                ),
            };
        }
        let session = if key.starts_with("s_") {
            let key = key.split_once("::").map_or(key, |(session, _)| session);
            self.about.sessions.get(key)
        } else {
            self.about.prompts.get(key)
        };
        let Some(Session { agent_id, .. }) = session else {
            let words = "a git-ai note says that an agent wrote it, and not which";
            return evidence(Contributor::Agent, 0.4, words.to_owned());
        };
        let words = format!("a git-ai note says that {} wrote it", agent_id.tool);
        let named = |text: &String| Some(text.clone()).filter(|text| is_a_name(text));
        NoteEvidence {
            agent: named(&agent_id.tool),
            model: named(&agent_id.model),
            session: named(&agent_id.id),
            ..evidence(Contributor::Agent, 0.75, words)
        }
    }

    /// The key of a session, as git-ai makes it: the same for the same session.
    pub fn session_key(agent: &AgentId) -> String {
        let whole = format!("{}:{}", agent.tool, agent.id);
        format!("s_{}", hash::short(&whole, 14))
    }

    /// The key of a person, as git-ai makes it.
    pub fn person_key(author: &str) -> String {
        format!("h_{}", hash::short(author, 14))
    }
}

impl NoteEvidence {
    /// Takes in a second claim of the same kind on the same line.
    fn agree(&mut self, other: &Self) {
        if (&self.agent, &self.session) == (&other.agent, &other.session) {
            return;
        }
        if self.agent != other.agent {
            self.agent = None;
        }
        self.model = None;
        self.session = None;
        self.weight = self.weight.min(0.4);
        self.words.push_str(", and that another session did");
    }
}

/// Tools write `unknown` where they know nothing.
fn is_a_name(text: &str) -> bool {
    !text.is_empty() && text != "unknown"
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (path, claims) in &self.files {
            if path.contains([' ', '\t']) {
                writeln!(f, "\"{path}\"")?;
            } else {
                writeln!(f, "{path}")?;
            }
            for (key, lines) in claims {
                writeln!(f, "  {key} {lines}")?;
            }
        }
        writeln!(f, "{DIVIDER}")?;
        let about = serde_json::to_string_pretty(&self.about).map_err(|_| fmt::Error)?;
        write!(f, "{about}")
    }
}
