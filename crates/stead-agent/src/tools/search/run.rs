//! Looks through the files, and shows as many lines as an answer has room for.

use std::fmt::Write as _;
use std::io::Read as _;
use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};

use super::Asked;
use super::lines::{Lines, is_binary};
use crate::tools::answer::MOST;
use crate::tools::glob::Pattern;
use crate::tools::lines::{count, shortened};
use crate::tools::paths::{Found, found};
use crate::tools::{Answer, Bench};
use crate::workspace::Workspace;

/// So many lines that match are shown.
const LINES: usize = 200;
/// Longer lines are cut, so that one of a packed file does not fill the answer.
const LONGEST: usize = 400;
/// So many bytes before what matches are shown of such a line.
const BEFORE: usize = 100;
/// Room for the lines.
const ROOM: usize = MOST - 1_000;
/// Files are looked through up to here.
const LARGEST: u64 = 64 << 20;
/// Patterns are held to so many bytes when they are compiled.
const LARGEST_PATTERN: usize = 10 << 20;

pub(super) fn run(asked: &Asked, bench: &Bench<'_>) -> Answer {
    let workspace = bench.workspace;
    let (pattern, mut notes) = match pattern(asked) {
        Ok(pattern) => pattern,
        Err(why) => return Answer::refused(why),
    };
    // Under their own names, or a link would lead around what is not to be read.
    let real = workspace.real(&asked.path);
    let real = real.unwrap_or_else(|_| asked.path.clone());
    let mut files = match found(&asked.path, workspace) {
        Err(why) => return Answer::refused(why),
        // A file that is named is looked through even if git ignores it.
        Ok(Found::File(_)) => vec![real.clone()],
        Ok(Found::Folder) => workspace.files(&real),
    };
    if let Some(glob) = &asked.glob {
        match Pattern::new(glob, workspace) {
            Err(why) => return Answer::refused(why),
            Ok(pattern) => files.retain(|file| pattern.fits(file, &real)),
        }
    }
    let all = files.len();
    files.retain(|file| (bench.may_read)(file));
    let denied = all - files.len();
    if denied > 0 {
        notes.push(format!(
            "{} left out: not to be read",
            count(denied, "file")
        ));
    }
    let mut shown = Shown::default();
    let over_lines = asked.pattern.contains('\n') || asked.pattern.contains("\\n");
    for file in &files {
        // What cannot be opened is as good as not there.
        let Some(bytes) = bytes(file, bench.workspace).filter(|bytes| !is_binary(bytes)) else {
            continue;
        };
        let lines = Lines::of(&bytes);
        let matching = lines.matching(&pattern, over_lines);
        if !matching.is_empty() {
            shown.file(file, &lines, &matching, &pattern, asked.context);
        }
    }
    Answer::done(shown.text(files.len())).with_notes(&notes)
}

fn bytes(path: &str, workspace: &Workspace) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = workspace.file(path).ok()?;
    file.take(LARGEST).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// The pattern; what is no regular expression is looked for as it is written.
fn pattern(asked: &Asked) -> Result<(Regex, Vec<String>), String> {
    let build = |pattern: &str| {
        RegexBuilder::new(pattern)
            .case_insensitive(asked.ignore_case)
            .multi_line(true)
            .crlf(true)
            .size_limit(LARGEST_PATTERN)
            .build()
    };
    match build(&asked.pattern) {
        Ok(pattern) => Ok((pattern, Vec::new())),
        Err(error) => {
            let why = format!("`{}` is no regular expression", asked.pattern);
            let literal = build(&regex::escape(&asked.pattern));
            let literal = literal.map_err(|_| format!("{why}: {error}"))?;
            let note = format!("{why}, so it was looked for as it is written");
            Ok((literal, vec![note]))
        }
    }
}

/// What is shown, and what is only counted.
#[derive(Default)]
struct Shown {
    text: String,
    length: usize,
    lines: usize,
    /// Lines and files that match but are not shown.
    more: usize,
    more_files: usize,
    is_full: bool,
}

impl Shown {
    /// Shows the lines of one file that match, and some around them.
    fn file(
        &mut self,
        path: &str,
        lines: &Lines<'_>,
        matching: &[Range<usize>],
        pattern: &Regex,
        context: usize,
    ) {
        let mut left: usize = matching.iter().map(Range::len).sum();
        // The first line that is not shown yet.
        let mut next = 0;
        for (number, found) in matching.iter().enumerate() {
            self.is_full |= self.lines >= LINES;
            let first = found.start.saturating_sub(context).max(next);
            let above = matching
                .get(number + 1)
                .map_or(lines.count(), |after| after.start);
            let end = (found.end + context)
                .min(above.max(found.end))
                .min(lines.count());
            let mut rows = String::new();
            if number == 0 {
                let _ = writeln!(rows, "{path}");
            } else if context > 0 && first > next {
                rows.push_str("--\n");
            }
            for line in first..end {
                let is_found = found.contains(&line);
                let sign = if is_found { ':' } else { '-' };
                let text = String::from_utf8_lossy(lines.line(line));
                let _ = writeln!(rows, "{}{sign}{}", line + 1, around(&text, pattern));
            }
            self.push(&rows);
            if self.is_full {
                break;
            }
            next = end;
            left -= found.len();
            self.lines += found.len();
        }
        self.more += left;
        self.more_files += usize::from(left > 0);
    }

    fn push(&mut self, row: &str) {
        let length = row.chars().count();
        self.is_full |= self.length + length > ROOM;
        if !self.is_full {
            self.length += length;
            self.text.push_str(row);
        }
    }

    fn text(mut self, files: usize) -> String {
        if self.text.is_empty() && self.more == 0 {
            let files = count(files, "file");
            return format!("nothing found in {files}; what git ignores is not looked at");
        }
        if self.more > 0 {
            let lines = count(self.more, "more line");
            let files = count(self.more_files, "file");
            let hint = "narrow it with `path`, `glob` or the pattern";
            let _ = writeln!(self.text, "({lines} in {files} match; {hint})");
        }
        self.text.trim_end().to_owned()
    }
}

/// A line; a long one where it matches.
fn around(line: &str, pattern: &Regex) -> String {
    if line.len() <= LONGEST {
        return line.to_owned();
    }
    let found = pattern.find(line.as_bytes());
    let start = found.map_or(0, |found| found.start().saturating_sub(BEFORE));
    let start = line.floor_char_boundary(start);
    let sign = if start > 0 { "…" } else { "" };
    format!("{sign}{}", shortened(&line[start..], LONGEST).0)
}
