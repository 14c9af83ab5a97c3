//! Why an operation did not happen. Damage inside a store is an `Issue`.

use std::io;
use std::path::{Path, PathBuf};

use crate::container::http::HttpError;

/// Discovery could not look into a store at all.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    /// A folder could not be listed.
    #[error("`{path}` could not be listed: {source}")]
    List {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A database could not be opened.
    #[error("`{path}` could not be opened: {source}")]
    Database {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A server could not be asked.
    #[error("`{url}` could not be asked: {source}")]
    Server {
        /// Its address.
        url: String,
        /// What went wrong.
        source: HttpError,
    },
}

impl DiscoverError {
    /// Whether it tells of this folder or file.
    pub fn is_about(&self, place: &Path) -> bool {
        match self {
            Self::List { path, .. } | Self::Database { path, .. } => path == place,
            Self::Server { url, .. } => Path::new(url) == place,
        }
    }

    /// Whether what has this name lies where it could not be looked.
    pub fn hides(&self, key: &str) -> bool {
        let key = Path::new(key);
        match self {
            Self::List { path, .. } | Self::Database { path, .. } => key.starts_with(path),
            Self::Server { url, .. } => key.starts_with(url),
        }
    }
}

/// A unit could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A file could not be opened or read.
    #[error("`{path}` could not be read: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A database could not be opened or read.
    #[error("`{path}` could not be read: {source}")]
    Database {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A server could not be asked.
    #[error("`{url}` could not be read: {source}")]
    Server {
        /// What was asked for.
        url: String,
        /// What went wrong.
        source: HttpError,
    },
    /// What was read before is no longer what the file begins with, or what
    /// came since changes what was read: the unit must be read from the start.
    #[error("`{path}` was rewritten since it was last read")]
    Rewritten {
        /// The file.
        path: PathBuf,
    },
    /// The agent kept changing the store while it was read.
    #[error("`{path}` kept changing while it was read")]
    Unstable {
        /// The file.
        path: PathBuf,
    },
    /// The sink asked to stop.
    #[error("reading was stopped")]
    Stopped,
}
