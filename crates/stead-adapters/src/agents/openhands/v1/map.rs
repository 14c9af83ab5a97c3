//! The records of one conversation become events.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use stead_usf::{Event, EventType, Issue, Raw, Severity, Source, Status, Time};

use super::super::content::{drop_empty, time_of};
use super::super::file::Document;
use super::branch::{Branch, Leaf};
use super::facts::Facts;
use super::log::Mark;
use super::put::{Copied, Mapped};
use super::requests::{Request, Sums, Told};
use super::{acp, answer, call, notes, say};
use crate::container::json::Object;
use crate::early::Early;
use crate::ids::Ids;
use crate::{Fate, Output, Slot};

/// One event as OpenHands recorded it.
pub(super) struct Record<'a> {
    pub(super) id: String,
    pub(super) at: Option<Time>,
    /// Who made it: `user`, `agent`, `environment` or `hook`.
    pub(super) by: Cow<'a, str>,
    /// The one that it follows.
    pub(super) parent: Option<Cow<'a, str>>,
    pub(super) data: Object<'a>,
    pub(super) source: Source,
}

/// What is remembered from one reading to the next.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Memory {
    pub(super) mark: Mark,
    /// The last event: the record's id and the event's.
    pub(super) tip: Option<(String, String)>,
    pub(super) ids: Ids,
    /// Calls without a result, by their id.
    pub(super) open: BTreeMap<String, String>,
    pub(super) early: Early,
    /// What subagents were asked.
    pub(super) asks: Vec<Ask>,
    /// Requests that have been put on events.
    pub(super) told: Told,
    /// What had been used when it was told last.
    pub(super) sums: Sums,
    /// Answers of which no tokens were known yet.
    pub(super) owed: BTreeSet<String>,
    pub(super) ended: Option<bool>,
    /// A copy has come to what is its own.
    pub(super) is_own: bool,
    /// What a subagent was asked first, as a digest.
    pub(super) asked: Option<u64>,
    pub(super) reported: BTreeSet<String>,
}

/// What a call asked a subagent.
#[derive(Serialize, Deserialize)]
pub(super) struct Ask {
    pub(super) call: Option<String>,
    pub(super) prompt: u64,
    pub(super) is_taken: bool,
}

/// Maps one conversation.
pub(super) struct Mapper {
    pub(super) slot: Slot,
    pub(super) facts: Facts,
    pub(super) memory: Memory,
    pub(super) branch: Branch,
    pub(super) copied: Copied,
    /// Nobody types in a subagent's conversation.
    pub(super) is_subagent: bool,
    /// Where the facts stand.
    pub(super) state: Source,
    /// The reading goes on from an earlier one.
    pub(super) is_resumed: bool,
    /// What came does not go with what was read before, or may not be all.
    pub(super) is_broken: bool,
    /// Calls of other agents that have not come to an end.
    pub(super) pending: BTreeMap<String, acp::Pending>,
}

impl Mapper {
    /// Takes in an event's document.
    pub(super) fn event(&mut self, output: &mut Output<'_>, number: u64, document: &Document) {
        if let Some(issue) = document.issue.clone() {
            output.issue(self.slot, issue);
            self.is_broken = true;
        }
        let fate = match document.object() {
            Ok(data) => self.map(output, Record::of(data, number, &document.source)),
            Err(issue) => {
                self.is_broken = true;
                if document.issue.is_none() {
                    output.issue(self.slot, *issue);
                }
                Fate::Reported
            }
        };
        output.record(fate);
    }

    fn map(&mut self, output: &mut Output<'_>, mut record: Record<'_>) -> Fate {
        let kind = record.data.text("kind").unwrap_or_default();
        match kind.as_ref() {
            "SystemPromptEvent" => say::system(self, output, record),
            "MessageEvent" => say::message(self, output, record),
            "ActionEvent" => call::map(self, output, record),
            "ObservationEvent" | "AgentErrorEvent" | "UserRejectObservation" => {
                answer::map(self, output, record, &kind)
            }
            "ACPToolCallEvent" => acp::map(self, output, record),
            "Condensation" | "CondensationSummaryEvent" => {
                notes::condensation(self, output, record)
            }
            _ => notes::map(self, output, record, &kind),
        }
    }

    /// Keeps a record that is not understood.
    pub(super) fn unknown(
        &mut self,
        output: &mut Output<'_>,
        record: Record<'_>,
        kind: &str,
    ) -> Fate {
        let message = format!("records of kind `{kind}` are not known");
        if self.memory.reported.insert(message.clone()) {
            let issue = Issue::new(Severity::Warning, "unknown-record", message);
            output.issue(self.slot, issue.at(record.source.clone()));
        }
        let mapped = Mapped {
            details: vec![("kind", Raw::of(kind).ok())],
            ..Mapped::one(Event::new("", EventType::Unknown))
        };
        self.put(output, record, mapped);
        Fate::Reported
    }

    /// All records are read.
    pub(super) fn finish(&mut self, output: &mut Output<'_>) {
        acp::finish(self, output);
        let requests = &self.facts.requests;
        let mut left = requests.rest(&self.memory.told);
        left.extend(requests.missing(&self.memory.sums));
        for request in left {
            self.is_broken = true;
            self.request(output, request, false);
        }
        if !self.is_resumed {
            self.branch.settle(output, self.slot, leaf(&self.facts));
        }
        self.is_broken |= !self.branch.is_at_end(leaf(&self.facts));
        let status = self.status();
        let header = output.header(self.slot);
        self.facts.tell(header);
        header.status = status;
        if let Some(cost) = self.facts.requests.cost {
            header.cost_usd = Some(cost);
        }
    }

    /// Whether what came after an earlier reading only adds to it.
    pub(super) fn only_adds(&self) -> bool {
        let leaf = leaf(&self.facts);
        let is_moved = matches!(leaf, Leaf::At(leaf) if self.branch.parent(Some(leaf)).is_none());
        !self.is_broken && !is_moved && self.branch.is_straight(leaf)
    }

    fn status(&self) -> Option<Status> {
        let ended = match self.facts.status.as_deref() {
            Some("finished" | "paused" | "stuck") => true,
            _ => self.memory.ended?,
        };
        Some(if ended {
            Status::Ended
        } else {
            Status::Aborted
        })
    }

    /// A request of which no event tells.
    pub(super) fn request(&mut self, output: &mut Output<'_>, request: Request, is_copied: bool) {
        let id = format!("request:{}:{}", request.purpose, request.place);
        let mut event = Event::new(self.memory.ids.unique(id), EventType::System);
        let purpose = crate::extra::quoted(&request.purpose);
        event.extra = crate::extra::with(None, &[("usage_id", purpose.as_deref())]);
        event.message = request.message;
        event.model = request.model;
        event.usage = request.usage;
        event.cost_usd = request.cost;
        event.inherited = is_copied;
        event.source = Some(self.state.clone());
        output.event(self.slot, event);
    }
}

fn leaf(facts: &Facts) -> Leaf<'_> {
    match &facts.leaf {
        Some(leaf) => Leaf::At(leaf),
        None if facts.is_rewound => Leaf::Nothing,
        None => Leaf::Last,
    }
}

impl<'a> Record<'a> {
    fn of(mut data: Object<'a>, number: u64, source: &Source) -> Self {
        let id = data.string("id").filter(|id| !id.is_empty());
        let timestamp = data
            .peek("timestamp")
            .and_then(crate::container::json::string);
        let at = timestamp.as_deref().and_then(time_of);
        if at.is_some() {
            data.take("timestamp");
        }
        let by = data.text("source").unwrap_or_default();
        let parent = data.text("parent_id");
        drop_empty(&mut data);
        Self {
            id: id.unwrap_or_else(|| format!("event-{number}")),
            at,
            by,
            parent,
            data,
            source: source.clone(),
        }
    }
}
