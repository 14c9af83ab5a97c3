//! The lines of a hunk, and where they stand in a text.

use stead_usf::Hunk;

use crate::align::{Part, parts};
use crate::keyed::Keyed;
use crate::text::{Key, Texts, lines};

/// A hunk's line without its sign and its end, and the sign.
pub(super) fn side(line: &str) -> (char, &str) {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let mut rest = line.chars();
    match rest.next() {
        Some(sign @ ('+' | '-' | ' ')) => (sign, rest.as_str()),
        // Some agents leave the blank of empty lines out.
        _ => (' ', line),
    }
}

/// All lines of a hunk with their signs.
pub(super) fn rows(hunk: &Hunk) -> Vec<(char, &str)> {
    hunk.lines.iter().map(|line| side(line)).collect()
}

/// The lines of one side of a hunk: `-` the old, `+` the new.
pub(super) fn of<'a>(rows: &[(char, &'a str)], side: char) -> Vec<&'a str> {
    let lines = rows
        .iter()
        .filter(|(sign, _)| *sign == side || *sign == ' ');
    lines.map(|(_, line)| *line).collect()
}

/// Where a hunk says that it begins, counted from 0.
pub(super) fn expected(hunk: &Hunk) -> Option<usize> {
    let start = hunk.old_start?;
    let has_old = hunk.lines.iter().any(|line| side(line).0 != '+');
    // A hunk without old lines names the line before it.
    let start = if has_old {
        start.saturating_sub(1)
    } else {
        start
    };
    usize::try_from(start).ok()
}

/// Where these lines stand: at the expected place, else at the nearest to it. White
/// space at their ends makes no difference.
pub(super) fn find(
    held: &Keyed,
    wanted: &[&str],
    expected: Option<usize>,
    texts: &Texts,
) -> Option<usize> {
    let last = held.keys.len().checked_sub(wanted.len())?;
    if wanted.is_empty() {
        return Some(expected.unwrap_or(last).min(held.keys.len()));
    }
    let keys: Vec<Key> = wanted
        .iter()
        .map(|line| texts.find(line))
        .collect::<Option<_>>()?;
    let mut places: Vec<usize> = (0..=last)
        .filter(|place| held.keys[*place..].starts_with(&keys))
        .collect();
    if places.is_empty() {
        return None;
    }
    let near = expected.unwrap_or(0);
    places.sort_by_key(|place| place.abs_diff(near));
    let starts = held.starts();
    let stands = |place: &usize| {
        let text = lines(&held.text[starts[*place]..]);
        text.zip(wanted).all(|(a, b)| a.trim_end() == b.trim_end())
    };
    places.into_iter().find(stands)
}

/// What a file held before these hunks, told from what it held after.
pub(super) fn undone(after: &str, hunks: &[Hunk]) -> Option<String> {
    let mut text: Vec<&str> = lines(after).collect();
    for hunk in hunks.iter().rev() {
        let rows = rows(hunk);
        let new = of(&rows, '+');
        let near = hunk.new_start.and_then(|start| usize::try_from(start).ok());
        let place = nearest(&text, &new, near.map(|near| near.saturating_sub(1)))?;
        text.splice(place..place + new.len(), of(&rows, '-'));
    }
    let mut text = text.join("\n");
    text.push('\n');
    Some(text)
}

/// Where these lines stand in others: at the expected place, else at the nearest.
fn nearest(text: &[&str], wanted: &[&str], expected: Option<usize>) -> Option<usize> {
    let last = text.len().checked_sub(wanted.len())?;
    let same = |a: &str, b: &str| a.trim_end() == b.trim_end();
    let stands = |place: usize| text[place..].iter().zip(wanted).all(|(a, b)| same(a, b));
    match expected {
        None if wanted.is_empty() => Some(last),
        Some(near) if wanted.is_empty() => Some(near.min(text.len())),
        Some(near) if near <= last && stands(near) => Some(near),
        _ => {
            let near = expected.unwrap_or(0);
            let places = (0..=last).filter(|place| stands(*place));
            places.min_by_key(|place| place.abs_diff(near))
        }
    }
}

/// Two texts as the lines of a hunk.
pub(super) fn diffed<'a>(
    before: &'a str,
    after: &'a str,
    texts: &mut Texts,
) -> Vec<(char, &'a str)> {
    let (old, new): (Vec<&str>, Vec<&str>) = (lines(before).collect(), lines(after).collect());
    let mut rows = Vec::new();
    for part in parts(&texts.keys(before), &texts.keys(after)) {
        match part {
            Part::Same { after, lines, .. } => {
                rows.extend(new[after..after + lines].iter().map(|line| (' ', *line)));
            }
            Part::Changed { before, after } => {
                rows.extend(old[before].iter().map(|line| ('-', *line)));
                rows.extend(new[after].iter().map(|line| ('+', *line)));
            }
        }
    }
    rows
}
