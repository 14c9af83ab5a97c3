//! Where Goose keeps sessions.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::container::sqlite::beside;
use crate::{Disk, Env, Store, Unit};

/// The database in a folder of sessions, and the folder of its rows in archives.
pub(super) const DATABASE: &str = "sessions.db";
const ROWS: &str = "sessions.db.rows";

/// Data folders below a home, of every system: a root may be a copy of another's.
const BELOW_HOME: &[&str] = &[
    ".local/share/goose",
    "Library/Application Support/Block/goose",
    "AppData/Roaming/Block/goose/data",
    "AppData/Roaming/Block/goose",
    // The Python program, and the first versions of the Rust one.
    ".config/goose",
    ".goose",
];

/// Every folder that may hold sessions, each once.
fn folders(env: &Env, disk: &Disk) -> Vec<PathBuf> {
    let mut data = Vec::new();
    // The agent does not take a relative folder.
    let root = env.path_variable("GOOSE_PATH_ROOT");
    data.extend(
        root.filter(|root| root.is_absolute())
            .map(|root| root.join("data")),
    );
    data.extend(
        env.path_variable("XDG_DATA_HOME")
            .map(|shared| shared.join("goose")),
    );
    if let Some(roaming) = env.path_variable("APPDATA") {
        data.push(roaming.join("Block/goose/data"));
        data.push(roaming.join("Block/goose"));
    }
    for home in env.homes() {
        data.extend(BELOW_HOME.iter().map(|below| home.join(below)));
    }
    let mut folders: Vec<_> = data.into_iter().map(|data| data.join("sessions")).collect();
    for root in &env.roots {
        let inner = ["", "sessions", "data/sessions"].map(|below| root.join(below));
        folders.extend(inner.into_iter().filter(|folder| is_store(disk, folder)));
    }
    let mut seen = BTreeSet::new();
    folders.retain(|folder| seen.insert(disk.real(folder)));
    folders
}

/// Whether a folder that nothing but its content speaks for holds sessions.
fn is_store(disk: &Disk, folder: &Path) -> bool {
    disk.is_file(&folder.join(DATABASE)) || disk.is_folder(&folder.join(ROWS))
}

/// Every place that may hold sessions.
pub(super) fn stores(env: &Env, disk: &Disk) -> Vec<Store> {
    let folders = folders(env, disk).into_iter();
    let store = |path: PathBuf| Store {
        exists: disk.is_folder(&path),
        path,
    };
    folders.map(store).collect()
}

/// Finds all units. A session that lies in an archive row by row is not looked
/// for among the files.
pub(super) fn discover(env: &Env, disk: &Disk, found: &mut dyn FnMut(Unit)) {
    for folder in folders(env, disk) {
        let has_database = discover_database(disk, &folder.join(DATABASE), found);
        let mut newer = BTreeSet::new();
        for (id, unit) in files(disk, &folder.join(ROWS)) {
            newer.insert(id);
            found(unit);
        }
        for (id, mut unit) in files(disk, &folder) {
            // Whether the database has taken the session over is found out when
            // the file is read; when a database appears, that happens anew.
            unit.stamp.mix(u64::from(has_database));
            if !newer.contains(&id) {
                found(unit);
            }
        }
    }
}

fn discover_database(disk: &Disk, path: &Path, found: &mut dyn FnMut(Unit)) -> bool {
    let Some(state) = disk.state(path).filter(|state| state.is_file) else {
        return false;
    };
    let mut unit = Unit::of_file(super::ID, path.to_owned(), &state);
    if let Some(log) = disk.state(&beside(path, "-wal")) {
        unit.include(&log);
    }
    found(unit);
    true
}

/// The sessions of a folder that are files of their own, by id.
fn files(disk: &Disk, folder: &Path) -> Vec<(String, Unit)> {
    let mut files = Vec::new();
    for entry in disk.list(folder).into_iter().flatten() {
        let path = entry.path();
        if path.extension() == Some(OsStr::new("jsonl"))
            && let Some(stem) = path.file_stem()
            && let Some(state) = disk.state_of(&entry).filter(|state| state.is_file)
        {
            let id = stem.to_string_lossy().into_owned();
            files.push((id, Unit::of_file(super::ID, path, &state)));
        }
    }
    files
}
