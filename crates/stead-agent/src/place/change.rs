//! What a session changed, as data: which paths, and what was and is there. Contents stay in their
//! files.

use std::path::PathBuf;

use serde::Serialize;

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// A file.
    File {
        /// Its bytes.
        length: u64,
        /// Whether its owner may run it.
        executable: bool,
    },
    /// A symbolic link; where it leads is not looked at.
    Link {
        /// What it says.
        target: PathBuf,
    },
}

impl State {
    /// The mode that git has for it.
    pub(super) const fn mode(&self) -> &'static str {
        match self {
            Self::File {
                executable: false, ..
            } => "100644",
            Self::File {
                executable: true, ..
            } => "100755",
            Self::Link { .. } => "120000",
        }
    }

    pub(super) const fn length(&self) -> u64 {
        match self {
            Self::File { length, .. } => *length,
            Self::Link { .. } => 0,
        }
    }
}

/// By what one knows a file again that nobody touched meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
pub(super) struct Stamp {
    pub(super) length: u64,
    pub(super) changed_ns: u64,
    pub(super) written_ns: u64,
    pub(super) number: u64,
}

/// One path that a session changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path, from the tree's top.
    pub path: PathBuf,
    /// What the tree has there now; `None` for nothing.
    pub before: Option<State>,
    /// What it is to have; `None` if it is to go.
    pub after: Option<State>,
    /// The path that the same contents had, which goes. That path is a change too.
    pub moved_from: Option<PathBuf>,
    /// Whether the user has changed it since the session began, as far as that can be seen.
    pub changed_since: bool,
    /// The tree's file, as it was looked at.
    pub(super) seen: Option<Stamp>,
}

impl Change {
    /// The letter that git has for it.
    pub const fn letter(&self) -> &'static str {
        match (&self.before, &self.after) {
            (None, Some(_)) if self.moved_from.is_some() => "R",
            (None, _) => "A",
            (Some(_), None) => "D",
            (Some(State::File { .. }), Some(State::Link { .. }))
            | (Some(State::Link { .. }), Some(State::File { .. })) => "T",
            (Some(_), Some(_)) => "M",
        }
    }
}

/// What a session changed, by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The changes, sorted by path.
    pub list: Vec<Change>,
    /// What was left out, and why, in words for the user.
    pub notes: Vec<String>,
}

impl Changes {
    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Those that are told: what only went because it moved is told at its new path.
    pub fn told(&self) -> impl Iterator<Item = &Change> {
        self.list.iter().filter(|change| {
            let path = Some(&change.path);
            let moved = |other: &Change| other.moved_from.as_ref() == path;
            change.after.is_some() || !self.list.iter().any(moved)
        })
    }
}
