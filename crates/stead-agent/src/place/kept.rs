//! What a session left in its changes folder, whether it is still at work or not: its changes, and
//! what their files hold.

use std::collections::HashMap;
use std::fs::{self, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::begun::Begun;
use super::change::{Change, Changes, State};
use super::copy::{COPY, Copied};
use super::how::{How, PlaceError, at};
use super::layer::{Found, absent, hash, look, same, stamp};
use super::rules::Rules;
use super::swap;
use super::versions::Versions;
use super::walk::Walk;
use crate::workspace::Workspace;

/// An overlay's upper folder, in a changes folder, and the kernel's scratch space.
pub(super) const UPPER: &str = "upper";
pub(super) const WORK: &str = "work";
/// How long a lock is waited for: a program that is just being started by another thread holds
/// all open files for a moment.
const PATIENCE: Duration = Duration::from_millis(300);

/// A session's changes folder, and the tree that it is about.
#[derive(Debug)]
pub struct Kept {
    pub(super) folder: PathBuf,
    pub(super) begun: Begun,
    /// The tree itself, also for a process that has an overlay over it.
    pub(super) tree: Dir,
    /// Held while this process works there, or takes changes away.
    pub(super) lock: Option<fs::File>,
    /// Whether this process has mounted the overlay.
    pub(super) mounted: bool,
}

impl Kept {
    /// Opens a changes folder to look into it.
    pub fn open(changes: &Path) -> Result<Self, PlaceError> {
        let begun = Begun::read(changes)?.ok_or_else(|| PlaceError::Nothing(changes.to_owned()))?;
        let tree = Dir::open_ambient_dir(&begun.tree, ambient_authority());
        Ok(Self {
            folder: changes.to_owned(),
            tree: tree.map_err(at(&begun.tree))?,
            begun,
            lock: None,
            mounted: false,
        })
    }

    /// Takes back what a process left in the tree that was killed while it applied changes.
    /// To be done before it is looked at what there is to apply: what was applied in part is
    /// no change any more, until it is taken back.
    pub fn mend(&self) -> Result<(), PlaceError> {
        match swap::recover(&self.tree) {
            // One that is at work will not be looked through.
            Err(PlaceError::Busy(_)) | Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Keeps other processes from working there, until this is dropped.
    pub fn lock(&mut self) -> Result<(), PlaceError> {
        if self.lock.is_none() {
            self.lock = Some(lock(&self.folder)?);
        }
        Ok(())
    }

    /// The user's tree itself, as a workspace, also where this process has an overlay over it.
    /// Which files there are is not to be asked of it: that goes by its path.
    pub fn tree(&self) -> Result<Workspace, PlaceError> {
        let dir = self.tree.try_clone().map_err(at(&self.begun.tree))?;
        Ok(Workspace::of(dir, self.begun.tree.clone()))
    }

    /// How the session began.
    pub const fn begun(&self) -> &Begun {
        &self.begun
    }

    /// Whether a session left nothing at all there. Where it left something, that need not be a
    /// change.
    pub fn is_empty(&self) -> bool {
        match self.begun.how {
            How::InPlace => true,
            How::Copy => !self.folder.join(COPY).is_dir(),
            How::Overlay => fs::read_dir(self.folder.join(UPPER))
                .map_or(true, |mut entries| entries.next().is_none()),
        }
    }

    /// The layer's folder.
    pub(super) fn layer(&self) -> Result<Dir, PlaceError> {
        let name = if self.begun.how == How::Copy {
            COPY
        } else {
            UPPER
        };
        let path = self.folder.join(name);
        Dir::open_ambient_dir(&path, ambient_authority()).map_err(at(&path))
    }

    /// What the session changed: what differs between the tree as it is now and what the agent
    /// left. What version control ignores is none of it, nor what belongs to git.
    pub fn changes(&self, versions: &dyn Versions) -> Result<Changes, PlaceError> {
        if self.is_empty() {
            return Ok(Changes::default());
        }
        let wrong = |source| PlaceError::Io {
            path: self.folder.clone(),
            source,
        };
        let layer = self.layer()?;
        let kept = versions
            .kept_though_ignored()
            .map_err(|why| wrong(io::Error::other(why)))?;
        let mut walk = Walk {
            tree: &self.tree,
            rules: Rules::around(&self.begun.tree, kept),
            touched: std::collections::BTreeSet::new(),
            notes: Vec::new(),
        };
        let top = Path::new("");
        if self.begun.how == How::Copy {
            let copied = Copied::read(&self.folder).map_err(wrong)?;
            walk.copy(&layer, &copied, top, false)
        } else {
            walk.upper(&layer, top, false, false)
        }
        .map_err(wrong)?;
        let mut changes = Changes {
            notes: std::mem::take(&mut walk.notes),
            ..Changes::default()
        };
        for path in std::mem::take(&mut walk.touched) {
            let change = self.change(&layer, path, versions).map_err(wrong)?;
            changes.list.extend(change);
        }
        self.find_moves(&layer, &mut changes.list);
        Ok(changes)
    }

    /// How a path differs; `None` if it does not.
    fn change(
        &self,
        layer: &Dir,
        path: PathBuf,
        versions: &dyn Versions,
    ) -> io::Result<Option<Change>> {
        let before = look(&self.tree, &path)?.state();
        let after = match look(layer, &path)? {
            Found::Nothing if self.begun.how != How::Copy && !self.is_covered(layer, &path)? => {
                return Ok(None);
            }
            found => found.state(),
        };
        let (before, seen) = before.unzip();
        let after = after.map(|(state, _)| state);
        if self.is_same(layer, &path, before.as_ref(), after.as_ref()) {
            return Ok(None);
        }
        let changed_since = self.changed_since(&path, before.as_ref(), versions);
        Ok(Some(Change {
            path,
            before,
            after,
            moved_from: None,
            changed_since,
            seen,
        }))
    }

    /// Whether an overlay's upper folder has a word on a path that is not in it: something around it
    /// was deleted or replaced.
    fn is_covered(&self, upper: &Dir, path: &Path) -> io::Result<bool> {
        for folder in path.ancestors().skip(1) {
            if folder.as_os_str().is_empty() {
                return Ok(false);
            }
            match look(upper, folder)? {
                Found::Nothing => {}
                Found::Folder => {
                    let below = look(&self.tree, folder)? == Found::Folder;
                    if !below || super::layer::hides(upper, folder)? {
                        return Ok(true);
                    }
                }
                _ => return Ok(true),
            }
        }
        Ok(false)
    }

    fn is_same(
        &self,
        layer: &Dir,
        path: &Path,
        before: Option<&State>,
        after: Option<&State>,
    ) -> bool {
        if before != after {
            return false;
        }
        let Some(State::File { .. }) = before else {
            return true;
        };
        let opened = self
            .tree
            .open(path)
            .and_then(|one| Ok((one, layer.open(path)?)));
        // What cannot be read is told rather than passed over.
        opened.is_ok_and(|(one, other)| same(one, other).unwrap_or(false))
    }

    /// Whether the user changed a path since the session began: its moment is later, and it does not
    /// hold what the commit of then holds.
    fn changed_since(&self, path: &Path, before: Option<&State>, versions: &dyn Versions) -> bool {
        let later = |path: &Path| {
            let path = if path.as_os_str().is_empty() {
                Path::new(".")
            } else {
                path
            };
            let facts = self.tree.symlink_metadata(path);
            facts.map(|facts| stamp(&facts).changed_ns >= self.begun.since_ns)
        };
        let held = || versions.held(self.begun.head.as_ref()?, path);
        match later(path) {
            Ok(false) => false,
            Ok(true) => {
                let now = || match before? {
                    State::Link { target } => Some(super::name::bytes(target).into_owned()),
                    State::File { .. } => self.tree.read(path).ok(),
                };
                held().is_none_or(|held| now() != Some(held))
            }
            Err(error) if absent(&error) => {
                // It may have been there: then its folder has changed, and a commit has it.
                let mut folders = path.ancestors().skip(1);
                let changed = folders.find_map(|folder| later(folder).ok());
                changed.unwrap_or(true) && held().is_some()
            }
            Err(_) => true,
        }
    }

    /// Pairs files that went with such that came and hold the same.
    fn find_moves(&self, layer: &Dir, list: &mut [Change]) {
        let length = |state: &Option<State>| state.as_ref().map_or(0, State::length);
        let mut gone: HashMap<(u64, String), Vec<PathBuf>> = HashMap::new();
        let came: Vec<u64> = list
            .iter()
            .filter(|change| change.before.is_none())
            .map(|change| length(&change.after))
            .collect();
        for change in list.iter().filter(|change| change.after.is_none()) {
            let size = length(&change.before);
            if let Some(state) = &change.before
                && size > 0
                && came.contains(&size)
                && let Ok(hash) = hash(&self.tree, &change.path, state)
            {
                gone.entry((size, hash))
                    .or_default()
                    .push(change.path.clone());
            }
        }
        let sizes: Vec<u64> = gone.keys().map(|(size, _)| *size).collect();
        for change in list.iter_mut().filter(|change| change.before.is_none()) {
            let size = length(&change.after);
            if let Some(state) = &change.after
                && sizes.contains(&size)
                && let Ok(hash) = hash(layer, &change.path, state)
            {
                change.moved_from = gone.get_mut(&(size, hash)).and_then(Vec::pop);
            }
        }
    }

    /// Opens what the tree has at a path.
    pub fn open_before(&self, path: &Path) -> io::Result<impl Read> {
        self.tree.open(path)
    }

    /// Opens what the agent left at a path.
    pub fn open_after(&self, path: &Path) -> io::Result<impl Read> {
        let layer = self.layer().map_err(io::Error::other)?;
        layer.open(path)
    }

    /// Takes all that the session left away, and keeps the file that says how it began. Not in the
    /// process that works there.
    pub fn discard(&mut self) -> Result<(), PlaceError> {
        self.lock()?;
        if self.mounted {
            return Err(PlaceError::Busy(self.folder.clone()));
        }
        clear(&self.folder)
    }
}

/// Takes the lock of a changes folder.
pub(super) fn lock(changes: &Path) -> Result<fs::File, PlaceError> {
    let path = changes.join("lock");
    let mut options = fs::OpenOptions::new();
    let file = options.create(true).append(true).open(&path);
    let file = file.map_err(at(&path))?;
    match patiently(&file) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(PlaceError::Busy(changes.to_owned())),
        Err(TryLockError::Error(error)) => Err(at(&path)(error)),
    }
}

/// Takes the lock of a file that is free in a moment.
pub(super) fn patiently(file: &fs::File) -> Result<(), TryLockError> {
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(5));
            }
            taken => return taken,
        }
    }
}

/// Removes the layers.
pub(super) fn clear(changes: &Path) -> Result<(), PlaceError> {
    for name in [UPPER, WORK, COPY] {
        let path = changes.join(name);
        match remove(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => removed.map_err(at(&path))?,
        }
    }
    Ok(())
}

/// Removes a folder with all that is in it, also where the agent took the right to look into it
/// away, or the kernel did.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            open_up(path)?;
            fs::remove_dir_all(path)
        }
        removed => removed,
    }
}

#[cfg(unix)]
fn open_up(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_up(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn open_up(_: &Path) -> io::Result<()> {
    Ok(())
}
