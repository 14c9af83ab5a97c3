//! Applies a step to what a file held.

use std::ops::Range;

use memchr::memmem;
use rustc_hash::FxHashSet;

use super::current::{Current, carried, plain_ends};
use super::fit::has;
use super::hunk::{diffed, expected, find, of, rows, undone};
use super::moves::Removed;
use super::{Line, Writer};
use crate::align::{Part, parts};
use crate::step::{Action, Patch};
use crate::text::{Key, Texts, lines};

/// A place in which so many telling lines are as expected is taken, where none has
/// all of them.
const ENOUGH: usize = 2;

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
            Some(before) => base.found(&before, self.found(), self.texts),
            None => base,
        };
        let after = match action {
            Action::Write { after, .. } => base.turned(after, own, self.texts),
            Action::Patch(patch) => self.patch(base.clone(), patch),
            Action::Replace { before, after, all } => {
                self.replace(base.clone(), before, after, *all)
            }
            Action::Append(text) => self.append(&base, text),
            Action::Show { text, whole, .. } => return self.show(base, text, *whole),
            Action::Substitute { pattern, with, all } => {
                self.substitute(base.clone(), pattern, with, *all)
            }
            Action::Stream(commands) => super::stream::stream(&base, commands, own, self.texts),
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
        let mut gone = Vec::new();
        for part in parts(&base.held.keys, &after.held.keys) {
            if let Part::Changed { before, .. } = part {
                gone.extend(before.map(|at| Line {
                    key: base.held.keys[at],
                    writer: base.writers[at],
                }));
            }
        }
        self.removed
            .add(self.number, self.session, gone.into_iter());
        let step = (self.number, self.session);
        let keys = &after.held.keys;
        self.removed
            .put_back(step, keys, &mut after.writers, self.texts);
        after
    }

    fn show(&mut self, base: Current, text: &str, whole: bool) -> Current {
        // What has nothing of the file is something else that was printed.
        if !base.writers.is_empty() && !self.shares(&base, text) {
            return base;
        }
        let empty = base.text().is_empty();
        if whole && !has(base.text(), text.trim_end()) || empty {
            let writer = if empty && base.writers.is_empty() && !base.whole {
                Writer::Outside
            } else {
                self.found()
            };
            let mut shown = base.found(text, writer, self.texts);
            shown.whole = whole;
            return shown;
        }
        base
    }

    /// Whether at least half of a text's telling lines are those of another.
    fn shares(&mut self, of: &Current, text: &str) -> bool {
        let known: FxHashSet<Key> = of.held.keys.iter().copied().collect();
        let mut shown = self.texts.keys(text);
        shown.retain(|key| !self.texts.is_trivial(*key));
        let shared = shown.iter().filter(|key| known.contains(key)).count();
        shared * 2 >= shown.len()
    }

    fn append(&mut self, base: &Current, text: &str) -> Current {
        let mut whole = base.text().to_owned();
        if !whole.is_empty() && !whole.ends_with('\n') {
            whole.push('\n');
        }
        whole.push_str(&plain_ends(text));
        let mut current = base.turned(&whole, Writer::Step(self.number), self.texts);
        // What is there stays, whatever is added is the step's.
        current.writers[..base.writers.len()].copy_from_slice(&base.writers);
        current.writers[base.writers.len()..].fill(Writer::Step(self.number));
        current.whole = base.whole;
        current
    }

    fn replace(&mut self, base: Current, before: &str, after: &str, all: bool) -> Current {
        let (before, after) = (plain_ends(before), plain_ends(after));
        let places: Vec<usize> = memmem::find_iter(base.text().as_bytes(), before.as_bytes())
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
        let text = base.text();
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
        let first = base.held.line_at(start);
        let last = first + lines(&text[start..end]).count();
        let own = Writer::Step(self.number);
        let writers = carried(
            &base.held.keys[first..last],
            &base.writers[first..last],
            &self.texts.keys(&new),
            own,
        );
        let whole = format!("{}{new}{}", &text[..start], &text[end..]);
        base.spliced(whole, first..last, writers, self.texts)
    }

    fn patch(&mut self, base: Current, patch: &Patch) -> Current {
        let mut current = base;
        let mut shift = 0;
        for hunk in &patch.hunks {
            let expected = expected(hunk).map(|line| line.saturating_add_signed(shift));
            let before = current.writers.len();
            current = self.splice(&current, expected, &rows(hunk));
            shift += current.writers.len() as isize - before as isize;
        }
        current
    }

    /// Puts a hunk in: where its old lines stand, else where most of them do.
    fn splice(
        &mut self,
        base: &Current,
        expected: Option<usize>,
        rows: &[(char, &str)],
    ) -> Current {
        let old = of(rows, '-');
        if let Some(place) = find(&base.held, &old, expected, self.texts) {
            return self.put(base, place, rows);
        }
        // The file was not as it is known: the hunk says how it was there.
        let place = self.nearest(&base.held.keys, &old);
        let end = (place + old.len()).min(base.writers.len());
        let before = with_lines(base, place..end, &old);
        let mut base = base.found(&before, self.found(), self.texts);
        base.whole = false;
        self.put(&base, place, rows)
    }

    /// Puts a hunk in whose old lines stand at a place. Lines that it takes away
    /// and puts back, perhaps indented otherwise, keep their writers.
    fn put(&mut self, base: &Current, place: usize, rows: &[(char, &str)]) -> Current {
        let (old, new) = (of(rows, '-'), of(rows, '+'));
        let end = place + old.len();
        let mut keys = |lines: &[&str]| -> Vec<Key> {
            lines.iter().map(|line| self.texts.key(line)).collect()
        };
        let (old_keys, new_keys) = (keys(&old), keys(&new));
        let own = Writer::Step(self.number);
        let writers = carried(&old_keys, &base.writers[place..end], &new_keys, own);
        let whole = with_lines(base, place..end, &new);
        base.spliced(whole, place..end, writers, self.texts)
    }

    /// Where most of the lines stand as expected; the end if too few do anywhere.
    fn nearest(&mut self, text: &[Key], old: &[&str]) -> usize {
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
        let mut whole = String::with_capacity(base.text().len());
        let mut writers = base.writers.clone();
        for (number, line) in base.text().split_inclusive('\n').enumerate() {
            let end = &line[line.trim_end_matches('\n').len()..];
            let line = line.trim_end_matches('\n');
            let new = pattern.replacen(line, most, with);
            if new != line {
                writers[number] = Writer::Step(self.number);
            }
            whole.push_str(&new);
            whole.push_str(end);
        }
        base.spliced(whole, 0..base.writers.len(), writers, self.texts)
    }
}

/// The text of a file with other lines in place of some; it ends with a line end.
fn with_lines(base: &Current, range: Range<usize>, new: &[&str]) -> String {
    let text = base.text();
    let (start, end) = (base.held.start(range.start), base.held.start(range.end));
    let more: usize = new.iter().map(|line| line.len() + 1).sum();
    let mut whole = String::with_capacity(text.len() + more);
    whole.push_str(&text[..start]);
    let close = |whole: &mut String| {
        if !whole.is_empty() && !whole.ends_with('\n') {
            whole.push('\n');
        }
    };
    close(&mut whole);
    for line in new {
        whole.push_str(line);
        whole.push('\n');
    }
    whole.push_str(&text[end..]);
    close(&mut whole);
    whole
}
