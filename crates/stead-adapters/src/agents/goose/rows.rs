//! Rows of the database as JSON lines: the form in which the archive keeps them,
//! and in which the database itself is read.
//!
//! `sessions.db.rows/<session>.jsonl` holds one session: its row, then the rows of
//! its ledger, then those of its messages. A line is the row's columns as they
//! are, with `table` before them and JSON as JSON. What is known of the session
//! from other sessions stands beside its columns: `fork_of`, `parent_session` and
//! `parent_call`, and `inherited` with a message that was copied.

use std::path::Path;

use stead_usf::{Issue, Severity, Source};

use super::facts::Facts;
use super::map::Mapper;
use super::message::{Message, time_of};
use crate::container::json::Object;
use crate::container::jsonl;
use crate::{Fate, Output, ReadError, Slot};

/// Columns of a message that are known and have no place in USF.
const COLUMNS: &[&str] = &[
    "table",
    "id",
    "session_id",
    "thread_id",
    "timestamp",
    "tokens",
];

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
}

impl Rows {
    pub(super) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            mapper: None,
        }
    }

    /// The session is complete; returns the sessions that it started.
    pub(super) fn finish(&mut self, output: &mut Output<'_>) -> Vec<(String, String)> {
        let Some(mut mapper) = self.mapper.take() else {
            return Vec::new();
        };
        mapper.finish(output);
        mapper.children
    }

    /// The session's slot, which begins here if its own row is missing.
    pub(super) fn slot(&mut self, output: &mut Output<'_>) -> Slot {
        self.mapper(output).slot
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
        let Some(facts) = Facts::of(None, row, source) else {
            self.mapper(output);
            return Fate::Reported;
        };
        self.mapper = Some(Mapper::begin(output, facts));
        Fate::Mapped
    }

    fn message(&mut self, output: &mut Output<'_>, mut row: Object<'_>, source: Source) -> Fate {
        let content = row.peek("content_json").map_or("", |content| content.get());
        let place = place(&row);
        if !content.starts_with('[') {
            let message = format!("message {place} holds no list of content");
            let issue = Issue::new(Severity::Error, "bad-json", message).at(source.clone());
            self.damaged_row(output, issue, row, source);
            return Fate::Reported;
        }
        let Some(mut message) =
            Message::of(&mut row, ["content_json", "metadata_json"], source.clone())
        else {
            return self.unknown(output, "message of an unknown role", row, source);
        };
        message.place = place;
        message.at = row.i64("created_timestamp").and_then(time_of);
        row.ignore(COLUMNS);
        message.rest = row.rest();
        self.mapper(output).message(output, message)
    }

    /// A row that could not be read is kept as it is.
    fn damaged_row(
        &mut self,
        output: &mut Output<'_>,
        issue: Issue,
        row: Object<'_>,
        source: Source,
    ) {
        let mapper = self.mapper(output);
        output.issue(mapper.slot, issue);
        mapper.keep(output, place(&row), row.rest(), source);
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
        let table = row.peek("table").and_then(crate::container::json::string);
        match table.as_deref().unwrap_or_default() {
            "sessions" => self.session(output, row, source),
            "usage_ledger" => self.mapper(output).request(row, source),
            "messages" | "thread_messages" => self.message(output, row, source),
            other => self.unknown(output, other, row, source),
        }
    }

    fn damaged(&mut self, output: &mut Output<'_>, issue: Issue) {
        let slot = self.mapper(output).slot;
        output.issue(slot, issue);
    }
}

/// What a row is called that has no name of its own.
fn place(row: &Object<'_>) -> String {
    format!("R{}", row.peek("id").map_or("", |id| id.get()))
}
