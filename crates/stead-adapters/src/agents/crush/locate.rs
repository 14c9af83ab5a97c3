//! Where Crush keeps sessions: in a folder of each project, of which it keeps a list.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::container::json::Object;
use crate::container::sqlite::beside;
use crate::projects;
use crate::{Disk, Env, Os, Store, Unit};

/// The data folder of a project, if nothing else is set.
const DATA: &str = ".crush";
const DATABASE: &str = "crush.db";
const ROWS: &str = "crush.db.rows";

/// Settings of a project, which may name another data folder.
const SETTINGS: [&str; 2] = ["crush.json", ".crush.json"];

/// Data folders, each with the projects that use it; those by what their paths lead to.
type Folders = BTreeMap<PathBuf, BTreeMap<PathBuf, PathBuf>>;

/// Crush's lists of projects, each once.
fn lists(env: &Env, disk: &Disk) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = env.path_variable("CRUSH_GLOBAL_DATA").into_iter().collect();
    for variable in ["XDG_DATA_HOME", "LOCALAPPDATA"] {
        folders.extend(
            env.path_variable(variable)
                .map(|shared| shared.join("crush")),
        );
    }
    let (unix, windows) = (".local/share/crush", "AppData/Local/crush");
    folders.extend(env.home.iter().map(|home| match env.os {
        Os::Windows => home.join(windows),
        Os::Linux | Os::MacOs => home.join(unix),
    }));
    // A copied home may be that of any system.
    for root in &env.roots {
        folders.extend([unix, windows].map(|below| root.join(below)));
    }
    let mut seen = BTreeSet::new();
    folders.retain(|folder| seen.insert(disk.real(folder)));
    folders
        .into_iter()
        .map(|folder| folder.join("projects.json"))
        .collect()
}

/// Every list of projects, and every data folder that is there.
pub(super) fn stores(env: &Env, disk: &Disk) -> Vec<Store> {
    let lists = lists(env, disk).into_iter().map(|path| Store {
        exists: disk.is_file(&path),
        path,
    });
    let data = data_folders(env, disk)
        .into_keys()
        .map(|path| Store { path, exists: true });
    lists.chain(data).collect()
}

/// Finds all units.
pub(super) fn discover(env: &Env, disk: &Disk, found: &mut dyn FnMut(Unit)) {
    for (folder, projects) in data_folders(env, disk) {
        // Several projects may share a folder: then none of them is the sessions'.
        let project = match projects.len() {
            1 => projects.into_values().next(),
            _ => None,
        };
        discover_database(disk, &folder.join(DATABASE), project, found);
        for entry in disk.list(&folder.join(ROWS)).into_iter().flatten() {
            let path = entry.path();
            if path.extension() == Some(OsStr::new("jsonl"))
                && let Some(state) = disk.state_of(&entry)
            {
                found(Unit::of_file(super::ID, path, &state));
            }
        }
    }
}

/// The project's folder goes along as a part: the database does not name it.
fn discover_database(
    disk: &Disk,
    path: &Path,
    project: Option<PathBuf>,
    found: &mut dyn FnMut(Unit),
) {
    let Some(state) = disk.state(path).filter(|state| state.is_file) else {
        return;
    };
    let mut unit = Unit::of_file(super::ID, path.to_owned(), &state);
    if let Some(log) = disk.state(&beside(path, "-wal")) {
        unit.include(&log);
    }
    if let Some(project) = project {
        unit.stamp.mix_bytes(project.to_string_lossy().as_bytes());
        unit.parts.push(project);
    }
    found(unit);
}

/// Every data folder with sessions, once, under the first path that led to it.
fn data_folders(env: &Env, disk: &Disk) -> Folders {
    let mut folders = Folders::new();
    let mut names: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    let mut add = |data: PathBuf, project: Option<&Path>| {
        // The folder first: where there is none, one look must do.
        let holds = |name| disk.state(&data.join(name)).is_some();
        if disk.is_folder(&data) && (holds(DATABASE) || holds(ROWS)) {
            let name = names.entry(disk.real(&data)).or_insert(data);
            let projects = folders.entry(name.clone()).or_default();
            if let Some(project) = project {
                let real = disk.real(project);
                projects.entry(real).or_insert_with(|| project.to_owned());
            }
        }
    };
    for folder in projects::folders(env, disk) {
        add(folder.join(DATA), Some(&folder));
        for settings in SETTINGS {
            if let Some(data) = data_directory(disk, &folder.join(settings)) {
                add(folder.join(data), Some(&folder));
            }
        }
    }
    for root in &env.roots {
        add(root.clone(), root.parent().filter(|_| root.ends_with(DATA)));
    }
    for list in lists(env, disk) {
        for (project, data) in listed(disk, &list) {
            let data = project.join(data);
            let below = data.parent().filter(|_| data.ends_with(DATA));
            let owner = below.map_or(project, Path::to_owned);
            add(data, Some(&owner));
        }
    }
    folders
}

/// What a list of projects names: projects with their data folders.
fn listed(disk: &Disk, path: &Path) -> Vec<(PathBuf, PathBuf)> {
    let Some(json) = file(disk, path) else {
        return Vec::new();
    };
    let projects = Object::parse(&json)
        .ok()
        .and_then(|mut list| list.values("projects"));
    let one = |value| {
        let mut project = Object::of(value)?;
        let path = PathBuf::from(project.string("path")?);
        Some((path, PathBuf::from(project.string("data_dir")?)))
    };
    projects.into_iter().flatten().filter_map(one).collect()
}

/// The data folder that a project's settings name.
fn data_directory(disk: &Disk, path: &Path) -> Option<PathBuf> {
    let json = file(disk, path)?;
    let mut options = Object::parse(&json).ok()?.object("options")?;
    options.string("data_directory").map(PathBuf::from)
}

/// A small file, if it is there. Settings of a megabyte are none of Crush's.
fn file(disk: &Disk, path: &Path) -> Option<String> {
    const MOST: u64 = 1 << 20;
    disk.state(path)
        .filter(|state| state.is_file && state.bytes <= MOST)?;
    String::from_utf8(disk.read(path).ok()?).ok()
}
