//! Where the family's tasks lie: in the storage of an extension, in whichever editor
//! it is installed, and in the folders of the agents' other programs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use memchr::memmem;
use serde_json::value::RawValue;

use super::{Family, editors, item};
use crate::container::json::string;
use crate::{Disk, Entry, Env, Store, Unit};

/// The files of a task.
pub(super) const SHOWN: &str = "ui_messages.json";
pub(super) const OLD_SHOWN: &str = "claude_messages.json";
pub(super) const SENT: &str = "api_conversation_history.json";
pub(super) const METADATA: &str = "task_metadata.json";

/// Lists of tasks, below a store. One more is the editor's state database.
const LISTS: [&str; 3] = [
    "state/taskHistory.json",
    "tasks/_index.json",
    "global-state.json",
];
const STATE: &str = "state.vscdb";

/// So long after a task's own files its line in the list may change: editors write
/// their state late. In nanoseconds.
const LATE: i64 = 300 * 1_000_000_000;

/// A folder with tasks.
struct Place {
    root: PathBuf,
    /// It is the storage of an extension, so an editor's state lies beside it.
    of_editor: bool,
}

/// Every place that may hold tasks, each once.
fn places(family: &Family, env: &Env, disk: &Disk) -> Vec<Place> {
    let mut found = Vec::new();
    let mut add = |root: PathBuf, of_editor| found.push(Place { root, of_editor });
    for (name, below) in family.variables {
        if let Some(folder) = env.path_variable(name) {
            add(folder.join(below), false);
        }
    }
    for home in env.homes() {
        for folder in family.folders {
            add(home.join(folder), false);
        }
    }
    for user in editors::user_folders(env, disk) {
        let storage = user.join("globalStorage");
        for folder in extensions(family, disk, &storage).chain(extensions(family, disk, &user)) {
            add(folder, true);
        }
        for folder in set(family, disk, &user.join("settings.json")) {
            add(folder, false);
        }
    }
    for root in &env.roots {
        let named = family.folders.iter().any(|folder| root.ends_with(folder));
        if is_storage(family, root) || named || is_marked(family, disk, root) {
            add(root.clone(), is_storage(family, root));
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|place| seen.insert(disk.real(&place.root)));
    found
}

/// The extension's folders in an editor's storage.
fn extensions<'d>(
    family: &Family,
    disk: &'d Disk,
    storage: &Path,
) -> impl Iterator<Item = PathBuf> + 'd {
    let folders: Vec<_> = family
        .extensions
        .iter()
        .map(|id| storage.join(id))
        .collect();
    folders
        .into_iter()
        .filter(|folder| disk.is_open_folder(folder))
}

fn is_storage(family: &Family, folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    family
        .extensions
        .iter()
        .any(|id| name.eq_ignore_ascii_case(id))
}

/// Whether any task of a folder is marked as the agent's, as archived ones are.
fn is_marked(family: &Family, disk: &Disk, root: &Path) -> bool {
    let marker = family.marker();
    let tasks = disk.list_if_open(&root.join("tasks"));
    tasks
        .iter()
        .any(|task| disk.is_file(&task.path().join(&marker)))
}

/// The folders that an editor's settings name.
fn set(family: &Family, disk: &Disk, settings: &Path) -> Vec<PathBuf> {
    if family.settings.is_empty() || !disk.is_file(settings) {
        return Vec::new();
    }
    let text = disk.read(settings).unwrap_or_default();
    let named = |name: &&str| set_folder(&text, name);
    family.settings.iter().filter_map(named).collect()
}

/// The value of a setting. Settings are JSON with comments: what stands behind the
/// name is read, and no more.
fn set_folder(text: &[u8], name: &str) -> Option<PathBuf> {
    let name = format!("\"{name}\"");
    let behind = &text[memmem::rfind(text, name.as_bytes())? + name.len()..];
    let value = std::str::from_utf8(behind)
        .ok()?
        .trim_start()
        .strip_prefix(':')?;
    let value = serde_json::Deserializer::from_str(value)
        .into_iter::<&RawValue>()
        .next()?
        .ok()?;
    let folder = string(value).filter(|folder| !folder.trim().is_empty())?;
    Some(PathBuf::from(folder.into_owned()))
}

/// Every place that may hold tasks.
pub(crate) fn stores(family: &Family, env: &Env, disk: &Disk) -> Vec<Store> {
    let places = places(family, env, disk)
        .into_iter()
        .map(|place| place.root.join("tasks"));
    let store = |path: PathBuf| Store {
        exists: disk.exists(&path),
        path,
    };
    places.map(store).collect()
}

/// Finds all tasks.
pub(crate) fn discover(family: &Family, env: &Env, disk: &Disk, found: &mut dyn FnMut(Unit)) {
    for place in places(family, env, disk) {
        let tasks = place.root.join("tasks");
        if !disk.is_open_folder(&tasks) {
            continue;
        }
        let entries = disk.list(&tasks).unwrap_or_default();
        let lists = if entries.is_empty() {
            Vec::new()
        } else {
            lists_of(disk, &place)
        };
        for entry in entries.iter().filter(|entry| disk.leads_to_folder(entry)) {
            if let Some(unit) = unit(family, disk, entry, &lists) {
                found(unit);
            }
        }
    }
}

/// The lists that are there, with the time of their last change.
fn lists_of(disk: &Disk, place: &Place) -> Vec<(PathBuf, i64)> {
    let mut lists: Vec<_> = LISTS.iter().map(|list| place.root.join(list)).collect();
    if let Some(storage) = place.root.parent().filter(|_| place.of_editor) {
        lists.push(storage.join(STATE));
    }
    let states = lists.into_iter().map(|list| (disk.state(&list), list));
    let files =
        states.filter_map(|(state, list)| Some((state.filter(|state| state.is_file)?, list)));
    files
        .map(|(state, list)| (list, state.modified_ns))
        .collect()
}

fn unit(family: &Family, disk: &Disk, entry: &Entry, lists: &[(PathBuf, i64)]) -> Option<Unit> {
    let folder = entry.path();
    // The next command sees by the folder alone that what is missing still is.
    disk.state(&folder);
    let mut unit: Option<Unit> = None;
    let mut newest = 0;
    for (number, name) in [SHOWN, OLD_SHOWN, SENT, METADATA, item::OWN_FILE]
        .iter()
        .enumerate()
    {
        let file = folder.join(name);
        let Some(state) = disk.state(&file).filter(|state| state.is_file) else {
            continue;
        };
        newest = newest.max(state.modified_ns);
        let is_talk = number < 3;
        match &mut unit {
            Some(unit) => unit.include(&state),
            None if is_talk => {
                unit = Some(Unit::of_file(family.agent.clone(), folder.clone(), &state));
            }
            None => return None,
        }
        unit.as_mut()?.parts.push(file);
    }
    let mut unit = unit?;
    for (list, modified) in lists {
        // What the list says of a task is settled when the task is.
        unit.stamp
            .mix(newest.saturating_add(LATE).min(*modified) as u64);
        unit.parts.push(list.clone());
    }
    Some(unit)
}

/// The lists among a unit's parts.
pub(super) fn lists(unit: &Unit) -> &[PathBuf] {
    let own = unit
        .parts
        .iter()
        .take_while(|part| part.parent() == Some(&*unit.path));
    &unit.parts[own.count()..]
}
