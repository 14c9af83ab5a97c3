//! The database of 1.10 and later: many sessions, read one after the other.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;
use stead_usf::{Issue, Severity, Source};

use super::INFO;
use super::forks;
use super::session::{Link, Reader};
use crate::changed::Changed;
use crate::container::rows::{self, Entry, Sums, has_table, sums};
use crate::container::sqlite::Database;
use crate::ids::digest;
use crate::{Checkpoint, Fate, Output, ReadError};

/// Columns without which a table cannot be read.
const NEEDED: [(&str, &[&str]); 2] = [
    ("sessions", &["id"]),
    (
        "messages",
        &[
            "id",
            "session_id",
            "role",
            "content_json",
            "created_timestamp",
        ],
    ),
];

/// Reads what changed since the checkpoint.
pub(super) fn read(
    path: &Path,
    since: Option<&Checkpoint>,
    output: &mut Output<'_>,
) -> Result<Checkpoint, ReadError> {
    let database = Database::open(path)?;
    let result = read_changes(&database, path, since, output);
    // An error may come from pages that were changed under our feet.
    database.verify()?;
    match result {
        Ok(Some(checkpoint)) => Ok(checkpoint),
        Ok(None) => Err(ReadError::Stopped),
        Err(error) => Err(database.error(error)),
    }
}

/// Whether a session of this id has messages in the database.
pub(super) fn has_messages(path: &Path, session: &str) -> bool {
    let look = |database: &Database| {
        let mut statement = database
            .connection()
            .prepare("SELECT 1 FROM messages WHERE session_id = ?1")?;
        statement.exists([session])
    };
    Database::open(path).is_ok_and(|database| look(&database).unwrap_or(false))
}

fn read_changes(
    database: &Database,
    path: &Path,
    since: Option<&Checkpoint>,
    output: &mut Output<'_>,
) -> Result<Option<Checkpoint>, rusqlite::Error> {
    // All queries see one state of the database.
    let connection = database.connection().unchecked_transaction()?;
    let mut changed = Changed::since(since, &INFO);
    if !is_known(database, path, output)? {
        return Ok(Some(changed.finish(output)));
    }
    let entries = entries(&connection)?;
    let order: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    let has_ids = database
        .columns("messages")?
        .iter()
        .any(|name| name == "message_id");
    let forks = if has_ids {
        forks::find(&connection, &order)?
    } else {
        BTreeMap::new()
    };
    let mut callers: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut reader = Reader::new(&connection, path);
    // Parents come before the sessions that they start.
    for entry in &entries {
        if entry.id.is_empty() {
            output.record(Fate::Reported);
            let message = "a row of the table `sessions` has no id";
            let issue = Issue::new(Severity::Error, "bad-record", message);
            output.unplaced_issue(issue.at(Source::file(path.to_string_lossy())));
            continue;
        }
        let link = Link {
            original: forks.get(&entry.id).cloned(),
            caller: callers.get(&entry.id).cloned(),
        };
        let mark = digest(&format!("{:x} {link:?}", entry.mark));
        let children = if let Some(children) = changed.keep(&entry.id, mark, output) {
            children
        } else {
            let before = output.tally.clone();
            let Some((header, children)) = reader.session(entry, &link, output)? else {
                return Ok(None);
            };
            changed.read(mark, header, children.clone(), (&before, &output.tally));
            children
        };
        for (child, call) in children {
            callers
                .entry(child)
                .or_insert_with(|| (entry.id.clone(), call));
        }
    }
    Ok(Some(changed.finish(output)))
}

/// Whether the tables are those of Goose; reports what is missing.
fn is_known(
    database: &Database,
    path: &Path,
    output: &mut Output<'_>,
) -> Result<bool, rusqlite::Error> {
    let mut missing = Vec::new();
    for (table, needed) in NEEDED {
        let columns = database.columns(table)?;
        let lacks = needed
            .iter()
            .filter(|name| !columns.iter().any(|column| column == **name));
        missing.extend(lacks.map(|name| format!("`{table}.{name}`")));
    }
    if missing.is_empty() {
        return Ok(true);
    }
    output.record(Fate::Reported);
    let message = format!("the database has no column {}", missing.join(", "));
    let issue = Issue::new(Severity::Error, "unknown-schema", message);
    output.unplaced_issue(issue.at(Source::file(path.to_string_lossy())));
    Ok(false)
}

/// All sessions in the order in which they were made, and those of which only
/// messages are left. Each has a mark that changes whenever its rows do: messages
/// are changed in place, but then their lengths tell.
fn entries(connection: &Connection) -> Result<Vec<Entry>, rusqlite::Error> {
    let messages = sums(connection, "messages", &["content_json", "metadata_json"])?;
    let requests = if has_table(connection, "usage_ledger")? {
        sums(connection, "usage_ledger", &[])?
    } else {
        Sums::new()
    };
    rows::entries(connection, messages, &requests)
}
