//! What a log's signed note says (C2SP tlog-checkpoint): whose log, how many records, which root.
//! Signatures are the note's business.

use std::fmt;
use std::str::FromStr;

use crate::note::{Note, NoteError};
use crate::tree::{Hash, TreeError};

/// How many records a log has and what their root is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name: one line, not empty.
    pub origin: String,
    /// How many records there are.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
    /// Further lines, none of them empty. stead writes none.
    pub extensions: Vec<String>,
}

/// Why a note is no checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// It is no note, or not of the keys that were given.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// It has fewer than three lines, an empty one, or does not end with a line feed.
    #[error("a checkpoint has lines for origin, size and root, and no empty ones")]
    BadLines,
    /// The size is no plain number.
    #[error("`{0}` is no number of records")]
    BadSize(String),
    /// The root is no hash.
    #[error(transparent)]
    BadRoot(#[from] TreeError),
    /// It is another log's.
    #[error("the checkpoint is that of `{found}`, not of `{wanted}`")]
    OtherLog {
        /// The origin that it names.
        found: String,
        /// The origin that was asked for.
        wanted: String,
    },
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let lines = text.strip_suffix('\n').ok_or(CheckpointError::BadLines)?;
        let mut lines = lines.split('\n');
        let mut next = || {
            lines
                .next()
                .filter(|line| !line.is_empty())
                .ok_or(CheckpointError::BadLines)
        };
        let (origin, size, root) = (next()?.to_owned(), number(next()?)?, next()?.parse()?);
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(CheckpointError::BadLines);
        }
        Ok(Self {
            origin,
            size,
            root,
            extensions,
        })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}\n{}\n{}", self.origin, self.size, self.root)?;
        self.extensions
            .iter()
            .try_for_each(|line| writeln!(out, "{line}"))
    }
}

impl Checkpoint {
    /// The checkpoint that a note holds. Its signatures are not checked.
    pub fn of(note: &Note) -> Result<Self, CheckpointError> {
        note.text().parse()
    }
}

/// A number as other implementations write it: digits, no zero before.
pub(crate) fn number(text: &str) -> Result<u64, CheckpointError> {
    let number = text.parse::<u64>().ok();
    number
        .filter(|number| number.to_string() == text)
        .ok_or_else(|| CheckpointError::BadSize(text.chars().take(40).collect()))
}
