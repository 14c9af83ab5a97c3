//! Which session a file's history was copied from, and which of its records
//! are copies, so that nothing is counted twice.
//!
//! Three ways of copying are told apart (`FORMAT.md`, *Identity and order*):
//! since 2.0 the copies name where they come from; before, all copies bear the
//! time of the copying and keep the ids of replies.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use memchr::memmem;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use stead_usf::LinkKind;

use super::locate::session_stem;
use super::marks::{Head, Mark, head};
use super::tree::digest;

/// So much of a sibling is searched for the first prompt.
const SIBLING_HEAD: u64 = 256 << 10;

/// What is known of a file's origin.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Lineage {
    /// The session that the history was copied from.
    pub(super) parent: Option<String>,
    /// Its file.
    pub(super) file: Option<PathBuf>,
    /// How the two hang together.
    pub(super) kind: Option<LinkKind>,
    /// Records before this byte are copies.
    pub(super) until: u64,
    /// Whether later records of the file can no longer change this.
    pub(super) settled: bool,
}

/// Tells copies from what the session did itself.
#[derive(Debug, Default)]
pub(super) struct Copies {
    until: u64,
    ids: FxHashSet<u64>,
}

impl Copies {
    /// What [`Lineage`] says, with the parent's ids at hand where they are kept.
    pub(super) fn of(lineage: &Lineage) -> Self {
        let mut ids = FxHashSet::default();
        if let (Some(file), 0) = (&lineage.file, lineage.until) {
            let each = |line: &[u8]| {
                for place in memmem::find_iter(line, b"\"uuid\":\"") {
                    ids.extend(quoted(&line[place + 8..]).map(digest));
                }
                true
            };
            // A transcript that cannot be read counts nothing either.
            let _ = lines(file, u64::MAX, each);
        }
        Self {
            until: lineage.until,
            ids,
        }
    }

    /// Whether the record at `offset` with this id was copied.
    pub(super) fn hold(&self, offset: u64, uuid: Option<&str>) -> bool {
        offset < self.until
            || (!self.ids.is_empty() && uuid.is_some_and(|uuid| self.ids.contains(&digest(uuid))))
    }

    /// Whether there are any.
    pub(super) fn any(&self) -> bool {
        self.until > 0 || !self.ids.is_empty()
    }
}

/// Finds out where a session's file comes from. One that cannot be read is
/// reported by who reads it.
pub(super) fn find(path: &Path, own: &str) -> Lineage {
    search(path, own).unwrap_or_default()
}

fn search(path: &Path, own: &str) -> io::Result<Lineage> {
    let head = head(path, own)?;
    let mut lineage = Lineage {
        settled: head.settled,
        ..Lineage::default()
    };
    if head.named {
        named(path, own, &mut lineage)?;
    } else if let Some(reply) = &head.reply {
        let sibling = original(path, &head, reply)?;
        if let Some((file, id)) = sibling {
            lineage.file = Some(file);
            lineage.parent = Some(id);
            lineage.until = head.until;
            lineage.kind = Some(if head.old {
                LinkKind::Resume
            } else {
                LinkKind::Fork
            });
        }
    }
    Ok(lineage)
}

/// The copies name their origins; the last one named is the nearest.
fn named(path: &Path, own: &str, lineage: &mut Lineage) -> io::Result<()> {
    let mut origins: Vec<String> = Vec::new();
    lines(path, u64::MAX, |line| {
        if let Some(mark) = foreign(line, own).then(|| Mark::of(line)).flatten()
            && let Some(origin) = mark.origin(own)
            && origins.last().is_none_or(|last| last != origin)
        {
            origins.push(origin.to_owned());
        }
        true
    })?;
    // Whether the copies are over is known when a record is none.
    lineage.settled = true;
    for origin in origins.iter().rev() {
        if let Some(file) = transcript(path, origin) {
            lineage.parent = Some(origin.clone());
            lineage.file = Some(file);
            lineage.kind = Some(LinkKind::Fork);
            break;
        }
    }
    Ok(())
}

/// Whether a line may name another session than `own`.
fn foreign(line: &[u8], own: &str) -> bool {
    const KEY: &[u8] = b"essionId\":\"";
    memmem::find_iter(line, KEY)
        .filter_map(|place| quoted(&line[place + KEY.len()..]))
        .any(|id| id != own)
}

/// The transcript of a session: in the same project, or else in another.
fn transcript(beside: &Path, id: &str) -> Option<PathBuf> {
    session_stem(&format!("{id}.jsonl"))?;
    let project = beside.parent()?;
    let name = format!("{id}.jsonl");
    let here = project.join(&name);
    if here.is_file() {
        return Some(here);
    }
    let projects = std::fs::read_dir(project.parent()?).ok()?;
    let mut found: Vec<_> = projects
        .filter_map(|entry| Some(entry.ok()?.path().join(&name)))
        .filter(|file| file.is_file())
        .collect();
    found.sort();
    found.into_iter().next()
}

/// The sibling in which the last copied reply was first recorded.
fn original(path: &Path, head: &Head, reply: &str) -> io::Result<Option<(PathBuf, String)>> {
    let needle = format!("\"id\":\"{reply}\"");
    let mut best: Option<(String, PathBuf, String)> = None;
    for (file, id) in siblings(path)? {
        if !begins_alike(&file, head).unwrap_or(false) {
            continue;
        }
        let mut time = None;
        let _ = lines(&file, u64::MAX, |line| {
            if memmem::find(line, needle.as_bytes()).is_some() {
                let mark = Mark::of(line);
                time = mark.and_then(|mark| mark.timestamp.map(Cow::into_owned));
            }
            time.is_none()
        });
        let Some(time) = time.filter(|time| Some(time) < head.time.as_ref()) else {
            continue;
        };
        if best.as_ref().is_none_or(|(first, ..)| time < *first) {
            best = Some((time, file, id));
        }
    }
    Ok(best.map(|(_, file, id)| (file, id)))
}

/// The other sessions of the project, by name.
fn siblings(path: &Path) -> io::Result<Vec<(PathBuf, String)>> {
    let Some(project) = path.parent() else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(project)? {
        let entry = entry?;
        let name = entry.file_name();
        if let Some(id) = name.to_str().and_then(session_stem)
            && entry.path() != path
        {
            found.push((entry.path(), id.to_owned()));
        }
    }
    found.sort();
    Ok(found)
}

/// A cheap look at a sibling before it is searched: 0.2 copies from the first
/// prompt on. Later versions may begin at a summary, anywhere in the original.
fn begins_alike(file: &Path, head: &Head) -> io::Result<bool> {
    let (true, Some(prompt)) = (head.old, &head.prompt) else {
        return Ok(true);
    };
    let mut start = Vec::new();
    File::open(file)?
        .take(SIBLING_HEAD)
        .read_to_end(&mut start)?;
    Ok(memmem::find(&start, prompt.as_bytes()).is_some())
}

/// Passes on each line, its end included, until `each` has seen enough.
pub(super) fn lines(path: &Path, most: u64, mut each: impl FnMut(&[u8]) -> bool) -> io::Result<()> {
    let mut file = BufReader::with_capacity(128 << 10, File::open(path)?.take(most));
    let mut line = Vec::new();
    loop {
        line.clear();
        if file.read_until(b'\n', &mut line)? == 0 || !each(&line) {
            return Ok(());
        }
    }
}

/// The text up to the next quotation mark.
fn quoted(bytes: &[u8]) -> Option<&str> {
    let end = memchr::memchr(b'"', &bytes[..bytes.len().min(128)])?;
    std::str::from_utf8(&bytes[..end]).ok()
}
