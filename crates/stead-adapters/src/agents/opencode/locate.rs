//! Where OpenCode keeps sessions.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use fs_err as fs;

use super::tree::{Tree, files, folders};
use crate::container::sqlite::beside;
use crate::{Env, Store, Unit};

/// The data folders to look into, and databases named on their own.
fn places(env: &Env) -> (Vec<PathBuf>, Option<PathBuf>) {
    let mut data: Vec<PathBuf> = env.path_variable("OPENCODE_DATA_DIR").into_iter().collect();
    if let Some(shared) = env.path_variable("XDG_DATA_HOME") {
        data.push(shared.join("opencode"));
    }
    for home in env.homes() {
        data.push(home.join(".local/share/opencode"));
    }
    data.extend(env.roots.iter().filter(|root| is_data(root)).cloned());
    let named = env.path_variable("OPENCODE_DB").map(|database| {
        let base = data.first().cloned().unwrap_or_default();
        base.join(database)
    });
    let mut seen = BTreeSet::new();
    data.retain(|folder| seen.insert(fs::canonicalize(folder).unwrap_or_else(|_| folder.clone())));
    (data, named)
}

/// Whether a folder is a data folder itself.
fn is_data(folder: &Path) -> bool {
    folder.join("storage/session").is_dir()
        || !databases(folder).is_empty()
        || !row_files(folder).is_empty()
        || folders(&folder.join("project"))
            .iter()
            .any(|project| project.join("storage/session").is_dir())
}

/// Every place that may hold sessions.
pub(super) fn stores(env: &Env) -> Vec<Store> {
    let (data, named) = places(env);
    data.into_iter()
        .chain(named)
        .map(|path| Store {
            exists: path.exists(),
            path,
        })
        .collect()
}

/// Finds all units. A session that stands in several generations is found in
/// the newest only: the agent moved it there and left the old files.
pub(super) fn discover(env: &Env, found: &mut dyn FnMut(Unit)) {
    let (data, named) = places(env);
    let mut seen = BTreeSet::new();
    for folder in &data {
        discover_in(folder, &mut seen, found);
    }
    for database in named.into_iter().filter(|path| path.is_file()) {
        discover_database(&database, &mut seen, found);
    }
}

fn discover_in(folder: &Path, seen: &mut BTreeSet<PathBuf>, found: &mut dyn FnMut(Unit)) {
    let databases = databases(folder);
    for database in &databases {
        discover_database(database, seen, found);
    }
    let mut newer = BTreeSet::new();
    for (id, file) in row_files(folder) {
        if newer.insert(id)
            && let Ok(metadata) = fs::metadata(&file)
        {
            found(Unit::of_file(super::ID, file, &metadata));
        }
    }
    // Beside a database the files stand still. Whether a session has moved into
    // it is found out when its file is read, which the stamp has happen anew
    // when a database appears.
    let moved = !databases.is_empty();
    for tree in trees(folder, moved) {
        if newer.insert(tree.id.clone())
            && let Some(unit) = if moved {
                tree.frozen_unit()
            } else {
                tree.unit()
            }
        {
            found(unit);
        }
    }
}

fn discover_database(path: &Path, seen: &mut BTreeSet<PathBuf>, found: &mut dyn FnMut(Unit)) {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let Ok(metadata) = fs::metadata(path) else {
        return;
    };
    if !seen.insert(real) {
        return;
    }
    let mut unit = Unit::of_file(super::ID, path.to_owned(), &metadata);
    if let Ok(log) = fs::metadata(beside(path, "-wal")) {
        unit.include(&log);
    }
    found(unit);
}

/// `opencode.db`, and `opencode-<channel>.db` of other builds.
pub(super) fn databases(folder: &Path) -> Vec<PathBuf> {
    named(folder, ".db")
        .into_iter()
        .filter(|path| path.is_file())
        .collect()
}

/// Sessions that were taken out of a database row by row, by id.
fn row_files(folder: &Path) -> BTreeMap<String, PathBuf> {
    let mut files = BTreeMap::new();
    for rows in named(folder, ".db.rows") {
        for entry in fs::read_dir(rows).into_iter().flatten().flatten() {
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
fn named(folder: &Path, suffix: &str) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let stem = name.strip_suffix(suffix);
        if stem.is_some_and(|stem| stem == "opencode" || stem.starts_with("opencode-")) {
            paths.push(entry.path());
        }
    }
    paths.sort();
    paths
}

/// All sessions kept as files, the newer generation first; `frozen` if they no
/// longer change.
fn trees(folder: &Path, frozen: bool) -> Vec<Tree> {
    let newer = folders(&folder.join("storage/session"));
    let older = folders(&folder.join("project"))
        .into_iter()
        .map(|project| project.join("storage/session/info"));
    let mut trees: Vec<_> = newer
        .into_iter()
        .chain(older)
        .flat_map(|sessions| files(&sessions))
        .map(|info| Tree::of(&info))
        .collect();
    if frozen || trees.is_empty() {
        return trees;
    }
    for (session, message) in Tree::orphans(&folder.join("storage")) {
        if let Some(tree) = trees.iter_mut().find(|tree| tree.id == session) {
            tree.adopt(message);
        }
    }
    trees
}
