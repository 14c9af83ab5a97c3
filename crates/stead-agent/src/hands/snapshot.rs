//! Which files there are and when they were written: enough to see which a command changed.

use std::collections::BTreeMap;
use std::time::SystemTime;

use crate::workspace::Workspace;

/// What tells a file from the same one written anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Number and last change of the inode: a file may be written with its old time.
    inode: (u64, i64, i64),
}

/// The files of a workspace that version control would keep.
#[derive(Debug, Clone, Default)]
pub(super) struct Snapshot(BTreeMap<String, Stamp>);

impl Snapshot {
    /// The files as they are.
    pub(super) fn of(workspace: &Workspace) -> Self {
        let root = workspace.root();
        let files = workspace.files(".").into_iter();
        let stamped = files.filter_map(|path| {
            let facts = root.join(&path).symlink_metadata().ok()?;
            Some((path, Stamp::of(&facts)))
        });
        Self(stamped.collect())
    }

    /// Their paths.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether a file was there.
    pub(super) fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// Its length, if it was there.
    pub(super) fn length(&self, path: &str) -> Option<u64> {
        self.0.get(path).map(|stamp| stamp.length)
    }

    /// The paths that are not the same in another one, sorted.
    pub(super) fn differences(&self, later: &Self) -> Vec<String> {
        let gone = self.0.keys().filter(|path| !later.has(path));
        let written = later
            .0
            .iter()
            .filter(|(path, stamp)| self.0.get(*path) != Some(stamp));
        let mut paths: Vec<String> = gone.chain(written.map(|(path, _)| path)).cloned().collect();
        paths.sort();
        paths
    }
}

impl Stamp {
    #[cfg(unix)]
    fn of(facts: &std::fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self {
            length: facts.len(),
            modified: facts.modified().ok(),
            inode: (facts.ino(), facts.ctime(), facts.ctime_nsec()),
        }
    }

    #[cfg(not(unix))]
    fn of(facts: &std::fs::Metadata) -> Self {
        Self {
            length: facts.len(),
            modified: facts.modified().ok(),
            inode: (0, 0, 0),
        }
    }
}
