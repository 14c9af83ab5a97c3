//! A task's line in the list of tasks: the folder it works in, and the task that it
//! came from. The list is one file, an entry of the editor's state database, or a
//! file in every task's folder.

use std::fs;
use std::path::{Path, PathBuf};

use memchr::memmem;
use serde_json::value::RawValue;
use stead_usf::{Event, EventType, Issue, Severity, Source};

use super::Family;
use crate::container::json::{Object, Values, string};
use crate::container::sqlite::Database;
use crate::{Fate, Output};

/// A task's own file with its line. The archive keeps every line in this form.
pub(super) const OWN_FILE: &str = "history_item.json";

/// Fields that repeat what the task's own files tell, or sum it up.
const KNOWN: &[&str] = &[
    "id",
    "ulid",
    "ts",
    "task",
    "size",
    "number",
    "tokensIn",
    "tokensOut",
    "cacheWrites",
    "cacheReads",
    "totalCost",
];

/// What the list says of a task.
#[derive(Debug, Default)]
pub(super) struct Item {
    pub(super) folder: Option<String>,
    pub(super) parent: Option<String>,
    /// First and last message that the model no longer gets.
    pub(super) deleted: Option<[usize; 2]>,
    /// All else.
    pub(super) event: Option<Event>,
}

/// Finds the line of the task in this folder, in the first list that has it.
pub(super) fn find(
    family: &Family,
    folder: &Path,
    id: &str,
    lists: &[PathBuf],
    output: &mut Output<'_>,
    issues: &mut Vec<Issue>,
) -> Item {
    let own = folder.join(OWN_FILE);
    let found = fs::read(&own)
        .ok()
        .map(|bytes| (&own, String::from_utf8_lossy(&bytes).into_owned()));
    let mut elsewhere = lists.iter();
    let found = found
        .or_else(|| elsewhere.find_map(|list| listed(family, list, id).map(|json| (list, json))));
    let Some((file, json)) = found else {
        return Item::default();
    };
    output.raw(&own.to_string_lossy(), 0, json.as_bytes());
    let source = Source::file(file.to_string_lossy());
    match Object::parse(json.trim()) {
        Ok(object) => {
            output.record(Fate::Mapped);
            Item::of(object, source)
        }
        Err(error) => {
            output.record(Fate::Reported);
            let issue = Issue::new(Severity::Warning, "bad-json", error.to_string());
            issues.push(issue.at(source));
            Item::default()
        }
    }
}

impl Item {
    fn of(mut item: Object<'_>, source: Source) -> Self {
        item.ignore(KNOWN);
        let mut text = |names: [&str; 2]| {
            let found = names.iter().find_map(|name| item.string(name));
            found.filter(|text| !text.is_empty())
        };
        let folder = text(["cwdOnTaskInitialization", "workspace"]);
        let parent = text(["parentTaskId", "parentId"]);
        let deleted = item.take("conversationHistoryDeletedRange");
        item.ignore_null();
        let event = item.rest().map(|rest| {
            let mut event = Event::new("task", EventType::System);
            (event.extra, event.source) = (Some(rest), Some(source));
            event
        });
        Self {
            event,
            folder,
            parent,
            deleted: deleted.and_then(|range| serde_json::from_str(range.get()).ok()),
        }
    }
}

/// The task's line in a list.
fn listed(family: &Family, list: &Path, id: &str) -> Option<String> {
    let json = match list.extension().and_then(|extension| extension.to_str()) {
        Some("json") => fs::read(list).ok()?,
        _ => state(family, list)?,
    };
    // Lists are long and read for every task: most lines are not looked at.
    memmem::find(&json, id.as_bytes())?;
    let text = String::from_utf8_lossy(&json);
    let whole: &RawValue = serde_json::from_str(text.trim()).ok()?;
    let items = match Object::of(whole) {
        Some(mut state) => state
            .values("taskHistory")
            .or_else(|| state.values("entries"))?,
        None => serde_json::from_str::<Values<'_>>(whole.get()).ok()?,
    };
    let of_task = |item: &&&RawValue| {
        let has = memmem::find(item.get().as_bytes(), id.as_bytes()).is_some();
        has && Object::of(item).and_then(|item| string(item.peek("id")?).map(|of| of == id))
            == Some(true)
    };
    items.iter().find(of_task).map(|item| item.get().to_owned())
}

/// The extension's entry in the editor's state database.
fn state(family: &Family, path: &Path) -> Option<Vec<u8>> {
    let database = Database::open(path).ok()?;
    let mut statement = database
        .connection()
        .prepare("SELECT CAST(value AS BLOB) FROM ItemTable WHERE lower(key) = ?1")
        .ok()?;
    let mut entries = family.extensions.iter();
    let value = entries.find_map(|key| statement.query_row([key], |row| row.get(0)).ok())?;
    database.verify().ok()?;
    Some(value)
}
