//! What later records do to earlier ones: prompts that were taken back, and
//! summaries that stand for what went before.

use std::borrow::Cow;

use rustc_hash::FxHashSet;
use stead_usf::{EventType, Inactive};

use super::read::{Reader, slot};
use super::record::Mapped;
use crate::container::json::{Object, string};
use crate::{Amendment, Output};

impl Reader<'_> {
    /// A prompt that does not follow the last record: what hung there before
    /// was taken back.
    pub(super) fn branch(
        &mut self,
        output: &mut Output<'_>,
        talk: u32,
        above: Option<u32>,
        mapped: &Mapped,
    ) {
        let last = self.tree.last(talk);
        if last.is_none() || above == last {
            return;
        }
        let changes = match mapped.events[0].kind {
            EventType::Error => return,
            EventType::Summary => self.tree.compact(talk, &FxHashSet::default()),
            _ => self.tree.rewind(talk, above),
        };
        if let Some(changes) = self.remember(changes) {
            self.amend(output, talk, &changes);
        }
    }

    /// A summary takes the place of what went before.
    pub(super) fn compact(&mut self, output: &mut Output<'_>, talk: u32, cut: &Cut) {
        let mut kept: FxHashSet<u32> = cut
            .kept
            .iter()
            .filter_map(|id| self.tree.find(id))
            .collect();
        if let Some((first, last)) = &cut.segment
            && let (Some(first), Some(last)) = (self.tree.find(first), self.tree.find(last))
        {
            kept.extend(self.tree.chain(first, last));
        }
        let changes = self.tree.compact(talk, &kept);
        if let Some(changes) = self.remember(changes) {
            self.amend(output, talk, &changes);
        }
        if cut.asked {
            self.talks[talk as usize].open = false;
        }
    }

    fn amend(&self, output: &mut Output<'_>, talk: u32, changes: &[(u32, Option<Inactive>)]) {
        for (place, inactive) in changes {
            for id in self.tree.events(*place) {
                output.amend(slot(talk), &id, &Amendment::Inactive(*inactive));
            }
        }
    }
}

/// Where a summary took the place of what went before.
pub(super) struct Cut {
    /// The last record before.
    pub(super) follows: Option<String>,
    /// Records that stay.
    kept: Vec<String>,
    /// First and last of those that stay, in versions that name only these.
    segment: Option<(String, String)>,
    /// The user asked for it, so no turn goes on after.
    asked: bool,
}

impl Cut {
    pub(super) fn of(record: &Object<'_>) -> Option<Self> {
        let subtype = record.peek("subtype").and_then(string)?;
        if subtype != "compact_boundary" {
            return None;
        }
        let follows = record.peek("logicalParentUuid").and_then(string);
        let mut data = record
            .peek("compactMetadata")
            .and_then(Object::of)
            .unwrap_or_default();
        let mut messages = data.object("preservedMessages").unwrap_or_default();
        let kept = messages
            .values("allUuids")
            .or_else(|| messages.values("uuids"));
        let kept = kept.unwrap_or_default().into_iter().filter_map(string);
        let segment = data.object("preservedSegment").and_then(|mut segment| {
            Some((segment.string("headUuid")?, segment.string("tailUuid")?))
        });
        Some(Self {
            follows: follows.map(Cow::into_owned),
            kept: kept.map(Cow::into_owned).collect(),
            segment,
            asked: data.text("trigger").as_deref() == Some("manual"),
        })
    }
}
