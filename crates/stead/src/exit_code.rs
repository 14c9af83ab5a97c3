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
}

impl Exit {
    /// All codes, for the reference.
    pub(crate) const ALL: [Self; 6] = [
        Self::Ok,
        Self::Failure,
        Self::Usage,
        Self::NotFound,
        Self::Ambiguous,
        Self::Partial,
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
        }
    }

    /// What it means, for the reference.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Ok => "everything was done (also when a pipe is closed early)",
            Self::Failure => "something failed; the message says what",
            Self::Usage => "the arguments, the query or the configuration are wrong",
            Self::NotFound => "no session has this id",
            Self::Ambiguous => "the beginning of an id fits several sessions",
            Self::Partial => "done, but some stores could not be read (`sync`, `doctor`)",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}
