//! Why a file cannot be traced.

use crate::repo::GitError;

/// Why a file cannot be traced.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// git could not be asked.
    #[error(transparent)]
    Git(#[from] GitError),
    /// There is no such file.
    #[error("there is no file `{path}`{}", at(revision.as_deref()))]
    NoFile {
        /// The path, from the top of the repository.
        path: String,
        /// The revision, if one was named.
        revision: Option<String>,
    },
    /// The file is there, and what it holds is not: the clone left it out.
    #[error("what `{path}` holds at {revision} is not in this clone")]
    Absent {
        /// The path, from the top of the repository.
        path: String,
        /// The revision.
        revision: String,
    },
    /// The revision is not known.
    #[error("there is no revision `{revision}`")]
    NoRevision {
        /// As it was named.
        revision: String,
    },
    /// The file is no text.
    #[error("`{path}` is no text: it has no lines to trace")]
    Binary {
        /// The path, from the top of the repository.
        path: String,
    },
    /// The file cannot be read.
    #[error("`{path}` cannot be read: {source}")]
    Read {
        /// The path, from the top of the repository.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

fn at(revision: Option<&str>) -> String {
    revision.map_or_else(
        || " in the working tree".to_owned(),
        |revision| format!(" at {revision}"),
    )
}
