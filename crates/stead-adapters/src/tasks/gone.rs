//! What is no longer sent to the model: messages that were cut off, and those that a
//! summary or a mark stands for.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use stead_usf::Inactive;

use super::sent::Sent;
use crate::{Amendment, Output, Slot};

/// What is known of it so far.
#[derive(Debug, Default)]
pub(super) struct Gone {
    /// First and last message that the task's line names, by their places.
    pub(super) deleted: Option<[usize; 2]>,
    /// A summary of this time stands for messages that were taken out.
    condensed: Option<i64>,
    /// Events that a summary replaces which has not come yet.
    replaced: FxHashMap<String, Vec<String>>,
    summaries: BTreeSet<String>,
}

impl Gone {
    /// Why a message is no longer sent, and the mark of what replaces it if that is
    /// still to come.
    pub(super) fn of(&mut self, sent: &Sent<'_>) -> (Option<Inactive>, Option<String>) {
        if let Some(mark) = &sent.replaces {
            self.summaries.insert(mark.clone());
            self.replaced.remove(mark);
        } else if sent.is_summary {
            self.condensed = self.condensed.max(sent.ts);
        }
        let deleted = self
            .deleted
            .is_some_and(|[from, to]| (from..=to).contains(&sent.index));
        let inactive = deleted || sent.replaced.is_some();
        let mark = sent
            .replaced
            .clone()
            .filter(|mark| !deleted && !self.summaries.contains(mark));
        (inactive.then_some(Inactive::Compacted), mark)
    }

    /// These events are gone if what bears the mark comes.
    pub(super) fn note(&mut self, mark: Option<String>, ids: Vec<String>) {
        if let Some(mark) = mark {
            self.replaced.entry(mark).or_default().extend(ids);
        }
    }

    /// The event `id` says what `twin` does, and goes with it.
    pub(super) fn join(&mut self, twin: &str, id: &str) {
        for ids in self.replaced.values_mut() {
            if ids.iter().any(|gone| gone == twin) {
                ids.push(id.to_owned());
            }
        }
    }

    /// Whether a request of this time, of which no message is left, was summarised.
    pub(super) fn is_condensed(&self, request: Option<i64>) -> bool {
        let times = request.zip(self.condensed);
        times.is_some_and(|(request, condensed)| request < condensed)
    }

    /// Takes back what was said of events whose summary was taken back.
    pub(super) fn finish(&mut self, slot: Slot, output: &mut Output<'_>) {
        for id in std::mem::take(&mut self.replaced).into_values().flatten() {
            output.amend(slot, &id, &Amendment::Inactive(None));
        }
    }
}
