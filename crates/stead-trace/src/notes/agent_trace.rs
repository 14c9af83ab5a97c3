//! Records of Agent Trace, version 0.1: reading, writing, and what they say of a
//! line. The format is described at <https://agent-trace.dev>; where records lie is
//! left open there, and the reference implementation appends them, one a line, to
//! `.agent-trace/traces.jsonl` in the work tree.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::evidence::{Contributor, NoteEvidence, NoteSource};
use super::json;
use super::ranges::LineNumbers;

/// The version that is written.
pub const FORMAT_VERSION: &str = "0.1.0";

/// A record: which lines of which files came from which session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The version of the format.
    pub version: String,
    /// A UUID of its own.
    pub id: String,
    /// When it was written down, as RFC 3339 has it.
    pub timestamp: String,
    /// The revision that the line numbers are about.
    #[serde(
        default,
        deserialize_with = "json::lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub vcs: Option<Vcs>,
    /// Which program wrote it.
    #[serde(
        default,
        deserialize_with = "json::lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub tool: Option<Tool>,
    /// The files.
    #[serde(deserialize_with = "json::each")]
    pub files: Vec<File>,
    /// Whatever else the tool keeps.
    #[serde(
        default,
        deserialize_with = "json::lenient",
        skip_serializing_if = "Map::is_empty"
    )]
    pub metadata: Map<String, Value>,
}

/// A revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vcs {
    /// `git`, `jj`, `hg` or `svn`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Of git, the commit's whole id.
    pub revision: String,
}

/// A program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// A file's part of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// From the top of the repository.
    pub path: String,
    /// What each session gave.
    #[serde(deserialize_with = "json::each")]
    pub conversations: Vec<Given>,
}

/// What one session gave to a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Where the session can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Who wrote the lines.
    #[serde(
        default,
        deserialize_with = "json::lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub contributor: Option<Writer>,
    /// The lines.
    #[serde(deserialize_with = "json::each")]
    pub ranges: Vec<Range>,
    /// What belongs to it: the session among others.
    #[serde(
        default,
        deserialize_with = "json::each",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub related: Vec<Related>,
}

/// Who wrote lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writer {
    /// `human`, `ai`, `mixed` or `unknown`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `provider/model`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_id: Option<String>,
}

/// Lines, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The first.
    pub start_line: u64,
    /// The last.
    pub end_line: u64,
    /// A digest of the text, by whatever means the tool says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_hash: Option<String>,
    /// Somebody else than the session's writer.
    #[serde(
        default,
        deserialize_with = "json::lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub contributor: Option<Writer>,
}

/// Something that belongs to a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    /// What it is (`session`).
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it is.
    pub url: String,
}

/// Which revision a record is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The one that it is about.
    Same,
    /// Its child: the record was written before the commit was made.
    Before,
}

impl Record {
    /// Reads records, one a line; how many lines could not be read.
    pub fn parse_all(bytes: &[u8]) -> (Vec<Self>, usize) {
        let lines = bytes.split(|byte| *byte == b'\n');
        let lines = lines.filter(|line| !line.trim_ascii().is_empty());
        let (mut records, mut bad) = (Vec::new(), 0);
        for line in lines {
            match serde_json::from_slice(line) {
                Ok(record) => records.push(record),
                Err(_) => bad += 1,
            }
        }
        (records, bad)
    }

    /// The git commit that it is about, if it names one.
    pub fn commit(&self) -> Option<&str> {
        let vcs = self.vcs.as_ref().filter(|vcs| vcs.kind == "git")?;
        Some(&vcs.revision)
    }

    /// What it says of a line.
    pub(super) fn line(&self, path: &str, line: u64, reading: Reading) -> Option<NoteEvidence> {
        let files = self.files.iter().filter(|file| file.path == path);
        let mut found: Option<NoteEvidence> = None;
        for given in files.flat_map(|file| &file.conversations) {
            let covers = |range: &&Range| (range.start_line..=range.end_line).contains(&line);
            let Some(range) = given.ranges.iter().find(covers) else {
                continue;
            };
            let writer = range.contributor.as_ref().or(given.contributor.as_ref());
            let Some(said) = self.said(given, writer, reading) else {
                continue;
            };
            match &found {
                None => found = Some(said),
                Some(before)
                    if (&before.contributor, &before.session)
                        == (&said.contributor, &said.session) => {}
                // Two that do not agree say nothing.
                Some(_) => return None,
            }
        }
        found
    }

    /// Everything that it says: path, lines, and what of them.
    pub(super) fn claims(&self) -> Vec<(&str, LineNumbers, NoteEvidence)> {
        let mut claims: Vec<(&str, LineNumbers, NoteEvidence)> = Vec::new();
        for file in &self.files {
            for given in &file.conversations {
                for range in &given.ranges {
                    let writer = range.contributor.as_ref().or(given.contributor.as_ref());
                    let lines = LineNumbers::of_ranges([(range.start_line, range.end_line)]);
                    let (Some(said), Some(lines)) =
                        (self.said(given, writer, Reading::Same), lines)
                    else {
                        continue;
                    };
                    match claims.last_mut() {
                        Some((path, before, other)) if *path == file.path && *other == said => {
                            before.absorb(&lines);
                        }
                        _ => claims.push((&file.path, lines, said)),
                    }
                }
            }
        }
        claims
    }

    fn said(
        &self,
        given: &Given,
        writer: Option<&Writer>,
        reading: Reading,
    ) -> Option<NoteEvidence> {
        let (contributor, who) = match writer.map_or("ai", |writer| writer.kind.as_str()) {
            "ai" => (Contributor::Agent, "an agent"),
            "human" => (Contributor::Human, "a person"),
            "mixed" => (Contributor::Mixed, "an agent and a person"),
            _ => return None,
        };
        let (weight, when) = match reading {
            Reading::Same => (0.65, ""),
            Reading::Before => (0.3, ", before the commit was made"),
        };
        let (agent, session) = given.session(self.tool.as_ref());
        let model = writer.and_then(|writer| writer.model_id.clone());
        let is_agents = contributor != Contributor::Human;
        Some(NoteEvidence {
            contributor,
            agent: agent.filter(|_| is_agents),
            model: model.filter(|_| is_agents),
            session: session.filter(|_| is_agents),
            source: NoteSource::AgentTrace,
            weight,
            words: format!("an Agent Trace record says that {who} wrote it{when}"),
        })
    }
}

/// Addresses of sessions that have no page: `urn:agent-session:AGENT:ID`.
const URN: &str = "urn:agent-session:";

impl Given {
    /// The agent and its own id of the session: those of stead's addresses, or else
    /// the tool, and what the address ends with: a transcript's file name, the last
    /// part of a page's address.
    fn session(&self, tool: Option<&Tool>) -> (Option<String>, Option<String>) {
        let related = self.related.iter().find(|one| one.kind == "session");
        let url = related.map(|related| &related.url).or(self.url.as_ref());
        let own = url.and_then(|url| url.strip_prefix(URN)?.split_once(':'));
        if let Some((agent, id)) = own {
            return (unescaped(agent), unescaped(id));
        }
        let last = || {
            let last = url?.rsplit('/').next()?.split(['?', '#']).next()?;
            let name = last.strip_suffix(".jsonl").unwrap_or(last);
            (!name.is_empty()).then(|| name.to_owned())
        };
        (tool.and_then(|tool| tool.name.clone()), last())
    }
}

/// The address of a session that has no page.
pub(super) fn session_url(agent: &str, id: &str) -> String {
    let escaped = |text: &str| -> String {
        let signs = text.bytes().map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        });
        signs.collect()
    };
    format!("{URN}{}:{}", escaped(agent), escaped(id))
}

/// A part of such an address as it was; nothing if it is none.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first != b'%' {
            bytes.push(*first);
            rest = tail;
            continue;
        }
        let (digits, tail) = tail.split_at_checked(2)?;
        let digits = std::str::from_utf8(digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = tail;
    }
    String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.is_empty())
}
