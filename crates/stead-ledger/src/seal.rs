//! The record by which a second log remembers how a first one began or ended, so that the removal or the
//! roll-back of the whole first log is seen. The second log is a [`crate::Log`] like any other.

use serde::{Deserialize, Serialize};

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::key::VerifierKey;
use crate::note::Note;
use crate::store::check_note;

/// How the sealed log came to this checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Its writer has just begun it, or goes on with it.
    Begun,
    /// Its writer came to an end.
    Finished,
    /// Its writer was stopped; somebody else sealed what was there.
    Interrupted,
}

/// A signed note of a log. Its record is one line of JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// How the log stood.
    pub ending: Ending,
    /// Its signed checkpoint.
    pub note: Note,
}

/// Why a record is no seal.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// It is not the JSON of one.
    #[error("this record is no seal: {0}")]
    BadForm(#[from] serde_json::Error),
    /// Its checkpoint is not to be believed.
    #[error("the sealed checkpoint cannot be believed: {0}")]
    Checkpoint(#[from] CheckpointError),
}

/// The record's JSON. Further fields of later versions are passed over.
#[derive(Serialize, Deserialize)]
struct Line {
    ending: Ending,
    checkpoint: String,
}

impl Seal {
    /// The record to append to the second log.
    pub fn record(&self) -> Result<Vec<u8>, SealError> {
        let line = Line {
            ending: self.ending,
            checkpoint: self.note.to_string(),
        };
        Ok(serde_json::to_vec(&line)?)
    }

    /// Reads a record of the second log. The checkpoint's signature is not checked yet.
    pub fn parse(record: &[u8]) -> Result<Self, SealError> {
        let line: Line = serde_json::from_slice(record)?;
        let note = Note::parse(line.checkpoint.as_bytes()).map_err(CheckpointError::from)?;
        Checkpoint::of(&note)?;
        Ok(Self {
            ending: line.ending,
            note,
        })
    }

    /// The sealed checkpoint, if one of `keys`, called like the sealed log, has signed it.
    pub fn checkpoint(&self, keys: &[VerifierKey]) -> Result<Checkpoint, SealError> {
        let origin = Checkpoint::of(&self.note)?.origin;
        let (_, checkpoint) = check_note(self.note.to_string().as_bytes(), &origin, keys)?;
        Ok(checkpoint)
    }
}
