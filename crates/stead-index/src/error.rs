//! Why the index could not do something.

use std::io;
use std::path::PathBuf;

/// An operation on the index did not happen.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// A file or folder of the index could not be used.
    #[error("`{path}` could not be used: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The catalogue could not be used.
    #[error("the catalogue could not be used: {0}")]
    Catalog(#[from] rusqlite::Error),
    /// A file of the index is damaged; it can be deleted and rebuilt.
    #[error("`{path}` is damaged")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

impl IndexError {
    /// Whether deleting the index and reading everything again will help.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Damaged { .. } => true,
            Self::Io { .. } => false,
            Self::Catalog(error) => matches!(
                error.sqlite_error_code(),
                Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase)
            ),
        }
    }

    /// What an error in a file or folder of the index means: damage, or that it
    /// could not be used.
    pub fn of_io(path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        match source.kind() {
            io::ErrorKind::InvalidData => Self::Damaged { path },
            _ => Self::Io { path, source },
        }
    }

    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::of_io(path, source)
    }
}
