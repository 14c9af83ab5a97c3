//! Files beside a transcript: titles, what is known of a subagent's start, and
//! outputs that were too long for the transcript.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use memchr::memmem;
use serde::Deserialize;
use stead_usf::{Issue, LinkKind};

use super::lineage::lines;
use super::locate::agent_stem;
use super::read::{Reader, Title, slot};
use crate::container::json::Object;
use crate::{Fate, Output};

/// So much of a long output is shown.
const LONGEST: usize = 8 << 20;
/// A title or a description is never longer.
const LARGEST: u64 = 1 << 20;

/// Reads the files beside the transcript. Returns problems that may be gone
/// at the next reading.
pub(super) fn read(reader: &mut Reader<'_>, output: &mut Output<'_>) -> Vec<Issue> {
    let mut problems = Vec::new();
    for path in &reader.unit.parts {
        let fate = match small_file(path, output) {
            Ok(text) if take(reader, &text, output) => Fate::Mapped,
            Ok(_) => {
                problems.push(Reader::unreadable(path, &"it is not a JSON object"));
                Fate::Reported
            }
            // It went away since it was found: nobody loses anything.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => {
                problems.push(Reader::unreadable(path, &error));
                Fate::Reported
            }
        };
        output.record(fate);
    }
    if reader.place.agent {
        find_call(reader, output);
    }
    problems
}

fn small_file(path: &Path, output: &mut Output<'_>) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST).read_to_end(&mut bytes)?;
    output.raw(&path.to_string_lossy(), 0, &bytes);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Takes a title, or what started a subagent, into the header.
fn take(reader: &mut Reader<'_>, text: &str, output: &mut Output<'_>) -> bool {
    let Ok(mut object) = Object::parse(text.trim_matches(['\u{feff}', '\0', ' ', '\n', '\r']))
    else {
        return false;
    };
    if reader.talks.is_empty() {
        return true;
    }
    if let Some(title) = object.string("customTitle") {
        reader.title(output, 0, title, Title::Given);
    }
    if let Some(title) = object.string("description") {
        reader.title(output, 0, title, Title::Task);
    }
    if let Some(call) = object.string("toolUseId") {
        let nested = object.u64("spawnDepth").is_some_and(|depth| depth > 1);
        let starter = nested.then(|| starter(reader, &call)).flatten();
        let starter = starter.map(|id| reader.link(&id, LinkKind::Subagent, None));
        if let Some(parent) = &mut output.header(slot(0)).parent {
            if let Some(starter) = starter {
                *parent = starter;
            }
            parent.call_id = Some(call);
        }
    }
    true
}

/// The subagent that started another one: its transcript holds the call.
fn starter(reader: &Reader<'_>, call: &str) -> Option<String> {
    let needle = format!("\"id\":\"{call}\"");
    let mut folders = vec![reader.place.folder.join("subagents")];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
            .ok()?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        entries.sort();
        for path in entries {
            let id = path.file_name().and_then(|name| name.to_str());
            match id.and_then(agent_stem) {
                Some(id) if path != reader.unit.path && holds(&path, &needle) => {
                    return Some(id.to_owned());
                }
                None if path.is_dir() && !path.is_symlink() => folders.push(path),
                _ => {}
            }
        }
    }
    None
}

fn holds(path: &Path, needle: &str) -> bool {
    let mut found = false;
    let _ = lines(path, u64::MAX, |line| {
        found = memmem::find(line, needle.as_bytes()).is_some();
        !found
    });
    found
}

/// 2.0 notes the call only in the session that made it: find it there by the
/// prompt, or if that was given more than once, by the subagent's id.
fn find_call(reader: &mut Reader<'_>, output: &mut Output<'_>) {
    let Some(prompt) = &reader.task else { return };
    let Some(talk) = reader.talks.first() else {
        return;
    };
    let header = output.header(slot(0));
    let Some(parent) = header
        .parent
        .clone()
        .filter(|parent| parent.call_id.is_none())
    else {
        return;
    };
    let id = talk.id.strip_prefix("agent-").unwrap_or(&talk.id);
    let Some(project) = reader.place.folder.parent() else {
        return;
    };
    let session = project.join(format!("{}.jsonl", parent.id.native()));
    let Some((call, title)) = search(&session, prompt, id) else {
        return;
    };
    if let Some(parent) = &mut output.header(slot(0)).parent {
        parent.call_id = Some(call);
    }
    reader.task = None;
    reader.title(output, 0, title.unwrap_or_default(), Title::Task);
}

#[derive(Deserialize)]
struct Line {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: Vec<Block>,
}

#[derive(Deserialize)]
struct Block {
    id: Option<String>,
    tool_use_id: Option<String>,
    input: Option<Input>,
}

#[derive(Deserialize)]
struct Input {
    description: Option<String>,
}

/// The call in a session's transcript, and what it is about.
fn search(session: &Path, prompt: &str, agent: &str) -> Option<(String, Option<String>)> {
    let given = format!("\"prompt\":{prompt}");
    let named = format!("\"agentId\":\"{agent}\"");
    let mut calls: Vec<(String, Option<String>)> = Vec::new();
    let mut answered = None;
    lines(session, u64::MAX, |line| {
        let asks = memmem::find(line, given.as_bytes()).is_some();
        let answers = memmem::find(line, named.as_bytes()).is_some();
        if asks || answers {
            let blocks = serde_json::from_slice::<Line>(line).map(|line| line.message.content);
            for block in blocks.unwrap_or_default() {
                let about = block.input.and_then(|input| input.description);
                calls.extend(block.id.filter(|_| asks).map(|id| (id, about)));
                answered = answered.take().or(block.tool_use_id.filter(|_| answers));
            }
        }
        answered.is_none()
    })
    .ok()?;
    match answered {
        Some(call) => {
            let known = calls.into_iter().find(|(id, _)| *id == call);
            Some(known.unwrap_or((call, None)))
        }
        None if calls.len() == 1 => calls.pop(),
        None => None,
    }
}

/// An output that was written to a file of its own: its text up to a bound.
/// The archive gets all of it.
pub(super) fn spilled(folder: &Path, name: &str, output: &mut Output<'_>) -> Option<String> {
    let path = folder.join("tool-results").join(name);
    let mut file = File::open(&path).ok().filter(|_| path.is_file())?;
    let shown = path.to_string_lossy();
    let mut text = Vec::new();
    let mut chunk = vec![0; 256 << 10];
    let mut offset = 0;
    loop {
        let length = file.read(&mut chunk).ok()?;
        if length == 0 {
            break;
        }
        output.raw(&shown, offset, &chunk[..length]);
        offset += length as u64;
        let wanted = LONGEST.saturating_sub(text.len()).min(length);
        text.extend_from_slice(&chunk[..wanted]);
    }
    // A character that the bound cuts in two is left out.
    if text.len() == LONGEST
        && let Err(error) = std::str::from_utf8(&text)
        && error.error_len().is_none()
    {
        text.truncate(error.valid_up_to());
    }
    Some(String::from_utf8_lossy(&text).into_owned())
}
