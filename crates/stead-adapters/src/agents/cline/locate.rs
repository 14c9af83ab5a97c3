//! Where Cline keeps sessions, since 3.0 of the command line and 4.0 of the
//! extension. Tasks of before are found by `tasks`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{FAMILY, ID};
use crate::{Disk, Entry, Env, Store, Unit, tasks};

/// Every folder that may hold sessions, each once.
fn places(env: &Env, disk: &Disk) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = env
        .path_variable("CLINE_SESSION_DATA_DIR")
        .into_iter()
        .collect();
    for (name, below) in FAMILY.variables {
        let folder = env.path_variable(name);
        found.extend(folder.map(|folder| folder.join(below).join("sessions")));
    }
    found.extend(env.homes().map(|home| home.join(".cline/data/sessions")));
    for root in &env.roots {
        for folder in [root.join("sessions"), root.clone()] {
            let entries = disk.list_if_open(&folder);
            if entries.iter().any(|entry| talk(disk, entry)) {
                found.push(folder);
            }
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|folder| seen.insert(disk.real(folder)));
    found
}

/// Whether a folder holds a session: its messages are named as it is.
fn talk(disk: &Disk, entry: &Entry) -> bool {
    let name = format!("{}.messages.json", entry.name);
    disk.leads_to_folder(entry) && disk.is_file(&entry.path().join(name))
}

/// Every place that may hold tasks or sessions.
pub(super) fn stores(env: &Env, disk: &Disk) -> Vec<Store> {
    let sessions = places(env, disk).into_iter().map(|path| Store {
        exists: disk.exists(&path),
        path,
    });
    let mut stores = tasks::stores(&FAMILY, env, disk);
    stores.extend(sessions);
    stores
}

/// Finds all tasks and sessions.
pub(super) fn discover(env: &Env, disk: &Disk, found: &mut dyn FnMut(Unit)) {
    tasks::discover(&FAMILY, env, disk, found);
    for folder in places(env, disk) {
        if !disk.is_open_folder(&folder) {
            continue;
        }
        for entry in disk.list(&folder).unwrap_or_default() {
            if talk(disk, &entry)
                && let Some(unit) = unit(disk, &entry.path())
            {
                found(unit);
            }
        }
    }
}

/// A session with the files of its subagents.
fn unit(disk: &Disk, folder: &Path) -> Option<Unit> {
    let mut unit: Option<Unit> = None;
    for entry in disk.list(folder).unwrap_or_default() {
        let path = entry.path();
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        let Some(state) = disk
            .state_of(&entry)
            .filter(|state| is_json && state.is_file)
        else {
            continue;
        };
        match &mut unit {
            Some(unit) => unit.include(&state),
            None => unit = Some(Unit::of_file(ID, folder.to_owned(), &state)),
        }
        unit.as_mut()?.parts.push(path);
    }
    unit
}
