//! Messages become events: order, links, tokens, state.

use std::collections::BTreeSet;

use stead_usf::{Event, EventType, Issue, Model, Raw, Severity, Source, Status, Time, Usage};

use super::EMPTY_MESSAGE;
use super::block::{self, Piece, Place};
use super::calls::Calls;
use super::compaction::{Compaction, Part};
use super::facts::Facts;
use super::message::Message;
use super::usage::{Request, Spent};
use crate::container::begun::RowMapper;
use crate::container::json::Object;
use crate::ids::Ids;
use crate::{Fate, Output, Slot, extra};

/// Maps the records of one session, in order.
pub(super) struct Mapper {
    pub(super) slot: Slot,
    /// Sessions that calls of this one started, with the calls.
    pub(super) children: Vec<(String, String)>,
    facts: Facts,
    ids: Ids,
    calls: Calls,
    compaction: Compaction,
    spent: Spent,
    reported: BTreeSet<String>,
    /// Somebody or something has prompted.
    prompted: bool,
    /// The reply that the last message was part of.
    reply: Option<String>,
    last_reply: Option<Time>,
    ended: Option<bool>,
}

impl Mapper {
    /// Begins the session.
    pub(super) fn begin(output: &mut Output<'_>, facts: Facts) -> Self {
        let mut mapper = Self {
            slot: output.begin(facts.header(), false),
            children: Vec::new(),
            facts,
            ids: Ids::default(),
            calls: Calls::default(),
            compaction: Compaction::default(),
            spent: Spent::default(),
            reported: BTreeSet::new(),
            prompted: false,
            reply: None,
            last_reply: None,
            ended: None,
        };
        if let Some(rest) = mapper.facts.rest.take() {
            let mut event = mapper.own_event("session");
            event.extra = Some(rest);
            output.event(mapper.slot, event);
        }
        mapper
    }

    /// A request of the ledger, which stands before the messages.
    pub(super) fn request(&mut self, row: Object<'_>, source: Source) -> Fate {
        self.spent.add(Request::of(row, source));
        Fate::Mapped
    }

    /// A message comes.
    pub(super) fn message(&mut self, output: &mut Output<'_>, mut message: Message<'_>) -> Fate {
        let part = self.compaction.part(&message);
        let place = Place {
            part,
            typed: self.is_typed(&message, part),
            is_user: message.is_user,
        };
        self.settle(&message, part);
        let reply = self.reply_of(&message);
        let blocks = std::mem::take(&mut message.blocks);
        let pieces = block::pieces(blocks, place, self.facts.recipe.as_deref());
        let fate = self.report(output, &message, &pieces);
        let mut events: Vec<Event> = pieces.into_iter().map(|piece| piece.event).collect();
        self.tell_usage(&mut events, &message, part);
        let left = [&message.metadata, &message.rest];
        if events.is_empty() && left.iter().all(|rest| rest.is_none()) {
            return Fate::Ignored(EMPTY_MESSAGE);
        }
        if events.is_empty() {
            events.push(Event::new("", EventType::System));
        }
        let [metadata, rest] = left.map(|rest| rest.as_ref().map(Raw::json));
        let first = &mut events[0];
        let details = [("metadata", metadata), ("record", rest)];
        first.extra = extra::with(first.extra.take(), &details);
        let names = self.put(output, &message, reply.as_ref(), events);
        let hidden = !message.audience.model;
        self.compaction.put(output, self.slot, part, hidden, names);
        fate
    }

    /// Whether a person typed the message's text.
    fn is_typed(&mut self, message: &Message<'_>, part: Part) -> bool {
        if !message.is_user || !message.has_text() || message.has_result() || !message.audience.user
        {
            return false;
        }
        let first = !std::mem::replace(&mut self.prompted, true);
        let scheduled = first && self.facts.is_scheduled();
        matches!(part, Part::Talk | Part::Note) && !self.facts.is_subagent() && !scheduled
    }

    /// Reports pieces of unknown types and notes the sessions that calls started.
    fn report(&mut self, output: &mut Output<'_>, message: &Message<'_>, pieces: &[Piece]) -> Fate {
        let mut fate = Fate::Mapped;
        for piece in pieces {
            if let (Some(child), Some(call), false) =
                (&piece.child, &piece.event.call_id, message.inherited)
            {
                self.children.push((child.clone(), call.clone()));
            }
            if let Some(kind) = &piece.unknown {
                fate = Fate::Reported;
                let what = format!("unknown content type `{kind}`");
                self.unknown(output, what, &message.source);
            }
        }
        fate
    }

    /// Puts the tokens of the request on the first event that the model made.
    fn tell_usage(&mut self, events: &mut Vec<Event>, message: &Message<'_>, part: Part) {
        if part == Part::Summary && !message.inherited {
            let request = self.spent.summary();
            let summary = events
                .iter_mut()
                .find(|event| event.kind == EventType::Summary);
            if let (Some(request), Some(event)) = (request, summary) {
                event.usage = Some(request.counts.usage());
                event.cost_usd = request.cost;
                event.model = request.model.map(|id| self.served(id, &[]));
                event.extra = extra::with(
                    event.extra.take(),
                    &[("request", request.rest.as_ref().map(Raw::json))],
                );
            }
        }
        if message.counts.is_empty() {
            return;
        }
        let made = |event: &Event| is_model(event.kind);
        let place = events.iter().position(made).unwrap_or_else(|| {
            events.push(Event::new("", EventType::System));
            events.len() - 1
        });
        let event = &mut events[place];
        event.usage = Some(message.counts.usage());
        if !message.inherited {
            event.cost_usd = self.spent.reply(message.counts);
        }
    }

    /// What the message means for the state of the session.
    fn settle(&mut self, message: &Message<'_>, part: Part) {
        let spoken = message.audience.user && message.has_text();
        self.ended = match (message.is_user, part) {
            (true, _) if spoken || message.has_result() => Some(false),
            (false, _) if message.has_call() => Some(false),
            (false, Part::Note) => Some(true),
            (false, Part::Talk) if spoken => Some(true),
            _ => self.ended,
        };
    }

    /// Puts the events of a message out; returns their ids.
    fn put(
        &mut self,
        output: &mut Output<'_>,
        message: &Message<'_>,
        reply: Option<&String>,
        events: Vec<Event>,
    ) -> Vec<String> {
        let base = if message.id.is_empty() {
            &message.place
        } else {
            &message.id
        };
        let mut names = Vec::new();
        for (number, mut event) in events.into_iter().enumerate() {
            let id = match number {
                0 => base.clone(),
                number => format!("{base}#{number}"),
            };
            event.id = self.ids.unique(id);
            event.at = message.at;
            event.inherited = message.inherited;
            event.source = Some(message.source.clone());
            let made = !message.is_user && (is_model(event.kind) || event.usage.is_some());
            if made {
                event.model.clone_from(&message.model);
                self.last_reply = message.at.or(self.last_reply);
            }
            if made || event.kind == EventType::Summary {
                event.message = reply.cloned();
            }
            names.push(event.id.clone());
            self.calls.put(output, self.slot, event);
        }
        names
    }

    /// The reply that a message is part of, by its id. Until 1.50 its calls may stand
    /// in a message of their own, with an id that Goose made.
    fn reply_of(&mut self, message: &Message<'_>) -> Option<String> {
        let own = Some(message.id.clone()).filter(|id| !id.is_empty());
        if message.is_user {
            self.reply = None;
            return own;
        }
        let goes_on =
            message.has_call() && message.id.starts_with("msg_") && message.counts.is_empty();
        let earlier = self.reply.take().filter(|_| goes_on);
        self.reply = earlier.or(own);
        self.reply.clone()
    }

    /// A model of the ledger, which does not say who served it; a model of that
    /// name in the session does.
    fn served(&self, id: String, known: &[Model]) -> Model {
        let same = |model: &&Model| model.id == id;
        let known = known.iter().chain(&self.facts.model).find(same).cloned();
        known.unwrap_or(Model { id, provider: None })
    }

    /// An event that stands for no message.
    fn own_event(&mut self, name: &str) -> Event {
        let mut event = Event::new(self.ids.unique(name.to_owned()), EventType::System);
        event.source = Some(self.facts.source.clone());
        event
    }

    /// The session is read to its end.
    pub(super) fn finish(&mut self, output: &mut Output<'_>) {
        for request in self.spent.others() {
            self.put_request(output, request);
        }
        self.put_rest(output);
        let header = output.header(self.slot);
        self.facts.complete(header);
        header.status = self.ended.map(|ended| {
            if ended {
                Status::Ended
            } else {
                Status::Aborted
            }
        });
        output.end(self.slot);
    }

    /// A request of which no message tells: its reply was deleted, or it is the
    /// sum of those before there was a ledger.
    fn put_request(&mut self, output: &mut Output<'_>, request: Request) {
        let known = output.header(self.slot).models.clone();
        let mut event = self.own_event(&format!("request-{}", request.row));
        event.at = request.at;
        event.usage = Some(request.counts.usage()).filter(|usage| !usage.is_empty());
        event.cost_usd = request.cost;
        event.model = request.model.map(|id| self.served(id, &known));
        event.extra = request.rest;
        event.source = Some(request.source);
        output.event(self.slot, event);
    }

    /// What the session took beyond what its messages and the ledger tell. It is
    /// no single request; it was all there when the last reply came.
    fn put_rest(&mut self, output: &mut Output<'_>) {
        let (usage, cost) = self.spent.left(&self.facts.totals, self.facts.cost);
        if usage == Usage::default() && cost.is_none() {
            return;
        }
        let mut event = self.own_event("usage");
        event.at = self.last_reply;
        event.usage = Some(usage).filter(|usage| !usage.is_empty());
        event.cost_usd = cost;
        event.model.clone_from(&self.facts.model);
        output.event(self.slot, event);
    }
}

impl RowMapper for Mapper {
    fn lost(output: &mut Output<'_>, id: &str) -> Self {
        Self::begin(output, Facts::unknown(id))
    }

    fn slot(&self) -> Slot {
        self.slot
    }

    fn unknown(&mut self, output: &mut Output<'_>, what: String, source: &Source) {
        if self.reported.insert(what.clone()) {
            let issue = Issue::new(Severity::Warning, "unknown-record", what);
            output.issue(self.slot, issue.at(source.clone()));
        }
    }

    fn keep(
        &mut self,
        output: &mut Output<'_>,
        place: String,
        record: Option<Raw>,
        source: Source,
    ) {
        let mut event = Event::new(self.ids.unique(place), EventType::Unknown);
        event.extra = record;
        event.source = Some(source);
        output.event(self.slot, event);
    }
}

/// Whether the model itself produced it.
const fn is_model(kind: EventType) -> bool {
    matches!(
        kind,
        EventType::Assistant | EventType::Reasoning | EventType::ToolCall
    )
}
