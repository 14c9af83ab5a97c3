//! A conversation as files: its state, a file for each event, and its subagents'
//! conversations in folders below.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use super::super::file::{Document, name};
use super::facts::{is_id, native_id};
use super::log::{Log, Mark};
use crate::ids::digest;
use crate::{Disk, Output, ReadError};

/// Files with facts, in the order in which they count.
pub(in super::super) const FACTS: [&str; 2] = ["base_state.json", "meta.json"];

/// The log of a folder.
pub(in super::super) struct Folder {
    path: PathBuf,
    id: String,
    events: Vec<PathBuf>,
    next: usize,
    last: String,
}

impl Folder {
    pub(in super::super) fn new(path: &Path) -> Self {
        let disk = Disk::default();
        Self {
            id: native_id(&name(path)),
            events: events(&disk, path),
            path: path.to_owned(),
            next: 0,
            last: String::new(),
        }
    }

    /// A digest of the names of the first events. Names hold the events' ids.
    fn digest(&self, count: usize) -> Option<u64> {
        let names = self.events.get(..count)?.iter();
        Some(names.fold(0_u64, |sum, path| sum.rotate_left(5) ^ digest(&name(path))))
    }
}

impl Log for Folder {
    fn id(&self) -> &str {
        &self.id
    }

    fn facts(&mut self, output: &mut Output<'_>) -> Result<Vec<Document>, ReadError> {
        let files = FACTS.iter().map(|name| self.path.join(name));
        let there = files.filter(|path| path.is_file());
        Ok(there.map(|path| Document::load(&path, output)).collect())
    }

    fn next(&mut self, output: &mut Output<'_>) -> Result<Option<Document>, ReadError> {
        let Some(path) = self.events.get(self.next) else {
            return Ok(None);
        };
        self.next += 1;
        self.last = name(path).into_owned();
        Ok(Some(Document::load(path, output)))
    }

    fn skip(&mut self, mark: &Mark) -> Result<bool, ReadError> {
        let count = usize::try_from(mark.events).unwrap_or(usize::MAX);
        if self.digest(count) != Some(mark.digest) {
            return Ok(false);
        }
        self.next = count;
        self.last.clone_from(&mark.last);
        Ok(true)
    }

    fn mark(&self) -> Mark {
        Mark {
            events: self.next as u64,
            digest: self.digest(self.next).unwrap_or(0),
            last: self.last.clone(),
        }
    }

    fn events_of(&self, conversation: &str) -> Option<FxHashSet<u64>> {
        let folder = self.path.with_file_name(native_id(conversation));
        let events = events(&Disk::default(), &folder);
        let ids = events.iter().map(|path| digest(id_in(&name(path))));
        let ids: FxHashSet<u64> = ids.collect();
        (!ids.is_empty()).then_some(ids)
    }

    fn subagents(&self) -> Vec<Box<dyn Log>> {
        let folders = children(&Disk::default(), &self.path).into_iter();
        folders
            .map(|path| Box::new(Self::new(&path)) as Box<dyn Log>)
            .collect()
    }
}

/// The conversations of a conversation's subagents.
pub(in super::super) fn children(disk: &Disk, folder: &Path) -> Vec<PathBuf> {
    let entries = disk.list_if_open(&folder.join("subagents"));
    let folders = entries.iter().filter(|entry| is_id(&entry.name));
    folders
        .filter(|entry| disk.leads_to_folder(entry))
        .map(crate::Entry::path)
        .collect()
}

/// The event files of a conversation, in order.
fn events(disk: &Disk, folder: &Path) -> Vec<PathBuf> {
    let entries = disk.list_if_open(&folder.join("events"));
    let numbered = entries
        .iter()
        .filter_map(|entry| Some((number(&entry.name)?, entry)));
    let mut numbered: Vec<_> = numbered.collect();
    // Beyond 99999 the names are longer, so their own order would not do.
    numbered.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
    numbered.iter().map(|(_, entry)| entry.path()).collect()
}

/// Whether a file of this name is an event.
pub(in super::super) fn is_event(name: &str) -> bool {
    number(name).is_some()
}

/// The number in `event-<number>-<id>.json`.
pub(in super::super) fn number(name: &str) -> Option<u64> {
    let rest = name.strip_prefix("event-")?.strip_suffix(".json")?;
    rest.split_once('-')?.0.parse().ok()
}

fn id_in(name: &str) -> &str {
    let rest = name.strip_prefix("event-").unwrap_or(name);
    let rest = rest.strip_suffix(".json").unwrap_or(rest);
    rest.split_once('-').map_or(rest, |(_, id)| id)
}
