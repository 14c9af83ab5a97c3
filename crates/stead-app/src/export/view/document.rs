//! What the writers of documents have in common.

use jiff::tz::TimeZone;

use super::{Clock, FlowOptions};

/// How to write a session as a document.
#[derive(Debug, Clone)]
pub struct DocumentOptions {
    /// The time zone in which times are told.
    pub timezone: TimeZone,
    /// Take in what was rewound or compacted.
    pub inactive: bool,
    /// Take in what was copied from the parent session.
    pub inherited: bool,
    /// Longest text of one block in bytes; what is longer is cut, and says so.
    pub block_bytes: usize,
}

impl Default for DocumentOptions {
    fn default() -> Self {
        Self {
            timezone: TimeZone::UTC,
            inactive: false,
            inherited: true,
            block_bytes: 256 << 10,
        }
    }
}

impl DocumentOptions {
    /// The clock of a document: it is read at any time.
    pub fn clock(&self) -> Clock {
        Clock {
            timezone: self.timezone.clone(),
            now: None,
        }
    }

    /// What the document leaves out.
    pub const fn flow(&self) -> FlowOptions {
        FlowOptions {
            inactive: self.inactive,
            inherited: self.inherited,
            injected: true,
        }
    }

    /// The beginning of `text` that is written, and how many bytes are not.
    pub fn cut<'t>(&self, text: &'t str) -> (&'t str, usize) {
        let end = text.floor_char_boundary(self.block_bytes.min(text.len()));
        (&text[..end], text.len() - end)
    }
}
