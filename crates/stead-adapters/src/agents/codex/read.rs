//! Reads a thread: one file, or several segments one after the other.

use std::borrow::Cow;
use std::fs;
use std::io::BufRead;
use std::path::{Path, PathBuf};

use stead_usf::{Issue, Raw, Session, Severity, Source};

use super::live::Live;
use super::map::Mapper;
use super::state::{Part, State};
use super::{compressed, locate, names};
use crate::container::json::Object;
use crate::container::jsonl::{self, Records};
use crate::{Checkpoint, Fate, Output, Position, ReadError, Unit};

/// Changes with what [`State`] means.
pub(super) const VERSION: u32 = 5;

/// A first line is not longer than this: it holds the model's instructions.
const MAX_HEAD: u64 = 8 << 20;

/// Reads a unit, or what came since the checkpoint.
pub(super) fn read(
    unit: &Unit,
    since: Option<&Checkpoint>,
    output: &mut Output<'_>,
) -> Result<Checkpoint, ReadError> {
    let rewritten = || ReadError::Rewritten {
        path: unit.path.clone(),
    };
    let files: Vec<&PathBuf> = rollouts(unit).collect();
    let parts = describe(&files)?;
    let (earlier, position) = match since {
        None => (None, Position::Whole),
        Some(since) => {
            let state = resume(since, &parts).ok_or_else(rewritten)?;
            let header = since.sessions.first().cloned().ok_or_else(rewritten)?;
            (Some((state, header)), since.position.clone())
        }
    };
    let append = earlier.is_some();
    let thread = thread(unit);
    let thread = thread.as_ref();
    let (state, header) =
        earlier.unwrap_or_else(|| (State::default(), Session::new(super::ID, thread)));
    let mut mapper = Mapper {
        slot: output.begin(header, append),
        live: Live::new(!append),
        file: if append { files.len() - 1 } else { 0 },
        state: State {
            files: parts,
            ..state
        },
        rewritten: false,
    };
    let (position, partial) = if append {
        let end = jsonl::read(files[mapper.file], Some(&position), output, &mut mapper)?;
        (end.position, end.partial)
    } else {
        read_files(&files, output, &mut mapper)?
    };
    if mapper.rewritten {
        return Err(rewritten());
    }
    finish(unit, thread, output, &mut mapper);
    let checkpoint = Checkpoint {
        version: VERSION,
        position,
        state: Raw::of(&mapper.state).ok(),
        sessions: output.headers(),
    };
    if let Some(issue) = partial {
        output.issue(mapper.slot, issue);
    }
    Ok(checkpoint)
}

/// The thread's id. A file that is not named as rollouts are still needs a name.
pub(super) fn thread(unit: &Unit) -> Cow<'_, str> {
    let stem = || unit.path.file_stem().map(|stem| stem.to_string_lossy());
    match locate::name(&unit.path) {
        Some(name) => Cow::Borrowed(name.thread),
        None => stem().unwrap_or(Cow::Borrowed("unnamed")),
    }
}

/// The rollouts of a unit, without the database.
pub(super) fn rollouts(unit: &Unit) -> impl Iterator<Item = &PathBuf> {
    let is_rollout = |path: &&PathBuf| path.extension().is_none_or(|e| e != "sqlite");
    std::iter::once(&unit.path).chain(unit.parts.iter().filter(is_rollout))
}

/// Reads all files in order. What is said of the end is said of the last.
fn read_files(
    files: &[&PathBuf],
    output: &mut Output<'_>,
    mapper: &mut Mapper,
) -> Result<(Position, Option<Issue>), ReadError> {
    let mut end = (Position::Whole, None);
    for (place, path) in files.iter().enumerate() {
        if let Some(issue) = end.1.take() {
            mapper.damaged(output, issue);
        }
        mapper.file = place;
        mapper.state.line = (0, 0);
        end = if compressed::is_compressed(path) {
            (Position::Whole, compressed::read(path, output, mapper)?)
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            document(path, output, mapper)?;
            (Position::Whole, None)
        } else {
            let end = jsonl::read(path, None, output, mapper)?;
            (end.position, end.partial)
        };
    }
    Ok(end)
}

/// What the records alone do not say.
fn finish(unit: &Unit, thread: &str, output: &mut Output<'_>, mapper: &mut Mapper) {
    let store = locate::store_of(&unit.path).unwrap_or(Path::new(""));
    let database = unit
        .parts
        .iter()
        .find(|path| path.extension().is_some_and(|e| e == "sqlite"));
    let named = database
        .and_then(|database| names::in_database(database, thread))
        .or_else(|| names::in_files(store, thread));
    if let Some(name) = &named {
        let (path, line) = names::archive(store, thread, name);
        output.raw(&path.to_string_lossy(), 0, &line);
    }
    let status = mapper.status();
    let header = output.header(mapper.slot);
    header.title = named.or_else(|| mapper.state.title.clone());
    header.status = status;
    if mapper.state.subagent.is_some() {
        // The copied talk is the parent's.
        header.first_prompt = None;
    }
    // These stay in the state: should more come yet, all is read again.
    for event in mapper.state.shown.clone() {
        output.event(mapper.slot, event);
    }
    if let Some(event) = mapper.state.request.pending().cloned() {
        output.event(mapper.slot, *event);
    }
}

/// What to go on from, if the checkpoint still holds: only the last file may
/// have grown, and it must be a plain one.
fn resume(since: &Checkpoint, parts: &[Part]) -> Option<State> {
    if since.version != VERSION || !matches!(since.position, Position::Bytes { .. }) {
        return None;
    }
    let state: State = since.state.as_ref()?.to().ok()?;
    let (_, known) = state.files.split_last()?;
    let (last, now) = parts.split_last()?;
    let same = known == now && state.files.last()?.name == last.name;
    let settled = state.request.pending().is_none() && state.shown.is_empty();
    (same && settled).then_some(state)
}

/// The files of the thread with the ordinals up to which they are live.
fn describe(files: &[&PathBuf]) -> Result<Vec<Part>, ReadError> {
    let mut parts = Vec::with_capacity(files.len());
    for path in files {
        let metadata = fs::metadata(path).map_err(|source| ReadError::Io {
            path: (*path).clone(),
            source,
        })?;
        let name = compressed::plain(path);
        parts.push(Part {
            name: name
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            length: metadata.len(),
            limit: None,
        });
    }
    let mut limit: Option<u64> = None;
    for place in (1..files.len()).rev() {
        if let Some(base) = base_of(files[place]) {
            limit = Some(limit.map_or(base, |limit| limit.min(base)));
        }
        parts[place - 1].limit = limit;
    }
    Ok(parts)
}

/// Where a segment branches off its own thread: the first ordinal that it
/// leaves out.
fn base_of(segment: &Path) -> Option<u64> {
    let mut line = String::new();
    let input = compressed::open(segment).ok()?;
    std::io::Read::take(input, MAX_HEAD)
        .read_line(&mut line)
        .ok()?;
    let mut meta = Object::parse(line.trim()).ok()?.object("payload")?;
    let mut base = meta.object("history_base")?;
    let same = base.text("thread_id")? == meta.text("id")?;
    base.u64("end_ordinal_exclusive").filter(|_| same)
}

/// Reads the oldest form: one document `{session: {…}, items: […]}`.
fn document(path: &Path, output: &mut Output<'_>, mapper: &mut Mapper) -> Result<(), ReadError> {
    let bytes = fs::read(path).map_err(|source| ReadError::Io {
        path: path.to_owned(),
        source,
    })?;
    let name = path.to_string_lossy();
    output.raw(&name, 0, &bytes);
    let text = String::from_utf8_lossy(&bytes);
    let source = Source::file(name.as_ref());
    let parsed = Object::parse(&text).ok().and_then(|mut document| {
        let items = document.values("items")?;
        Some((document, items))
    });
    let Some((mut document, items)) = parsed else {
        output.record(Fate::Reported);
        let message = "the file is no JSON document of a session";
        let issue = Issue::new(Severity::Error, "bad-json", message);
        mapper.damaged(output, issue.at(source));
        return Ok(());
    };
    if let Some(session) = document.object("session") {
        let fate = mapper.record(output, session, source.clone());
        output.record(fate);
    }
    for item in items {
        let start = item.get().as_ptr() as usize - text.as_ptr() as usize;
        let place = Source {
            bytes: Some([start as u64, (start + item.get().len()) as u64]),
            ..source.clone()
        };
        let fate = if let Some(object) = Object::of(item) {
            mapper.record(output, object, place)
        } else {
            let message = "an item is no object";
            let issue = Issue::new(Severity::Error, "bad-json", message);
            mapper.damaged(output, issue.at(place));
            Fate::Reported
        };
        output.record(fate);
    }
    Ok(())
}
