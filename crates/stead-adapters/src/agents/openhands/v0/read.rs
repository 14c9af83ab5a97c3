//! The first generation's files: a folder with a file for each event, or one file
//! with all of them.

use std::path::{Path, PathBuf};

use fs_err as fs;
use stead_usf::{Git, Issue, Session, Severity, Source};

use super::super::ID;
use super::super::file::{Document, name};
use super::elements::{Element, each};
use super::map::Mapper;
use crate::container::json::Object;
use crate::{Disk, Fate, Output, ReadError};

/// What a server keeps beside the events.
pub(in super::super) const FACTS: [&str; 1] = ["metadata.json"];

/// The number in `<number>.json`.
pub(in super::super) fn number(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".json")?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

/// Whether a file begins as an exported conversation does.
pub(in super::super) fn is_trajectory(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    let mut rest = head.trim_start_matches('\u{feff}').trim_start();
    for bracket in ['[', '{'] {
        let Some(inner) = rest.strip_prefix(bracket) else {
            return false;
        };
        rest = inner.trim_start();
    }
    let is_there = |name: &str| head.contains(&format!("\"{name}\""));
    is_there("source") && is_there("timestamp")
}

/// Reads a folder.
pub(in super::super) fn read_folder(path: &Path, output: &mut Output<'_>) -> Result<(), ReadError> {
    let events = path.join("events");
    let disk = Disk::default();
    let entries = disk.list(&events).map_err(|source| ReadError::Io {
        path: events.clone(),
        source,
    })?;
    let numbered = entries.iter();
    let numbered = numbered.filter_map(|entry| Some((number(&entry.name)?, entry.path())));
    let mut numbered: Vec<(u64, PathBuf)> = numbered.collect();
    numbered.sort_unstable();

    let mut mapper = Mapper::begin(output, Session::new(ID, name(path)));
    for file in FACTS
        .iter()
        .map(|name| path.join(name))
        .filter(|path| path.is_file())
    {
        let document = Document::load(&file, output);
        let fate = match document.object() {
            Ok(facts) => {
                tell(facts, output.header(mapper.slot));
                Fate::Mapped
            }
            Err(_) => Fate::Reported,
        };
        output.record(fate);
        complain(&mapper, output, &document);
    }
    for (number, path) in numbered {
        let document = Document::load(&path, output);
        event(&mut mapper, output, number, &document);
        if output.stopped() {
            return Err(ReadError::Stopped);
        }
    }
    mapper.finish(output);
    Ok(())
}

/// Facts that a server notes.
fn tell(mut facts: Object<'_>, header: &mut Session) {
    header.title = facts.string("title").filter(|title| !title.is_empty());
    let branch = facts
        .string("selected_branch")
        .filter(|branch| !branch.is_empty());
    header.git = branch.map(|branch| Git {
        branch: Some(branch),
        ..Git::default()
    });
}

fn complain(mapper: &Mapper, output: &mut Output<'_>, document: &Document) {
    let issue = document.issue.clone();
    let issue = issue.or_else(|| document.object().err().map(|issue| *issue));
    if let Some(issue) = issue {
        output.issue(mapper.slot, issue);
    }
}

fn event(mapper: &mut Mapper, output: &mut Output<'_>, number: u64, document: &Document) {
    complain(mapper, output, document);
    let fate = match document.object() {
        Ok(data) => mapper.event(output, number, data, &document.source),
        Err(_) => Fate::Reported,
    };
    output.record(fate);
}

/// Reads an exported conversation.
pub(in super::super) fn read_trajectory(
    path: &Path,
    output: &mut Output<'_>,
) -> Result<(), ReadError> {
    let failed = |source| ReadError::Io {
        path: path.to_owned(),
        source,
    };
    let mut file = fs::File::open(path).map_err(failed)?;
    let file_name = name(path);
    let id = file_name.strip_suffix(".json").unwrap_or(&file_name);
    let mut mapper = Mapper::begin(output, Session::new(ID, id));
    let place = path.to_string_lossy();
    let (mut offset, mut number) = (0, 0);
    // Both closures put out.
    let output = std::cell::RefCell::new(output);
    let closed = each(
        &mut file,
        &mut |bytes| {
            output.borrow_mut().raw(&place, offset, bytes);
            offset += bytes.len() as u64;
        },
        &mut |element| {
            let output = &mut output.borrow_mut();
            match element {
                Element::Whole(bytes) => {
                    let document = Document::of_bytes(&place, bytes.to_vec());
                    event(&mut mapper, output, number, &document);
                }
                Element::TooLong(length) => {
                    let message = format!("a record of {length} bytes was skipped");
                    let issue = Issue::new(Severity::Error, "too-long", message);
                    output.issue(mapper.slot, issue.at(Source::file(&*place)));
                    output.record(Fate::Reported);
                }
            }
            number += 1;
            !output.stopped()
        },
    );
    let output = output.into_inner();
    if output.stopped() {
        return Err(ReadError::Stopped);
    }
    if !closed.map_err(failed)? {
        let issue = Issue::new(Severity::Warning, "cut", "the list of events is cut");
        output.issue(mapper.slot, issue.at(Source::file(&*place)));
    }
    mapper.finish(output);
    Ok(())
}
