//! What the number says that stead ends with.

use std::process::ExitCode;

/// Exit codes. They are part of the contract with scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything was done.
    Ok,
    /// Something failed; the message says what.
    Failure,
    /// The arguments, the query or the configuration are wrong.
    Usage,
    /// No session has this id.
    NotFound,
    /// The beginning of an id fits several sessions.
    Ambiguous,
    /// Done, but some stores could not be read; the rest is complete.
    Partial,
    /// A task needs a decision, and nobody was there to make it.
    Blocked,
    /// A task is not done: checks fail, or nothing changed.
    NotDone,
    /// The user ended it.
    Interrupted,
    /// Records are not as they were signed.
    Altered,
}

impl Exit {
    /// All codes, for the reference.
    pub(crate) const ALL: [Self; 10] = [
        Self::Ok,
        Self::Failure,
        Self::Usage,
        Self::NotFound,
        Self::Ambiguous,
        Self::Partial,
        Self::Blocked,
        Self::NotDone,
        Self::Interrupted,
        Self::Altered,
    ];

    /// The number.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::Ambiguous => 4,
            Self::Partial => 5,
            Self::Blocked => 6,
            Self::NotDone => 7,
            Self::Interrupted => 130,
            Self::Altered => 10,
        }
    }

    /// What it means, for the reference.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Ok => "everything was done (also when a pipe is closed early)",
            Self::Failure => {
                "something failed, or came out otherwise (`replay`); the message says what"
            }
            Self::Usage => "the arguments, the query or the configuration are wrong",
            Self::NotFound => "no session has this id",
            Self::Ambiguous => "the beginning of an id fits several sessions",
            Self::Partial => "done, but some stores could not be read (`sync`, `doctor`)",
            Self::Blocked => "a task needs a decision, and nobody was there to make it",
            Self::NotDone => "a task is not done: checks still fail, or nothing changed",
            Self::Interrupted => "interrupted; what was done is on record",
            Self::Altered => "not all records are as they were signed (`verify`, `replay`)",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}
