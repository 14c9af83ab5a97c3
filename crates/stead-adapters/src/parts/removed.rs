//! Messages that a revert deleted, found again in the log of changes.
//!
//! `/undo` only marks where the conversation is cut; the next prompt deletes
//! what lies behind. Versions that keep the log (table `event`) leave every
//! state of the deleted rows there.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, params};

use crate::container::rows::has_table;

/// A deleted message: rows of the table `event` with its last states.
#[derive(Debug)]
pub(super) struct Removed {
    pub(super) id: String,
    /// When the message was created.
    pub(super) created: i64,
    pub(super) event: i64,
    /// Its parts by id, with the row of their last state.
    pub(super) parts: BTreeMap<String, i64>,
}

/// The deleted messages of a session. The log is looked through only if it
/// says that something was deleted.
pub(super) fn messages(
    connection: &Connection,
    session: &str,
) -> Result<Vec<Removed>, rusqlite::Error> {
    if !has_table(connection, "event")? {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare_cached(
        "SELECT json_extract(data, '$.messageID') FROM event
         WHERE aggregate_id = ?1 AND type = 'message.removed.1' AND json_valid(data)
         AND json_extract(data, '$.messageID') IS NOT NULL AND NOT EXISTS
           (SELECT 1 FROM message WHERE message.id = json_extract(event.data, '$.messageID'))",
    )?;
    let ids: BTreeSet<String> = statement
        .query_map([session], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = states(connection, session, &ids)?;
    add_parts(connection, session, &mut found)?;
    Ok(found.into_values().collect())
}

fn states(
    connection: &Connection,
    session: &str,
    ids: &BTreeSet<String>,
) -> Result<BTreeMap<String, Removed>, rusqlite::Error> {
    let mut found = BTreeMap::new();
    let mut statement = connection.prepare_cached(
        "SELECT rowid, json_extract(data, '$.info.id'), json_extract(data, '$.info.time.created')
         FROM event WHERE aggregate_id = ?1 AND type = ?2 AND json_valid(data) ORDER BY seq",
    )?;
    let mut rows = statement.query(params![session, "message.updated.1"])?;
    while let Some(row) = rows.next()? {
        let Some(id) = row.get::<_, Option<String>>(1)? else {
            continue;
        };
        if ids.contains(&id) {
            let removed = Removed {
                id: id.clone(),
                created: row.get::<_, Option<i64>>(2)?.unwrap_or(0),
                event: row.get(0)?,
                parts: BTreeMap::new(),
            };
            found.insert(id, removed);
        }
    }
    Ok(found)
}

fn add_parts(
    connection: &Connection,
    session: &str,
    found: &mut BTreeMap<String, Removed>,
) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT rowid, json_extract(data, '$.part.messageID'), json_extract(data, '$.part.id')
         FROM event WHERE aggregate_id = ?1 AND type = ?2 AND json_valid(data) ORDER BY seq",
    )?;
    let mut rows = statement.query(params![session, "message.part.updated.1"])?;
    while let Some(row) = rows.next()? {
        let message: Option<String> = row.get(1)?;
        let Some(removed) = message.and_then(|message| found.get_mut(&message)) else {
            continue;
        };
        if let Some(part) = row.get::<_, Option<String>>(2)? {
            removed.parts.insert(part, row.get(0)?);
        }
    }
    Ok(())
}
