//! Why a service could not do what was asked.

use std::io;

use stead_adapters::ReadError;
use stead_index::IndexError;
use stead_index::query::QueryError;

/// A service did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The index or the archive could not be used.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The session's files could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The query is wrong.
    #[error("the query is wrong: {0}")]
    Query(#[from] QueryError),
    /// No session has such an id.
    #[error("no session `{wanted}`")]
    NotFound {
        /// What was asked for.
        wanted: String,
        /// Ids that come nearest.
        nearest: Vec<String>,
    },
    /// More than one session begins like this.
    #[error("`{wanted}` is the beginning of {count} sessions")]
    Ambiguous {
        /// What was asked for.
        wanted: String,
        /// How many.
        count: usize,
        /// Some of them.
        candidates: Vec<String>,
    },
    /// Writing to where the caller wanted it failed.
    #[error("writing failed: {0}")]
    Write(#[from] io::Error),
    /// A file cannot be traced.
    #[error(transparent)]
    Trace(#[from] stead_trace::TraceError),
    /// Another stead is changing the index and did not finish in time.
    #[error("another stead is updating the index")]
    Busy,
}
