//! From traced lines to notes: who wrote which lines of one commit, in either form.

use std::collections::BTreeMap;

use super::agent_trace::{self, Given, Record};
use super::authorship::{About, AgentId, Log, Person, SCHEMA, Session};
use super::hash;
use super::ranges::LineNumbers;

/// Who wrote lines, as notes have words for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Author {
    /// A session.
    Session {
        /// The agent, in the word that other tools use.
        tool: String,
        /// The agent's own id of the session.
        id: String,
        /// The model's id.
        model: Option<String>,
        /// The model as `provider/model`, if the provider is known.
        full_model: Option<String>,
        /// A person changed the lines since.
        changed: bool,
    },
    /// A person, as `Name <address>`.
    Person(String),
}

/// Lines of a file with their author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    /// From the top of the repository.
    pub path: String,
    /// The line in the commit's file, counted from 1.
    pub line: u64,
    /// Who wrote it.
    pub author: Author,
}

/// Everything that is known of the lines that one commit brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credits {
    files: BTreeMap<String, BTreeMap<Author, LineNumbers>>,
}

impl Credits {
    /// Adds a line.
    pub fn add(&mut self, credit: Credit) {
        let file = self.files.entry(credit.path).or_default();
        file.entry(credit.author).or_default().add(credit.line);
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// So many lines.
    pub fn count(&self) -> u64 {
        let lines = self.files.values().flat_map(BTreeMap::values);
        lines.map(LineNumbers::count).sum()
    }

    /// As an authorship log of git-ai. Lines that a person changed after an agent
    /// are left out: that format has no word for them. `None` if nothing is left.
    pub fn log(&self, commit: &str, program: &str) -> Option<Log> {
        let mut log = Log {
            about: About {
                schema_version: SCHEMA.to_owned(),
                git_ai_version: Some(program.to_owned()),
                base_commit_sha: commit.to_owned(),
                ..About::default()
            },
            ..Log::default()
        };
        for (path, authors) in &self.files {
            if !is_writable(path) {
                continue;
            }
            let authors = authors.iter();
            let claims: Vec<(String, LineNumbers)> = authors
                .filter_map(|(author, lines)| Some((log.key(author, commit)?, lines.clone())))
                .collect();
            if !claims.is_empty() {
                log.files.push((path.clone(), claims));
            }
        }
        (!log.files.is_empty()).then_some(log)
    }

    /// As a record of Agent Trace. `timestamp` is now, as RFC 3339 has it.
    pub fn record(&self, commit: &str, version: &str, timestamp: &str) -> Option<Record> {
        let files = self.files.iter().map(|(path, authors)| agent_trace::File {
            path: path.clone(),
            conversations: authors
                .iter()
                .map(|(author, lines)| given(author, lines))
                .collect(),
        });
        let files: Vec<_> = files.collect();
        (!files.is_empty()).then(|| Record {
            version: agent_trace::FORMAT_VERSION.to_owned(),
            // The same commit has the same record, however often it is written.
            id: hash::uuid(&format!("stead:{commit}")),
            timestamp: timestamp.to_owned(),
            vcs: Some(agent_trace::Vcs {
                kind: "git".to_owned(),
                revision: commit.to_owned(),
            }),
            tool: Some(agent_trace::Tool {
                name: Some("stead".to_owned()),
                version: Some(version.to_owned()),
            }),
            files,
            metadata: serde_json::Map::new(),
        })
    }
}

impl Log {
    /// The key for an author, described below.
    fn key(&mut self, author: &Author, commit: &str) -> Option<String> {
        match author {
            Author::Session { changed: true, .. } => None,
            Author::Session {
                tool, id, model, ..
            } => {
                let agent_id = AgentId {
                    tool: tool.clone(),
                    id: id.clone(),
                    model: model.clone().unwrap_or_else(|| "unknown".to_owned()),
                };
                let key = Self::session_key(&agent_id);
                let trace = hash::short(&format!("{commit}:{key}:{}", agent_id.model), 14);
                let session = Session {
                    agent_id,
                    human_author: None,
                };
                self.about.sessions.entry(key.clone()).or_insert(session);
                Some(format!("{key}::t_{trace}"))
            }
            Author::Person(author) => {
                let key = Self::person_key(author);
                let person = Person {
                    author: author.clone(),
                };
                self.about.humans.insert(key.clone(), person);
                Some(key)
            }
        }
    }
}

/// Whether git-ai's format can hold a path.
fn is_writable(path: &str) -> bool {
    !path.contains(['"', '\n', '\r']) && path != "---" && path.trim() == path
}

fn given(author: &Author, lines: &LineNumbers) -> Given {
    let ranges = lines
        .ranges()
        .map(|(start_line, end_line)| agent_trace::Range {
            start_line,
            end_line,
            content_hash: None,
            contributor: None,
        });
    let ranges = ranges.collect();
    let writer = |kind: &str, model_id| agent_trace::Writer {
        kind: kind.to_owned(),
        model_id,
    };
    let (contributor, related) = match author {
        Author::Person(_) => (writer("human", None), Vec::new()),
        Author::Session {
            tool,
            id,
            full_model,
            changed,
            ..
        } => {
            let kind = if *changed { "mixed" } else { "ai" };
            // Longer names are not allowed.
            let model = full_model
                .clone()
                .filter(|model| model.chars().count() <= 250);
            let session = agent_trace::Related {
                kind: "session".to_owned(),
                url: agent_trace::session_url(tool, id),
            };
            (writer(kind, model), vec![session])
        }
    };
    Given {
        url: None,
        contributor: Some(contributor),
        ranges,
        related,
    }
}
