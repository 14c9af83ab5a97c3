//! Sessions as files: those of Rust Goose before 1.10, with a first line about the
//! session, and those of Python Goose, without one.

use std::path::Path;

use stead_usf::{Issue, Source};

use super::facts::Facts;
use super::map::Mapper;
use super::message::{Message, time_of};
use super::{MOVED, database};
use crate::container::begun::RowMapper;
use crate::container::json::Object;
use crate::container::jsonl;
use crate::{Fate, Output, ReadError};

/// What the first line says in every version; a message says none of it.
const HEADER: [&str; 3] = ["description", "message_count", "working_dir"];

/// Reads one session, unless the database has taken it over.
pub(super) fn read(path: &Path, database: &Path, output: &mut Output<'_>) -> Result<(), ReadError> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    if database.is_file() && database::has_messages(database, &stem) {
        output.record(Fate::Ignored(MOVED));
        return Ok(());
    }
    let mut lines = Lines {
        id: stem.into_owned(),
        mapper: None,
    };
    let end = jsonl::read(path, None, output, &mut lines)?;
    if let Some(issue) = end.partial {
        jsonl::Records::damaged(&mut lines, output, issue);
    }
    if let Some(mapper) = &mut lines.mapper {
        mapper.finish(output);
    }
    Ok(())
}

/// Maps the lines of one session.
struct Lines {
    id: String,
    mapper: Option<Mapper>,
}

impl Lines {
    fn mapper(&mut self, output: &mut Output<'_>) -> &mut Mapper {
        let id = &self.id;
        self.mapper
            .get_or_insert_with(|| Mapper::begin(output, Facts::unknown(id)))
    }
}

impl jsonl::Records for Lines {
    fn record(&mut self, output: &mut Output<'_>, mut line: Object<'_>, source: Source) -> Fate {
        let about = |name: &&str| line.peek(name).is_some();
        let is_header = line.peek("role").is_none() && HEADER.iter().any(about);
        if self.mapper.is_none() && is_header {
            let facts = Facts::of(Some(&self.id), line, source);
            let facts = facts.unwrap_or_else(|| Facts::unknown(&self.id));
            self.mapper = Some(Mapper::begin(output, facts));
            return Fate::Mapped;
        }
        let place = format!("L{}", source.line.unwrap_or_default());
        let message = Message::of(&mut line, ["content", "metadata"], source.clone());
        let mapper = self.mapper(output);
        let Some(mut message) = message else {
            mapper.unknown(output, "unknown record: no message".to_owned(), &source);
            mapper.keep(output, place, line.rest(), source);
            return Fate::Reported;
        };
        message.place = place;
        message.at = line.i64("created").and_then(time_of);
        line.ignore_null();
        message.rest = line.rest();
        mapper.message(output, message)
    }

    fn damaged(&mut self, output: &mut Output<'_>, issue: Issue) {
        let slot = self.mapper(output).slot;
        output.issue(slot, issue);
    }
}
