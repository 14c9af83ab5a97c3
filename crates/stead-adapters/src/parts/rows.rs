//! Rows of the database as JSON lines: the form in which the archive keeps
//! them, and in which the database itself is read.
//!
//! `<database>.rows/<session>.jsonl` holds one session: its row, then each
//! message's row followed by the rows of its parts. A line is the row's columns
//! as they are, with `table` before them and `data` as JSON.

use std::path::Path;

use stead_usf::{Event, EventType, Issue, Severity, Source};

use super::Family;
use super::facts::Facts;
use super::map::{Mapper, Record};
use crate::container::begun;
use crate::container::json::Object;
use crate::container::jsonl;
use crate::{Fate, Output, ReadError, Slot};

/// Columns that are known and have no place in USF.
const COLUMNS: &[&str] = &["id", "session_id", "time_created", "time_updated"];

/// Reads one session's file of rows.
pub(super) fn read(
    family: &'static Family,
    path: &Path,
    output: &mut Output<'_>,
) -> Result<(), ReadError> {
    let mut rows = begun::read(path, output, |id| Rows::new(family, id))?;
    rows.finish(output);
    Ok(())
}

/// Maps the rows of one session.
pub(super) struct Rows {
    family: &'static Family,
    /// What the session is called if its own row is missing.
    id: String,
    mapper: Option<Mapper>,
}

impl Rows {
    pub(super) fn new(family: &'static Family, id: &str) -> Self {
        Self {
            family,
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
        let (family, id) = (self.family, &self.id);
        self.mapper.get_or_insert_with(|| {
            let mapper = Mapper::begin(output, &Facts::unknown(family, id));
            let message = "the session's own record is not there";
            let issue = Issue::new(Severity::Warning, "lost-session", message);
            output.issue(mapper.slot, issue);
            mapper
        })
    }

    fn session(&mut self, output: &mut Output<'_>, object: Object<'_>, source: Source) -> Fate {
        if self.mapper.is_some() {
            return self.unknown(output, object, source, "second session row");
        }
        let Some(facts) = Facts::of_row(self.family, object) else {
            self.mapper(output);
            return Fate::Reported;
        };
        self.mapper = Some(Mapper::begin(output, &facts));
        Fate::Mapped
    }

    /// A message's or a part's row.
    fn row(
        &mut self,
        output: &mut Output<'_>,
        mut row: Object<'_>,
        source: Source,
        part: bool,
    ) -> Fate {
        let id = row.text("id").unwrap_or_default();
        let message = row.text("message_id").unwrap_or_default();
        let removed = row.bool("removed").unwrap_or(false);
        row.ignore(COLUMNS);
        let data = row.object("data");
        let Some(data) = data else {
            let what = if part { "part" } else { "message" };
            let message = format!("{what} {id} holds no JSON object");
            let issue = Issue::new(Severity::Error, "bad-json", message).at(source);
            let slot = self.mapper(output).slot;
            output.issue(slot, issue);
            return Fate::Reported;
        };
        let record = Record {
            id: &id,
            message: &message,
            data,
            row: row.rest(),
            source,
            removed,
        };
        let mapper = self.mapper(output);
        if part {
            mapper.part(output, record)
        } else {
            mapper.message(output, record)
        }
    }

    fn unknown(
        &mut self,
        output: &mut Output<'_>,
        object: Object<'_>,
        source: Source,
        what: &str,
    ) -> Fate {
        let mapper = self.mapper(output);
        mapper.close(output);
        let message = format!("unknown record `{what}`");
        let severity = Severity::Warning;
        mapper.once(output, "unknown-record", severity, message, &source);
        let place = source
            .line
            .map_or_else(String::new, |line| line.to_string());
        let id = mapper.ids.unique(format!("L{place}"));
        let mut event = Event::new(id, EventType::Unknown);
        event.extra = object.rest();
        event.source = Some(source);
        output.event(mapper.slot, event);
        Fate::Reported
    }
}

impl jsonl::Records for Rows {
    fn record(&mut self, output: &mut Output<'_>, object: Object<'_>, source: Source) -> Fate {
        let mut object = object;
        let table = object.text("table").unwrap_or_default();
        match &*table {
            "session" => self.session(output, object, source),
            "message" => self.row(output, object, source, false),
            "part" => self.row(output, object, source, true),
            other => {
                let other = other.to_owned();
                self.unknown(output, object, source, &other)
            }
        }
    }

    fn damaged(&mut self, output: &mut Output<'_>, issue: Issue) {
        let slot = self.mapper(output).slot;
        output.issue(slot, issue);
    }
}
