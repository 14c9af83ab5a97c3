//! Where the family keeps sessions.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::Family;
use super::tree::{Tree, files, folders};
use crate::container::sqlite::beside;
use crate::{Disk, Env, Store, Unit};

/// The data folders to look into, and databases named on their own.
fn places(family: &Family, env: &Env, disk: &Disk) -> (Vec<PathBuf>, Option<PathBuf>) {
    let named = family.folder.and_then(|name| env.path_variable(name));
    let mut data: Vec<PathBuf> = named.into_iter().collect();
    if let Some(shared) = env.path_variable("XDG_DATA_HOME") {
        data.push(shared.join(family.name));
    }
    for home in env.homes() {
        data.push(home.join(".local/share").join(family.name));
    }
    let roots = env.roots.iter();
    data.extend(roots.filter(|root| is_data(family, disk, root)).cloned());
    let named = env.path_variable(family.database).map(|database| {
        let base = data.first().cloned().unwrap_or_default();
        base.join(database)
    });
    let mut seen = BTreeSet::new();
    data.retain(|folder| seen.insert(disk.real(folder)));
    (data, named)
}

/// Whether a folder is a data folder itself.
fn is_data(family: &Family, disk: &Disk, folder: &Path) -> bool {
    let has_trees = || {
        disk.is_folder(&folder.join("storage/session"))
            || folders(disk, &folder.join("project"))
                .iter()
                .any(|project| disk.is_folder(&project.join("storage/session")))
    };
    !databases(family, disk, folder).is_empty()
        || !row_files(family, disk, folder).is_empty()
        || family.may_own(folder) && has_trees()
}

/// Every place that may hold sessions.
pub(crate) fn stores(family: &Family, env: &Env, disk: &Disk) -> Vec<Store> {
    let (data, named) = places(family, env, disk);
    data.into_iter()
        .chain(named)
        .map(|path| Store {
            exists: disk.exists(&path),
            path,
        })
        .collect()
}

/// Finds all units. A session that stands in several generations is found in
/// the newest only: the agent moved it there and left the old files.
pub(crate) fn discover(
    family: &'static Family,
    env: &Env,
    disk: &Disk,
    found: &mut dyn FnMut(Unit),
) {
    let (data, named) = places(family, env, disk);
    let mut seen = BTreeSet::new();
    for folder in &data {
        discover_in(family, disk, folder, &mut seen, found);
    }
    for database in named.into_iter().filter(|path| disk.is_file(path)) {
        discover_database(family, disk, &database, &mut seen, found);
    }
}

fn discover_in(
    family: &'static Family,
    disk: &Disk,
    folder: &Path,
    seen: &mut BTreeSet<PathBuf>,
    found: &mut dyn FnMut(Unit),
) {
    let databases = databases(family, disk, folder);
    for database in &databases {
        discover_database(family, disk, database, seen, found);
    }
    let mut newer = BTreeSet::new();
    for (id, file) in row_files(family, disk, folder) {
        if newer.insert(id)
            && let Some(state) = disk.state(&file)
        {
            found(Unit::of_file(family.agent(), file, &state));
        }
    }
    // Beside a database the files stand still. Whether a session has moved into
    // it is found out when its file is read, which the stamp has happen anew
    // when a database appears.
    let moved = !databases.is_empty();
    for tree in trees(family, disk, folder, moved) {
        if newer.insert(tree.id.clone())
            && let Some(unit) = if moved {
                tree.frozen_unit(disk)
            } else {
                tree.unit(disk)
            }
        {
            found(unit);
        }
    }
}

fn discover_database(
    family: &Family,
    disk: &Disk,
    path: &Path,
    seen: &mut BTreeSet<PathBuf>,
    found: &mut dyn FnMut(Unit),
) {
    let Some(state) = disk.state(path) else {
        return;
    };
    if !seen.insert(disk.real(path)) {
        return;
    }
    let mut unit = Unit::of_file(family.agent(), path.to_owned(), &state);
    if let Some(log) = disk.state(&beside(path, "-wal")) {
        unit.include(&log);
    }
    found(unit);
}

/// `NAME.db`, and `NAME-<channel>.db` of other builds.
pub(super) fn databases(family: &Family, disk: &Disk, folder: &Path) -> Vec<PathBuf> {
    named(family, disk, folder, ".db")
        .into_iter()
        .filter(|path| disk.is_file(path))
        .collect()
}

/// Sessions that were taken out of a database row by row, by id.
fn row_files(family: &Family, disk: &Disk, folder: &Path) -> BTreeMap<String, PathBuf> {
    let mut files = BTreeMap::new();
    for rows in named(family, disk, folder, ".db.rows") {
        for entry in disk.list(&rows).into_iter().flatten() {
            let path = entry.path();
            if path.extension() == Some(OsStr::new("jsonl"))
                && let Some(stem) = path.file_stem()
            {
                files.insert(stem.to_string_lossy().into_owned(), path);
            }
        }
    }
    files
}

/// Entries of the data folder that are named as databases are, sorted.
fn named(family: &Family, disk: &Disk, folder: &Path, suffix: &str) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for entry in disk.list(folder).into_iter().flatten() {
        let stem = entry.name.strip_suffix(suffix);
        let channel = stem.and_then(|stem| stem.strip_prefix(family.name));
        if channel.is_some_and(|channel| channel.is_empty() || channel.starts_with('-')) {
            paths.push(entry.path());
        }
    }
    paths
}

/// All sessions kept as files, the newer generation first; `frozen` if they no
/// longer change.
fn trees(family: &'static Family, disk: &Disk, folder: &Path, frozen: bool) -> Vec<Tree> {
    let newer = folders(disk, &folder.join("storage/session"));
    let older = folders(disk, &folder.join("project"))
        .into_iter()
        .map(|project| project.join("storage/session/info"));
    let mut trees: Vec<_> = newer
        .into_iter()
        .chain(older)
        .flat_map(|sessions| files(disk, &sessions))
        .map(|info| Tree::of(family, &info))
        .collect();
    if frozen || trees.is_empty() {
        return trees;
    }
    for (session, message) in Tree::orphans(disk, &folder.join("storage")) {
        if let Some(tree) = trees.iter_mut().find(|tree| tree.id == session) {
            tree.adopt(message);
        }
    }
    trees
}
