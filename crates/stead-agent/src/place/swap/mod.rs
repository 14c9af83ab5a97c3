//! Makes a tree hold other files, all of them or none, also if the process is killed in between.
//!
//! What is to be put is written into a folder in the tree's top first, beside a journal of the
//! steps. Then the steps are done, each of which leaves a path as it was or as it is to be; what was
//! there is kept until all are done. If the journal is still there when somebody comes next, the
//! steps are taken back.

#[cfg(test)]
#[cfg(unix)]
mod tests;

use std::collections::BTreeSet;
use std::fs::TryLockError;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use cap_std::fs::{Dir, OpenOptions};
use serde::{Deserialize, Serialize};

use crate::place::change::Stamp;
use crate::place::how::PlaceError;
use crate::place::kept::patiently;
use crate::place::layer::{Found, absent, look, names};

/// The folder in the tree's top.
pub(super) const FOLDER: &str = ".stead-apply";
/// Where it goes if the user changed, after an interruption, what was to be taken back.
const KEPT: &str = ".stead-apply-kept";
const JOURNAL: &str = "journal";
/// By which the folder is known to be ours.
const LOCK: &str = "lock";
/// So many such folders are kept.
const MOST_KEPT: u32 = 1000;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Step {
    /// Takes a file away.
    Delete {
        number: usize,
        #[serde(with = "crate::place::name")]
        path: PathBuf,
    },
    /// Removes a folder that is empty by then.
    Remove(#[serde(with = "crate::place::name")] PathBuf),
    /// Makes a folder.
    Make(#[serde(with = "crate::place::name")] PathBuf),
    /// Puts what was staged under the number, in the place of what is there or where nothing is.
    Put {
        number: usize,
        #[serde(with = "crate::place::name")]
        path: PathBuf,
        replaces: bool,
        staged: Stamp,
    },
}

impl Step {
    fn path(&self) -> &Path {
        match self {
            Self::Delete { path, .. }
            | Self::Put { path, .. }
            | Self::Remove(path)
            | Self::Make(path) => path,
        }
    }
}

/// A change that is being made.
pub(super) struct Swap<'a> {
    tree: &'a Dir,
    own: Dir,
    /// Held until it is done.
    _lock: std::fs::File,
    steps: Vec<Step>,
}

impl<'a> Swap<'a> {
    /// Begins; nothing is changed yet but for the folder in the top.
    pub(super) fn begin(tree: &'a Dir) -> io::Result<Self> {
        tree.create_dir(FOLDER)?;
        let own = tree.open_dir(FOLDER)?;
        let lock = open_lock(&own)?;
        lock.try_lock()?;
        own.create_dir("new")?;
        own.create_dir("old")?;
        Ok(Self {
            tree,
            own,
            _lock: lock,
            steps: Vec::new(),
        })
    }

    /// Where what is to be put under a number is written first.
    pub(super) fn staging(&self, number: usize) -> (&Dir, PathBuf) {
        (&self.own, Path::new("new").join(number.to_string()))
    }

    /// Plans to delete and to put paths, each with its number. What is to be put has been staged.
    pub(super) fn plan(
        &mut self,
        deleted: &[(usize, &Path)],
        put: &[(usize, &Path)],
    ) -> io::Result<()> {
        for (number, path) in deleted {
            let path = path.to_path_buf();
            self.steps.push(Step::Delete {
                number: *number,
                path,
            });
        }
        let emptied = self.emptied(deleted, put)?;
        self.steps
            .extend(emptied.iter().rev().cloned().map(Step::Remove));
        let gone: BTreeSet<&Path> = deleted.iter().map(|(_, path)| *path).collect();
        let mut made = BTreeSet::new();
        for (_, path) in put {
            let above: Vec<&Path> = path.ancestors().skip(1).collect();
            for folder in above.into_iter().rev().skip(1) {
                let there = look(self.tree, folder)? == Found::Folder
                    && !emptied.contains(folder)
                    && !gone.contains(folder);
                if !there && made.insert(folder) {
                    self.steps.push(Step::Make(folder.to_owned()));
                }
            }
        }
        for (number, path) in put {
            let found = look(self.tree, path)?;
            if found == Found::Folder && !emptied.contains(*path) {
                let why = "a folder is in its place that holds more than what goes";
                return Err(io::Error::other(format!("{}: {why}", path.display())));
            }
            let (own, staged) = self.staging(*number);
            let Some((_, staged)) = look(own, &staged)?.state() else {
                return Err(io::ErrorKind::NotFound.into());
            };
            self.steps.push(Step::Put {
                number: *number,
                path: path.to_path_buf(),
                replaces: matches!(found, Found::Kept(..) | Found::Other) && !gone.contains(path),
                staged,
            });
        }
        Ok(())
    }

    /// Folders in which nothing is left once the paths are deleted, and nothing is put, so that
    /// version control would not know of them.
    fn emptied(
        &self,
        deleted: &[(usize, &Path)],
        put: &[(usize, &Path)],
    ) -> io::Result<BTreeSet<PathBuf>> {
        let mut going: BTreeSet<PathBuf> =
            deleted.iter().map(|(_, path)| path.to_path_buf()).collect();
        let mut emptied = BTreeSet::new();
        for (_, path) in deleted {
            for folder in path.ancestors().skip(1) {
                let is_top = folder.as_os_str().is_empty();
                let used = put
                    .iter()
                    .any(|(_, path)| path.starts_with(folder) && *path != folder);
                if is_top || used || emptied.contains(folder) {
                    break;
                }
                let all = names(self.tree, folder)?;
                if !all.iter().all(|path| going.contains(path)) {
                    break;
                }
                going.insert(folder.to_owned());
                emptied.insert(folder.to_owned());
            }
        }
        Ok(emptied)
    }

    /// Does all steps; or, if one cannot be done, none.
    pub(super) fn carry_out(self) -> Result<(), PlaceError> {
        self.carry_out_until(usize::MAX).map(|_| ())
    }

    /// Does so many steps and stops as a killed process does; gives whether it was stopped.
    pub(super) fn carry_out_until(mut self, most: usize) -> Result<bool, PlaceError> {
        let steps = std::mem::take(&mut self.steps);
        let wrong = |source| PlaceError::Io {
            path: FOLDER.into(),
            source,
        };
        self.write_journal(&steps).map_err(wrong)?;
        for (number, step) in steps.iter().enumerate() {
            if number == most {
                return Ok(true);
            }
            if let Err(source) = self.step(step, most == number + 1) {
                take_back(self.tree, &self.own, &steps)?;
                self.end().map_err(wrong)?;
                return Err(PlaceError::Io {
                    path: step.path().to_owned(),
                    source,
                });
            }
        }
        if most == steps.len() {
            return Ok(true);
        }
        self.end().map_err(wrong)?;
        Ok(false)
    }

    /// Takes away what was made, where nothing has been changed.
    pub(super) fn give_up(self) {
        let _ = self.end();
    }

    fn write_journal(&self, steps: &[Step]) -> io::Result<()> {
        let mut file = self.own.create("journal.new")?;
        file.write_all(&serde_json::to_vec(steps)?)?;
        file.sync_data()?;
        self.own.rename("journal.new", &self.own, JOURNAL)
    }

    /// Does a step, or its first half.
    fn step(&self, step: &Step, half: bool) -> io::Result<()> {
        let old = |number: &usize| Path::new("old").join(number.to_string());
        match step {
            Step::Delete { number, path } => self.tree.rename(path, &self.own, old(number)),
            Step::Remove(path) => self.tree.remove_dir(path),
            Step::Make(path) => self.tree.create_dir(path),
            Step::Put {
                number,
                path,
                replaces,
                ..
            } => {
                // As a second name of it, so that at each moment something is there.
                if *replaces && self.tree.hard_link(path, &self.own, old(number)).is_err() {
                    self.tree.rename(path, &self.own, old(number))?;
                }
                if half {
                    return Ok(());
                }
                let (own, staged) = self.staging(*number);
                own.rename(staged, self.tree, path)
            }
        }
    }

    /// All is done, or nothing.
    fn end(&self) -> io::Result<()> {
        match self.own.remove_file(JOURNAL) {
            Err(error) if !absent(&error) => Err(error),
            _ => self.tree.remove_dir_all(FOLDER),
        }
    }
}

fn open_lock(own: &Dir) -> io::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    Ok(own.open_with(LOCK, &options)?.into_std())
}

/// Takes back what was interrupted; whether something was.
pub(super) fn recover(tree: &Dir) -> Result<bool, PlaceError> {
    let wrong = |source| PlaceError::Io {
        path: FOLDER.into(),
        source,
    };
    let own = match tree.open_dir(FOLDER) {
        Err(error) if absent(&error) => return Ok(false),
        own => own.map_err(wrong)?,
    };
    if !own.exists(LOCK) {
        // Killed before it began; or it is the user's own, and nothing may be put there.
        return tree.remove_dir(FOLDER).map(|()| false).map_err(wrong);
    }
    let lock = open_lock(&own).map_err(wrong)?;
    match patiently(&lock) {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(PlaceError::Busy(FOLDER.into())),
        Err(TryLockError::Error(error)) => return Err(wrong(error)),
    }
    match own.read(JOURNAL) {
        Ok(journal) => {
            let steps: Vec<Step> =
                serde_json::from_slice(&journal).map_err(|error| PlaceError::Facts {
                    path: Path::new(FOLDER).join(JOURNAL),
                    why: error.to_string(),
                })?;
            take_back(tree, &own, &steps)?;
            own.remove_file(JOURNAL).map_err(wrong)?;
        }
        Err(error) if absent(&error) => {}
        Err(error) => return Err(wrong(error)),
    }
    tree.remove_dir_all(FOLDER).map(|()| true).map_err(wrong)
}

/// Takes steps back, the last first, whether they were done or not.
fn take_back(tree: &Dir, own: &Dir, steps: &[Step]) -> Result<(), PlaceError> {
    let mut left = Vec::new();
    for step in steps.iter().rev() {
        if !back(tree, own, step).unwrap_or(false) {
            left.push(step);
        }
    }
    if left.is_empty() {
        return Ok(());
    }
    let paths = left.iter().map(|step| step.path().display().to_string());
    let paths: Vec<String> = paths.collect();
    // What is kept there is the user's; the next one begins anew.
    for number in 0..MOST_KEPT {
        let kept = format!("{KEPT}-{number}");
        if !tree.exists(&kept) && tree.rename(FOLDER, tree, &kept).is_ok() {
            let _ = tree.remove_file(Path::new(&kept).join(JOURNAL));
            return Err(PlaceError::Half {
                paths: paths.join(", "),
                kept: kept.into(),
            });
        }
    }
    Err(PlaceError::Half {
        paths: paths.join(", "),
        kept: FOLDER.into(),
    })
}

/// Takes a step back; gives whether all is as it was: a file that the user has changed since is left.
fn back(tree: &Dir, own: &Dir, step: &Step) -> io::Result<bool> {
    match step {
        Step::Delete { number, path } => {
            let old = Path::new("old").join(number.to_string());
            match (look(own, &old)?, look(tree, path)?) {
                (Found::Nothing, _) => Ok(true),
                (_, Found::Nothing) => own.rename(&old, tree, path).map(|()| true),
                _ => Ok(false),
            }
        }
        Step::Remove(path) => match tree.create_dir(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(true),
        },
        Step::Make(path) => {
            // The user may have put something into it meanwhile.
            let _ = tree.remove_dir(path);
            Ok(true)
        }
        Step::Put {
            number,
            path,
            staged,
            ..
        } => {
            let old = Path::new("old").join(number.to_string());
            let ours = |stamp: Stamp| {
                let same = |one: Stamp| (one.number, one.length, one.written_ns);
                same(stamp) == same(*staged)
            };
            let now = look(tree, path)?.state().map(|(_, stamp)| stamp);
            match (look(own, &old)?.state(), now) {
                (None, Some(now)) if ours(now) => tree.remove_file(path).map(|()| true),
                (None, _) => Ok(true),
                (Some((_, was)), Some(now)) if now.number == was.number && was.number != 0 => {
                    Ok(true)
                }
                (Some(_), Some(now)) if !ours(now) => Ok(false),
                (Some(_), _) => own.rename(&old, tree, path).map(|()| true),
            }
        }
    }
}
