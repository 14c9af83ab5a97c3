//! Which sessions are copies of others. Nothing in the store says so, but a copy
//! keeps the ids and times of the messages that it was made of.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use rustc_hash::FxHashSet;

use crate::container::rows::text;
use crate::ids::digest;

/// For each copy the session that it was made of.
pub(super) type Forks = BTreeMap<String, String>;

/// Finds the copies; `order` has all sessions, the earlier first. Only messages of
/// users count: their ids are made by Goose, those of replies by providers, some of
/// which give every reply the same.
pub(super) fn find(connection: &Connection, order: &[&str]) -> Result<Forks, rusqlite::Error> {
    let mut statement = connection.prepare(
        "SELECT message_id, created_timestamp, session_id FROM messages
         WHERE role = 'user' AND message_id IN
           (SELECT message_id FROM messages GROUP BY message_id HAVING count(*) > 1)",
    )?;
    let places: BTreeMap<&str, usize> = order.iter().copied().zip(0..).collect();
    let mut copies: BTreeMap<(u64, i64), BTreeSet<usize>> = BTreeMap::new();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (message, session) = (text(row.get_ref(0)?), text(row.get_ref(2)?));
        let created = row.get_ref(1)?.as_i64().unwrap_or(0);
        if let Some(place) = places.get(&*session).filter(|_| !message.is_empty()) {
            copies
                .entry((digest(&message), created))
                .or_default()
                .insert(*place);
        }
    }
    // How many messages each session shares with each earlier one.
    let mut shared: BTreeMap<usize, BTreeMap<usize, u64>> = BTreeMap::new();
    for sessions in copies.values() {
        for copy in sessions {
            for original in sessions.range(..copy) {
                *shared
                    .entry(*copy)
                    .or_default()
                    .entry(*original)
                    .or_default() += 1;
            }
        }
    }
    // The most wins; of equal ones the earliest, as a copy of a copy has its messages.
    let original = |candidates: &BTreeMap<usize, u64>| {
        let most = candidates.iter().rev().max_by_key(|(_, count)| **count);
        most.map(|(place, _)| *place)
    };
    let found = shared.iter().filter_map(|(copy, candidates)| {
        let original = original(candidates)?;
        Some((order[*copy].to_owned(), order[original].to_owned()))
    });
    Ok(found.collect())
}

/// The messages of a session, to tell which of them its copies have.
pub(super) struct Originals(FxHashSet<(u64, i64)>);

impl Originals {
    pub(super) fn of(connection: &Connection, session: &str) -> Result<Self, rusqlite::Error> {
        let mut statement = connection.prepare_cached(
            "SELECT message_id, created_timestamp FROM messages WHERE session_id = ?1",
        )?;
        let rows = statement.query_map([session], |row| {
            let created = row.get_ref(1)?.as_i64().unwrap_or(0);
            Ok((digest(&text(row.get_ref(0)?)), created))
        })?;
        Ok(Self(rows.collect::<Result<_, _>>()?))
    }

    pub(super) fn have(&self, message: &str, created: i64) -> bool {
        !message.is_empty() && self.0.contains(&(digest(message), created))
    }
}
