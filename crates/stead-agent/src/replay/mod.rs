//! Runs a recorded session again: the models' answers are those of the record, the tools work
//! anew, in another place, and what they do is held against what is on record.
//!
//! # Terms
//!
//! - *Task*: what the user asked for, with all that came of it. A session that went on has
//!   several, each with its own *beginning* (`crate::beginning`).
//! - *Step*: what is compared: an answer, a call, its result, a check, a request without an
//!   answer, the user's words, the end. What follows from these (edits, nudges, notes) is not
//!   compared once more.
//! - *Parted*: the first step that is not what the record says. Nothing is run after it.
//! - *Given*: the result of a call that is not made again, as it would reach beyond the tree:
//!   tools of MCP servers, and the web; or as the user ended it. The model's answers are given too, and so are the user's.
//!
//! The plan is the record's: a person may have edited it. So are the words that nobody typed.
//! Times, and what commands print, may differ; the model does not see that they do.

mod ends;
mod follow;
mod given;
mod hands;
mod recorded;
mod step;
mod task;
#[cfg(test)]
mod tests;

pub use ends::{End, ends, first};
pub use follow::{Came, Parted};
pub use recorded::{Recorded, RecordedTask};
pub use step::Step;
pub use task::{Again, Ran, Watch};

/// Why a session cannot be run again. That it parts is no error.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Its files cannot be read.
    #[error("the session cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// What is on record is no session.
    #[error("the session's record cannot be read: {0}")]
    Document(#[from] stead_usf::DocumentError),
    /// What happens now cannot be written down.
    #[error(transparent)]
    Record(#[from] crate::record::RecordError),
    /// No model is known that was asked.
    #[error("the record names no model that was asked")]
    NoModel,
}
