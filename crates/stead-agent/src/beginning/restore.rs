//! Makes a tree hold what a session began with. What is the same already is not written.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::listing::{self, Found, absent, look};
use super::{BeginningError, Commits, Held, Manifest, Store, What, at};

/// Larger files are written without being compared first.
const MOST: u64 = 64 << 20;

/// What was done to a tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restored {
    /// Paths that did not hold what they now hold.
    pub changed: Vec<PathBuf>,
}

/// Makes the tree below `root` hold a beginning. What version control ignores, and what was
/// left out, stays as it is.
pub fn restore(
    root: &Path,
    manifest: &Manifest,
    store: &Store,
    commits: &dyn Commits,
) -> Result<Restored, BeginningError> {
    let dir = Dir::open_ambient_dir(root, ambient_authority()).map_err(at(root))?;
    let wanted = wanted(root, manifest, store, commits)?;
    let mut restored = Restored::default();
    // What is to go first: a file may stand where a folder is to be.
    let (gone, held): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|(_, held)| held.is_none());
    for (path, held) in gone.into_iter().chain(held) {
        let changed = put(&dir, &path, held.as_ref()).map_err(at(&root.join(&path)))?;
        if changed {
            restored.changed.push(path);
        }
    }
    Ok(restored)
}

/// What each path is to hold that may not hold it.
fn wanted(
    root: &Path,
    manifest: &Manifest,
    store: &Store,
    commits: &dyn Commits,
) -> Result<BTreeMap<PathBuf, Option<Held>>, BeginningError> {
    let mut wanted = BTreeMap::new();
    for entry in &manifest.files {
        let held = match &entry.what {
            What::Gone => None,
            What::Link { target } => Some(Held {
                bytes: target.clone().into_bytes(),
                link: true,
                runs: false,
            }),
            What::File { sha256, runs, .. } => Some(Held {
                bytes: store.get(sha256)?,
                link: false,
                runs: *runs,
            }),
        };
        wanted.insert(PathBuf::from(&entry.path), held);
    }
    // What nobody names may have been as it is now.
    if !manifest.names_all() {
        return Ok(wanted);
    }
    let left: BTreeSet<&Path> = manifest
        .left_out
        .iter()
        .map(|left| Path::new(&left.path))
        .collect();
    let is_open = |path: &PathBuf| {
        let own = !wanted.contains_key(path) && !left.contains(path.as_path());
        own && !path.to_string_lossy().ends_with('/')
    };
    let Some(commit) = &manifest.commit else {
        let others: Vec<PathBuf> = listing::all(root).into_iter().filter(is_open).collect();
        wanted.extend(others.into_iter().map(|path| (path, None)));
        return Ok(wanted);
    };
    let mut paths = commits.since(commit).map_err(BeginningError::Commits)?;
    paths.extend(commits.not_committed().map_err(BeginningError::Commits)?);
    paths.retain(is_open);
    paths.sort();
    paths.dedup();
    let held = commits
        .held(commit, &paths)
        .map_err(BeginningError::Commits)?;
    wanted.extend(paths.into_iter().zip(held));
    Ok(wanted)
}

/// Makes a path hold something, or nothing; whether it did not before.
fn put(dir: &Dir, path: &Path, held: Option<&Held>) -> io::Result<bool> {
    let plain = path
        .components()
        .all(|part| matches!(part, Component::Normal(name) if !name.eq_ignore_ascii_case(".git")));
    if !plain {
        return Err(io::Error::other("no file of a tree is called so"));
    }
    match (look(dir, path, MOST)?, held) {
        // A folder where nothing is to be holds what stays.
        (Found::Nothing | Found::Other, None) => return Ok(false),
        (Found::Held(now), Some(held)) if now == *held => return Ok(false),
        (Found::Nothing, _) => {}
        (Found::Other, _) => remove_other(dir, path)?,
        (Found::Held(_) | Found::Large(_), _) => dir.remove_file(path)?,
    }
    match held {
        Some(held) => write(dir, path, held)?,
        None => clear_above(dir, path),
    }
    Ok(true)
}

fn remove_other(dir: &Dir, path: &Path) -> io::Result<()> {
    if dir.symlink_metadata(path)?.is_dir() {
        return dir.remove_dir_all(path);
    }
    dir.remove_file(path)
}

/// Removes the folders around a file that went, as far as nothing else is in them.
fn clear_above(dir: &Dir, path: &Path) {
    for folder in path.ancestors().skip(1) {
        if folder.as_os_str().is_empty() || dir.remove_dir(folder).is_err() {
            return;
        }
    }
}

fn write(dir: &Dir, path: &Path, held: &Held) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        make(dir, folder)?;
    }
    if held.link {
        return link(dir, path, &held.bytes);
    }
    dir.write(path, &held.bytes)?;
    set_rights(dir, path, held.runs)
}

/// Makes a folder and those around it; what stands in their place goes.
fn make(dir: &Dir, folder: &Path) -> io::Result<()> {
    let mut above: Vec<&Path> = folder.ancestors().collect();
    above.retain(|folder| !folder.as_os_str().is_empty());
    for folder in above.into_iter().rev() {
        match dir.symlink_metadata(folder) {
            Ok(facts) if facts.is_dir() => continue,
            Ok(_) => dir.remove_file(folder)?,
            Err(error) if absent(&error) => {}
            Err(error) => return Err(error),
        }
        dir.create_dir(folder)?;
    }
    Ok(())
}

#[cfg(unix)]
fn link(dir: &Dir, path: &Path, target: &[u8]) -> io::Result<()> {
    use std::os::unix::ffi::OsStrExt;
    dir.symlink_contents(std::ffi::OsStr::from_bytes(target), path)
}

#[cfg(not(unix))]
fn link(_: &Dir, _: &Path, _: &[u8]) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(unix)]
fn set_rights(dir: &Dir, path: &Path, runs: bool) -> io::Result<()> {
    use cap_std::fs::{Permissions, PermissionsExt};
    let mode = if runs { 0o755 } else { 0o644 };
    dir.set_permissions(path, Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_rights(_: &Dir, _: &Path, _: bool) -> io::Result<()> {
    Ok(())
}
