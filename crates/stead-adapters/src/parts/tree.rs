//! Trees of JSON files: one file a session, a message, a part.

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use fs_err as fs;
use serde_json::value::RawValue;
use stead_usf::{Issue, Severity, Source};

use super::facts::Facts;
use super::locate::databases;
use super::map::{Mapper, Record};
use super::{Family, MOVED, database, origin};
use crate::container::json::Object;
use crate::{Disk, Entry, Fate, Output, ReadError, Unit};

/// Where the files of one session lie.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    family: &'static Family,
    pub(super) info: PathBuf,
    pub(super) id: String,
    /// Folder of the message files.
    messages: PathBuf,
    /// Folder of the folders of part files, one a message.
    parts: PathBuf,
    /// Whether `parts` holds this session's only (0.1 to 0.5).
    own_parts: bool,
    /// Messages of which only parts are left: a revert deletes the message's
    /// file and forgets the others.
    orphans: Vec<String>,
}

impl Tree {
    /// From the path of the session's own file:
    /// `…/storage/session/info/SES.json`, later `…/storage/session/PROJECT/SES.json`.
    pub(super) fn of(family: &'static Family, info: &Path) -> Self {
        let id = stem(info);
        let folder = info.parent().unwrap_or(info);
        let session = folder.parent().unwrap_or(folder);
        let first = folder.file_name() == Some(OsStr::new("info"));
        if first {
            return Self {
                family,
                messages: session.join("message").join(&id),
                parts: session.join("part").join(&id),
                info: info.to_owned(),
                id,
                own_parts: true,
                orphans: Vec::new(),
            };
        }
        let storage = session.parent().unwrap_or(session);
        Self {
            family,
            messages: storage.join("message").join(&id),
            parts: storage.join("part"),
            info: info.to_owned(),
            id,
            own_parts: false,
            orphans: Vec::new(),
        }
    }

    /// The tree of a unit, with the orphans that discovery found for it.
    pub(super) fn of_unit(family: &'static Family, unit: &Unit) -> Self {
        let mut tree = Self::of(family, &unit.path);
        let folders: BTreeSet<_> = unit.parts.iter().filter_map(|file| file.parent()).collect();
        let orphans = folders
            .into_iter()
            .filter(|folder| **folder != tree.messages);
        tree.orphans = orphans.map(stem).collect();
        tree
    }

    /// Folders of parts whose message is in no session: each with the session
    /// that its parts name. Only of the newer generation, which keeps the parts
    /// of all sessions in one place.
    pub(super) fn orphans(disk: &Disk, storage: &Path) -> Vec<(String, String)> {
        let sessions = folders(disk, &storage.join("message"));
        let known: HashSet<String> = sessions
            .iter()
            .flat_map(|session| files(disk, session))
            .map(|file| stem(&file))
            .collect();
        let mut found = Vec::new();
        for folder in folders(disk, &storage.join("part")) {
            let message = stem(&folder);
            if known.contains(&message) {
                continue;
            }
            let first = files(disk, &folder).into_iter().next();
            let json = first.and_then(|part| String::from_utf8(disk.read(&part).ok()?).ok());
            let session = json.and_then(|json| Object::parse(&json).ok()?.string("sessionID"));
            found.extend(session.map(|session| (session, message)));
        }
        found
    }

    pub(super) fn adopt(&mut self, message: String) {
        self.orphans.push(message);
    }

    /// The same place for another session of the same store.
    pub(super) fn sibling(&self, id: &str) -> Self {
        let info = self.info.with_file_name(format!("{id}.json"));
        Self::of(self.family, &info)
    }

    /// Ids of the messages, in order. Parts may outlive their message's file.
    pub(super) fn messages(&self, disk: &Disk) -> Vec<String> {
        let mut ids: BTreeSet<String> = files(disk, &self.messages)
            .iter()
            .map(|file| stem(file))
            .collect();
        if self.own_parts {
            ids.extend(folders(disk, &self.parts).iter().map(|folder| stem(folder)));
        }
        ids.extend(self.orphans.iter().cloned());
        ids.into_iter().collect()
    }

    pub(super) fn message(&self, id: &str) -> PathBuf {
        self.messages.join(format!("{id}.json"))
    }

    /// The files of a message's parts, in order.
    pub(super) fn parts(&self, disk: &Disk, message: &str) -> Vec<PathBuf> {
        files(disk, &self.parts.join(message))
    }

    /// The unit with the states of all files.
    pub(super) fn unit(&self, disk: &Disk) -> Option<Unit> {
        let state = disk.state(&self.info)?;
        let mut unit = Unit::of_file(self.family.agent(), self.info.clone(), &state);
        include_files(disk, &mut unit, &self.messages);
        let own = if self.own_parts {
            folders(disk, &self.parts)
        } else {
            Vec::new()
        };
        let message = |id: &String| self.parts.join(id);
        let parts: BTreeSet<_> = self.messages(disk).iter().map(message).chain(own).collect();
        for folder in parts {
            include_files(disk, &mut unit, &folder);
        }
        Some(unit)
    }

    /// The unit of a session that has been taken over by a database.
    pub(super) fn frozen_unit(&self, disk: &Disk) -> Option<Unit> {
        let state = disk.state(&self.info)?;
        let mut unit = Unit::of_file(self.family.agent(), self.info.clone(), &state);
        unit.stamp.mix(1);
        Some(unit)
    }

    /// Whether a database beside the files holds the session too: the agent
    /// moved it there.
    fn is_moved(&self, disk: &Disk) -> bool {
        // storage/session/X/SES.json, or project/P/storage/session/info/SES.json
        self.info.ancestors().skip(4).take(3).any(|folder| {
            databases(self.family, disk, folder).iter().any(|database| {
                database::session_ids(database).is_ok_and(|ids| ids.contains(&self.id))
            })
        })
    }
}

/// Takes the JSON files of a folder into a unit.
fn include_files(disk: &Disk, unit: &mut Unit, path: &Path) {
    for entry in disk.list(path).unwrap_or_default() {
        if !entry.is_folder
            && Path::new(&entry.name).extension() == Some(OsStr::new("json"))
            && let Some(state) = disk.state_of(&entry)
        {
            unit.include(&state);
            unit.parts.push(entry.path());
        }
    }
}

/// Reads one session.
pub(super) fn read(
    family: &'static Family,
    unit: &Unit,
    output: &mut Output<'_>,
) -> Result<(), ReadError> {
    let (tree, disk) = (Tree::of_unit(family, unit), Disk::default());
    if tree.is_moved(&disk) {
        output.record(Fate::Ignored(MOVED));
        return Ok(());
    }
    let info = load(&tree.info, output).map_err(|source| ReadError::Io {
        path: unit.path.clone(),
        source,
    })?;
    let parsed = Object::parse(object_of(&info.text).0);
    let damage = parsed.as_ref().err().map(ToString::to_string);
    let mut facts = Facts::of_info(family, &tree.id, parsed.unwrap_or_default());
    if let Some(parent) = facts.parent.as_deref() {
        facts.call = origin::starting_call(&tree, parent, output);
    }
    let mut mapper = Mapper::begin(output, &facts);
    let mut reader = Reader {
        output,
        mapper: &mut mapper,
        removed: false,
    };
    let fate = match damage {
        Some(error) => reader.bad_json(&tree.info, &error),
        None => Fate::Mapped,
    };
    reader.output.record(fate);
    if info.lossy {
        reader.bad_utf8(&tree.info);
    }
    for message in tree.messages(&disk) {
        reader.removed = false;
        reader.file(&tree.message(&message), &message, None);
        for part in tree.parts(&disk, &message) {
            reader.file(&part, &stem(&part), Some(&message));
        }
        if reader.output.stopped() {
            return Err(ReadError::Stopped);
        }
    }
    mapper.finish(output);
    Ok(())
}

struct Reader<'r, 's> {
    output: &'r mut Output<'s>,
    mapper: &'r mut Mapper,
    /// Whether the message at hand was deleted.
    removed: bool,
}

impl Reader<'_, '_> {
    /// Reads a message's file, or a part's of `message`.
    fn file(&mut self, path: &Path, id: &str, message: Option<&str>) {
        let source = Source::file(path.to_string_lossy());
        let loaded = match load(path, self.output) {
            Ok(loaded) => loaded,
            Err(error) if error.kind() == ErrorKind::NotFound && message.is_none() => {
                self.removed = true;
                return;
            }
            Err(error) => {
                let issue = Issue::new(Severity::Error, "unreadable", error.to_string());
                self.output.issue(self.mapper.slot, issue.at(source));
                self.output.record(Fate::Reported);
                return;
            }
        };
        if loaded.lossy {
            self.bad_utf8(path);
        }
        let (json, leftover) = object_of(&loaded.text);
        if !leftover.is_empty() {
            let message = format!("{} bytes stand behind the record", leftover.len());
            let issue = Issue::new(Severity::Warning, "leftover", message).at(source.clone());
            self.output.issue(self.mapper.slot, issue);
        }
        let fate = match Object::parse(json) {
            Ok(data) => {
                let record = Record {
                    id,
                    message: message.unwrap_or(id),
                    data,
                    row: None,
                    source,
                    removed: self.removed,
                };
                if message.is_some() {
                    self.mapper.part(self.output, record)
                } else {
                    self.mapper.message(self.output, record)
                }
            }
            Err(error) => self.bad_json(path, &error.to_string()),
        };
        self.output.record(fate);
    }

    fn bad_json(&mut self, path: &Path, error: &str) -> Fate {
        let issue =
            Issue::new(Severity::Error, "bad-json", error).at(Source::file(path.to_string_lossy()));
        self.output.issue(self.mapper.slot, issue);
        Fate::Reported
    }

    fn bad_utf8(&mut self, path: &Path) {
        let message = "bytes that are no UTF-8 were replaced";
        let issue = Issue::new(Severity::Warning, "bad-utf8", message)
            .at(Source::file(path.to_string_lossy()));
        self.output.issue(self.mapper.slot, issue);
    }
}

struct Loaded {
    text: String,
    lossy: bool,
}

/// The object that a file holds, without what may be around it: a byte order
/// mark, NUL bytes after a crash, or the end of what a longer file held before,
/// which comes back apart. A file that is no such thing comes back as it is.
pub(super) fn object_of(text: &str) -> (&str, &str) {
    let around = |c: char| c.is_whitespace() || matches!(c, '\0' | '\u{feff}');
    let trimmed = text.trim_matches(around);
    if !trimmed.is_empty() && Object::parse(trimmed).is_err() {
        let mut values = serde_json::Deserializer::from_str(trimmed).into_iter::<&RawValue>();
        return match values.next() {
            Some(Ok(value)) if value.get().starts_with('{') => {
                (value.get(), &trimmed[value.get().len()..])
            }
            _ => (text, ""),
        };
    }
    (trimmed, "")
}

/// A file as text, passed on for the archive.
fn load(path: &Path, output: &mut Output<'_>) -> std::io::Result<Loaded> {
    let bytes = fs::read(path)?;
    output.raw(&path.to_string_lossy(), 0, &bytes);
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Loaded { text, lossy: false },
        Err(error) => Loaded {
            text: String::from_utf8_lossy(error.as_bytes()).into_owned(),
            lossy: true,
        },
    })
}

/// The `.json` files of a folder, sorted; none if it cannot be listed.
pub(super) fn files(disk: &Disk, folder: &Path) -> Vec<PathBuf> {
    entries(disk, folder, |entry| {
        !entry.is_folder && Path::new(&entry.name).extension() == Some(OsStr::new("json"))
    })
}

/// The folders in a folder, sorted.
pub(super) fn folders(disk: &Disk, folder: &Path) -> Vec<PathBuf> {
    entries(disk, folder, |entry| disk.leads_to_folder(entry))
}

fn entries(disk: &Disk, folder: &Path, wanted: impl Fn(&Entry) -> bool) -> Vec<PathBuf> {
    let entries = disk.list(folder).unwrap_or_default();
    let wanted = entries.iter().filter(|entry| wanted(entry));
    wanted.map(Entry::path).collect()
}

/// A file's name without `.json`.
pub(super) fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.strip_suffix(".json").unwrap_or(&name).to_owned()
}
