//! In which ways an agent can work, and why one cannot.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// In which way the agent works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// At the tree's own path, with an overlay over it.
    Overlay,
    /// In a copy of the tree.
    Copy,
    /// In the tree itself: nothing is left to be applied.
    InPlace,
}

impl fmt::Display for How {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Overlay => "overlay",
            Self::Copy => "copy",
            Self::InPlace => "in place",
        })
    }
}

/// In which way the user wants it to work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wish {
    /// In an overlay, or where there can be none, in a copy.
    #[default]
    Apart,
    /// In a copy.
    Copy,
    /// In the tree itself.
    InPlace,
}

/// Why there is no place to work in, or none to look into.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The changes folder lies in the tree, so it would be part of what is changed.
    #[error(
        "{} holds the folder where changes are kept ({}); work in a folder that does not hold it, \
         keep data elsewhere, or work in place", tree.display(), changes.display()
    )]
    Inside {
        /// The user's folder.
        tree: PathBuf,
        /// The changes folder.
        changes: PathBuf,
    },
    /// Another program works there.
    #[error("the session is at work in another process, which holds {}; wait for its end", .0.display())]
    Busy(PathBuf),
    /// No session has changes there.
    #[error("{} holds no changes of a session", .0.display())]
    Nothing(PathBuf),
    /// What was begun cannot be understood.
    #[error("{} cannot be understood: {why}", path.display())]
    Facts {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The changes belong to another folder.
    #[error("these changes are of {}, not of {}; go on there", of.display(), tree.display())]
    OtherTree {
        /// Whose they are.
        of: PathBuf,
        /// Where one would go on.
        tree: PathBuf,
    },
    /// The session worked in an overlay, and now there can be none.
    #[error(
        "the session worked in an overlay, which cannot be mounted now ({0}); apply or discard its changes first"
    )]
    Lost(String),
    /// A file or folder cannot be used.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// Changes that were not all made could not be taken back.
    #[error(
        "changes that could not all be made were taken back, but for {paths}; what was there before is \
         kept in {}", kept.display()
    )]
    Half {
        /// The files that are not as they were.
        paths: String,
        /// A folder in the tree.
        kept: PathBuf,
    },
}

/// The system's words at a path.
pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> PlaceError {
    let path = path.to_owned();
    move |source| PlaceError::Io { path, source }
}
