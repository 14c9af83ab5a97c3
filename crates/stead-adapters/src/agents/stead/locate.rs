//! Where stead keeps the sessions of its own agent: below its data folder, one folder each.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::ID;
use crate::{DiscoverError, Disk, Env, Store, Unit};

/// The events in a session's folder.
const EVENTS: &str = "session.usf.jsonl";

/// Data folders below a home, of every system: a root may be a copy of another's.
const BELOW_HOME: [&str; 3] = [
    ".local/share/stead",
    "Library/Application Support/stead",
    "AppData/Local/stead",
];

/// Every folder that may hold folders of sessions, each once.
fn folders(env: &Env, disk: &Disk) -> Vec<PathBuf> {
    let mut data: Vec<PathBuf> = env.path_variable("STEAD_DATA_DIR").into_iter().collect();
    for shared in ["XDG_DATA_HOME", "LOCALAPPDATA"] {
        data.extend(env.path_variable(shared).map(|folder| folder.join("stead")));
    }
    for home in env.homes() {
        data.extend(BELOW_HOME.iter().map(|below| home.join(below)));
    }
    let mut folders: Vec<PathBuf> = data.iter().map(|data| data.join("sessions")).collect();
    for root in &env.roots {
        let inner = [root.join("sessions"), root.clone()];
        folders.extend(inner.into_iter().filter(|folder| is_store(disk, folder)));
        // A single session that somebody handed on.
        if disk.is_file(&root.join(EVENTS)) {
            folders.extend(root.parent().map(Path::to_owned));
        }
    }
    let mut seen = BTreeSet::new();
    folders.retain(|folder| seen.insert(disk.real(folder)));
    folders
}

/// Whether a folder that nothing but its content speaks for holds sessions.
fn is_store(disk: &Disk, folder: &Path) -> bool {
    let entries = disk.list_if_open(folder);
    entries
        .iter()
        .any(|entry| disk.leads_to_folder(entry) && disk.is_file(&entry.path().join(EVENTS)))
}

/// Every place that may hold sessions.
pub(super) fn stores(env: &Env, disk: &Disk) -> Vec<Store> {
    let store = |path: PathBuf| Store {
        exists: disk.exists(&path),
        path,
    };
    folders(env, disk).into_iter().map(store).collect()
}

/// Finds all sessions. A folder that cannot be listed does not hide the others.
pub(super) fn discover(
    env: &Env,
    disk: &Disk,
    found: &mut dyn FnMut(Unit),
) -> Result<(), DiscoverError> {
    let mut error = None;
    for folder in folders(env, disk) {
        let entries = match disk.list(&folder) {
            Ok(entries) => entries,
            Err(source) if source.kind() == io::ErrorKind::NotFound => continue,
            Err(source) => {
                let path = folder.clone();
                error.get_or_insert(DiscoverError::List { path, source });
                continue;
            }
        };
        for entry in entries.iter().filter(|entry| disk.leads_to_folder(entry)) {
            let events = entry.path().join(EVENTS);
            if let Some(state) = disk.state(&events).filter(|state| state.is_file) {
                found(Unit::of_file(ID, events, &state));
            }
        }
    }
    error.map_or(Ok(()), Err)
}

/// What a session is called: as its folder is.
pub(super) fn name(unit: &Unit) -> String {
    let folder = unit.path.parent().and_then(Path::file_name);
    let name = folder.map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "unnamed".to_owned())
}
