//! Where Codex keeps its threads, and which files make one.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::hash::Hasher;
use std::io;
use std::path::{Path, PathBuf};

use rustc_hash::FxHasher;

use super::ID;
use super::names::Names;
use crate::{DiscoverError, Disk, Env, FileState, Store, Unit};

/// The folders of a store that hold rollouts: live ones count before archived.
const FOLDERS: [&str; 2] = ["sessions", "archived_sessions"];

/// `sessions/YYYY/MM/DD`, and some more for what people make of it.
const MAX_DEPTH: u32 = 6;

/// Every place where a store may be.
pub(super) fn stores(env: &Env, disk: &Disk) -> Vec<Store> {
    let mut stores: Vec<Store> = Vec::new();
    let mut seen = Vec::new();
    let mut add = |path: PathBuf| {
        let exists = disk.exists(&path);
        let real = disk.real(&path);
        if !seen.contains(&real) {
            seen.push(real);
            stores.push(Store { path, exists });
        }
    };
    if let Some(home) = env.path_variable("CODEX_HOME") {
        add(home);
    }
    for home in env.homes() {
        add(home.join(".codex"));
    }
    for root in &env.roots {
        if FOLDERS
            .iter()
            .any(|folder| disk.is_folder(&root.join(folder)))
        {
            add(root.clone());
        }
    }
    stores
}

/// Finds all threads. A folder that cannot be listed does not hide the others.
pub(super) fn discover(
    env: &Env,
    disk: &Disk,
    found: &mut dyn FnMut(Unit),
) -> Result<(), DiscoverError> {
    let mut error = None;
    for store in stores(env, disk).into_iter().filter(|store| store.exists) {
        let mut rollouts = BTreeMap::new();
        for folder in FOLDERS {
            list(
                disk,
                &store.path.join(folder),
                MAX_DEPTH,
                &mut rollouts,
                &mut error,
            );
        }
        if rollouts.is_empty() {
            continue;
        }
        let names = Names::of_store(disk, &store.path);
        for files in threads(rollouts) {
            if let Some(unit) = unit(files, &names) {
                found(unit);
            }
        }
    }
    error.map_or(Ok(()), Err)
}

/// The store that a rollout lies in.
pub(super) fn store_of(rollout: &Path) -> Option<&Path> {
    let is_folder = |folder: &&Path| {
        let name = folder.file_name().and_then(OsStr::to_str);
        name.is_some_and(|name| FOLDERS.contains(&name))
    };
    rollout.ancestors().skip(1).find(is_folder)?.parent()
}

/// What a file name says: `rollout-<time>-<THREAD>.jsonl`, since 0.16x also
/// `rollout-<time>-<THREAD>_<SEGMENT>.jsonl`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name<'a> {
    /// The thread's id; the whole stem if the name has none.
    pub(super) thread: &'a str,
    /// A UUIDv7: segments sort by it.
    pub(super) segment: Option<&'a str>,
}

/// Takes the name of a rollout apart; `None` for other files.
pub(super) fn name(path: &Path) -> Option<Name<'_>> {
    const UUID: usize = 36;
    let name = path.file_name()?.to_str()?;
    let plain = name.strip_suffix(".zst").unwrap_or(name);
    let stem = plain
        .strip_suffix(".jsonl")
        .or_else(|| name.strip_suffix(".json"))?;
    let stem = stem
        .strip_prefix("rollout-")
        .filter(|stem| !stem.is_empty())?;
    let (first, segment) = match stem.rsplit_once('_') {
        Some((first, segment)) if is_uuid(segment) => (first, Some(segment)),
        _ => (stem, None),
    };
    let thread = first
        .len()
        .checked_sub(UUID)
        .and_then(|from| first.get(from..))
        .filter(|id| is_uuid(id));
    Some(Name {
        thread: thread.unwrap_or(stem),
        segment: segment.filter(|_| thread.is_some()),
    })
}

fn is_uuid(text: &str) -> bool {
    let dash = |place| matches!(place, 8 | 13 | 18 | 23);
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| {
            if dash(place) {
                byte == b'-'
            } else {
                byte.is_ascii_hexdigit()
            }
        })
}

/// Lists the rollouts below a folder by their plain name, so that a thread that
/// lies in both folders, or plain and compressed, is found once.
fn list(
    disk: &Disk,
    path: &Path,
    depth: u32,
    rollouts: &mut BTreeMap<String, Rollout>,
    error: &mut Option<DiscoverError>,
) {
    let entries = match disk.list(path) {
        Ok(entries) => entries,
        Err(source) if source.kind() == io::ErrorKind::NotFound => return,
        Err(source) => {
            error.get_or_insert(DiscoverError::List {
                path: path.to_owned(),
                source,
            });
            return;
        }
    };
    for entry in entries {
        if entry.is_folder {
            if depth > 0 {
                list(disk, &entry.path(), depth - 1, rollouts, error);
            }
        } else if name(Path::new(&entry.name)).is_some()
            && let Some(state) = disk.state_of(&entry)
        {
            let file = entry.path();
            let rollout = Rollout { file, state };
            let plain = entry.name.strip_suffix(".zst").unwrap_or(&entry.name);
            match rollouts.get_mut(plain) {
                Some(known) if plain == entry.name && known.is_compressed() => *known = rollout,
                Some(_) => {}
                None => {
                    rollouts.insert(plain.to_owned(), rollout);
                }
            }
        }
    }
}

/// A rollout with its state.
struct Rollout {
    file: PathBuf,
    state: FileState,
}

impl Rollout {
    fn is_compressed(&self) -> bool {
        self.file
            .extension()
            .is_some_and(|extension| extension == "zst")
    }
}

/// Puts the segments of each thread behind its first file.
fn threads(rollouts: BTreeMap<String, Rollout>) -> Vec<Vec<Rollout>> {
    let mut threads: Vec<Vec<Rollout>> = Vec::new();
    let mut of_thread = BTreeMap::new();
    let mut segments = Vec::new();
    for rollout in rollouts.into_values() {
        let Some(Name { thread, segment }) = name(&rollout.file) else {
            continue;
        };
        match segment {
            None => {
                of_thread.entry(thread.to_owned()).or_insert(threads.len());
                threads.push(vec![rollout]);
            }
            Some(segment) => segments.push((segment.to_owned(), thread.to_owned(), rollout)),
        }
    }
    segments.sort_by(|a, b| (&a.0, &a.1, &a.2.file).cmp(&(&b.0, &b.1, &b.2.file)));
    for (_, thread, rollout) in segments {
        let place = *of_thread.entry(thread).or_insert_with(|| {
            threads.push(Vec::new());
            threads.len() - 1
        });
        threads[place].push(rollout);
    }
    threads
}

/// One thread: its files, and the database if that has a name for it.
fn unit(files: Vec<Rollout>, names: &Names) -> Option<Unit> {
    let mut files = files.into_iter();
    let first = files.next()?;
    let mut unit = Unit::of_file(ID, first.file.clone(), &first.state);
    for segment in files {
        unit.include(&segment.state);
        unit.parts.push(segment.file);
    }
    let thread = name(&first.file)?.thread;
    if names.in_database(thread).is_some() {
        unit.parts.extend(names.database.clone());
    }
    for name in [names.in_database(thread), names.in_index(thread)] {
        let mut hasher = FxHasher::default();
        hasher.write(name.unwrap_or("").as_bytes());
        unit.stamp.mix(hasher.finish());
    }
    Some(unit)
}
