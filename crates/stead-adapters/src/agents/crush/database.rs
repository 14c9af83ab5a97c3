//! A project's database: its sessions, read one after the other.

use std::path::Path;

use rusqlite::Connection;
use stead_usf::{Issue, Severity, Source};

use super::INFO;
use super::session::{Read, Reader};
use crate::changed::Changed;
use crate::container::rows::{self, Entry, Sums, has_columns, has_table, sums};
use crate::container::sqlite::Database;
use crate::ids::digest;
use crate::{Checkpoint, Fate, Output, ReadError};

/// Columns without which a table cannot be read.
type Needed = (&'static str, &'static [&'static str]);

const NEEDED: [Needed; 2] = [
    ("sessions", &["id"]),
    (
        "messages",
        &["id", "session_id", "role", "parts", "created_at"],
    ),
];

/// Without the history of files the rest can be read all the same.
pub(super) const HISTORY: Needed = (
    "files",
    &["id", "session_id", "path", "content", "created_at"],
);

/// Reads what changed since the checkpoint. Sessions worked in `project`.
pub(super) fn read(
    path: &Path,
    project: Option<&str>,
    since: Option<&Checkpoint>,
    output: &mut Output<'_>,
) -> Result<Checkpoint, ReadError> {
    let database = Database::open(path)?;
    let result = read_changes(&database, path, project, since, output);
    // An error may come from pages that were changed under our feet.
    database.verify()?;
    match result {
        Ok(Some(checkpoint)) => Ok(checkpoint),
        Ok(None) => Err(ReadError::Stopped),
        Err(error) => Err(database.error(error)),
    }
}

fn read_changes(
    database: &Database,
    path: &Path,
    project: Option<&str>,
    since: Option<&Checkpoint>,
    output: &mut Output<'_>,
) -> Result<Option<Checkpoint>, rusqlite::Error> {
    // All queries see one state of the database.
    let connection = database.connection().unchecked_transaction()?;
    let mut changed = Changed::since(since, &INFO);
    if !is_known(database, path, output)? {
        return Ok(Some(changed.finish(output)));
    }
    let mut reader = Reader::new(&connection, path, project);
    for entry in entries(&connection)? {
        if entry.id.is_empty() {
            output.record(Fate::Reported);
            let message = "a row of the table `sessions` has no id";
            let issue = Issue::new(Severity::Error, "bad-record", message);
            output.unplaced_issue(issue.at(Source::file(path.to_string_lossy())));
            continue;
        }
        let mark = digest(&format!("{:x} {project:?}", entry.mark));
        if changed.keep(&entry.id, mark, output).is_some() {
            continue;
        }
        let before = output.tally.clone();
        match reader.session(&entry, output)? {
            Read::Session(header) => {
                changed.read(mark, *header, Vec::new(), (&before, &output.tally));
            }
            Read::Nothing => {}
            Read::Stopped => return Ok(None),
        }
    }
    Ok(Some(changed.finish(output)))
}

/// Whether the tables are those of Crush; reports what is missing.
fn is_known(
    database: &Database,
    path: &Path,
    output: &mut Output<'_>,
) -> Result<bool, rusqlite::Error> {
    let connection = database.connection();
    let mut missing = Vec::new();
    for needed in NEEDED {
        missing.extend(lacks(connection, needed)?);
    }
    let is_known = missing.is_empty();
    if has_table(connection, HISTORY.0)? {
        missing.extend(lacks(connection, HISTORY)?);
    }
    if !missing.is_empty() {
        output.record(Fate::Reported);
        let message = format!("the database has no column {}", missing.join(", "));
        let issue = Issue::new(Severity::Error, "unknown-schema", message);
        output.unplaced_issue(issue.at(Source::file(path.to_string_lossy())));
    }
    Ok(is_known)
}

/// The columns that are not there.
fn lacks(connection: &Connection, (table, needed): Needed) -> Result<Vec<String>, rusqlite::Error> {
    let mut missing = Vec::new();
    for name in needed {
        if !has_columns(connection, table, &[name])? {
            missing.push(format!("`{table}.{name}`"));
        }
    }
    Ok(missing)
}

/// All sessions, each with a mark that changes whenever its rows do: a message is
/// rewritten while it streams, but it only gets longer.
fn entries(connection: &Connection) -> Result<Vec<Entry>, rusqlite::Error> {
    let messages = sums(connection, "messages", &["parts"])?;
    let files = if has_columns(connection, HISTORY.0, HISTORY.1)? {
        sums(connection, "files", &["content"])?
    } else {
        Sums::new()
    };
    rows::entries(connection, messages, &files)
}
