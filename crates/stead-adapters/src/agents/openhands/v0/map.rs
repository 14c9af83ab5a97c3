//! Actions and observations become events.

use std::collections::{BTreeMap, BTreeSet};

use stead_usf::{
    Event, EventType, Inactive, Issue, Model, Raw, Session, Severity, Source, Status, Time, Usage,
};

use super::super::content::{drop_empty, time_of};
use super::reply::Spent;
use super::{action, observation};
use crate::container::json::{Object, string};
use crate::ids::Ids;
use crate::{Amendment, Fate, Output, Slot};

/// One event as OpenHands recorded it.
pub(super) struct Record<'a> {
    /// Its number in the stream.
    pub(super) number: u64,
    pub(super) at: Option<Time>,
    /// Who made it: `user`, `agent` or `environment`.
    pub(super) by: String,
    pub(super) data: Object<'a>,
    pub(super) source: Source,
}

/// A call that waits for its result.
pub(super) struct Call {
    /// Its event; `None` if it is not in the store.
    pub(super) event: Option<String>,
    /// The id that the provider gave it.
    pub(super) id: Option<String>,
    pub(super) tool: String,
}

/// Part of a model's reply, beside its events.
#[derive(Default)]
pub(super) struct Request {
    pub(super) message: Option<String>,
    pub(super) model: Option<Model>,
    pub(super) usage: Option<Usage>,
    pub(super) cost: Option<f64>,
}

/// Maps one stream.
pub(super) struct Mapper {
    pub(super) slot: Slot,
    ids: Ids,
    last: Option<String>,
    /// Calls by the number of their action.
    pub(super) open: BTreeMap<u64, Call>,
    /// What has been counted.
    pub(super) spent: Spent,
    /// Numbers of records, each with the events that it became.
    nodes: Vec<(u64, Vec<String>)>,
    forgotten: Vec<(u64, u64)>,
    reported: BTreeSet<String>,
    pub(super) ended: Option<bool>,
    /// A folder that a command was left in: the best that old versions tell.
    pub(super) seen_folder: Option<String>,
}

impl Mapper {
    /// Begins the session.
    pub(super) fn begin(output: &mut Output<'_>, header: Session) -> Self {
        Self {
            slot: output.begin(header, false),
            ids: Ids::default(),
            last: None,
            open: BTreeMap::new(),
            spent: Spent::default(),
            nodes: Vec::new(),
            forgotten: Vec::new(),
            reported: BTreeSet::new(),
            ended: None,
            seen_folder: None,
        }
    }

    /// Maps one record; `place` is its number if it has none itself.
    pub(super) fn event(
        &mut self,
        output: &mut Output<'_>,
        place: u64,
        mut data: Object<'_>,
        source: &Source,
    ) -> Fate {
        let number = data.u64("id").unwrap_or(place);
        let at = data.peek("timestamp").and_then(string);
        let at = at.as_deref().and_then(time_of);
        if at.is_some() {
            data.take("timestamp");
        }
        let by = data.string("source").unwrap_or_default();
        let action = data.string("action");
        let observation = data.string("observation");
        drop_empty(&mut data);
        let record = Record {
            number,
            at,
            by,
            data,
            source: source.clone(),
        };
        match (&action, &observation) {
            (Some(kind), None) => action::map(self, output, record, kind),
            (None, Some(kind)) => observation::map(self, output, record, kind),
            _ => {
                let both = action.and_then(|action| Raw::of(&action).ok());
                let kind = observation.unwrap_or_default();
                self.unknown(output, record, &kind, ("action", both))
            }
        }
    }

    /// Keeps a record that is not understood, and what was taken out of it.
    pub(super) fn unknown(
        &mut self,
        output: &mut Output<'_>,
        record: Record<'_>,
        kind: &str,
        taken: (&'static str, Option<Raw>),
    ) -> Fate {
        let message = format!("records of kind `{kind}` are not known");
        if self.reported.insert(message.clone()) {
            let issue = Issue::new(Severity::Warning, "unknown-record", message);
            output.issue(self.slot, issue.at(record.source.clone()));
        }
        let details = [("kind", Raw::of(kind).ok()), taken];
        let events = vec![Event::new("", EventType::Unknown)];
        self.put(output, record, events, Request::default(), &details);
        Fate::Reported
    }

    /// Puts out what a record became. The ids of `events` name their part, the
    /// last one is empty and stands for the record. Returns that one's id.
    pub(super) fn put(
        &mut self,
        output: &mut Output<'_>,
        record: Record<'_>,
        mut events: Vec<Event>,
        request: Request,
        details: &[(&'static str, Option<Raw>)],
    ) -> String {
        let Request {
            message,
            model,
            usage,
            cost,
        } = request;
        let base = self.ids.unique(record.number.to_string());
        for event in &mut events {
            event.id = match event.id.as_str() {
                "" => base.clone(),
                part => self.ids.unique(format!("{base}#{part}")),
            };
            event.parent = self.last.replace(event.id.clone());
            event.at = record.at;
            event.source = Some(record.source.clone());
            if is_model(event.kind) && record.by == "agent" {
                event.message.clone_from(&message);
                event.model.clone_from(&model);
            }
        }
        if let Some(first) = events.first_mut() {
            first.usage = usage;
            first.cost_usd = cost;
        }
        if let Some(last) = events.last_mut() {
            let details = details
                .iter()
                .map(|(name, raw)| (*name, raw.as_ref().map(Raw::json)));
            last.extra = crate::extra::with(record.data.rest(), &details.collect::<Vec<_>>());
        }
        let ids = events.iter().map(|event| event.id.clone()).collect();
        self.nodes.push((record.number, ids));
        for event in events {
            output.event(self.slot, event);
        }
        base
    }

    /// A summary stands for these records.
    pub(super) fn forget(&mut self, first: u64, last: u64) {
        self.forgotten.push((first, last));
    }

    /// All records are read.
    pub(super) fn finish(&mut self, output: &mut Output<'_>) {
        let is_forgotten = |number: u64| {
            self.forgotten
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&number))
        };
        for (_, ids) in self
            .nodes
            .iter()
            .filter(|(number, _)| is_forgotten(*number))
        {
            for id in ids {
                let amendment = Amendment::Inactive(Some(Inactive::Compacted));
                output.amend(self.slot, id, &amendment);
            }
        }
        let header = output.header(self.slot);
        header.status = self.ended.map(|ended| {
            if ended {
                Status::Ended
            } else {
                Status::Aborted
            }
        });
        if header.cwd.is_none() {
            header.cwd = self.seen_folder.take();
        }
        output.end(self.slot);
    }
}

/// Whether the model itself produced it.
const fn is_model(kind: EventType) -> bool {
    matches!(
        kind,
        EventType::Assistant | EventType::Reasoning | EventType::ToolCall | EventType::Summary
    )
}
