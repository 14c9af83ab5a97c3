//! The title that the user gave a thread. Before about 0.11x it is a record of
//! the rollout; then it stands in `session_index.jsonl`, later in the column
//! `name` of the state database.
//!
//! The database changes with every session. So discovery looks up the names
//! once, and only a thread that has one takes the database among its parts and
//! the name into its stamp.

use std::fs;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use crate::Disk;
use crate::container::json::Object;
use crate::container::sqlite::{Database, beside};

const INDEX: &str = "session_index.jsonl";

/// Where stead's archive keeps the name of a thread that stands in the database.
const ARCHIVED: &str = "session_names";

/// The names of all threads of a store.
#[derive(Default)]
pub(super) struct Names {
    /// The state database, if there is one.
    pub(super) database: Option<PathBuf>,
    in_database: FxHashMap<String, String>,
    in_index: FxHashMap<String, String>,
}

impl Names {
    /// Looks up the names of all threads. What cannot be read has no names.
    pub(super) fn of_store(disk: &Disk, store: &Path) -> Self {
        let mut names = Self {
            database: database(disk, store),
            ..Self::default()
        };
        if let Some(database) = &names.database {
            disk.state(database);
            disk.state(&beside(database, "-wal"));
            names.in_database = query(database, None).unwrap_or_default();
        }
        if let Ok(index) = disk.read(&store.join(INDEX)) {
            let index = String::from_utf8_lossy(&index);
            names.in_index.extend(index.lines().filter_map(entry));
        }
        names
    }

    /// The name in the database.
    pub(super) fn in_database(&self, thread: &str) -> Option<&str> {
        self.in_database.get(thread).map(String::as_str)
    }

    /// The name in the index file.
    pub(super) fn in_index(&self, thread: &str) -> Option<&str> {
        self.in_index.get(thread).map(String::as_str)
    }
}

/// The name of one thread as the index file or stead's archive has it.
pub(super) fn in_files(store: &Path, thread: &str) -> Option<String> {
    let archived = fs::read_to_string(archived(store, thread)).ok();
    let archived = archived.and_then(|line| entry(line.trim()));
    if let Some((_, name)) = archived {
        return Some(name);
    }
    let index = fs::read(store.join(INDEX)).ok()?;
    // The newest entry counts, and the file is written from top to bottom.
    let place = memchr::memmem::rfind(&index, thread.as_bytes())?;
    let begin = memchr::memrchr(b'\n', &index[..place]).map_or(0, |end| end + 1);
    let end = memchr::memchr(b'\n', &index[place..]).map_or(index.len(), |end| place + end);
    let (id, name) = entry(std::str::from_utf8(&index[begin..end]).ok()?)?;
    (id == thread).then_some(name)
}

/// The name of one thread in the database.
pub(super) fn in_database(database: &Path, thread: &str) -> Option<String> {
    query(database, Some(thread)).ok()?.remove(thread)
}

/// A name as stead's archive keeps it: path and content of its file.
pub(super) fn archive(store: &Path, thread: &str, name: &str) -> (PathBuf, Vec<u8>) {
    let line = serde_json::json!({ "id": thread, "thread_name": name });
    (archived(store, thread), format!("{line}\n").into_bytes())
}

fn archived(store: &Path, thread: &str) -> PathBuf {
    store.join(ARCHIVED).join(format!("{thread}.json"))
}

/// Reads `{"id", "thread_name", "updated_at"}`.
fn entry(line: &str) -> Option<(String, String)> {
    let mut entry = Object::parse(line).ok()?;
    let name = entry.string("thread_name")?;
    let name = name.trim();
    (!name.is_empty()).then_some((entry.string("id")?, name.to_owned()))
}

/// The state database with the highest number: the number is its schema's.
fn database(disk: &Disk, store: &Path) -> Option<PathBuf> {
    let numbered = disk.list(store).ok()?.into_iter().filter_map(|file| {
        let number = file.name.strip_prefix("state_")?;
        let number: u32 = number.strip_suffix(".sqlite")?.parse().ok()?;
        Some((number, file.path()))
    });
    numbered.max().map(|(_, path)| path)
}

fn query(
    path: &Path,
    thread: Option<&str>,
) -> Result<FxHashMap<String, String>, Box<dyn std::error::Error>> {
    let database = Database::open(path)?;
    if !database
        .columns("threads")?
        .iter()
        .any(|column| column == "name")
    {
        return Ok(FxHashMap::default());
    }
    let mut statement = database
        .connection()
        .prepare("SELECT id, name FROM threads WHERE name <> '' AND (?1 IS NULL OR id = ?1)")?;
    let rows = statement.query_map([thread], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.filter_map(Result::ok).collect())
}
