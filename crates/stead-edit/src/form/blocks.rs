//! SEARCH/REPLACE blocks, as Aider asks models for them:
//!
//! ```text
//! path/to/file.py
//! <<<<<<< SEARCH
//! lines that are there
//! =======
//! lines in their place
//! >>>>>>> REPLACE
//! ```
//!
//! The path stands on one of the lines above, often with a fence between; without one
//! it is that of the block before. Lines of nothing but `...` on both sides stand for
//! lines that stay.

use crate::change::Change;
use crate::error::ParseError;

/// Above a block, so many lines are looked at for a path.
const ABOVE: usize = 3;

/// Reads all blocks of an answer; text around them is left aside.
pub fn parse_blocks(text: &str) -> Result<Vec<Change>, ParseError> {
    let lines: Vec<&str> = text.lines().collect();
    let mut changes = Vec::new();
    let mut path: Option<String> = None;
    let mut at = 0;
    // Lines before this one are those of another block.
    let mut free = 0;
    while at < lines.len() {
        if !is_mark(lines[at], '<') {
            at += 1;
            continue;
        }
        path = named(&lines[free..at]).or(path);
        let Some(path) = &path else {
            let message = "the block names no file: write its path on the line above".to_owned();
            return Err(ParseError {
                line: at + 1,
                message,
            });
        };
        let block = Block::read(&lines, at)?;
        let (old, new) = (
            joined(&lines[at + 1..block.middle]),
            joined(&lines[block.middle + 1..block.end]),
        );
        changes.extend(block_changes(path, &old, &new));
        at = block.end + 1;
        free = at;
    }
    if changes.is_empty() {
        return Err(ParseError {
            line: 1,
            message: "no block: expected `<<<<<<< SEARCH`, `=======` and `>>>>>>> REPLACE`"
                .to_owned(),
        });
    }
    Ok(changes)
}

/// Where a block's marks stand.
struct Block {
    middle: usize,
    end: usize,
}

impl Block {
    fn read(lines: &[&str], start: usize) -> Result<Self, ParseError> {
        let find = |from: usize, sign: char| {
            let places = (from..lines.len()).take_while(|at| !is_mark(lines[*at], '<'));
            places.into_iter().find(|at| is_mark(lines[*at], sign))
        };
        let missing = |mark: &str| ParseError {
            line: start + 1,
            message: format!("the block that begins here has no `{mark}`"),
        };
        let end = find(start + 1, '>');
        let middle = middle(lines, start + 1, end.unwrap_or(lines.len()));
        let middle = middle?.ok_or_else(|| missing("======="))?;
        let end = end.ok_or_else(|| missing(">>>>>>> REPLACE"))?;
        Ok(Self { middle, end })
    }
}

/// The line between the old and the new lines. Text may have such lines too, under a title,
/// and models write the mark twice: which one is meant is then not clear.
fn middle(lines: &[&str], from: usize, end: usize) -> Result<Option<usize>, ParseError> {
    let marks = (from..end).take_while(|at| !is_mark(lines[*at], '<'));
    let marks: Vec<usize> = marks.filter(|at| is_mark(lines[*at], '=')).collect();
    let usual = |at: &&usize| lines[**at].trim_end() == "=======";
    let mut best: Vec<&usize> = marks.iter().filter(usual).collect();
    if best.is_empty() {
        best = marks.iter().collect();
    }
    match best.as_slice() {
        [] => Ok(None),
        [middle] => Ok(Some(**middle)),
        [_, second, ..] => Err(ParseError {
            line: **second + 1,
            message: "the block has a second `=======`, and it is not clear which one ends the old lines: \
                      write one, or use another form for text that has such lines"
                .to_owned(),
        }),
    }
}

/// Whether a line is a mark: 5 to 9 of a sign, and words behind `<` and `>`.
fn is_mark(line: &str, sign: char) -> bool {
    let rest = line.trim_end().trim_start_matches(sign);
    let count = line.trim_end().len() - rest.len();
    let word = rest.trim();
    (5..=9).contains(&count)
        && match sign {
            '<' => word.is_empty() || word.trim_end_matches('>').eq_ignore_ascii_case("search"),
            '>' => word.is_empty() || word.eq_ignore_ascii_case("replace"),
            _ => word.is_empty(),
        }
}

/// The path on the lines above a block, the nearest first.
fn named(above: &[&str]) -> Option<String> {
    above.iter().rev().take(ABOVE).find_map(|line| {
        let line = line.trim();
        let line = line.strip_prefix("```").map_or(line, |fence| {
            // ```python path/to/file.py
            fence.split_whitespace().last().unwrap_or("")
        });
        let line = line.trim_start_matches(['#', '*', '`', '>', '-', ' ', '/']);
        let line = line.trim_end_matches([':', '*', '`', ' ']);
        let is_path = !line.is_empty()
            && !line.contains(['<', '>', '|', '"', '`'])
            && (line.contains('.') || line.contains('/') || KNOWN.contains(&line))
            && (!line.contains(' ')
                || line
                    .rsplit('/')
                    .next()
                    .is_some_and(|name| name.contains('.')))
            && !line.ends_with('.');
        is_path.then(|| line.to_owned())
    })
}

/// Files that have neither folder nor dot.
const KNOWN: [&str; 6] = [
    "Makefile",
    "Dockerfile",
    "LICENSE",
    "Gemfile",
    "Rakefile",
    "Justfile",
];

fn joined(lines: &[&str]) -> String {
    let lines = lines.iter().map(|line| format!("{line}\n"));
    lines.collect()
}

/// One block's changes: one for each part between lines that stand for others.
fn block_changes(path: &str, old: &str, new: &str) -> Vec<Change> {
    let change = |old: String, new: String| Change::Replace {
        path: path.to_owned(),
        old,
        new,
        all: false,
    };
    let (olds, news) = (parts(old), parts(new));
    if olds.len() == 1 || olds.len() != news.len() {
        return vec![change(old.to_owned(), new.to_owned())];
    }
    let pairs = olds.into_iter().zip(news).filter(|(old, new)| old != new);
    pairs.map(|(old, new)| change(old, new)).collect()
}

/// The text between lines of nothing but `...`.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if line.trim() == "..." {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push_str(line);
        }
    }
    parts
}
