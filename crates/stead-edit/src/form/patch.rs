//! `*** Begin Patch`: the form that OpenAI's models are taught
//! (`apply_patch_tool_instructions.md` of the Codex CLI).
//!
//! ```text
//! Patch      := "*** Begin Patch" { Operation } "*** End Patch"
//! Operation  := "*** Add File: " path { "+" line }
//!             | "*** Delete File: " path
//!             | "*** Update File: " path [ "*** Move to: " path ] { Hunk }
//! Hunk       := { "@@" [ " " line above ] } { (" " | "-" | "+") line } [ "*** End of File" ]
//! ```
//!
//! Read leniently, since models write it so: white space around marks, a here document
//! around the whole, a first hunk without `@@`, an empty line for one that holds a
//! blank, an end that is missing.

use crate::change::{Change, Hunk, Row};
use crate::error::ParseError;

pub(super) const BEGIN: &str = "*** Begin Patch";
const END: &str = "*** End Patch";
const ADD: &str = "*** Add File:";
const DELETE: &str = "*** Delete File:";
const UPDATE: &str = "*** Update File:";
const MOVE: &str = "*** Move to:";
const END_OF_FILE: &str = "*** End of File";

/// Reads a patch.
pub fn parse_patch(text: &str) -> Result<Vec<Change>, ParseError> {
    let lines: Vec<&str> = text.lines().collect();
    let begin = lines.iter().position(|line| line.trim() == BEGIN);
    let Some(begin) = begin else {
        return Err(error(0, format!("a patch begins with `{BEGIN}`")));
    };
    let end = lines.iter().rposition(|line| line.trim() == END);
    // Answers that were cut off, and those in which a model forgot it.
    let end = end.filter(|end| *end > begin).unwrap_or_else(|| {
        let tail = ["EOF", "```", "\"", "'", ")"];
        let last = lines.iter().rposition(|line| {
            let line = line.trim();
            !line.is_empty() && !tail.contains(&line)
        });
        last.map_or(lines.len(), |last| last + 1)
    });
    let mut reader = Reader {
        lines: &lines[..end],
        at: begin + 1,
    };
    let mut changes = Vec::new();
    while let Some(change) = reader.operation()? {
        changes.push(change);
    }
    if changes.is_empty() {
        return Err(error(begin, "the patch is empty".to_owned()));
    }
    Ok(changes)
}

fn error(at: usize, message: String) -> ParseError {
    ParseError {
        line: at + 1,
        message,
    }
}

/// What follows a mark at the beginning of a line.
fn after<'a>(line: &'a str, mark: &str) -> Option<&'a str> {
    line.trim().strip_prefix(mark).map(str::trim)
}

struct Reader<'a> {
    lines: &'a [&'a str],
    at: usize,
}

impl<'a> Reader<'a> {
    fn line(&self) -> Option<&'a str> {
        self.lines.get(self.at).copied()
    }

    fn operation(&mut self) -> Result<Option<Change>, ParseError> {
        while self.line().is_some_and(|line| line.trim().is_empty()) {
            self.at += 1;
        }
        let Some(line) = self.line() else {
            return Ok(None);
        };
        let head = self.at;
        self.at += 1;
        let path = |path: &str| {
            if path.is_empty() {
                return Err(error(head, "a path is missing".to_owned()));
            }
            Ok(path.trim_matches('`').to_owned())
        };
        if let Some(rest) = after(line, ADD) {
            let text = self.added();
            return path(rest).map(|path| Some(Change::Write { path, text }));
        }
        if let Some(rest) = after(line, DELETE) {
            return path(rest).map(|path| Some(Change::Delete { path }));
        }
        let Some(rest) = after(line, UPDATE) else {
            let message = format!(
                "`{}` is no operation; expected `{ADD} PATH`, `{UPDATE} PATH` or `{DELETE} PATH`",
                line.trim()
            );
            return Err(error(head, message));
        };
        let move_to = self.line().and_then(|line| after(line, MOVE)).map(path);
        self.at += usize::from(move_to.is_some());
        let hunks = self.hunks()?;
        if hunks.is_empty() && move_to.is_none() {
            let message = format!("the update of `{rest}` has no lines");
            return Err(error(head, message));
        }
        Ok(Some(Change::Update {
            path: path(rest)?,
            move_to: move_to.transpose()?,
            hunks,
            close: true,
        }))
    }

    /// The lines of a new file.
    fn added(&mut self) -> String {
        let mut text = String::new();
        while let Some(line) = self.line().filter(|line| !is_mark(line)) {
            // A line whose sign was forgotten can only be meant so.
            text.push_str(line.strip_prefix('+').unwrap_or(line));
            text.push('\n');
            self.at += 1;
        }
        text
    }

    fn hunks(&mut self) -> Result<Vec<Hunk>, ParseError> {
        let mut hunks = Vec::new();
        loop {
            // Empty lines between hunks; within one they are lines.
            let rest = &self.lines[self.at..];
            let blank = rest
                .iter()
                .take_while(|line| line.trim().is_empty())
                .count();
            let next = rest.get(blank);
            if next.is_none_or(|line| is_mark(line) || line.starts_with("@@")) {
                self.at += blank;
            }
            match self.line() {
                Some(line) if !is_mark(line) => hunks.push(self.hunk(hunks.is_empty())?),
                _ => return Ok(hunks),
            }
        }
    }

    fn hunk(&mut self, first: bool) -> Result<Hunk, ParseError> {
        let head = self.at;
        let mut hunk = Hunk {
            first: true,
            ..Hunk::default()
        };
        while let Some(line) = self
            .line()
            .filter(|line| line.trim_start().starts_with("@@"))
        {
            hunk.above.extend(above(line));
            self.at += 1;
        }
        if self.at == head && !first {
            let message = "a hunk begins with `@@`".to_owned();
            return Err(error(head, message));
        }
        while let Some(line) = self.line() {
            if line.trim() == END_OF_FILE {
                hunk.at_end = true;
                self.at += 1;
                break;
            }
            if is_mark(line) || line.starts_with("@@") {
                break;
            }
            hunk.rows.push(row(line).ok_or_else(|| {
                let message = format!("`{line}` begins with none of ` `, `+` and `-`");
                error(self.at, message)
            })?);
            self.at += 1;
        }
        if hunk.rows.is_empty() {
            return Err(error(head, "the hunk has no lines".to_owned()));
        }
        Ok(hunk)
    }
}

fn row(line: &str) -> Option<Row> {
    let mut rest = line.chars();
    match rest.next() {
        None => Some(Row::Keep(String::new())),
        Some('+') => Some(Row::Add(rest.as_str().to_owned())),
        Some('-') => Some(Row::Remove(rest.as_str().to_owned())),
        Some(' ') => Some(Row::Keep(rest.as_str().to_owned())),
        Some('\t') => Some(Row::Keep(line.to_owned())),
        Some(_) => None,
    }
}

/// The line that a hunk should stand below; numbers, as unified diffs have them, are
/// none.
fn above(line: &str) -> Option<String> {
    let line = line.trim().strip_prefix("@@")?;
    let line = match line.trim_start().strip_prefix('-') {
        Some(numbers) if numbers.starts_with(|c: char| c.is_ascii_digit()) => {
            line.split_once("@@").map_or("", |(_, rest)| rest)
        }
        _ => line.strip_suffix("@@").unwrap_or(line),
    };
    let line = line.strip_prefix(' ').unwrap_or(line);
    (!line.trim().is_empty()).then(|| line.trim_end().to_owned())
}

fn is_mark(line: &str) -> bool {
    let line = line.trim();
    [ADD, DELETE, UPDATE, MOVE, BEGIN, END]
        .iter()
        .any(|mark| line.starts_with(mark))
}
