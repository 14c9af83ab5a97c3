//! One text in the place of another.

use std::ops::Range;

use crate::change::{Hunk, Row};
use crate::error::EditError;
use crate::place::place;
use crate::plan::{Correction, carried_out, corrections};
use crate::text::{End, Line, Text, lines};

/// Replaces a text, exactly where it stands or, where it does not, line by line and
/// more leniently; what was not taken as written is told.
pub(crate) fn replace(
    path: &str,
    text: &mut Text,
    old: &str,
    new: &str,
    all: bool,
) -> Result<Vec<Correction>, EditError> {
    let (old, new) = (old.replace("\r\n", "\n"), new.replace("\r\n", "\n"));
    if old == new {
        return Err(EditError::Nothing {
            path: path.to_owned(),
        });
    }
    let whole = joined(&text.lines);
    let places: Vec<usize> = if old.is_empty() {
        Vec::new()
    } else {
        whole.match_indices(&old).map(|(place, _)| place).collect()
    };
    if places.len() > 1 && !all {
        let line = |place: &usize| whole[..*place].matches('\n').count() + 1;
        return Err(EditError::Ambiguous {
            path: path.to_owned(),
            wanted: old,
            lines: places.iter().map(line).collect(),
        });
    }
    if !places.is_empty() {
        for place in places.into_iter().rev() {
            exact(text, place..place + old.len(), &new);
        }
        return Ok(Vec::new());
    }
    leniently(path, text, &old, &new)
}

/// The lines with plain ends.
fn joined(lines: &[Line]) -> String {
    let mut whole = String::new();
    for line in lines {
        whole.push_str(&line.text);
        if line.end != End::None {
            whole.push('\n');
        }
    }
    whole
}

/// Replaces bytes of the text as it is with plain ends.
fn exact(text: &mut Text, range: Range<usize>, new: &str) {
    let usual = text.usual_end();
    let mut start = 0;
    let (mut first, mut from) = (0, 0);
    // The line that it begins in.
    for (number, line) in text.lines.iter().enumerate() {
        (first, from) = (number, start);
        start += line.text.len() + usize::from(line.end != End::None);
        if start > range.start {
            break;
        }
    }
    // The line that it ends in.
    let mut last = first + 1;
    let mut end = start;
    while end < range.end || last < text.lines.len() && end == range.end && !new.ends_with('\n') {
        let Some(line) = text.lines.get(last) else {
            break;
        };
        end += line.text.len() + usize::from(line.end != End::None);
        last += 1;
    }
    let there = joined(&text.lines[first..last]);
    let held = format!(
        "{}{new}{}",
        &there[..range.start - from],
        &there[range.end - from..]
    );
    let mut ends: Vec<End> = text.lines[first..last]
        .iter()
        .map(|line| line.end)
        .collect();
    ends.retain(|end| *end != End::None);
    let lines = held
        .split_inclusive('\n')
        .enumerate()
        .map(|(number, line)| {
            let (text, end) = match line.strip_suffix('\n') {
                Some(line) => (line, ends.get(number).copied().unwrap_or(usual)),
                None => (line, End::None),
            };
            Line {
                text: text.to_owned(),
                end,
            }
        });
    let lines: Vec<Line> = lines.collect();
    text.lines.splice(first..last, lines);
}

/// Looks for the lines with ever less strictness, and for what was meant by a text
/// that was copied with line numbers or escaped once too often.
fn leniently(
    path: &str,
    text: &mut Text,
    old: &str,
    new: &str,
) -> Result<Vec<Correction>, EditError> {
    let forms: [(Form, &str); 4] = [
        (as_written, ""),
        (without_blank_ends, "without the empty lines around it"),
        (without_numbers, "without line numbers"),
        (unescaped, "with its escaped characters undone"),
    ];
    let mut first_error = None;
    for (form, words) in forms {
        let Some((old, new)) = form(old).zip(form(new)) else {
            continue;
        };
        let hunk = [hunk(&old, &new)];
        if hunk[0].old().iter().all(|line| line.trim().is_empty()) {
            continue;
        }
        match place(path, &text.plain(), &hunk) {
            Ok(placed) => {
                *text = carried_out(path, text, &hunk, &placed)?;
                let mut told = corrections(path, &hunk, &placed);
                told.extend((!words.is_empty()).then(|| Correction {
                    path: path.to_owned(),
                    message: format!("the text was taken {words}"),
                }));
                return Ok(told);
            }
            // Who is told of two places knows more than who is told of none.
            Err(error @ EditError::Ambiguous { .. }) => return Err(error),
            Err(error) => drop(first_error.get_or_insert(error)),
        }
    }
    Err(first_error.unwrap_or_else(|| EditError::NotFound {
        path: path.to_owned(),
        wanted: old.to_owned(),
        near: None,
    }))
}

/// A text as it may have been meant; `None` if that makes no difference.
type Form = fn(&str) -> Option<String>;

#[expect(clippy::unnecessary_wraps, reason = "one of several forms")]
fn as_written(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[expect(clippy::unnecessary_wraps, reason = "one of several forms")]
fn without_blank_ends(text: &str) -> Option<String> {
    let lines = lines(text);
    let tells = |line: &&str| !line.trim().is_empty();
    let first = lines.iter().position(tells).unwrap_or(0);
    let end = lines.iter().rposition(tells).map_or(0, |last| last + 1);
    Some(lines[first.min(end)..end].join("\n"))
}

/// Takes numbers off, as tools show them before lines: `12\t`, `12: `, `12| `.
fn without_numbers(text: &str) -> Option<String> {
    let bare = lines(text).into_iter().map(|line| {
        let rest = line.trim_start();
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .filter(|end| *end > 0);
        match digits {
            None if line.is_empty() || text.is_empty() => Some(String::new()),
            None => None,
            Some(end) => {
                let signs = ['\t', ':', '|', '\u{2192}'];
                let rest = rest[end..].strip_prefix(signs)?;
                Some(rest.strip_prefix(' ').unwrap_or(rest).to_owned())
            }
        }
    });
    let bare: Option<Vec<String>> = bare.collect();
    Some(bare?.join("\n"))
}

/// Undoes one level of escaping, as models write it into JSON twice.
fn unescaped(text: &str) -> Option<String> {
    if !text.contains('\\') {
        return Some(text.to_owned());
    }
    let mut plain = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match rest.next()? {
            'n' => plain.push('\n'),
            't' => plain.push('\t'),
            'r' => {}
            c @ ('"' | '\'' | '\\' | '`' | '/') => plain.push(c),
            _ => return None,
        }
    }
    Some(plain)
}

/// A hunk that keeps the lines that both begin and end with.
fn hunk(old: &str, new: &str) -> Hunk {
    let (old, new) = (lines(old), lines(new));
    let pairs = old.iter().zip(&new);
    let first = pairs.take_while(|(a, b)| a == b).count();
    let pairs = old[first..].iter().rev().zip(new[first..].iter().rev());
    let last = pairs.take_while(|(a, b)| a == b).count();
    let keep = |lines: &[&str]| -> Vec<Row> {
        lines
            .iter()
            .map(|line| Row::Keep((*line).to_owned()))
            .collect()
    };
    let mut rows = keep(&old[..first]);
    let gone = old[first..old.len() - last].iter();
    rows.extend(gone.map(|line| Row::Remove((*line).to_owned())));
    let come = new[first..new.len() - last].iter();
    rows.extend(come.map(|line| Row::Add((*line).to_owned())));
    rows.extend(keep(&old[old.len() - last..]));
    Hunk {
        rows,
        ..Hunk::default()
    }
}
