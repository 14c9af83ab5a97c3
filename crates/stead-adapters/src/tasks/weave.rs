//! The two records of a task are woven into one: what the interface showed, cut
//! into turns where model requests begin, and what was sent and answered. FORMAT.md
//! tells which of them counts for what.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use stead_usf::{Event, EventType, Inactive, Issue, Model, Raw, Severity, Source, Status};

use super::asked::{Answer, Asked};
use super::gone::Gone;
use super::pieces::Piece;
use super::role::Role;
use super::sent::Sent;
use super::shown::Shown;
use super::told::{Told, digest};
use super::turn::Turn;
use super::{Family, words};
use crate::container::array::Element;
use crate::early::Early;
use crate::{Amendment, Fate, Output, Slot};

/// The task that is being read.
pub(super) struct Weave<'f> {
    pub(super) family: &'f Family,
    pub(super) slot: Slot,
    pub(super) task: String,
    pub(super) told: Told,
    pub(super) gone: Gone,
    /// Models by the time from which they were used.
    pub(super) models: Vec<(i64, Model)>,
    /// The model that the environment's description named last.
    named: Option<Model>,
    /// The protocol of the last request.
    pub(super) protocol: Option<String>,
    /// A request was made.
    pub(super) asked: bool,
    /// The first prompt is to come, and was written by another task's model.
    pub(super) handed_over: bool,
    /// What the next request sends, until that comes.
    waiting: Vec<Event>,
    /// Calls without a result, by the protocol's ids.
    open: FxHashMap<String, String>,
    early: Early,
    reported: BTreeSet<String>,
    pub(super) ended: Option<bool>,
    pub(super) children: Vec<super::subagent::Child>,
}

impl<'f> Weave<'f> {
    pub(super) fn new(family: &'f Family, slot: Slot, task: &str, told: Told) -> Self {
        Self {
            family,
            slot,
            task: task.to_owned(),
            told,
            gone: Gone::default(),
            models: Vec::new(),
            named: None,
            protocol: None,
            asked: false,
            handed_over: false,
            waiting: Vec::new(),
            open: FxHashMap::default(),
            early: Early::default(),
            reported: BTreeSet::new(),
            ended: None,
            children: Vec::new(),
        }
    }

    /// One turn: what was shown since a request began, what the model answered, and
    /// what was sent then. `until` is when the next request began.
    pub(super) fn turn(
        &mut self,
        output: &mut Output<'_>,
        shown: Vec<Shown<'_>>,
        replies: Vec<Sent<'_>>,
        sent: Vec<Sent<'_>>,
        until: Option<i64>,
    ) {
        // What a request sends is kept when it has begun, before anything is shown.
        let begun = shown.first().is_some_and(Shown::is_request);
        let answered = shown.get(usize::from(begun)).and_then(|shown| shown.ts);
        let before = answered.or(until).filter(|_| replies.is_empty());
        self.flush(output, before);
        for _ in 0..replies.len() + sent.len() {
            output.record(Fate::Mapped);
        }
        let mut asked = Asked::default();
        for message in sent {
            let (inactive, mark) = self.gone.of(&message);
            let ids = asked.add(message, inactive);
            self.gone.note(mark, ids);
        }
        let mut turn = Turn::new(self, &shown, replies);
        let request = shown.first().filter(|_| begun && !turn.replied);
        let condensed = self
            .gone
            .is_condensed(request.and_then(|request| request.ts));
        turn.inactive = condensed.then_some(Inactive::Compacted);
        self.answer(output, &mut turn.pieces, &mut asked.answers);
        turn.lay(self, output, shown, &asked.answers);
        for other in asked.others.iter().filter(|other| other.typed) {
            turn.leave(&mut self.gone, &other.event);
        }
        let answers = asked.answers.into_iter().map(|answer| answer.event);
        turn.put(self, output, answers.collect());
        self.environment(output, asked.environment.as_deref());
        for mut other in asked.others {
            if other.typed {
                let text = other.event.text.as_deref().unwrap_or_default();
                if self.told.typed.contains(&digest(text)) {
                    continue; // shown, and put out there
                }
                // The agent may have changed what the interface shows as typed.
                other.event.injected = self.told.whole || self.handed_over;
            }
            self.waiting.push(other.event);
        }
        if !self.told.whole {
            self.handed_over = false;
        }
    }

    /// Ties answers to calls: by id, else by name in order.
    fn answer(&mut self, output: &mut Output<'_>, pieces: &mut [Piece], answers: &mut [Answer]) {
        for answer in answers {
            let by_id = answer.event.call_id.clone();
            let call = pieces
                .iter_mut()
                .map(|piece| &mut piece.event)
                .find(|call| {
                    let open = call.kind == EventType::ToolCall && call.result.is_none();
                    open && match &by_id {
                        Some(id) => call.call_id.as_ref() == Some(id),
                        None => answer
                            .tool
                            .as_ref()
                            .is_some_and(|name| is_named(call, name)),
                    }
                });
            if let Some(call) = call {
                call.result = Some(answer.event.id.clone());
                // A call that was written as text has no id.
                call.call_id.get_or_insert_with(|| call.id.clone());
                answer.event.call_id.clone_from(&call.call_id);
            } else if let Some(id) = by_id {
                match self.open.remove(&id) {
                    Some(call) => {
                        let result = Amendment::Result(answer.event.id.clone());
                        output.amend(self.slot, &call, &result);
                    }
                    None => self.early.result(&id, &answer.event.id),
                }
            }
        }
    }

    /// Remembers a call that is put out, or finds its result.
    pub(super) fn called(&mut self, call: &mut Event) {
        let Some(id) = &call.call_id else { return };
        let early = self.early.call(id);
        if call.result.is_none() {
            call.result = early;
        }
        if call.result.is_none() {
            self.open.insert(id.clone(), call.id.clone());
        }
    }

    /// The model of a request, as far as anything but its records tells.
    pub(super) fn model(&self, ts: Option<i64>) -> Option<Model> {
        let used = self.models.iter().rev();
        let used = used
            .filter(|(since, _)| ts.is_none_or(|ts| *since <= ts))
            .map(|(_, model)| model);
        self.named.as_ref().or(used.into_iter().next()).cloned()
    }

    /// Takes in what the environment's description tells.
    fn environment(&mut self, output: &mut Output<'_>, environment: Option<&str>) {
        let Some(environment) = environment else {
            return;
        };
        let header = output.header(self.slot);
        if header.cwd.is_none() {
            header.cwd = words::folder(environment).map(str::to_owned);
        }
        let id = words::told(environment, "<model>", "</model>");
        if let Some(id) = id.filter(|id| *id != "undefined") {
            let (id, provider) = (id.to_owned(), None);
            self.named = Some(Model { id, provider });
        }
    }

    /// What a record means for how the task stands.
    pub(super) fn stands(&mut self, role: Role, shown: &Shown<'_>) {
        let ended = match role {
            Role::CallWords => true,
            Role::Call => shown.asks && shown.kind == "followup",
            Role::Request => shown
                .words()
                .contains("\"cancelReason\":\"user_cancelled\""),
            Role::Words | Role::Reasoning | Role::Output | Role::Typed | Role::Error => false,
            _ => return,
        };
        self.ended = Some(ended);
    }

    /// Puts out what waits, as far as it came before a time.
    fn flush(&mut self, output: &mut Output<'_>, before: Option<i64>) {
        let due = |event: &Event| match (event.at, before) {
            (Some(at), Some(before)) => at.as_millis() <= before,
            _ => true,
        };
        let later = self.waiting.iter().position(|event| !due(event));
        let later = later.unwrap_or(self.waiting.len());
        let kept = self.waiting.split_off(later);
        for event in std::mem::replace(&mut self.waiting, kept) {
            output.event(self.slot, event);
        }
    }

    /// The task is read to its end.
    pub(super) fn finish(&mut self, output: &mut Output<'_>) {
        self.flush(output, None);
        self.gone.finish(self.slot, output);
        output.header(self.slot).status = self.ended.map(|ended| {
            if ended {
                Status::Ended
            } else {
                Status::Aborted
            }
        });
    }

    /// Keeps a record that is not known.
    pub(super) fn unknown(
        &mut self,
        output: &mut Output<'_>,
        shown: &Shown<'_>,
        event: &mut Event,
    ) {
        event.kind = EventType::Unknown;
        event.text = None;
        event.extra = Raw::parse(shown.json).ok();
        let message = format!("records of the unknown type `{}`", shown.kind);
        self.once(output, "unknown-record", message, shown.source);
    }

    /// Keeps an entry of the messages that is none.
    pub(super) fn stranger(&mut self, output: &mut Output<'_>, index: usize, element: &Element) {
        let mut event = Event::new(format!("a{index}"), EventType::Unknown);
        event.extra = Raw::parse(&element.text).ok();
        event.source = Some(element.source.clone());
        output.event(self.slot, event);
        output.record(Fate::Reported);
        let message = "messages without a role".to_owned();
        self.once(output, "unknown-record", message, &element.source);
    }

    /// Reports an issue, but each only once.
    pub(super) fn once(
        &mut self,
        output: &mut Output<'_>,
        code: &'static str,
        message: String,
        source: &Source,
    ) {
        if self.reported.insert(message.clone()) {
            let issue = Issue::new(Severity::Warning, code, message);
            output.issue(self.slot, issue.at(source.clone()));
        }
    }
}

/// Whether an answer that names a tool may be a call's.
fn is_named(call: &Event, name: &str) -> bool {
    let called = call.tool.as_ref().map_or("", |tool| tool.name.as_str());
    called == name || called == "use_subagents" && name == "subagents"
}
