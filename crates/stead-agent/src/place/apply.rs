//! Makes the tree hold what the agent left: all of it or nothing, and nothing that the user changed
//! meanwhile, or has not committed, unless they say so.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use cap_std::fs::Dir;
use serde::Serialize;
use stead_usf::Time;

use super::change::{Change, Changes, State};
use super::how::PlaceError;
use super::kept::{Kept, clear};
use super::layer::{Found, hash, hex, look};
use super::name;
use super::swap::{self, Swap};
use super::versions::Versions;

/// The list of what was applied, in a changes folder: one JSON object a line.
const APPLIED: &str = "applied.json";
/// Larger files are not merged.
const LARGEST_MERGED: u64 = 16 << 20;

/// What was applied, as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// When.
    pub at: Time,
    /// The files, by path.
    pub files: Vec<AppliedFile>,
}

/// One file that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppliedFile {
    /// The path, from the tree's top.
    #[serde(with = "super::name")]
    pub path: PathBuf,
    /// `A`, `M`, `D`, `R` or `T`, as git has them.
    pub status: &'static str,
    /// The path that it had.
    #[serde(
        serialize_with = "name::serialize_maybe",
        skip_serializing_if = "Option::is_none"
    )]
    pub moved_from: Option<PathBuf>,
    /// SHA-256 of what was there; of a link, of what it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before_sha256: Option<String>,
    /// SHA-256 of what is there now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_sha256: Option<String>,
    /// Whether the user's own changes since the session began were kept in it.
    pub merged: bool,
}

/// Why nothing was applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The user changed the same files, and it cannot be told how both go together.
    #[error("changed by you since the session began: {}", list(.0))]
    Changed(Vec<PathBuf>),
    /// The files hold what no commit holds.
    #[error("not committed: {}", list(.0))]
    Uncommitted(Vec<PathBuf>),
    /// Version control could not be asked.
    #[error("it cannot be told what is not committed: {0}")]
    Versions(String),
    /// Somebody changed a file while it was to be applied.
    #[error("{} was changed meanwhile; nothing was applied", .0.display())]
    Meanwhile(PathBuf),
    /// Files could not be written.
    #[error(transparent)]
    Place(#[from] PlaceError),
}

fn list(paths: &[PathBuf]) -> String {
    const MOST: usize = 5;
    let shown: Vec<String> = paths
        .iter()
        .take(MOST)
        .map(|path| path.display().to_string())
        .collect();
    match paths.len().saturating_sub(MOST) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

impl Kept {
    /// Says what [`Kept::apply`] would do.
    pub fn check(
        &self,
        changes: &Changes,
        versions: &dyn Versions,
        over_uncommitted: bool,
        now: Time,
    ) -> Result<Applied, ApplyError> {
        let work = self.work(changes, versions)?;
        if !over_uncommitted {
            self.refuse_uncommitted(&work, versions)?;
        }
        self.told(&work, now)
    }

    /// Applies changes. They are refused if the user changed the same files since the session began
    /// and both cannot be merged; or if these files are not committed, unless `over_uncommitted` says
    /// that this is wanted. What was applied is written to the list in the changes folder, and the
    /// layer is emptied, unless this process works in it.
    pub fn apply(
        &mut self,
        changes: &Changes,
        versions: &dyn Versions,
        over_uncommitted: bool,
        now: Time,
    ) -> Result<Applied, ApplyError> {
        self.lock()?;
        let again;
        let changes = if swap::recover(&self.tree)? {
            // They were looked at while a part of them was in the tree.
            again = self.changes(versions)?;
            &again
        } else {
            changes
        };
        let work = self.work(changes, versions)?;
        if !over_uncommitted {
            self.refuse_uncommitted(&work, versions)?;
        }
        let applied = self.told(&work, now)?;
        self.swap(&work)?;
        self.remember(&applied)?;
        if !self.mounted {
            clear(&self.folder)?;
        }
        Ok(applied)
    }

    /// What is to be written, merged where that is needed.
    fn work<'a>(
        &self,
        changes: &'a Changes,
        versions: &dyn Versions,
    ) -> Result<Vec<Work<'a>>, ApplyError> {
        let mut all = Vec::new();
        let mut refused = Vec::new();
        for change in &changes.list {
            if !change.changed_since {
                let merged = None;
                all.push(Work { change, merged });
            } else if let Some(merged) = self.merge(change, versions) {
                let merged = Some(merged);
                all.push(Work { change, merged });
            } else {
                refused.push(change.path.clone());
            }
        }
        if refused.is_empty() {
            Ok(all)
        } else {
            Err(ApplyError::Changed(refused))
        }
    }

    /// The user's changes and the agent's in one text; `None` if that cannot be had.
    fn merge(&self, change: &Change, versions: &dyn Versions) -> Option<Vec<u8>> {
        let (Some(before), Some(after)) = (&change.before, &change.after) else {
            return None;
        };
        let small = |state: &State| matches!(state, State::File { length, .. } if *length <= LARGEST_MERGED);
        if !small(before) || !small(after) {
            return None;
        }
        let base = versions.held(self.begun().head.as_ref()?, &change.path)?;
        let ours = self.tree.read(&change.path).ok()?;
        let theirs = self.layer().ok()?.read(&change.path).ok()?;
        versions.merge(&base, &ours, &theirs)
    }

    fn refuse_uncommitted(
        &self,
        work: &[Work<'_>],
        versions: &dyn Versions,
    ) -> Result<(), ApplyError> {
        let paths = |work: &[&Work<'_>]| -> Vec<PathBuf> {
            work.iter().map(|one| one.change.path.clone()).collect()
        };
        let all = work.iter();
        let uncommitted = if self.mounted {
            let all = all.filter(|one| !self.is_committed(one.change, versions));
            paths(&all.collect::<Vec<_>>())
        } else {
            let paths = paths(&all.collect::<Vec<_>>());
            versions.uncommitted(&paths).map_err(ApplyError::Versions)?
        };
        if uncommitted.is_empty() {
            Ok(())
        } else {
            Err(ApplyError::Uncommitted(uncommitted))
        }
    }

    /// Whether the tree itself, which version control does not see below an overlay, holds what the
    /// commit does.
    fn is_committed(&self, change: &Change, versions: &dyn Versions) -> bool {
        let Some(commit) = versions.checked_out() else {
            return true;
        };
        let held = versions.held(&commit, &change.path);
        match &change.before {
            None => held.is_none(),
            Some(State::Link { target }) => held.as_deref() == Some(&*name::bytes(target)),
            Some(State::File { .. }) => held.is_some() && self.tree.read(&change.path).ok() == held,
        }
    }

    fn told(&self, work: &[Work<'_>], now: Time) -> Result<Applied, ApplyError> {
        let layer = self.layer()?;
        let mut files = Vec::new();
        for Work { change, merged } in work {
            let hash = |dir: &Dir, state: &Option<State>| {
                let hash = state.as_ref().map(|state| hash(dir, &change.path, state));
                hash.transpose().map_err(|source| PlaceError::Io {
                    path: change.path.clone(),
                    source,
                })
            };
            let after_sha256 = match merged {
                Some(merged) => Some(hex(&<sha2::Sha256 as sha2::Digest>::digest(merged))),
                None => hash(&layer, &change.after)?,
            };
            files.push(AppliedFile {
                path: change.path.clone(),
                status: change.letter(),
                moved_from: change.moved_from.clone(),
                // What may not be read can be replaced all the same.
                before_sha256: hash(&self.tree, &change.before).unwrap_or(None),
                after_sha256,
                merged: merged.is_some(),
            });
        }
        Ok(Applied { at: now, files })
    }

    fn swap(&self, work: &[Work<'_>]) -> Result<(), ApplyError> {
        let layer = self.layer()?;
        let wrong = |path: &Path, source| PlaceError::Io {
            path: path.to_owned(),
            source,
        };
        let mut swap =
            Swap::begin(&self.tree).map_err(|source| wrong(Path::new(swap::FOLDER), source))?;
        let (mut deleted, mut put) = (Vec::new(), Vec::new());
        let mut prepared = Ok(());
        for (number, one) in work.iter().enumerate() {
            let path = one.change.path.as_path();
            if let Some(after) = &one.change.after {
                put.push((number, path));
                let staged = self.stage(&swap, &layer, number, one, after);
                prepared = staged.map_err(|source| wrong(path, source).into());
            } else {
                deleted.push((number, path));
            }
            prepared = prepared.and_then(|()| self.is_as_seen(one.change));
            if prepared.is_err() {
                break;
            }
        }
        let planned = prepared.and_then(|()| {
            let planned = swap.plan(&deleted, &put);
            planned.map_err(|source| wrong(&self.begun.tree, source).into())
        });
        match planned {
            Ok(()) => Ok(swap.carry_out()?),
            Err(error) => {
                swap.give_up();
                Err(error)
            }
        }
    }

    fn is_as_seen(&self, change: &Change) -> Result<(), ApplyError> {
        let now = look(&self.tree, &change.path).map(Found::state);
        let is = now.is_ok_and(|now| now.map(|(_, stamp)| stamp) == change.seen);
        if is {
            Ok(())
        } else {
            Err(ApplyError::Meanwhile(change.path.clone()))
        }
    }

    /// Writes what is to be put under a number, with the rights that it is to have.
    fn stage(
        &self,
        swap: &Swap<'_>,
        layer: &Dir,
        number: usize,
        work: &Work<'_>,
        after: &State,
    ) -> io::Result<()> {
        let (own, path) = swap.staging(number);
        let executable = match after {
            State::Link { target } => return link(own, target, &path),
            State::File { executable, .. } => *executable,
        };
        let mut file = own.create(&path)?;
        match &work.merged {
            Some(merged) => file.write_all(merged)?,
            None => drop(io::copy(&mut layer.open(&work.change.path)?, &mut file)?),
        }
        let rights = match &work.change.before {
            Some(State::File { .. }) => self.tree.symlink_metadata(&work.change.path)?,
            _ => file.metadata()?,
        };
        set_rights(&file, &rights, executable)
    }

    /// Writes down what was applied; from now on, the session's changes begin anew.
    fn remember(&mut self, applied: &Applied) -> Result<(), PlaceError> {
        let path = self.folder.join(APPLIED);
        let written = serde_json::to_vec(applied)
            .map_err(io::Error::from)
            .and_then(|mut line| {
                line.push(b'\n');
                let mut options = OpenOptions::new();
                let mut file = options.create(true).append(true).open(&path)?;
                file.write_all(&line)
            });
        written.map_err(|source| PlaceError::Io { path, source })?;
        self.begun.created = applied.at;
        self.begun.write(&self.folder)
    }
}

/// A change with what is to be written instead of what the agent left.
struct Work<'a> {
    change: &'a Change,
    merged: Option<Vec<u8>>,
}

#[cfg(unix)]
fn link(own: &Dir, target: &Path, at: &Path) -> io::Result<()> {
    own.symlink_contents(target, at)
}

#[cfg(not(unix))]
fn link(_: &Dir, _: &Path, _: &Path) -> io::Result<()> {
    Err(io::Error::other("links are not made on this system"))
}

/// The rights of a file that was there, or of any new one; may be run if it is to be.
#[cfg(unix)]
fn set_rights(
    file: &cap_std::fs::File,
    like: &cap_std::fs::Metadata,
    executable: bool,
) -> io::Result<()> {
    use cap_std::fs::{MetadataExt, Permissions, PermissionsExt};
    let mode = like.mode() & 0o777;
    let mode = match (mode & 0o100 != 0, executable) {
        // Whoever may read it may run it.
        (false, true) => mode | (mode & 0o444) >> 2,
        (true, false) => mode & !0o111,
        _ => mode,
    };
    file.set_permissions(Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_rights(file: &cap_std::fs::File, like: &cap_std::fs::Metadata, _: bool) -> io::Result<()> {
    file.set_permissions(like.permissions())
}
