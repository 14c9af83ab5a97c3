//! Rows of the database as JSON lines: the form in which the archive keeps them,
//! and in which the database itself is read.
//!
//! `sessions.db.rows/<session>.jsonl` holds one session: its row, then the rows of
//! its ledger, then those of its messages. A line is the row's columns as they
//! are, with `table` before them and JSON as JSON. What is known of the session
//! from other sessions stands beside its columns: `fork_of`, `parent_session` and
//! `parent_call`, and `inherited` with a message that was copied.

use stead_usf::{Issue, Source};

use super::facts::Facts;
use super::map::Mapper;
use super::message::{Message, time_of};
use crate::container::begun::Begun;
use crate::container::json::Object;
use crate::container::jsonl;
use crate::{Fate, Output, Slot};

/// Columns of a message that are known and have no place in USF.
const COLUMNS: &[&str] = &[
    "table",
    "id",
    "session_id",
    "thread_id",
    "timestamp",
    "tokens",
];

/// Maps the rows of one session.
pub(super) struct Rows {
    begun: Begun<Mapper>,
}

impl Rows {
    pub(super) fn new(id: &str) -> Self {
        Self {
            begun: Begun::new(id),
        }
    }

    /// The session is complete; returns the sessions that it started.
    pub(super) fn finish(&mut self, output: &mut Output<'_>) -> Vec<(String, String)> {
        let Some(mut mapper) = self.begun.take() else {
            return Vec::new();
        };
        mapper.finish(output);
        mapper.children
    }

    /// The session's slot, which begins here if its own row is missing.
    pub(super) fn slot(&mut self, output: &mut Output<'_>) -> Slot {
        self.begun.get(output).slot
    }

    fn session(&mut self, output: &mut Output<'_>, row: Object<'_>, source: Source) -> Fate {
        if self.begun.mapper().is_some() {
            return self.unknown(output, "second session row", row, source);
        }
        let Some(facts) = Facts::of(None, row, source) else {
            self.begun.get(output);
            return Fate::Reported;
        };
        self.begun.begin(Mapper::begin(output, facts));
        Fate::Mapped
    }

    fn message(&mut self, output: &mut Output<'_>, mut row: Object<'_>, source: Source) -> Fate {
        let content = row.peek("content_json").map_or("", |content| content.get());
        let place = place(&row);
        if !content.starts_with('[') {
            let message = format!("message {place} holds no list of content");
            return self.begun.damaged_row(output, message, place, row, source);
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
        self.begun.get(output).message(output, message)
    }

    fn unknown(
        &mut self,
        output: &mut Output<'_>,
        what: &str,
        row: Object<'_>,
        source: Source,
    ) -> Fate {
        self.begun.unknown(output, what, place(&row), row, source)
    }
}

impl jsonl::Records for Rows {
    fn record(&mut self, output: &mut Output<'_>, row: Object<'_>, source: Source) -> Fate {
        let table = row.peek("table").and_then(crate::container::json::string);
        match table.as_deref().unwrap_or_default() {
            "sessions" => self.session(output, row, source),
            "usage_ledger" => self.begun.get(output).request(row, source),
            "messages" | "thread_messages" => self.message(output, row, source),
            other => self.unknown(output, other, row, source),
        }
    }

    fn damaged(&mut self, output: &mut Output<'_>, issue: Issue) {
        self.begun.damaged(output, issue);
    }
}

/// What a row is called that has no name of its own.
fn place(row: &Object<'_>) -> String {
    format!("R{}", row.peek("id").map_or("", |id| id.get()))
}
