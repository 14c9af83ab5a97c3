//! Steps without times of their own: each was done before the file first shows what
//! it wrote, in a commit or to another session.

use super::hunk::{of, rows, undone};
use super::play::{FileKey, Replay};
use super::{Replayed, fit};
use crate::keyed::Keyed;
use crate::step::Action;
use crate::text::Key;

/// A step that waits for its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Waiting {
    /// Its number in the evidence.
    number: u32,
    session: u32,
    /// It was done before this time, in milliseconds since 1970: a version of then
    /// has what it wrote.
    until_ms: Option<i64>,
}

impl Replay<'_> {
    /// A step without a time of its own was later than it stands here, if it does
    /// not fit the file yet, or if a later commit is the first to show it.
    pub(super) fn change_undated(
        &mut self,
        number: u32,
        at_ms: i64,
        key: FileKey,
        action: &Action,
    ) {
        let session = self.session;
        let until_ms = self.first_version(at_ms, &key, action);
        let waiting = self.waiting.entry(key.clone()).or_default();
        let before = waiting.iter().any(|waits| waits.session == session);
        if before || until_ms.is_some() || !self.fits(&key, at_ms, action) {
            let waiting = self.waiting.entry(key).or_default();
            return waiting.push(Waiting {
                number,
                session,
                until_ms,
            });
        }
        self.change(number, at_ms, key, action);
    }

    /// When the first version was committed that has something of what a step wrote.
    fn first_version(&mut self, from_ms: i64, key: &FileKey, action: &Action) -> Option<i64> {
        let versions = self.ground.versions(&key.1, i64::MAX);
        let mut before = Keyed::default();
        for version in versions.iter().rev() {
            let held = self.versions.held(version, self.texts);
            if version.at_ms >= from_ms && fit::begins(action, &held, &before, self.texts) {
                return Some(version.at_ms - 1);
            }
            before = held;
        }
        None
    }

    fn fits(&mut self, key: &FileKey, at_ms: i64, action: &Action) -> bool {
        if let Some(known) = self.files.get(key)
            && fit::fits(action, &known.held, self.texts)
        {
            return true;
        }
        let versions = self.ground.versions(&key.1, at_ms);
        versions.iter().any(|version| {
            let held = self.versions.held(version, self.texts);
            fit::fits(action, &held, self.texts)
        })
    }

    /// Carries out what was done before a step: what a version has by then, and what
    /// the step found in the file.
    pub(super) fn come_before(&mut self, at_ms: i64, key: &FileKey, action: &Action) {
        let Some(waiting) = self.waiting.get(key).filter(|waiting| !waiting.is_empty()) else {
            return;
        };
        let waiting = waiting.clone();
        let found = found_lines(action).map(|text| self.texts.keys(&text));
        let last = waiting.iter().rposition(|waits| {
            waits.until_ms.is_some_and(|until| until <= at_ms)
                || found.as_ref().is_some_and(|found| self.shown(waits, found))
        });
        let Some(last) = last else { return };
        self.waiting.entry(key.clone()).or_default().drain(..=last);
        for waits in &waiting[..=last] {
            self.do_late(waits, at_ms.saturating_sub(1), key);
        }
    }

    fn shown(&mut self, waits: &Waiting, found: &[Key]) -> bool {
        let action = &self.evidence.steps[waits.number as usize].action;
        fit::shows(action, found, self.texts)
    }

    /// Carries out a step that waited, not later than this time.
    fn do_late(&mut self, waits: &Waiting, at_ms: i64, key: &FileKey) {
        let at_ms = waits.until_ms.map_or(at_ms, |until| until.min(at_ms));
        let now = std::mem::replace(&mut self.session, waits.session);
        let action = &self.evidence.steps[waits.number as usize].action;
        self.change(waits.number, at_ms, key.clone(), action);
        self.session = now;
    }

    /// Carries out what waited for the file to be as it is now.
    pub(super) fn catch_up(&mut self, at_ms: i64, key: &FileKey) {
        while let Some(waiting) = self.waiting.get_mut(key)
            && let Some(waits) = waiting.first().copied()
            && waits.until_ms.is_none()
        {
            let action = &self.evidence.steps[waits.number as usize].action;
            if !self.fits(key, at_ms, action) {
                return;
            }
            self.waiting.entry(key.clone()).or_default().remove(0);
            self.do_late(&waits, at_ms, key);
        }
    }

    /// Carries out what never fitted.
    pub(super) fn finish(mut self) -> Replayed {
        let mut waiting: Vec<_> = self.waiting.drain().collect();
        waiting.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        for (key, steps) in waiting {
            for waits in steps {
                let step = &self.evidence.steps[waits.number as usize];
                let last = self.files.get(&key).map(|known| known.at_ms);
                let at_ms = step.at_ms.max(last).unwrap_or(0);
                let at_ms = waits.until_ms.unwrap_or(at_ms);
                self.do_late(&waits, at_ms, &key);
            }
        }
        self.replayed
    }
}

/// Lines of the file that a step shows as they were before it.
fn found_lines(action: &Action) -> Option<String> {
    match action {
        Action::Show { text, .. } => Some(text.clone()),
        Action::Write { before, .. } => before.clone(),
        Action::Replace { before, .. } => Some(before.clone()),
        Action::Patch(patch) => {
            let whole = patch.after.as_ref();
            let whole = whole.and_then(|after| undone(after, &patch.hunks));
            let old = || {
                let hunks = patch.hunks.iter();
                let old = hunks.flat_map(|hunk| of(&rows(hunk), '-'));
                old.collect::<Vec<_>>().join("\n")
            };
            Some(whole.unwrap_or_else(old))
        }
        _ => None,
    }
}
