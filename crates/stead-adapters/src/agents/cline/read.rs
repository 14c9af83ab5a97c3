//! Reads a session's folder: what is said of it, its messages, and those of its
//! subagents.

use std::path::{Path, PathBuf};

use stead_usf::{Issue, Severity, Source};

use super::about::{About, Compaction, put_around};
use super::talk::Talk;
use super::{FAMILY, VERSION};
use crate::container::array::{Array, Next};
use crate::{Checkpoint, Fate, Output, Position, ReadError, Unit, tasks};

/// How messages begin.
const HEAD: &str = "{\n      \"id\":";
const MESSAGES: &str = ".messages.json";

/// Calls that started subagents: what they were asked, and the call.
pub(super) type Starts = Vec<(String, String)>;

/// Reads a task or a session.
pub(super) fn read(unit: &Unit, output: &mut Output<'_>) -> Result<Checkpoint, ReadError> {
    let above = unit.path.parent().and_then(Path::file_name);
    if above.is_some_and(|name| name == "tasks") {
        return tasks::read(&FAMILY, unit, output);
    }
    let name = unit.path.file_name().unwrap_or_default().to_string_lossy();
    let own = unit.path.join(format!("{name}{MESSAGES}"));
    let is_child = |path: &&PathBuf| path.to_string_lossy().ends_with(MESSAGES) && **path != own;
    let mut starts = Starts::new();
    session(&unit.path, &own, &mut starts, output)?;
    for child in unit.parts.iter().filter(is_child) {
        session(&unit.path, child, &mut starts, output)?;
    }
    Ok(Checkpoint {
        version: VERSION,
        position: Position::Whole,
        state: None,
        sessions: output.headers(),
    })
}

fn session(
    folder: &Path,
    path: &Path,
    starts: &mut Starts,
    output: &mut Output<'_>,
) -> Result<(), ReadError> {
    let root = folder.file_name().unwrap_or_default().to_string_lossy();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_suffix(MESSAGES).unwrap_or(&name);
    let Some(mut file) = Array::open_field(path, "messages", HEAD)? else {
        return Ok(());
    };
    let mut issues = Vec::new();
    // What is said of the session stands in the root's file alone.
    let own = name == root;
    let manifest = document(
        &folder.join(format!("{root}.json")),
        own,
        output,
        &mut issues,
    );
    let compaction = own.then(|| folder.join(format!("{root}.compaction.json")));
    let compaction = compaction.and_then(|path| document(&path, true, output, &mut issues));
    file.enter(output)?;
    let mut about = About::of(manifest.as_deref().unwrap_or_default(), own);
    about.take_in(&file.around());
    let id = match &about.id {
        Some(id) => id.clone(),
        None if own => name.to_owned(),
        None => format!("{root}__{name}"),
    };
    let header = about.header(&id, (!own).then_some(&*root));
    let slot = output.begin(header, false);
    for issue in issues {
        output.issue(slot, issue);
    }
    let compaction = compaction.as_deref().and_then(Compaction::of);
    let mut talk = Talk::new(slot, &id, about.is_child(own), about.forked, compaction);
    about.put(slot, &folder.join(format!("{root}.json")), output);
    while let Some(next) = file.next(output)? {
        match next {
            Next::Element(element) => talk.message(output, &element, starts),
            Next::Damaged(issue) => {
                output.record(Fate::Reported);
                output.issue(slot, issue);
            }
        }
        if output.stopped() {
            return Err(ReadError::Stopped);
        }
    }
    talk.finish(output, about.stopped);
    put_around(&file.around(), own, slot, path, output);
    output.end(slot);
    Ok(())
}

/// A small file as text; none if it is not there. Only what is `counted` is a
/// record of this session.
fn document(
    path: &Path,
    counted: bool,
    output: &mut Output<'_>,
    issues: &mut Vec<Issue>,
) -> Option<String> {
    let bytes = std::fs::read(path).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if !counted {
        return Some(text);
    }
    output.raw(&path.to_string_lossy(), 0, &bytes);
    let parsed = serde_json::from_str::<serde::de::IgnoredAny>(&text);
    output.record(if parsed.is_ok() {
        Fate::Mapped
    } else {
        Fate::Reported
    });
    if let Err(error) = parsed {
        let issue = Issue::new(Severity::Error, "bad-json", error.to_string());
        issues.push(issue.at(Source::file(path.to_string_lossy())));
        return None;
    }
    Some(text)
}
