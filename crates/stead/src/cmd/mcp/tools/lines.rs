//! Who wrote the lines of a file, and why one is as it is.

use std::fmt::Write;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};
use stead_app::trace::{BlamedLine, Kind, Line};

use super::super::super::tracing::{ShortIds, day, short_commit};
use super::super::super::{blame, why as why_command};
use super::{Desk, arguments, object, read_on};
use crate::cli::{BlameArgs, WhyArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::text::{counted, one_line};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhoArgs {
    file: PathBuf,
    lines: Option<String>,
    revision: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhyOf {
    file: PathBuf,
    line: usize,
    revision: Option<String>,
}

fn file() -> Value {
    json!({"type": "string", "description": "The file's absolute path, or its path from the folder that stead was started in"})
}

fn revision() -> Value {
    json!({"type": "string", "description": "At this revision of git; without, in the working tree"})
}

pub(super) fn who_schema() -> Value {
    object(
        &json!({
            "file": file(),
            "lines": {"type": "string", "description": "Only these lines: `10,20`, `10,+5`, or `:function`; without, all"},
            "revision": revision(),
        }),
        &["file"],
    )
}

pub(super) fn why_schema() -> Value {
    object(
        &json!({
            "file": file(),
            "line": {"type": "integer", "minimum": 1, "description": "The line, counted from 1"},
            "revision": revision(),
        }),
        &["file", "line"],
    )
}

pub(super) fn who(given: Value, desk: &Desk) -> Result<String, CommandError> {
    let wanted: WhoArgs = arguments(given, who_schema)?;
    let args = BlameArgs {
        file: wanted.file,
        lines: wanted.lines.into_iter().collect(),
        at: wanted.revision,
        porcelain: false,
    };
    let (blamed, problems) = blame::blamed(&args, &desk.context)?;
    let mut ids = ShortIds::default();
    let mut text = String::new();
    for run in blamed.lines.chunk_by(same) {
        let Some(first) = run.first() else { continue };
        let session = first.line.session.as_deref();
        let session = session.map(|id| ids.of(id, &blamed.app));
        text += &told(run, first, session.as_deref(), &desk.context);
    }
    if !problems.is_empty() {
        let notes = counted(problems.len() as u64, "note");
        // Writing to a string cannot fail.
        let _ = writeln!(text, "({notes} of other tools could not be read)");
    }
    Ok(text)
}

/// Whether two lines that follow each other have one story.
fn same(a: &BlamedLine, b: &BlamedLine) -> bool {
    let key = |line: &Line| {
        let Line {
            origin,
            session,
            model,
            event,
            commit,
            ..
        } = line.clone();
        (origin, session, model, event, commit)
    };
    b.line.number == a.line.number + 1 && key(&a.line) == key(&b.line)
}

/// Lines with one story: whose they are, when, by which commit, and why that is said.
fn told(
    run: &[BlamedLine],
    first: &BlamedLine,
    session: Option<&str>,
    context: &Context,
) -> String {
    let line = &first.line;
    let last = run.last().map_or(line.number, |last| last.line.number);
    let mut text = match run.len() {
        1 => format!("line {last}: "),
        _ => format!("lines {}-{last}: ", line.number),
    };
    text += line.who();
    if let Some(model) = &line.model {
        let licence = line.license.as_deref().unwrap_or("licence unknown");
        // Writing to a string cannot fail.
        let _ = write!(text, ", {model} ({licence})");
    }
    if let Some(at_ms) = first.at_ms {
        let _ = write!(text, ", {}", day(at_ms, context));
    }
    let commit = line.commit.as_deref().map_or("not committed", short_commit);
    let _ = write!(text, ", {commit}");
    if line.origin != Kind::Unknown {
        let _ = write!(text, ", {:.0} % sure", f64::from(line.confidence) * 100.0);
    }
    if let Some(evidence) = line.evidence.first() {
        let _ = write!(text, ": {}", one_line(evidence));
    }
    text.push('\n');
    if let (Some(session), Some(event)) = (session, &line.event) {
        let _ = writeln!(text, "  {}", read_on(session, event));
    }
    text
}

pub(super) fn why(given: Value, desk: &Desk) -> Result<String, CommandError> {
    let wanted: WhyOf = arguments(given, why_schema)?;
    let args = WhyArgs {
        place: wanted.file,
        line: Some(wanted.line.to_string()),
        at: wanted.revision,
        reveal: false,
    };
    why_command::in_words(&args, &desk.context, read_on)
}
