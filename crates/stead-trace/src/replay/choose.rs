//! Which version of a file a step was done to.

use super::current::Current;
use super::play::Replay;
use super::{Version, fit};
use crate::keyed::Keyed;
use crate::step::Action;

impl Replay<'_> {
    /// The version in git that the step was done to, if it was not the state that
    /// is known, with its time.
    pub(super) fn version(
        &mut self,
        known: Option<&Current>,
        at_ms: i64,
        path: &str,
        action: &Action,
    ) -> Option<(i64, Keyed)> {
        let since = known.map_or(i64::MIN, |known| known.at_ms);
        let versions = self.ground.versions(path, at_ms);
        let versions = &versions[self.done(known, action, &versions)..];
        let newer = versions.partition_point(|version| version.at_ms > since);
        let (newer, older) = versions.split_at(newer);
        // A commit made since may be what the tree held, if the step fits it.
        if let Some(version) = self.fitting(newer, action) {
            return Some(version);
        }
        match known {
            Some(known) if fit::fits(action, &known.held, self.texts) => None,
            Some(_) => self.fitting(older, action),
            None => {
                let newest = versions.first()?;
                Some((newest.at_ms, self.versions.held(newest, self.texts)))
            }
        }
    }

    /// The first version that a step can have been done to.
    fn fitting(&mut self, versions: &[Version<'_>], action: &Action) -> Option<(i64, Keyed)> {
        versions.iter().find_map(|version| {
            let held = self.versions.held(version, self.texts);
            fit::fits(action, &held, self.texts).then_some((version.at_ms, held))
        })
    }

    /// How many versions, from the newest on, came after a step: times of commits
    /// are whole seconds, and clocks differ, but what holds the step's own lines
    /// has them from it.
    fn done(
        &mut self,
        known: Option<&Current>,
        action: &Action,
        versions: &[Version<'_>],
    ) -> usize {
        if let (Action::Write { after, .. } | Action::Append(after), None) = (action, known) {
            let after = self.texts.keys(after);
            return fit::written(&after, versions, &mut self.versions, self.texts);
        }
        let mut done = 0;
        while let Some(version) = versions.get(done) {
            let held = self.versions.held(version, self.texts);
            let before = match (known, versions.get(done + 1)) {
                (Some(known), _) => known.held.clone(),
                (None, Some(older)) => self.versions.held(older, self.texts),
                (None, None) => Keyed::default(),
            };
            if !fit::is_done(action, &held, &before, self.texts) {
                break;
            }
            done += 1;
        }
        done
    }
}
