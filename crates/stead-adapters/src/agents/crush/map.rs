//! Messages become events: order, links, state.

use std::collections::BTreeSet;

use stead_usf::{Event, EventType, Inactive, Issue, Raw, Severity, Source, Status, Time};

use super::EMPTY_MESSAGE;
use super::calls::Calls;
use super::facts::Facts;
use super::message::{Message, Role};
use super::part::{self, Piece};
use super::result::Change;
use super::versions::{Other, Version, Versions};
use crate::container::begun::RowMapper;
use crate::ids::Ids;
use crate::{Amendment, Fate, Output, Slot, extra};

/// Maps the rows of one session, in order.
pub(super) struct Mapper {
    pub(super) slot: Slot,
    facts: Facts,
    ids: Ids,
    calls: Calls,
    versions: Versions,
    /// Events before the summary from which on the model sees the conversation, as
    /// long as that has not come.
    before_summary: Option<Vec<String>>,
    reported: BTreeSet<String>,
    last: Option<Time>,
    ended: Option<bool>,
}

/// What a message became, before it is put out.
#[derive(Default)]
struct Pieces {
    events: Vec<(Event, Option<Change>)>,
    attachments: Vec<Raw>,
    finish: Option<String>,
    unknown: Vec<String>,
}

impl Pieces {
    /// Whether the model is to answer it; commands that a user runs are not.
    fn is_prompt(&self) -> bool {
        let said = |event: &Event| event.kind == EventType::User;
        !self.attachments.is_empty() || self.events.iter().any(|(event, _)| said(event))
    }
}

impl Mapper {
    /// Begins the session.
    pub(super) fn begin(output: &mut Output<'_>, facts: Facts) -> Self {
        Self {
            slot: output.begin(facts.header(), false),
            ids: Ids::default(),
            calls: Calls::default(),
            versions: Versions::default(),
            before_summary: facts.summary.as_ref().map(|_| Vec::new()),
            reported: BTreeSet::new(),
            last: None,
            ended: None,
            facts,
        }
    }

    /// A version of a file comes.
    pub(super) fn version(&mut self, output: &mut Output<'_>, path: &str, version: Version) {
        let other = self.versions.add(path, version);
        self.others(output, other);
    }

    /// A message comes.
    pub(super) fn message(&mut self, output: &mut Output<'_>, message: &Message<'_>) -> Fate {
        if self.facts.summary.as_ref() == Some(&message.id) {
            for event in self.before_summary.take().into_iter().flatten() {
                let amendment = Amendment::Inactive(Some(Inactive::Compacted));
                output.amend(self.slot, &event, &amendment);
            }
        }
        let mut pieces = self.pieces(message);
        let known = pieces.unknown.is_empty();
        for kind in std::mem::take(&mut pieces.unknown) {
            self.unknown(
                output,
                format!("unknown part type `{kind}`"),
                &message.source,
            );
        }
        self.settle(message, &pieces);
        attach(&mut pieces, message, self.is_typed());
        if pieces.events.is_empty() && message.rest.is_none() {
            let nothing = pieces.finish.is_none();
            return if nothing {
                Fate::Ignored(EMPTY_MESSAGE)
            } else {
                Fate::Mapped
            };
        }
        if pieces.events.is_empty() {
            pieces
                .events
                .push((Event::new("", EventType::System), None));
        }
        let first = &mut pieces.events[0].0;
        let rest = message.rest.as_ref().map(Raw::json);
        first.extra = extra::with(first.extra.take(), &[("record", rest)]);
        self.put(output, message, pieces.events);
        if known { Fate::Mapped } else { Fate::Reported }
    }

    fn pieces(&self, message: &Message<'_>) -> Pieces {
        let named = self.facts.summary.as_ref() == Some(&message.id);
        let is_summary = message.is_summary || named;
        let mut pieces = Pieces::default();
        for raw in &message.parts {
            match part::map(raw, message.role, is_summary, self.is_typed()) {
                Piece::Event(event) => pieces.events.push((event, None)),
                Piece::Result(event, change) => pieces.events.push((event, change)),
                Piece::Attachment(attachment) => pieces.attachments.push(attachment),
                Piece::Finish(reason, event) => {
                    pieces.finish = Some(reason);
                    pieces.events.extend(event.map(|event| (event, None)));
                }
                Piece::Unknown(kind, event) => {
                    pieces.unknown.push(kind);
                    pieces.events.push((event, None));
                }
                Piece::Nothing => {}
            }
        }
        pieces
    }

    /// Whether a person types in this session.
    fn is_typed(&self) -> bool {
        !self.facts.is_subagent()
    }

    /// What the message means for the state of the session.
    fn settle(&mut self, message: &Message<'_>, pieces: &Pieces) {
        self.ended = match message.role {
            Role::Tool => Some(false),
            Role::User if pieces.is_prompt() => Some(false),
            Role::Assistant => {
                let reason = pieces.finish.as_deref();
                Some(reason.is_some_and(|reason| !matches!(reason, "tool_use" | "unknown")))
            }
            Role::User | Role::System => self.ended,
        };
    }

    fn put(
        &mut self,
        output: &mut Output<'_>,
        message: &Message<'_>,
        events: Vec<(Event, Option<Change>)>,
    ) {
        let base = match message.id.as_str() {
            "" => format!("R{}", message.source.row.as_deref().unwrap_or_default()),
            id => id.to_owned(),
        };
        for (number, (mut event, change)) in events.into_iter().enumerate() {
            let id = match number {
                0 => base.clone(),
                number => format!("{base}#{number}"),
            };
            event.id = self.ids.unique(id);
            event.at = event.at.or(message.at);
            event.source = Some(message.source.clone());
            if is_model(event.kind) && message.role == Role::Assistant {
                event.message = Some(message.id.clone()).filter(|id| !id.is_empty());
                event.model.clone_from(&message.model);
            }
            self.last = self.last.max(event.at);
            if let Some(before) = &mut self.before_summary {
                before.push(event.id.clone());
            }
            match event.kind {
                EventType::ToolCall => self.calls.call(output, self.slot, event),
                EventType::ToolResult => {
                    let versions = &mut self.versions;
                    let others = self
                        .calls
                        .result(output, self.slot, event, change, versions);
                    self.others(output, others);
                }
                _ => output.event(self.slot, event),
            }
        }
    }

    /// Changes of files that no call asked for.
    fn others(&mut self, output: &mut Output<'_>, others: impl IntoIterator<Item = Other>) {
        for other in others {
            let id = self.ids.unique(format!("file-{}", other.row));
            let mut event = Event::new(id, EventType::Edit);
            event.at = other.at;
            event.edits = vec![other.edit];
            event.source = Some(other.source);
            output.event(self.slot, event);
        }
    }

    /// The session is read to its end.
    pub(super) fn finish(&mut self, output: &mut Output<'_>) {
        let others = self.versions.rest();
        self.others(output, others);
        self.put_session(output);
        let status = self.ended.map(|ended| {
            if ended {
                Status::Ended
            } else {
                Status::Aborted
            }
        });
        output.header(self.slot).status = status;
        output.end(self.slot);
    }

    /// What is known of the session as a whole: its cost, and the size of its last
    /// request, which is no sum and no usage. A subagent's cost is in its parent's.
    fn put_session(&mut self, output: &mut Output<'_>) {
        let (cost, rest) = (self.facts.cost, self.facts.rest.take());
        if cost.is_none() && rest.is_none() {
            return;
        }
        let mut event = Event::new(self.ids.unique("session".to_owned()), EventType::System);
        event.at = self.last;
        event.source = Some(self.facts.source.clone());
        let counted = cost.filter(|_| !self.facts.is_subagent());
        let told = cost
            .filter(|_| counted.is_none())
            .map(|cost| cost.to_string());
        event.cost_usd = counted;
        event.extra = extra::with(rest, &[("cost", told.as_deref())]);
        let models = &output.header(self.slot).models;
        event.model = models.first().filter(|_| models.len() == 1).cloned();
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

/// Files belong to the words beside them.
fn attach(pieces: &mut Pieces, message: &Message<'_>, typed: bool) {
    if pieces.attachments.is_empty() {
        return;
    }
    let files = Raw::of(&std::mem::take(&mut pieces.attachments)).ok();
    let words = |event: &Event| matches!(event.kind, EventType::User | EventType::Assistant);
    if let Some((event, _)) = pieces.events.iter_mut().find(|(event, _)| words(event)) {
        event.attachments = files;
        return;
    }
    let kind = match message.role {
        Role::User => EventType::User,
        Role::Assistant => EventType::Assistant,
        Role::System | Role::Tool => EventType::System,
    };
    let mut event = Event::new("", kind);
    event.injected = kind == EventType::User && !typed;
    event.attachments = files;
    pieces.events.push((event, None));
}

/// Whether the model itself produced it.
const fn is_model(kind: EventType) -> bool {
    matches!(
        kind,
        EventType::Assistant | EventType::Reasoning | EventType::ToolCall | EventType::Summary
    )
}
