//! The database of 1.2 and later: many sessions, read one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::Connection;
use stead_usf::{Issue, Raw, Session, Severity, Source, Status};

use super::Family;
use super::changes::{Counts, Known, Mark, State, times};
use super::session::Reader;
use crate::changed::Told;
use crate::container::rows::{Line, column_names, has_table, text};
use crate::container::sqlite::Database;
use crate::ids::digest;
use crate::{Checkpoint, Fate, Output, Position, ReadError};

/// Reads what changed since the checkpoint.
pub(super) fn read(
    family: &'static Family,
    path: &Path,
    since: Option<&Checkpoint>,
    output: &mut Output<'_>,
) -> Result<Checkpoint, ReadError> {
    let database = Database::open(path)?;
    let result = read_changes(family, &database, path, since, output);
    // An error may come from pages that were changed under our feet.
    database.verify()?;
    match result {
        Ok(Some(checkpoint)) => Ok(checkpoint),
        Ok(None) => Err(ReadError::Stopped),
        Err(error) => Err(database.error(error)),
    }
}

/// The ids of all sessions in a database.
pub(super) fn session_ids(path: &Path) -> Result<BTreeSet<String>, ReadError> {
    let database = Database::open(path)?;
    let list = || -> Result<_, rusqlite::Error> {
        let mut statement = database.connection().prepare("SELECT id FROM session")?;
        let ids = statement.query_map([], |row| Ok(text(row.get_ref(0)?).into_owned()))?;
        ids.collect()
    };
    list().map_err(|error| database.error(error))
}

/// A session's row, as far as it is needed to decide whether to read it.
pub(super) struct Entry {
    pub(super) id: String,
    /// Its row, if that is there.
    pub(super) rowid: Option<i64>,
    pub(super) mark: Mark,
}

fn read_changes(
    family: &'static Family,
    database: &Database,
    path: &Path,
    since: Option<&Checkpoint>,
    output: &mut Output<'_>,
) -> Result<Option<Checkpoint>, rusqlite::Error> {
    // All queries see one state of the database.
    let connection = database.connection().unchecked_transaction()?;
    let mut known = State::of(since);
    let headers: BTreeMap<&str, &Session> = since
        .iter()
        .flat_map(|since| &since.sessions)
        .map(|header| (header.native_id.as_str(), header))
        .collect();
    let mut state = State::default();
    let mut sessions = Vec::new();
    let mut calls: BTreeMap<String, String> = BTreeMap::new();
    let mut reader = Reader::new(family, &connection, path);
    // Parents come before the sessions that they start.
    for mut entry in entries(&connection)? {
        if entry.id.is_empty() {
            output.record(Fate::Reported);
            let message = "a row of the table `session` has no id";
            let issue = Issue::new(Severity::Error, "bad-record", message);
            output.unplaced_issue(issue.at(Source::file(path.to_string_lossy())));
            continue;
        }
        let call = calls.get(&entry.id).cloned();
        let before = known.sessions.remove(&entry.id);
        if before.as_ref().is_some_and(|b| b.mark.times.is_some()) {
            entry.mark.times = Some(times(&connection, &entry.id)?);
        }
        let name = before.as_ref().map(|b| b.name(&entry.id).to_owned());
        let same = before.filter(|before| before.mark == entry.mark && before.call == call);
        if let Some(before) = same
            && let Some(header) = headers.get(before.name(&entry.id))
        {
            calls.extend(before.children.iter().cloned());
            before.tally.add_to(&mut output.tally, family.info);
            sessions.push((*header).clone());
            state.sessions.insert(entry.id, before);
            continue;
        }
        let counted = output.tally.clone();
        let Some((header, children)) = reader.session(&entry, call.as_deref(), output)? else {
            return Ok(None);
        };
        if entry.mark.place.is_none() || header.status != Some(Status::Ended) {
            entry.mark.times = Some(times(&connection, &entry.id)?);
        }
        calls.extend(children.iter().cloned());
        if let Some(name) = name.filter(|name| *name != header.native_id) {
            output.gone(&name);
        }
        let name = (header.native_id != entry.id).then(|| header.native_id.clone());
        sessions.push(header);
        let mark = entry.mark;
        let read = Known {
            mark,
            name,
            call,
            children,
            tally: Told::since(&counted, &output.tally),
        };
        state.sessions.insert(entry.id, read);
    }
    for (id, before) in &known.sessions {
        output.gone(before.name(id));
    }
    Ok(Some(Checkpoint {
        version: family.info.reading,
        position: Position::Whole,
        state: Raw::of(&state).ok(),
        sessions,
    }))
}

/// All sessions in order of time, and those of which only messages and parts
/// are left.
fn entries(connection: &Connection) -> Result<Vec<Entry>, rusqlite::Error> {
    if !has_table(connection, "session")? {
        return Ok(Vec::new());
    }
    let counts = Counts::of(connection)?;
    let mut statement =
        connection.prepare("SELECT *, rowid AS place FROM session ORDER BY time_created, id")?;
    let names = column_names(&statement);
    let mut rows = statement.query([])?;
    let (mut entries, mut line) = (Vec::new(), Line::default());
    while let Some(row) = rows.next()? {
        line.begin("session");
        line.columns(row, &names[..names.len() - 1], &[])?;
        let id = text(row.get_ref("id")?).into_owned();
        entries.push(Entry {
            mark: counts.mark(&id, digest(line.end())),
            rowid: row.get("place")?,
            id,
        });
    }
    let known: BTreeSet<_> = entries.iter().map(|entry| entry.id.clone()).collect();
    let lost = counts.sessions().filter(|id| !known.contains(*id));
    let lost: Vec<_> = lost
        .map(|id| Entry {
            id: id.clone(),
            rowid: None,
            mark: counts.mark(id, 0),
        })
        .collect();
    entries.extend(lost);
    Ok(entries)
}
