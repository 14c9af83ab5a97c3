//! What a session's tree held when it began, kept so that the session can run again on it.
//!
//! # Terms
//!
//! - *Beginning*: the tree as the agent first sees it in a task. It is a *commit* and what was
//!   *not committed*: files that were modified, new, or gone. Where there is no commit, all files
//!   are kept. What version control ignores is no part of it.
//! - *Manifest*: a beginning as JSON, `begin/<its SHA-256>.json` in the session's folder. The
//!   session's record names that digest, so a manifest cannot be altered unseen.
//! - *Object*: what a file held, `begin/objects/<its SHA-256>.gz`: RFC 1952, kept once.
//! - *Left out*: what is not kept, with the reason: too large, too much, no plain file.
//!
//! Private files are kept like all others: on the user's own machine, for its owner alone. Git is
//! not run here: what is asked of it comes in as [`Commits`].

mod keep;
mod listing;
mod manifest;
mod restore;
mod store;
#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;

pub use keep::{Limits, keep};
pub use listing::all as paths;
pub use manifest::{Entry, LeftOut, Manifest, What};
pub use restore::{Restored, restore};
pub use store::{BEGIN, Store};

/// What version control knows of a tree. Paths are from the tree's top.
pub trait Commits {
    /// The paths that differ between two states: a commit and the one that is checked out.
    fn since(&self, commit: &str) -> Result<Vec<PathBuf>, String>;

    /// The paths that are not committed as they are: modified, new, gone. With `/` at its end,
    /// a folder that is a repository of its own.
    fn not_committed(&self) -> Result<Vec<PathBuf>, String>;

    /// What a commit has at these paths, as it would be checked out, in the same order; `None`
    /// where it has no file.
    fn held(&self, commit: &str, paths: &[PathBuf]) -> Result<Vec<Option<Held>>, String>;
}

/// A file or link of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its content; a link's target.
    pub bytes: Vec<u8>,
    /// Whether it is a link.
    pub link: bool,
    /// Whether it may be run.
    pub runs: bool,
}

/// Why a beginning is not kept, or not made again.
#[derive(Debug, thiserror::Error)]
pub enum BeginningError {
    /// A file or folder cannot be used.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// Version control did not answer.
    #[error("version control does not tell what is committed: {0}")]
    Commits(String),
    /// What was kept is not what the record names.
    #[error("{0} of what the session began with is not what its record names")]
    Altered(String),
    /// What was kept is not there.
    #[error("{0} of what the session began with is gone")]
    Gone(String),
    /// It was kept by a newer version.
    #[error("what the session began with is kept in form {0}, of a newer stead")]
    Newer(u32),
}

impl BeginningError {
    /// Whether something was altered after it was recorded.
    #[must_use]
    pub const fn is_altered(&self) -> bool {
        matches!(self, Self::Altered(_) | Self::Gone(_))
    }
}

/// The system's words at a path.
fn at(path: &std::path::Path) -> impl FnOnce(io::Error) -> BeginningError {
    let path = path.to_owned();
    move |source| BeginningError::Io { path, source }
}
