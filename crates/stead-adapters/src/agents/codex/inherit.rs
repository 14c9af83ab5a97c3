//! Which records of a rollout were copied from another one.
//!
//! A fork, a rewind (before 0.1xx) and a subagent (0.169) begin with the
//! parent's records, led by the parent's `session_meta`. Where the copy ends is
//! said only for subagents (`subagent_history_start_ordinal`). Otherwise it ends
//! with the first turn whose id (UUIDv7, which holds its time) is younger than
//! the session, or after a pause: a copy is written in one go.

use serde::{Deserialize, Serialize};

/// Copied lines follow each other within a few milliseconds; the shortest
/// observed way from a copy to a typed prompt takes seconds.
const PAUSE_MS: i64 = 200;

/// Where in the file reading is: in copied records or in the session's own.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Inheritance {
    /// When the session itself was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_ms: Option<i64>,
    /// First ordinal of the session's own records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    own_from: Option<u64>,
    /// Time of the last copied record, while copied ones are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    copying: Option<i64>,
}

impl Inheritance {
    /// The session's own head was read.
    pub(super) fn own(&mut self, created_ms: Option<i64>, own_from: Option<u64>) {
        self.created_ms = self.created_ms.or(created_ms);
        self.own_from = own_from.or(self.own_from);
    }

    /// Another session's head was read: copied records follow.
    pub(super) fn foreign(&mut self, at_ms: Option<i64>) {
        self.copying = at_ms.or(self.copying).or(Some(i64::MAX));
    }

    /// Whether the record with this time and ordinal is a copy.
    pub(super) fn record(&mut self, at_ms: Option<i64>, ordinal: Option<u64>) -> bool {
        if let Some(own_from) = self.own_from {
            return ordinal.is_some_and(|ordinal| ordinal < own_from);
        }
        if let (Some(last), Some(now)) = (self.copying, at_ms) {
            let pause = last != i64::MAX && now.saturating_sub(last) >= PAUSE_MS;
            self.copying = (!pause).then_some(now);
        }
        self.copying.is_some()
    }

    /// A turn begins; one that is younger than the session is its own.
    pub(super) fn turn(&mut self, turn_id: &str) {
        if self.own_from.is_none()
            && let (Some(created), Some(begun)) = (self.created_ms, uuid_ms(turn_id))
            && begun >= created
        {
            self.copying = None;
        }
    }

    /// Whether times of lines matter now.
    pub(super) const fn is_copying(&self) -> bool {
        self.copying.is_some() || self.own_from.is_some()
    }
}

/// The time in a UUIDv7, in milliseconds since 1970.
fn uuid_ms(id: &str) -> Option<i64> {
    let (head, rest) = id.split_once('-')?;
    let (middle, rest) = rest.split_once('-')?;
    if head.len() != 8 || middle.len() != 4 || !rest.starts_with('7') {
        return None;
    }
    let number = |hex| i64::from_str_radix(hex, 16).ok();
    Some(number(head)? << 16 | number(middle)?)
}
