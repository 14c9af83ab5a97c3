//! Events are put out: with their links, their tokens, and their marks.

use rustc_hash::FxHashSet;
use stead_usf::{Event, EventType, Raw, Time};

use super::map::{Mapper, Record};
use super::requests::Request;
use crate::Output;
use crate::extra;
use crate::ids::digest;

/// What else a record may become, before its own event: the events' ids are the
/// record's with these names.
pub(super) const PARTS: [&str; 4] = ["reasoning", "text", "context", "final"];

/// What a record became.
#[derive(Default)]
pub(super) struct Mapped {
    /// The events. Their ids name their part; the last one's is empty and stands
    /// for the record.
    pub(super) events: Vec<Event>,
    /// The provider's id of the model's answer that the record is part of.
    pub(super) answer: Option<String>,
    /// What USF has no place for, beside what nobody took from the record.
    pub(super) details: Vec<(&'static str, Option<Raw>)>,
}

impl Mapped {
    /// A record that became one event.
    pub(super) fn one(event: Event) -> Self {
        Self {
            events: vec![event],
            ..Self::default()
        }
    }
}

/// Which of a conversation's events were copied from another one.
#[derive(Default)]
pub(super) enum Copied {
    /// None.
    #[default]
    Nothing,
    /// All up to this one.
    Until(String),
    /// Those that the other one has too, as digests of their ids.
    Of(FxHashSet<u64>),
    /// Those of before the conversation was made.
    Before(Time),
}

impl Mapper {
    /// Puts out what a record became. Returns the id of the record's event.
    pub(super) fn put(
        &mut self,
        output: &mut Output<'_>,
        record: Record<'_>,
        mapped: Mapped,
    ) -> String {
        let Mapped {
            mut events,
            answer,
            details,
        } = mapped;
        let node = self.branch.parent(record.parent.as_deref());
        // What it follows was read before, but it is not the last event.
        self.is_broken |= self.is_resumed && node.is_none();
        let is_copied = self.is_copied(&record, answer.as_deref());
        let request = answer
            .as_deref()
            .and_then(|answer| self.tell(output, answer, is_copied));
        let known = answer
            .as_deref()
            .and_then(|answer| self.facts.requests.get(answer));
        let model = known.and_then(|known| known.model.clone());
        let base = self.memory.ids.unique(record.id.clone());
        let mut parent = node
            .and_then(|node| self.branch.id(node))
            .map(str::to_owned);
        let mut parts = 0;
        for event in &mut events {
            let bit = PARTS.iter().position(|part| *part == event.id);
            parts |= bit.map_or(0, |bit| 1 << bit);
            event.id = match bit {
                Some(_) => self.memory.ids.unique(format!("{base}#{}", event.id)),
                None => base.clone(),
            };
            event.parent = parent.replace(event.id.clone());
            event.at = record.at;
            event.inherited = is_copied;
            event.source = Some(record.source.clone());
            if is_model(event.kind) {
                event.message.clone_from(&answer);
                event.model.clone_from(&model);
            }
        }
        if let (Some(request), Some(first)) = (request, events.first_mut()) {
            first.usage = request.usage;
            first.cost_usd = request.cost;
        }
        if let Some(last) = events.last_mut() {
            let details = details
                .iter()
                .map(|(name, raw)| (*name, raw.as_ref().map(Raw::json)));
            last.extra = extra::with(record.data.rest(), &details.collect::<Vec<_>>());
        }
        self.branch.grow(&record.id, &base, parts, node);
        self.memory.tip = Some((record.id, base.clone()));
        for event in events {
            output.event(self.slot, event);
        }
        base
    }

    /// Puts out the requests that no event tells of and that were made before
    /// this one; returns it unless it has been told.
    fn tell(&mut self, output: &mut Output<'_>, answer: &str, is_copied: bool) -> Option<Request> {
        let requests = &self.facts.requests;
        let Some(request) = requests.get(answer).cloned() else {
            if !is_copied {
                self.memory.owed.insert(answer.to_owned());
            }
            return None;
        };
        let passed = requests.reach(answer, &mut self.memory.told)?;
        for passed in passed {
            self.request(output, passed, is_copied);
        }
        Some(request)
    }

    /// Whether records are this conversation's own, as far as can be told.
    pub(super) fn is_own(&self) -> bool {
        self.memory.is_own || matches!(self.copied, Copied::Nothing)
    }

    /// Whether a record was copied from the conversation that this one is a copy
    /// of. What comes after the first own one is its own.
    fn is_copied(&mut self, record: &Record<'_>, answer: Option<&str>) -> bool {
        if self.memory.is_own {
            return false;
        }
        // A copy's statistics begin anew.
        let is_counted = || answer.is_some_and(|answer| self.facts.requests.get(answer).is_some());
        let is_copied = match &self.copied {
            Copied::Nothing => false,
            Copied::Of(ids) => ids.contains(&digest(&record.id)),
            Copied::Until(last) => {
                self.memory.is_own = record.id == *last;
                !is_counted()
            }
            Copied::Before(made) => record.at.is_some_and(|at| at < *made) && !is_counted(),
        };
        self.memory.is_own |= !is_copied;
        is_copied
    }
}

/// Whether the model itself produced it.
const fn is_model(kind: EventType) -> bool {
    matches!(
        kind,
        EventType::Assistant | EventType::Reasoning | EventType::ToolCall | EventType::Summary
    )
}
