//! What is one unit, and when it has changed. Events are written once and never
//! again, so of a conversation with thousands of them only the folder is looked
//! at, and the last one, which may not have been complete.

use std::path::Path;

use super::file::name;
use super::{ID, v0, v1};
use crate::{Disk, Entry, Unit};

/// Which generation keeps a unit so.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A folder of the first generation.
    Session,
    /// A folder of the second generation.
    Conversation,
    /// A conversation of the first generation, exported to one file.
    Trajectory,
}

impl Kind {
    /// What lies at this path.
    pub(super) fn of(disk: &Disk, path: &Path) -> Option<Self> {
        if disk.is_file(path) {
            return Some(Self::Trajectory);
        }
        of_events(&disk.list_if_open(&path.join("events")))
    }
}

/// The generations name their events differently.
fn of_events(events: &[Entry]) -> Option<Kind> {
    events.iter().find_map(|event| {
        if v1::is_event(&event.name) {
            Some(Kind::Conversation)
        } else {
            v0::number(&event.name).map(|_| Kind::Session)
        }
    })
}

/// The unit that a folder is.
pub(super) fn unit(disk: &Disk, folder: &Path) -> Option<Unit> {
    let events = folder.join("events");
    if !disk.is_open_folder(&events) {
        return None;
    }
    let entries = disk.list(&events).ok()?;
    let kind = of_events(&entries)?;
    let state = disk.state(&events)?;
    let mut unit = Unit::of_file(ID, folder.to_owned(), &state);
    include_last(disk, &mut unit, &entries, kind);
    let beside = match kind {
        Kind::Conversation => v1::FACTS.as_slice(),
        _ => v0::FACTS.as_slice(),
    };
    include(disk, &mut unit, folder, beside);
    if kind == Kind::Conversation {
        include_children(disk, &mut unit, folder);
    }
    Some(unit)
}

fn include(disk: &Disk, unit: &mut Unit, folder: &Path, names: &[&str]) {
    for path in names.iter().map(|name| folder.join(name)) {
        if let Some(state) = disk.state(&path) {
            unit.include(&state);
            unit.parts.push(path);
        }
    }
}

fn include_last(disk: &Disk, unit: &mut Unit, events: &[Entry], kind: Kind) {
    let number = |entry: &&Entry| match kind {
        Kind::Conversation => v1::number(&entry.name),
        _ => v0::number(&entry.name),
    };
    let numbered = events.iter().filter(|entry| number(entry).is_some());
    let Some(last) = numbered.max_by_key(number) else {
        return;
    };
    if let Some(state) = disk.state_of(last) {
        unit.include(&state);
        unit.parts.push(last.path());
    }
}

/// Subagents' conversations belong to the one that asked for them.
fn include_children(disk: &Disk, unit: &mut Unit, folder: &Path) {
    for child in v1::children(disk, folder) {
        let events = child.join("events");
        if let Some(state) = disk.state(&events) {
            unit.include(&state);
        }
        unit.stamp.mix_bytes(name(&child).as_bytes());
        let entries = disk.list_if_open(&events);
        include_last(disk, unit, &entries, Kind::Conversation);
        include(disk, unit, &child, &v1::FACTS);
        include_children(disk, unit, &child);
    }
}

/// The unit that a file is, if it begins as exported conversations do.
pub(super) fn trajectory(disk: &Disk, file: &Path) -> Option<Unit> {
    let head = disk.head(file, 400).ok()?;
    if !v0::is_trajectory(&head) {
        return None;
    }
    let state = disk.state(file)?;
    Some(Unit::of_file(ID, file.to_owned(), &state))
}
