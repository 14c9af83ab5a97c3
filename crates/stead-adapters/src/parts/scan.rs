//! Token counts alone, from wherever they lie. What a message tells is read in
//! `talk`.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use fs_err as fs;
use rusqlite::Connection;

use super::Family;
use super::facts::Facts;
use super::read::Kind;
use super::removed;
use super::talk::{Found, Parts, Talk, Usages};
use super::tree::{Tree, object_of, stem};
use crate::container::json::Object;
use crate::container::rows::{has_table, text};
use crate::container::sqlite::Database;
use crate::{Disk, Output, ReadError, Unit, UsageRecord};

/// Scans a unit.
pub(crate) fn scan(
    family: &'static Family,
    unit: &Unit,
    found: Found<'_>,
) -> Result<(), ReadError> {
    match Kind::of(&unit.path) {
        Kind::Database => {
            let database = Database::open(&unit.path)?;
            let result = scan_database(family, database.connection(), found);
            database.verify()?;
            result.map_err(|error| database.error(error))
        }
        Kind::Tree => {
            scan_tree(family, &Tree::of_unit(family, unit), found);
            Ok(())
        }
        Kind::Rows => scan_rows(family, unit, found),
    }
}

fn scan_tree(family: &'static Family, tree: &Tree, found: Found<'_>) {
    let text = |path: &Path| {
        let bytes = fs::read(path)?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&bytes).into_owned())
    };
    let info = text(&tree.info).unwrap_or_default();
    let info = Object::parse(object_of(&info).0).unwrap_or_default();
    let mut talk = Talk::of(&Facts::of_info(family, &tree.id, info));
    let disk = Disk::default();
    for message in tree.messages(&disk) {
        let parts = |each: Parts<'_>| {
            for part in tree.parts(&disk, &message) {
                if let Ok(json) = text(&part)
                    && !each(&stem(&part), object_of(&json).0)
                {
                    break;
                }
            }
            Ok::<_, std::convert::Infallible>(())
        };
        let file = tree.message(&message);
        let Ok(()) = match text(&file) {
            Ok(json) => talk.message(&message, object_of(&json).0, parts, found),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                talk.whole(&message, None, parts, found)
            }
            Err(_) => Ok(()),
        };
    }
    talk.finish(found);
}

fn scan_database(
    family: &'static Family,
    connection: &Connection,
    found: Found<'_>,
) -> Result<(), rusqlite::Error> {
    if !has_table(connection, "session")? {
        return Ok(());
    }
    let mut talks = talks(family, connection)?;
    let mut statement = connection.prepare("SELECT session_id, id, data, rowid FROM message")?;
    let mut parts = connection.prepare(
        "SELECT id, data FROM part
         WHERE message_id = (SELECT id FROM message WHERE rowid = ?1) ORDER BY id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let session = text(row.get_ref(0)?);
        if session.is_empty() {
            continue;
        }
        if !talks.contains_key(&*session) {
            // Its own row is lost.
            let lost = Talk::of(&Facts::unknown(family, &session));
            talks.insert(session.clone().into_owned(), lost);
        }
        let Some(talk) = talks.get_mut(&*session) else {
            continue;
        };
        let id = text(row.get_ref(1)?);
        let rowid: i64 = row.get(3)?;
        let each_part = |each: Parts<'_>| -> Result<(), rusqlite::Error> {
            let mut rows = parts.query([rowid])?;
            while let Some(row) = rows.next()? {
                if !each(&text(row.get_ref(0)?), &text(row.get_ref(1)?)) {
                    break;
                }
            }
            Ok(())
        };
        talk.message(&id, &text(row.get_ref(2)?), each_part, found)?;
    }
    for (session, mut talk) in talks {
        scan_removed(connection, &session, &mut talk, found)?;
        talk.finish(found);
    }
    Ok(())
}

fn talks(
    family: &'static Family,
    connection: &Connection,
) -> Result<BTreeMap<String, Talk>, rusqlite::Error> {
    let mut statement = connection.prepare("SELECT id, directory, time_created FROM session")?;
    let rows = statement.query_map([], |row| {
        let id = text(row.get_ref(0)?).into_owned();
        let directory = text(row.get_ref(1)?).into_owned();
        let created = row.get_ref(2)?.as_i64().ok();
        let talk = Talk::new(family, &id, Some(directory), created);
        Ok((id, talk))
    })?;
    rows.collect()
}

/// Requests whose messages a revert deleted were made all the same.
fn scan_removed(
    connection: &Connection,
    session: &str,
    talk: &mut Talk,
    found: Found<'_>,
) -> Result<(), rusqlite::Error> {
    let mut event = connection.prepare_cached("SELECT data FROM event WHERE rowid = ?1");
    for message in removed::messages(connection, session)? {
        let Ok(event) = &mut event else { break };
        let mut state = |rowid: i64, field: &str| -> Result<String, rusqlite::Error> {
            let data: String = event.query_row([rowid], |row| row.get(0))?;
            let value = Object::parse(&data)
                .ok()
                .and_then(|mut data| data.raw(field));
            Ok(value
                .map(|value| value.json().to_owned())
                .unwrap_or_default())
        };
        let info = state(message.event, "info")?;
        let parts = |each: Parts<'_>| -> Result<(), rusqlite::Error> {
            for (part, row) in &message.parts {
                if !each(part, &state(*row, "part")?) {
                    break;
                }
            }
            Ok(())
        };
        if info.is_empty() {
            talk.whole(&message.id, None, parts, found)?;
        } else {
            talk.message(&message.id, &info, parts, found)?;
        }
    }
    Ok(())
}

/// Archived rows are read as they are: it happens once.
fn scan_rows(family: &'static Family, unit: &Unit, found: Found<'_>) -> Result<(), ReadError> {
    let mut usages = Usages::default();
    super::rows::read(family, Path::new(&unit.path), &mut Output::new(&mut usages))?;
    let cwd = usages.cwd;
    for request in usages.found {
        let cwd = cwd.clone();
        found(UsageRecord { cwd, ..request });
    }
    Ok(())
}
