//! Rows of the database as JSON lines: the form in which the archive keeps them,
//! and in which the database itself is read.
//!
//! `crush.db.rows/<session>.jsonl` holds one session: its row, then those of its
//! files and messages in the order of their times. A line is the row's columns as
//! they are, with `table` before them and JSON as JSON. The folder of the project
//! stands beside the session's columns as `project`.

use stead_usf::{Issue, Source};

use super::TITLE_SESSION;
use super::facts::{Facts, is_title};
use super::map::Mapper;
use super::message::{Message, time_of};
use super::versions::Version;
use crate::container::begun::Begun;
use crate::container::json::{Object, string};
use crate::container::jsonl;
use crate::{Fate, Output, Slot};

/// Maps the rows of one session.
pub(super) struct Rows {
    begun: Begun<Mapper>,
    /// Nothing but a title was made in it.
    is_title: bool,
}

impl Rows {
    pub(super) fn new(id: &str) -> Self {
        Self {
            begun: Begun::new(id),
            is_title: false,
        }
    }

    /// The session is complete; gives its slot, if there is a session to show.
    pub(super) fn finish(&mut self, output: &mut Output<'_>) -> Option<Slot> {
        let mut mapper = self.begun.take()?;
        mapper.finish(output);
        Some(mapper.slot)
    }

    fn session(&mut self, output: &mut Output<'_>, row: Object<'_>, source: Source) -> Fate {
        if self.begun.mapper().is_some() {
            return self.unknown(output, "second session row", row, source);
        }
        let text = |name| row.peek(name).and_then(string).unwrap_or_default();
        if is_title(&text("id"), Some(&text("parent_session_id"))) {
            self.is_title = true;
            return Fate::Ignored(TITLE_SESSION);
        }
        let Some(facts) = Facts::of(row, source) else {
            self.begun.get(output);
            return Fate::Reported;
        };
        self.begun.begin(Mapper::begin(output, facts));
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
        self.begun.get(output).version(output, &path, version);
        Fate::Mapped
    }

    fn message(&mut self, output: &mut Output<'_>, mut row: Object<'_>, source: Source) -> Fate {
        let parts = row.peek("parts").map_or("", |parts| parts.get());
        if !parts.starts_with('[') {
            let place = place(&row);
            let message = format!("message {place} holds no list of parts");
            return self.begun.damaged_row(output, message, place, row, source);
        }
        let Some(mut message) = Message::of(&mut row, source.clone()) else {
            return self.unknown(output, "message of an unknown role", row, source);
        };
        row.ignore_null();
        message.rest = row.rest();
        self.begun.get(output).message(output, &message)
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
        self.begun.damaged(output, issue);
    }
}

/// What a row is called: by its key.
fn place(row: &Object<'_>) -> String {
    let key = row.peek("id").and_then(string);
    format!("R{}", key.as_deref().unwrap_or_default())
}
