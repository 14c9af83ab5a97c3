//! Applies a step to what a file held.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use stead_usf::Hunk;

use super::current::{Current, carried, plain_ends};
use super::moves::Removed;
use super::{Line, Writer};
use crate::align::{Part, parts};
use crate::step::{Action, Patch};
use crate::text::{Key, Texts, lines};

/// A place in which so many telling lines are as expected is taken, where none has
/// all of them.
const ENOUGH: usize = 2;

/// Whether a step can have been done to this text.
pub(super) fn fits(action: &Action, text: &str) -> bool {
    match action {
        Action::Write { before, .. } => before
            .as_ref()
            .is_none_or(|before| *plain_ends(before) == *plain_ends(text)),
        Action::Replace { before, .. } => text.contains(&*plain_ends(before)),
        Action::Patch(patch) => {
            let text: Vec<&str> = lines(text).collect();
            patch.hunks.iter().all(|hunk| {
                let old = old_lines(hunk);
                find(&text, &old, expected(hunk)).is_some()
            })
        }
        Action::Show { text: shown, .. } => text.contains(shown.trim_end()),
        _ => true,
    }
}

/// So large a part of a step's new lines shows that a text has them from it.
const DONE: f64 = 0.8;

/// Whether a text already holds what a step put into `before`.
pub(super) fn is_done(action: &Action, text: &str, before: &str) -> bool {
    match action {
        Action::Write { after, .. } => {
            let set = |text: &str| -> FxHashSet<String> {
                lines(text).map(|line| line.trim().to_owned()).collect()
            };
            let (before, text) = (set(before), set(text));
            let new: Vec<String> = set(after)
                .into_iter()
                .filter(|line| !before.contains(line) && line.len() > 1)
                .collect();
            let there = new.iter().filter(|line| text.contains(*line)).count();
            !new.is_empty() && there as f64 >= DONE * new.len() as f64
        }
        Action::Replace { before, after, .. } => {
            let (before, after) = (plain_ends(before), plain_ends(after));
            text.contains(&*after) && (after.contains(&*before) || !text.contains(&*before))
        }
        Action::Patch(patch) => {
            let text: Vec<&str> = lines(text).collect();
            patch.hunks.iter().all(|hunk| {
                let new: Vec<_> = hunk.lines.iter().map(|line| side(line)).collect();
                let adds = new.iter().any(|(sign, _)| *sign == '+');
                let new: Vec<&str> = of(&new, '+').collect();
                adds && find(&text, &new, None).is_some()
            })
        }
        Action::Append(added) => text.trim_end().ends_with(added.trim()),
        _ => false,
    }
}

/// How many versions, from the newest on, hold the whole of what a step wrote,
/// where the one before them lacks most of it: they came after the step.
pub(super) fn written(after: &str, versions: &[(i64, Arc<str>)]) -> usize {
    let telling = |text: &str| -> FxHashSet<String> {
        let lines = lines(text).map(str::trim);
        let telling = lines.filter(|line| line.chars().any(char::is_alphanumeric));
        telling.map(str::to_owned).collect()
    };
    let own = telling(after);
    let share = |text: &str| {
        let held = telling(text);
        own.iter().filter(|line| held.contains(*line)).count() as f64 / own.len().max(1) as f64
    };
    let holding = versions.iter().take_while(|(_, text)| share(text) >= DONE);
    let holding = holding.count();
    let older = versions.get(holding).map_or(0.0, |(_, text)| share(text));
    if own.is_empty() || older > 1.0 - DONE / 2.0 {
        0
    } else {
        holding
    }
}

/// One step that is applied.
pub(super) struct Change<'a> {
    pub(super) number: u32,
    /// A command ran before it that may have changed the file unseen.
    pub(super) unseen: bool,
    pub(super) session: u32,
    pub(super) texts: &'a mut Texts,
    pub(super) removed: &'a mut Removed,
}

impl Change<'_> {
    /// What the file holds after the step.
    pub(super) fn apply(mut self, base: Current, action: &Action) -> Current {
        let own = Writer::Step(self.number);
        let before = match action {
            Action::Write {
                before: Some(before),
                ..
            } => Some(plain_ends(before).to_string()),
            Action::Patch(Patch {
                hunks,
                after: Some(after),
            }) => undone(&plain_ends(after), hunks),
            _ => None,
        };
        let base = match before {
            Some(before) => base.turned(&before, self.found(), self.texts),
            None => base,
        };
        let after = match action {
            Action::Write { after, .. } => base.turned(after, own, self.texts),
            Action::Patch(patch) => self.patch(base.clone(), patch),
            Action::Replace { before, after, all } => {
                self.replace(base.clone(), before, after, *all)
            }
            Action::Append(text) => self.append(base.clone(), text),
            Action::Show { text, whole, .. } => return self.show(base, text, *whole),
            Action::Substitute { pattern, with, all } => {
                self.substitute(base.clone(), pattern, with, *all)
            }
            Action::Delete
            | Action::Move(_)
            | Action::Copy(_)
            | Action::Restore
            | Action::Format
            | Action::Opaque => return base,
        };
        self.put_back(&base, after)
    }

    /// Who wrote lines that the step found and that the last state did not have.
    const fn found(&self) -> Writer {
        if self.unseen {
            Writer::Outside
        } else {
            Writer::Between(self.number)
        }
    }

    /// Lines that the step only moved keep their writers.
    fn put_back(&mut self, base: &Current, mut after: Current) -> Current {
        let (old, new) = (self.texts.keys(&base.text), self.texts.keys(&after.text));
        let mut gone = Vec::new();
        for part in parts(&old, &new) {
            if let Part::Changed { before, .. } = part {
                gone.extend(before.map(|at| Line {
                    key: old[at],
                    writer: base.writers[at],
                }));
            }
        }
        self.removed
            .add(self.number, self.session, gone.into_iter());
        let step = (self.number, self.session);
        self.removed
            .put_back(step, &new, &mut after.writers, self.texts);
        after
    }

    fn show(&mut self, base: Current, text: &str, whole: bool) -> Current {
        // What has nothing of the file is something else that was printed.
        if !base.writers.is_empty() && !self.shares(&base.text, text) {
            return base;
        }
        if whole && !base.text.contains(text.trim_end()) || base.text.is_empty() {
            let writer = if base.text.is_empty() && base.writers.is_empty() && !base.whole {
                Writer::Outside
            } else {
                self.found()
            };
            let mut shown = base.turned(text, writer, self.texts);
            shown.whole = whole;
            return shown;
        }
        base
    }

    /// Whether at least half of a text's telling lines are those of another.
    fn shares(&mut self, of: &str, text: &str) -> bool {
        let known: FxHashSet<Key> = self.texts.keys(of).into_iter().collect();
        let mut shown = self.texts.keys(text);
        shown.retain(|key| !self.texts.is_trivial(*key));
        let shared = shown.iter().filter(|key| known.contains(key)).count();
        shared * 2 >= shown.len()
    }

    fn append(&mut self, base: Current, text: &str) -> Current {
        let mut whole = base.text.to_string();
        if !whole.is_empty() && !whole.ends_with('\n') {
            whole.push('\n');
        }
        whole.push_str(&plain_ends(text));
        let mut writers = base.writers;
        writers.resize(lines(&whole).count(), Writer::Step(self.number));
        Current {
            text: whole.into(),
            writers,
            ..base
        }
    }

    fn replace(&mut self, base: Current, before: &str, after: &str, all: bool) -> Current {
        let (before, after) = (plain_ends(before), plain_ends(after));
        let places: Vec<usize> = base
            .text
            .match_indices(&*before)
            .map(|(place, _)| place)
            .take(if all { usize::MAX } else { 1 })
            .collect();
        if before.is_empty() || places.is_empty() {
            let hunk = diffed(&before, &after, self.texts);
            return self.splice(&base, None, &hunk);
        }
        let mut current = base;
        for place in places.into_iter().rev() {
            current = self.replace_at(&current, place..place + before.len(), &after);
        }
        current
    }

    /// Replaces bytes; lines that are touched and not the same as before are the
    /// step's.
    fn replace_at(&mut self, base: &Current, range: Range<usize>, after: &str) -> Current {
        let text = &base.text;
        let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
        let end = match text[range.end..].find('\n') {
            // What ends with a line end does not touch the next line.
            _ if range.end > range.start
                && text[..range.end].ends_with('\n')
                && after.ends_with('\n') =>
            {
                range.end
            }
            Some(at) => range.end + at + 1,
            None => text.len(),
        };
        let new = format!(
            "{}{after}{}",
            &text[start..range.start],
            &text[range.end..end]
        );
        let first = lines(&text[..start]).count();
        let count = lines(&text[start..end]).count();
        let old_keys = self.texts.keys(&text[start..end]);
        let new_keys = self.texts.keys(&new);
        let own = Writer::Step(self.number);
        let old = &base.writers[first..first + count];
        let mut writers = base.writers[..first].to_vec();
        writers.extend(carried(&old_keys, old, &new_keys, own));
        writers.extend_from_slice(&base.writers[first + count..]);
        Current {
            text: format!("{}{new}{}", &text[..start], &text[end..]).into(),
            writers,
            ..*base
        }
    }

    fn patch(&mut self, base: Current, patch: &Patch) -> Current {
        let mut current = base;
        let mut shift = 0;
        for hunk in &patch.hunks {
            let expected = expected(hunk).map(|line| line.saturating_add_signed(shift));
            let lines: Vec<_> = hunk.lines.iter().map(|line| side(line)).collect();
            let before = current.writers.len();
            current = self.splice(&current, expected, &lines);
            shift += current.writers.len() as isize - before as isize;
        }
        current
    }

    /// Puts a hunk in: where its old lines stand, else where most of them do.
    fn splice(
        &mut self,
        base: &Current,
        expected: Option<usize>,
        hunk: &[(char, &str)],
    ) -> Current {
        let text: Vec<&str> = lines(&base.text).collect();
        let old: Vec<&str> = of(hunk, '-').collect();
        if let Some(place) = find(&text, &old, expected) {
            return self.put(base, place, hunk);
        }
        // The file was not as it is known: the hunk says how it was there.
        let place = self.nearest(&text, &old);
        let end = (place + old.len()).min(text.len());
        let mut before = [&text[..place], &old, &text[end..]].concat().join("\n");
        before.push('\n');
        let mut base = base.turned(&before, self.found(), self.texts);
        base.whole = false;
        self.put(&base, place, hunk)
    }

    /// Puts a hunk in whose old lines stand at a place. Lines that it takes away
    /// and puts back, perhaps indented otherwise, keep their writers.
    fn put(&mut self, base: &Current, place: usize, hunk: &[(char, &str)]) -> Current {
        let text: Vec<&str> = lines(&base.text).collect();
        let (old, new): (Vec<&str>, Vec<&str>) = (of(hunk, '-').collect(), of(hunk, '+').collect());
        let end = place + old.len();
        let mut keys = |lines: &[&str]| -> Vec<Key> {
            lines.iter().map(|line| self.texts.key(line)).collect()
        };
        let (old_keys, new_keys) = (keys(&old), keys(&new));
        let own = Writer::Step(self.number);
        let known = &base.writers[place..end];
        let mut writers = base.writers[..place].to_vec();
        writers.extend(carried(&old_keys, known, &new_keys, own));
        writers.extend_from_slice(&base.writers[end..]);
        let mut whole = [&text[..place], &new, &text[end..]].concat().join("\n");
        if !whole.is_empty() || !writers.is_empty() {
            whole.push('\n');
        }
        Current {
            text: whole.into(),
            writers,
            ..*base
        }
    }

    /// Where most of the lines stand as expected; the end if too few do anywhere.
    fn nearest(&mut self, text: &[&str], old: &[&str]) -> usize {
        let text: Vec<Key> = text.iter().map(|line| self.texts.key(line)).collect();
        let old: Vec<Key> = old.iter().map(|line| self.texts.key(line)).collect();
        if old.is_empty() {
            return text.len();
        }
        let equal = |place: usize| {
            let pairs = text[place..].iter().zip(&old);
            pairs
                .filter(|(a, b)| a == b && !self.texts.is_trivial(**a))
                .count()
        };
        let best = (0..text.len()).max_by_key(|place| equal(*place));
        let telling = old
            .iter()
            .filter(|key| !self.texts.is_trivial(**key))
            .count();
        let enough = |place: &usize| equal(*place) >= ENOUGH.min(telling).max(1);
        best.filter(enough).unwrap_or(text.len())
    }

    fn substitute(&mut self, base: Current, pattern: &str, with: &str, all: bool) -> Current {
        let Ok(pattern) = regex::Regex::new(pattern) else {
            return base;
        };
        let most = usize::from(!all);
        let mut whole = String::with_capacity(base.text.len());
        let mut writers = base.writers.clone();
        for (number, line) in base.text.split_inclusive('\n').enumerate() {
            let end = &line[line.trim_end_matches('\n').len()..];
            let line = line.trim_end_matches('\n');
            let new = pattern.replacen(line, most, with);
            if new != line {
                writers[number] = Writer::Step(self.number);
            }
            whole.push_str(&new);
            whole.push_str(end);
        }
        Current {
            text: whole.into(),
            writers,
            ..base
        }
    }
}

/// A hunk's line without its sign, and the sign.
fn side(line: &str) -> (char, &str) {
    let mut rest = line.chars();
    match rest.next() {
        Some(sign @ ('+' | '-' | ' ')) => (sign, rest.as_str()),
        // Some agents leave the blank of empty lines out.
        _ => (' ', line),
    }
}

/// The lines of one side of a hunk: `-` the old, `+` the new.
fn of<'a>(hunk: &'a [(char, &'a str)], side: char) -> impl Iterator<Item = &'a str> {
    let lines = hunk.iter();
    lines
        .filter(move |(sign, _)| *sign == side || *sign == ' ')
        .map(|(_, line)| *line)
}

fn old_lines(hunk: &Hunk) -> Vec<&str> {
    let lines: Vec<_> = hunk.lines.iter().map(|line| side(line)).collect();
    let old = lines.iter().filter(|(sign, _)| *sign != '+');
    old.map(|(_, line)| *line).collect()
}

/// Where a hunk says that it begins, counted from 0.
fn expected(hunk: &Hunk) -> Option<usize> {
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

/// Where these lines stand: at the expected place, else at the nearest to it.
fn find(text: &[&str], lines: &[&str], expected: Option<usize>) -> Option<usize> {
    if lines.len() > text.len() {
        return None;
    }
    let last = text.len() - lines.len();
    if lines.is_empty() {
        return Some(expected.unwrap_or(last).min(text.len()));
    }
    let same = |a: &str, b: &str| a.trim_end() == b.trim_end();
    let stands = |place: usize| text[place..].iter().zip(lines).all(|(a, b)| same(a, b));
    let near = expected.unwrap_or(0);
    (0..=last)
        .filter(|place| stands(*place))
        .min_by_key(|place| place.abs_diff(near))
}

/// What a file held before these hunks, told from what it held after.
fn undone(after: &str, hunks: &[Hunk]) -> Option<String> {
    let mut text: Vec<String> = lines(after).map(str::to_owned).collect();
    for hunk in hunks.iter().rev() {
        let lines: Vec<_> = hunk.lines.iter().map(|line| side(line)).collect();
        let new: Vec<&str> = of(&lines, '+').collect();
        let near = hunk.new_start.and_then(|start| usize::try_from(start).ok());
        let view: Vec<&str> = text.iter().map(String::as_str).collect();
        let place = find(&view, &new, near.map(|near| near.saturating_sub(1)))?;
        let old: Vec<String> = of(&lines, '-').map(str::to_owned).collect();
        text.splice(place..place + new.len(), old);
    }
    let mut text = text.join("\n");
    text.push('\n');
    Some(text)
}

/// Two texts as the lines of a hunk.
fn diffed<'a>(before: &'a str, after: &'a str, texts: &mut Texts) -> Vec<(char, &'a str)> {
    let (old, new): (Vec<&str>, Vec<&str>) = (lines(before).collect(), lines(after).collect());
    let mut hunk = Vec::new();
    for part in parts(&texts.keys(before), &texts.keys(after)) {
        match part {
            Part::Same {
                before: _,
                after,
                lines,
            } => hunk.extend(new[after..after + lines].iter().map(|line| (' ', *line))),
            Part::Changed { before, after } => {
                hunk.extend(old[before].iter().map(|line| ('-', *line)));
                hunk.extend(new[after].iter().map(|line| ('+', *line)));
            }
        }
    }
    hunk
}
