//! Where OpenHands keeps sessions.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::unit::{trajectory, unit};
use crate::{Disk, Env, Store, Unit, projects};

/// Folders that conversations lie in, below the folder of a store.
const CONVERSATIONS: &str = "conversations";
const SESSIONS: &str = "sessions";
/// Where the agent server keeps them, below the folder in which it was started.
pub(super) const WORKSPACE: &str = "workspace/conversations";
/// Where whole conversations are exported to, below the folder of the program.
const TRAJECTORIES: &str = "trajectories";

/// Where to look.
struct Places {
    /// Folders of conversations, each a folder.
    conversations: Vec<PathBuf>,
    /// Folders of exported conversations, each a file, and such files.
    exports: Vec<PathBuf>,
}

impl Places {
    fn of(env: &Env, disk: &Disk) -> Self {
        let variable = |name| env.path_variable(name).into_iter();
        let mut conversations: Vec<PathBuf> = Vec::new();
        conversations.extend(variable("OPENHANDS_CONVERSATIONS_DIR"));
        conversations.extend(variable("OH_CONVERSATIONS_PATH"));
        let homes = env.homes();
        let stores =
            homes.flat_map(|home| [home.join(".openhands"), home.join(".openhands-state")]);
        let stores = variable("OPENHANDS_PERSISTENCE_DIR")
            .chain(variable("FILE_STORE_PATH"))
            .chain(stores)
            .chain(env.roots.iter().cloned());
        for store in stores {
            conversations.extend(of_store(disk, &store));
        }
        let mut exports: Vec<PathBuf> = variable("SAVE_TRAJECTORY_PATH").collect();
        for folder in projects::folders(env, disk)
            .iter()
            .map(PathBuf::as_path)
            .chain(env.homes())
        {
            conversations.push(folder.join(WORKSPACE));
            exports.push(folder.join(TRAJECTORIES));
        }
        for root in &env.roots {
            conversations.push(root.clone());
            exports.push(root.clone());
        }
        once(disk, &mut conversations);
        once(disk, &mut exports);
        Self {
            conversations,
            exports,
        }
    }
}

/// The folders of conversations in a store; with several users each has one.
fn of_store(disk: &Disk, store: &Path) -> Vec<PathBuf> {
    let mut found = vec![store.join(CONVERSATIONS), store.join(SESSIONS)];
    let users = disk.list_if_open(&store.join("users"));
    found.extend(users.iter().map(|user| user.path().join(CONVERSATIONS)));
    found
}

/// Keeps each place once, by whatever way it is reached.
fn once(disk: &Disk, places: &mut Vec<PathBuf>) {
    let mut seen = BTreeSet::new();
    places.retain(|place| seen.insert(disk.real(place)));
}

/// Every place that may hold sessions. Of the many folders that are worked in,
/// only those that do.
pub(super) fn stores(env: &Env, disk: &Disk) -> Vec<Store> {
    let places = Places::of(env, disk);
    let in_projects = |path: &Path| path.ends_with(WORKSPACE) || path.ends_with(TRAJECTORIES);
    let all = places.conversations.into_iter().chain(places.exports);
    let stores = all
        .filter(|path| !env.roots.contains(path))
        .map(|path| Store {
            exists: disk.exists(&path),
            path,
        });
    stores
        .filter(|store| store.exists || !in_projects(&store.path))
        .collect()
}

/// Finds all units on this machine.
pub(super) fn discover(env: &Env, disk: &Disk, found: &mut dyn FnMut(Unit)) {
    let places = Places::of(env, disk);
    let mut seen = BTreeSet::new();
    let mut add = |path: &Path, unit: Option<Unit>| {
        if let Some(unit) = unit.filter(|_| seen.insert(disk.real(path))) {
            found(unit);
        }
    };
    for folder in &places.conversations {
        for entry in disk.list_if_open(folder) {
            if disk.leads_to_folder(&entry) {
                add(&entry.path(), unit(disk, &entry.path()));
            }
        }
    }
    // A single conversation may be named as well.
    for root in &env.roots {
        add(root, unit(disk, root));
    }
    for place in &places.exports {
        if disk.is_file(place) {
            add(place, trajectory(disk, place));
        }
        for entry in disk.list_if_open(place) {
            if Path::new(&entry.name)
                .extension()
                .is_some_and(|end| end == "json")
            {
                add(&entry.path(), trajectory(disk, &entry.path()));
            }
        }
    }
}
