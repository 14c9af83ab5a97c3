//! Unified diffs, as `diff -u` and git write them and models write after them: with
//! wrong counts, without line numbers, without signs on empty lines.

use crate::change::{Change, Hunk, Row};
use crate::error::ParseError;

/// Reads a diff of any number of files; text around it is left aside.
pub fn parse_unified(text: &str) -> Result<Vec<Change>, ParseError> {
    let mut reader = Reader::default();
    let lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let next = lines.get(at + 1);
        match (
            line.strip_prefix("--- "),
            next.and_then(|line| line.strip_prefix("+++ ")),
        ) {
            (Some(old), Some(new)) => {
                reader.end();
                reader.file = Some((name(old), name(new)));
                at += 1;
            }
            _ => reader.line(line, at)?,
        }
        at += 1;
    }
    reader.end();
    if reader.changes.is_empty() {
        return Err(ParseError {
            line: 1,
            message: "no diff: expected `--- a/PATH`, `+++ b/PATH`, `@@ … @@` and lines".to_owned(),
        });
    }
    Ok(reader.changes)
}

#[derive(Default)]
struct Reader {
    changes: Vec<Change>,
    /// The names before and after; none for no file.
    file: Option<(Option<String>, Option<String>)>,
    hunks: Vec<Hunk>,
    /// Lines are those of a hunk.
    inside: bool,
}

impl Reader {
    fn line(&mut self, line: &str, at: usize) -> Result<(), ParseError> {
        if line.starts_with("@@") {
            if self.file.is_none() {
                return Err(ParseError {
                    line: at + 1,
                    message: "a hunk of no file: `--- a/PATH` and `+++ b/PATH` come first"
                        .to_owned(),
                });
            }
            self.hunks.push(Hunk {
                line: number(line),
                ..Hunk::default()
            });
            self.inside = true;
            return Ok(());
        }
        let ends = ["diff --git ", "```", "index ", "Index: "];
        if ends.iter().any(|mark| line.starts_with(mark)) {
            self.inside = false;
        }
        let Some(hunk) = self.hunks.last_mut().filter(|_| self.inside) else {
            return Ok(());
        };
        let mut rest = line.chars();
        match rest.next() {
            Some('+') => hunk.rows.push(Row::Add(rest.as_str().to_owned())),
            Some('-') => hunk.rows.push(Row::Remove(rest.as_str().to_owned())),
            Some(' ') => hunk.rows.push(Row::Keep(rest.as_str().to_owned())),
            Some('\\') => {}
            None => hunk.rows.push(Row::Keep(String::new())),
            // A sign that was forgotten: the line is there or it is not found.
            Some(_) => hunk.rows.push(Row::Keep(line.to_owned())),
        }
        Ok(())
    }

    /// The file is over.
    fn end(&mut self) {
        self.inside = false;
        let mut hunks = std::mem::take(&mut self.hunks);
        hunks.retain(|hunk| !hunk.rows.is_empty());
        let change = match self.file.take() {
            Some((Some(path), None)) => Change::Delete { path },
            Some((None, Some(path))) => Change::Write {
                path,
                text: hunks.iter().flat_map(|hunk| &hunk.rows).map(new).collect(),
            },
            Some((Some(old), Some(new))) => {
                let move_to = (old != new).then(|| new.clone());
                if hunks.is_empty() && move_to.is_none() {
                    return;
                }
                Change::Update {
                    path: old,
                    move_to,
                    hunks,
                    close: false,
                }
            }
            _ => return,
        };
        self.changes.push(change);
    }
}

/// A line of a new file.
fn new(row: &Row) -> String {
    match row {
        Row::Add(line) | Row::Keep(line) => format!("{line}\n"),
        Row::Remove(_) => String::new(),
    }
}

/// A file's name without the folder that git puts before it and the time that `diff`
/// puts after it; none for no file.
fn name(name: &str) -> Option<String> {
    let name = name.split('\t').next().unwrap_or(name).trim();
    if name == "/dev/null" {
        return None;
    }
    let bare = name.strip_prefix("a/").or_else(|| name.strip_prefix("b/"));
    Some(bare.unwrap_or(name).to_owned())
}

/// The first old line of `@@ -12,3 +14,4 @@`.
fn number(line: &str) -> Option<usize> {
    let (_, rest) = line.split_once('-')?;
    let digits = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    rest[..digits].parse().ok()
}
