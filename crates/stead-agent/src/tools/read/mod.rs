//! `read`: shows a file's lines with their numbers.

use std::fmt::Write as _;
use std::io::Read as _;

use serde_json::{Map, Value, json};
use stead_llm::ToolSpec;
use stead_usf::ToolKind;

use super::arguments::Arguments;
use super::lines::{LONGEST_LINE, count, numbered, text};
use super::paths::{Found, found, reads, unreadable};
use super::{Answer, Bench, Tool, Touches, list, spec};
use crate::workspace::Workspace;

#[cfg(test)]
mod tests;

/// So many lines are shown if nothing else is said.
const LINES: usize = 2_000;
/// Larger files are left to commands.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Shows a file.
pub(super) struct Read;

struct Asked {
    path: String,
    offset: usize,
    limit: usize,
    notes: Vec<String>,
}

fn asked(given: &Map<String, Value>, workspace: &Workspace) -> Result<Asked, String> {
    let mut arguments = Arguments::of(given, workspace);
    let path = arguments.path_or_top()?;
    let path = path.ok_or("`path` is missing; call again with it")?;
    let offset = arguments.number("offset", &["start", "startline", "line", "from"])?;
    let limit = arguments.number("limit", &["lines", "maxlines", "count"])?;
    Ok(Asked {
        path,
        offset: offset.map_or(1, |offset| offset as usize).max(1),
        limit: limit
            .filter(|limit| *limit > 0)
            .map_or(LINES, |limit| limit as usize),
        notes: arguments.notes(),
    })
}

impl Tool for Read {
    fn spec(&self) -> ToolSpec {
        spec(
            "read",
            include_str!("tool.md"),
            &json!({
                "path": {"type": "string"},
                "offset": {"type": "integer", "description": "first line"},
                "limit": {"type": "integer", "description": "lines"},
            }),
            &["path"],
        )
    }

    fn kind(&self) -> ToolKind {
        ToolKind::Read
    }

    fn touches(
        &self,
        arguments: &Map<String, Value>,
        workspace: &Workspace,
    ) -> Result<Touches, String> {
        reads(&asked(arguments, workspace)?.path, workspace)
    }

    fn call(&self, arguments: &Map<String, Value>, bench: &mut Bench<'_>) -> Answer {
        match asked(arguments, bench.workspace) {
            Err(why) => Answer::refused(why),
            Ok(asked) => shown(&asked, bench).with_notes(&asked.notes),
        }
    }
}

fn shown(asked: &Asked, bench: &mut Bench<'_>) -> Answer {
    let path = &asked.path;
    let bytes = match found(path, bench.workspace) {
        Err(why) => return Answer::refused(why),
        Ok(Found::Folder) => return list::folder(path, 1, bench.workspace),
        Ok(Found::File(length)) if length > LARGEST => {
            return Answer::refused(format!(
                "`{path}` has {length} bytes, too many to be read; use `search`, or `shell` with `sed -n`"
            ));
        }
        Ok(Found::File(_)) => bytes(path, bench.workspace),
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => return Answer::refused(unreadable(path, &error)),
    };
    bench.known.note(path, &bytes);
    match text(&bytes) {
        Err(why) => Answer::refused(format!("`{path}`: {why}")),
        Ok((text, encoding)) => lines(asked, &text, encoding),
    }
}

fn bytes(path: &str, workspace: &Workspace) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    workspace
        .file(path)?
        .take(LARGEST)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn lines(asked: &Asked, text: &str, encoding: Option<&str>) -> Answer {
    let lines: Vec<&str> = text.lines().collect();
    if lines.is_empty() {
        return Answer::done("(the file is empty)");
    }
    if asked.offset > lines.len() {
        return Answer::refused(format!(
            "`{}` has only {}; `offset` {} is behind its end",
            asked.path,
            count(lines.len(), "line"),
            asked.offset
        ));
    }
    let shown = numbered(&lines, asked.offset, asked.limit);
    let mut answer = shown.text;
    let mut say = |note: String| {
        let _ = writeln!(answer, "({note})");
    };
    if let Some(next) = shown.next {
        let all = lines.len();
        say(format!(
            "lines {} to {} of {all}; go on with offset {next}",
            asked.offset,
            next - 1
        ));
    }
    if shown.cut > 0 {
        let cut = count(shown.cut, "line");
        say(format!(
            "{cut} cut after {LONGEST_LINE} characters, marked with …; `shell` with `cut -c` shows the rest"
        ));
    }
    if text.contains("\r\n") {
        say("lines end in CRLF, which changes keep".to_owned());
    }
    if let Some(encoding) = encoding {
        say(encoding.to_owned());
    }
    Answer::done(answer.trim_end_matches('\n'))
}
