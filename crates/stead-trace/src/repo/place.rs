//! Where a repository lies and in what state it is, read from its files: no git
//! is started, so that hundreds of folders can be looked at.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Files and folders that change when commits arrive or refs move.
const TELLING: [&str; 8] = [
    "packed-refs",
    "refs/heads",
    "refs/remotes",
    "reftable/tables.list",
    "objects/pack",
    "objects/info/alternates",
    "shallow",
    "config",
];

/// A repository's folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The top of the work tree.
    pub(super) top: PathBuf,
    /// What this work tree alone has: its head.
    own: PathBuf,
    /// What all work trees share: commits and refs.
    pub(super) common: PathBuf,
}

impl Place {
    /// The repository that a folder lies in; none if no folder above it has one.
    pub(super) fn of(folder: &Path) -> Option<Self> {
        let folder = folder.canonicalize().ok()?;
        folder.ancestors().find_map(Self::at)
    }

    /// The repository whose work tree has this top.
    fn at(top: &Path) -> Option<Self> {
        let named = top.join(".git");
        let own = if named.is_dir() {
            named
        } else {
            // Work trees and submodules name the folder in a file.
            let text = std::fs::read_to_string(&named).ok()?;
            top.join(text.strip_prefix("gitdir:")?.trim())
        };
        if !own.join("HEAD").is_file() {
            return None;
        }
        let common = match std::fs::read_to_string(own.join("commondir")) {
            Ok(text) => own.join(text.trim()),
            Err(_) => own.clone(),
        };
        Some(Self {
            top: top.to_owned(),
            common: common.canonicalize().unwrap_or(common),
            own,
        })
    }

    /// Text that differs when the head or the commits that are there do. It is for
    /// comparing only.
    pub(super) fn state(&self) -> String {
        let head = std::fs::read_to_string(self.own.join("HEAD")).unwrap_or_default();
        let branch = head.strip_prefix("ref:").map(str::trim);
        let tip = branch.and_then(|name| std::fs::read_to_string(self.common.join(name)).ok());
        let mut state = format!(
            "{} {head} {}",
            self.common.display(),
            tip.unwrap_or_default()
        );
        let shared = TELLING.iter().map(|name| self.common.join(name));
        for path in shared.chain([self.own.join("FETCH_HEAD")]) {
            let _ = write!(state, " {:?}", stamp(&path));
        }
        state
    }
}

/// Length and time of change in nanoseconds since 1970.
fn stamp(path: &Path) -> Option<(u64, u128)> {
    let facts = std::fs::metadata(path).ok()?;
    let age = facts.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((facts.len(), age.as_nanos()))
}
