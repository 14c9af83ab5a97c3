//! Which sessions of a database have changed since it was last read.
//!
//! Parts are rewritten in place while a reply streams, and reverts delete rows,
//! so neither counts nor the newest id tell enough. A session's mark is made of
//!
//! - its own row (every request ends with new sums of tokens there),
//! - the number and the newest rowid of its messages and parts, which the
//!   indexes hold: no row is touched for them,
//! - its place in the log of changes, which versions from 1.18 on raise with
//!   every row they write,
//! - where there is no such place, or a turn was still open: the sum of its
//!   rows' `time_updated`, which every write raises. It stands before `data` in
//!   the row, so SQLite does not load the pages that large `data` overflows to.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::Checkpoint;
use crate::changed::Told;
use crate::container::rows::{has_table, text};

/// What is remembered of a database.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) sessions: BTreeMap<String, Known>,
}

/// What is remembered of one session.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Known {
    pub(super) mark: Mark,
    /// What it is called, if not by the id of its row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// The call that started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) call: Option<String>,
    /// The sessions that it started, with the calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) children: Vec<(String, String)>,
    /// What became of its records.
    #[serde(default)]
    pub(super) tally: Told,
}

/// A fingerprint of a session's rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// Digest of the session's own row.
    pub(super) row: u64,
    /// Place in the log of changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<i64>,
    /// Number and newest rowid of the messages, then of the parts.
    pub(super) counts: [i64; 4],
    /// Sums of `time_updated` of messages and parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) times: Option<[i64; 2]>,
}

impl Known {
    /// What the session is called whose row has this id.
    pub(super) fn name<'k>(&'k self, id: &'k str) -> &'k str {
        self.name.as_deref().unwrap_or(id)
    }
}

impl State {
    pub(super) fn of(checkpoint: Option<&Checkpoint>) -> Self {
        checkpoint
            .and_then(|checkpoint| checkpoint.state.as_ref()?.to().ok())
            .unwrap_or_default()
    }
}

/// Counts and log places of all sessions.
#[derive(Debug, Default)]
pub(super) struct Counts {
    messages: BTreeMap<String, [i64; 2]>,
    parts: BTreeMap<String, [i64; 2]>,
    places: BTreeMap<String, i64>,
}

impl Counts {
    pub(super) fn of(connection: &Connection) -> Result<Self, rusqlite::Error> {
        let mut counts = Self {
            messages: per_session(connection, "message")?,
            parts: per_session(connection, "part")?,
            places: BTreeMap::new(),
        };
        if has_table(connection, "event_sequence")? {
            let mut statement =
                connection.prepare("SELECT aggregate_id, seq FROM event_sequence")?;
            let rows = statement.query_map([], |row| {
                Ok((text(row.get_ref(0)?).into_owned(), row.get(1)?))
            })?;
            counts.places = rows.collect::<Result<_, _>>()?;
        }
        Ok(counts)
    }

    /// The sessions that have messages or parts.
    pub(super) fn sessions(&self) -> impl Iterator<Item = &String> {
        let ids: BTreeSet<_> = self.messages.keys().chain(self.parts.keys()).collect();
        ids.into_iter()
    }

    /// The mark of a session, but for `times`.
    pub(super) fn mark(&self, session: &str, row: u64) -> Mark {
        let of = |counts: &BTreeMap<_, _>| counts.get(session).copied().unwrap_or_default();
        let ([messages, last_message], [parts, last_part]) = (of(&self.messages), of(&self.parts));
        Mark {
            row,
            place: self.places.get(session).copied(),
            counts: [messages, last_message, parts, last_part],
            times: None,
        }
    }
}

fn per_session(
    connection: &Connection,
    table: &str,
) -> Result<BTreeMap<String, [i64; 2]>, rusqlite::Error> {
    let sql = format!("SELECT session_id, count(*), max(rowid) FROM {table} GROUP BY session_id");
    let mut statement = connection.prepare(&sql)?;
    let rows = statement.query_map([], |row| {
        Ok((
            text(row.get_ref(0)?).into_owned(),
            [row.get(1)?, row.get(2)?],
        ))
    })?;
    rows.collect()
}

/// Sums of `time_updated` of a session's messages and parts, of its lowest digits
/// alone, so that a million rows fit, whatever they hold.
pub(super) fn times(connection: &Connection, session: &str) -> Result<[i64; 2], rusqlite::Error> {
    let sum = |table: &str| {
        let sql = format!(
            "SELECT CAST(total(CAST(time_updated AS INTEGER) % 1000000007) AS INTEGER)
             FROM {table} WHERE session_id = ?1"
        );
        connection
            .prepare_cached(&sql)?
            .query_row([session], |row| row.get::<_, i64>(0))
    };
    Ok([sum("message")?, sum("part")?])
}
