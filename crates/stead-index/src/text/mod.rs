//! The full-text index: compressed blocks of event texts with a filter of
//! three- and four-byte runs before them. Any substring of three bytes or more is found, in any script,
//! without a tokenizer; `docs/design/fulltext.md` says why.

mod best;
mod block;
mod builder;
mod candidates;
mod check;
mod file;
mod fold;
mod glob;
mod grams;
mod matcher;
mod merge;
mod pages;
mod postings;
mod row;
mod runs;
mod search;
mod segment;
mod snippet;
mod varint;

pub(crate) use block::Entries;
pub use block::Entry;
pub(crate) use builder::SegmentBuilder;
pub(crate) use merge::{Input, merge};
pub(crate) use postings::Bits;
pub(crate) use row::Row;
pub use search::{Hit, Outcome, Request, search};
pub(crate) use segment::Segment;
pub use snippet::Snippet;
pub(crate) use varint::{Reader, put, put_signed};

/// The sequence number of the entry that holds a session's title.
pub const TITLE: u64 = u64::MAX;

/// What the catalogue knows of a session, as far as queries ask for it.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// `<agent>:<native id>`.
    pub id: String,
    /// The agent's id.
    pub agent: String,
    /// Models that answered in it.
    pub models: Vec<String>,
    /// Working folder.
    pub cwd: String,
    /// The project that it lies in.
    pub project: String,
    /// Title.
    pub title: String,
    /// Git branch.
    pub branch: String,
    /// It is a subagent's.
    pub subagent: bool,
    /// The agent's files are gone.
    pub archived: bool,
    /// Last recorded time, in milliseconds since 1970.
    pub updated_ms: Option<i64>,
}

impl Facts {
    /// Whether `prefix` begins the id, with or without the agent.
    pub fn has_id(&self, prefix: &str) -> bool {
        let native = self.id.split_once(':').map_or("", |(_, native)| native);
        self.id.starts_with(prefix) || native.starts_with(prefix)
    }
}

#[cfg(test)]
mod tests;
