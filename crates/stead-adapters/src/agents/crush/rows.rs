//! Rows of the database as JSON lines: the form in which the archive keeps them,
//! and in which the database itself is read.
//!
//! `crush.db.rows/<session>.jsonl` holds one session: its row, then those of its
//! files and messages in the order of their times. A line is the row's columns as
//! they are, with `table` before them and JSON as JSON. The folder of the project
//! stands beside the session's columns as `project`.

use std::path::Path;

use stead_usf::{Issue, Severity, Source};

use super::TITLE_SESSION;
use super::facts::{Facts, is_title};
use super::map::Mapper;
use super::message::{Message, time_of};
use super::versions::Version;
use crate::container::json::{Object, string};
use crate::container::jsonl;
use crate::{Fate, Output, ReadError};

/// Reads one session's file of rows.
pub(super) fn read(path: &Path, output: &mut Output<'_>) -> Result<(), ReadError> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut rows = Rows::new(&stem);
    let end = jsonl::read(path, None, output, &mut rows)?;
    if let Some(issue) = end.partial {
        jsonl::Records::damaged(&mut rows, output, issue);
    }
    rows.finish(output);
    Ok(())
}

/// Maps the rows of one session.
pub(super) struct Rows {
    /// What the session is called if its own row is missing.
    id: String,
    mapper: Option<Mapper>,
    /// Nothing but a title was made in it.
    is_title: bool,
}

impl Rows {
    pub(super) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            mapper: None,
            is_title: false,
        }
    }

    /// The session is complete.
    pub(super) fn finish(&mut self, output: &mut Output<'_>) {
        if let Some(mapper) = &mut self.mapper {
            mapper.finish(output);
        }
    }

    /// Whether there is a session to show.
    pub(super) const fn mapped(&self) -> Option<&Mapper> {
        self.mapper.as_ref()
    }

    fn mapper(&mut self, output: &mut Output<'_>) -> &mut Mapper {
        let id = &self.id;
        self.mapper.get_or_insert_with(|| {
            let mapper = Mapper::begin(output, Facts::unknown(id));
            let message = "the session's own record is not there";
            let issue = Issue::new(Severity::Warning, "lost-session", message);
            output.issue(mapper.slot, issue);
            mapper
        })
    }

    fn session(&mut self, output: &mut Output<'_>, row: Object<'_>, source: Source) -> Fate {
        if self.mapper.is_some() {
            return self.unknown(output, "second session row", row, source);
        }
        let text = |name| row.peek(name).and_then(string).unwrap_or_default();
        if is_title(&text("id"), Some(&text("parent_session_id"))) {
            self.is_title = true;
            return Fate::Ignored(TITLE_SESSION);
        }
        let Some(facts) = Facts::of(row, source) else {
            self.mapper(output);
            return Fate::Reported;
        };
        self.mapper = Some(Mapper::begin(output, facts));
        Fate::Mapped
    }

    fn file(&mut self, output: &mut Output<'_>, mut row: Object<'_>, source: Source) -> Fate {
        let (Some(path), Some(content)) = (row.string("path"), row.string("content")) else {
            return self.unknown(output, "file without path or content", row, source);
        };
        let version = Version {
            content,
            at: row.i64("created_at").and_then(time_of),
            row: row.string("id").unwrap_or_default(),
            source,
        };
        self.mapper(output).version(output, &path, version);
        Fate::Mapped
    }

    fn message(&mut self, output: &mut Output<'_>, mut row: Object<'_>, source: Source) -> Fate {
        let parts = row.peek("parts").map_or("", |parts| parts.get());
        if !parts.starts_with('[') {
            let message = format!("message {} holds no list of parts", place(&row));
            let issue = Issue::new(Severity::Error, "bad-json", message).at(source.clone());
            let mapper = self.mapper(output);
            output.issue(mapper.slot, issue);
            mapper.keep(output, place(&row), row.rest(), source);
            return Fate::Reported;
        }
        let Some(mut message) = Message::of(&mut row, source.clone()) else {
            return self.unknown(output, "message of an unknown role", row, source);
        };
        row.ignore_null();
        message.rest = row.rest();
        self.mapper(output).message(output, &message)
    }

    fn unknown(
        &mut self,
        output: &mut Output<'_>,
        what: &str,
        row: Object<'_>,
        source: Source,
    ) -> Fate {
        let mapper = self.mapper(output);
        mapper.unknown(output, format!("unknown record `{what}`"), &source);
        mapper.keep(output, place(&row), row.rest(), source);
        Fate::Reported
    }
}

impl jsonl::Records for Rows {
    fn record(&mut self, output: &mut Output<'_>, row: Object<'_>, source: Source) -> Fate {
        if self.is_title {
            return Fate::Ignored(TITLE_SESSION);
        }
        let table = row.peek("table").and_then(string);
        match table.as_deref().unwrap_or_default() {
            "sessions" => self.session(output, row, source),
            "files" => self.file(output, row, source),
            "messages" => self.message(output, row, source),
            other => self.unknown(output, other, row, source),
        }
    }

    fn damaged(&mut self, output: &mut Output<'_>, issue: Issue) {
        let slot = self.mapper(output).slot;
        output.issue(slot, issue);
    }
}

/// What a row is called: by its key.
fn place(row: &Object<'_>) -> String {
    let key = row.peek("id").and_then(string);
    format!("R{}", key.as_deref().unwrap_or_default())
}
