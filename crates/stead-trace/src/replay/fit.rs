//! Whether a step can have been done to a text, and whether a text has it already.

use memchr::memmem;
use rustc_hash::FxHashSet;

use super::Version;
use super::current::plain_ends;
use super::hunk::{expected, find, of, rows};
use super::versions::Versions;
use crate::keyed::Keyed;
use crate::step::Action;
use crate::text::{Key, Texts};

/// So large a part of a step's new lines shows that a text has them from it.
const DONE: f64 = 0.8;

/// A line of so many letters and digits is hardly written twice by chance.
const DISTINCT: u32 = 12;

/// Whether a step can have been done to this text.
pub(super) fn fits(action: &Action, held: &Keyed, texts: &Texts) -> bool {
    match action {
        Action::Write { before, .. } => before
            .as_ref()
            .is_none_or(|before| *plain_ends(before) == *plain_ends(&held.text)),
        Action::Replace { before, .. } => has(&held.text, &plain_ends(before)),
        Action::Patch(patch) => patch.hunks.iter().all(|hunk| {
            let old = of(&rows(hunk), '-');
            find(held, &old, expected(hunk), texts).is_some()
        }),
        Action::Show {
            text: shown,
            whole: true,
            ..
        } => plain_ends(shown).trim_end() == plain_ends(&held.text).trim_end(),
        Action::Show { text: shown, .. } => has(&held.text, shown.trim_end()),
        _ => true,
    }
}

/// Whether a text already holds what a step put into `before`.
pub(super) fn is_done(action: &Action, held: &Keyed, before: &Keyed, texts: &mut Texts) -> bool {
    match action {
        Action::Write { after, .. } => {
            let before: FxHashSet<Key> = before.keys.iter().copied().collect();
            let mut new = telling(&texts.keys(after), texts);
            new.retain(|key| !before.contains(key));
            !new.is_empty() && share(&new, held) >= DONE
        }
        Action::Replace { before, after, .. } => {
            let (before, after) = (plain_ends(before), plain_ends(after));
            has(&held.text, &after) && (has(&after, &before) || !has(&held.text, &before))
        }
        Action::Patch(patch) => patch.hunks.iter().all(|hunk| {
            let rows = rows(hunk);
            let adds = rows.iter().any(|(sign, _)| *sign == '+');
            adds && find(held, &of(&rows, '+'), None, texts).is_some()
        }),
        Action::Append(added) => held.text.trim_end().ends_with(added.trim()),
        _ => false,
    }
}

/// How many versions, from the newest on, hold the whole of what a step wrote,
/// where the one before them lacks most of it: they came after the step.
pub(super) fn written(
    after: &[Key],
    versions: &[Version<'_>],
    memory: &mut Versions<'_>,
    texts: &mut Texts,
) -> usize {
    let own = telling(after, texts);
    if own.is_empty() {
        return 0;
    }
    for (holding, version) in versions.iter().enumerate() {
        let older = share(&own, &memory.held(version, texts));
        if older > 1.0 - DONE / 2.0 && older < DONE {
            return 0;
        }
        if older < DONE {
            return holding;
        }
    }
    versions.len()
}

/// Whether lines that were found in a file have what a step wrote.
pub(super) fn shows(action: &Action, found: &[Key], texts: &mut Texts) -> bool {
    let own = own(action, texts);
    let there = found.iter().filter(|key| own.contains(key));
    let there: FxHashSet<&Key> = there.collect();
    !own.is_empty() && there.len() as f64 >= DONE * own.len() as f64
}

/// Whether a version is the first that has something of what a step wrote: all of it
/// need not be committed at once.
pub(super) fn begins(action: &Action, held: &Keyed, before: &Keyed, texts: &mut Texts) -> bool {
    let mut own = own(action, texts);
    own.retain(|key| texts.weight(*key) >= DISTINCT && !before.keys.contains(key));
    held.keys.iter().any(|key| own.contains(key))
}

/// The lines that a step put in, as far as they say something.
fn own(action: &Action, texts: &mut Texts) -> FxHashSet<Key> {
    let (before, after) = match action {
        Action::Write { before, after } => (before.as_deref().unwrap_or_default(), &**after),
        Action::Replace { before, after, .. } => (&**before, &**after),
        Action::Append(after) => ("", &**after),
        _ => return FxHashSet::default(),
    };
    let before: FxHashSet<Key> = texts.keys(before).into_iter().collect();
    let mut own = telling(&texts.keys(after), texts);
    own.retain(|key| !before.contains(key));
    own
}

/// Whether a text has another one in it.
pub(super) fn has(text: &str, part: &str) -> bool {
    memmem::find(text.as_bytes(), part.as_bytes()).is_some()
}

/// The lines that say something, each once.
fn telling(keys: &[Key], texts: &Texts) -> FxHashSet<Key> {
    let keys = keys.iter().copied();
    keys.filter(|key| !texts.is_trivial(*key)).collect()
}

/// From 0 to 1: how many of the lines a text has.
fn share(own: &FxHashSet<Key>, held: &Keyed) -> f64 {
    let there: FxHashSet<&Key> = held.keys.iter().filter(|key| own.contains(key)).collect();
    there.len() as f64 / own.len().max(1) as f64
}
