//! The records of one conversation in order, wherever they come from.

use serde::{Deserialize, Serialize};

use super::super::file::Document;
use crate::{Output, ReadError};

/// A conversation's records.
pub(in super::super) trait Log {
    /// The conversation's id.
    fn id(&self) -> &str;

    /// What is known about the conversation beside its events.
    fn facts(&mut self, output: &mut Output<'_>) -> Result<Vec<Document>, ReadError>;

    /// The next event; `None` behind the last.
    fn next(&mut self, output: &mut Output<'_>) -> Result<Option<Document>, ReadError>;

    /// Goes behind the events that were read before. `false` if they are no
    /// longer what the log begins with.
    fn skip(&mut self, mark: &Mark) -> Result<bool, ReadError>;

    /// How far the log was read.
    fn mark(&self) -> Mark;

    /// Digests of the ids of another conversation's events, if they can be told:
    /// this one is a copy of it.
    fn events_of(&self, conversation: &str) -> Option<rustc_hash::FxHashSet<u64>>;

    /// The logs of its subagents, in order.
    fn subagents(&self) -> Vec<Box<dyn Log>>;
}

/// How far a log was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Mark {
    /// So many events.
    pub(in super::super) events: u64,
    /// Digest of what tells them from others.
    pub(in super::super) digest: u64,
    /// The id of the last one.
    pub(in super::super) last: String,
}
