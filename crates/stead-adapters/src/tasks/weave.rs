//! The two records of a task are woven into one: what the interface showed, cut
//! into turns where model requests begin, and what was sent and answered. FORMAT.md
//! tells which of them counts for what.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use stead_usf::{Event, EventType, Inactive, Issue, Model, Raw, Severity, Source, Status};

use super::asked::{Answer, Asked};
use super::pieces::Piece;
use super::role::Role;
use super::sent::Sent;
use super::shown::Shown;
use super::turn::Turn;
use super::{Family, words};
use crate::container::array::Element;
use crate::early::Early;
use crate::{Amendment, Fate, Output, Slot};

/// What a first look at the interface's file found.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Digests of what was typed.
    pub(super) typed: BTreeSet<u64>,
    /// The file is there and undamaged, so that it has all that was typed.
    pub(super) whole: bool,
}

/// The task that is being read.
pub(super) struct Weave<'f> {
    pub(super) family: &'f Family,
    pub(super) slot: Slot,
    pub(super) task: String,
    pub(super) told: Told,
    /// Messages that the model no longer gets, by their places.
    pub(super) deleted: Option<[usize; 2]>,
    /// Models by the time from which they were used.
    pub(super) models: Vec<(i64, Model)>,
    /// The model that the environment's description named last.
    named: Option<Model>,
    /// The protocol of the last request.
    pub(super) protocol: Option<String>,
    /// A summary of this time stands for messages that are gone.
    condensed: Option<i64>,
    /// A request was made.
    pub(super) asked: bool,
    /// The first prompt is to come, and was written by another task's model.
    pub(super) handed_over: bool,
    /// What the next request sends, until that comes.
    waiting: Vec<Event>,
    /// Calls without a result, by the protocol's ids.
    open: FxHashMap<String, String>,
    early: Early,
    /// Events that a summary replaces which has not come yet.
    replaced: FxHashMap<String, Vec<String>>,
    summaries: BTreeSet<String>,
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
            deleted: None,
            models: Vec::new(),
            named: None,
            protocol: None,
            condensed: None,
            asked: false,
            handed_over: false,
            waiting: Vec::new(),
            open: FxHashMap::default(),
            early: Early::default(),
            replaced: FxHashMap::default(),
            summaries: BTreeSet::new(),
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
            let (inactive, mark) = self.inactive(&message);
            let ids = asked.add(message, inactive);
            self.note_replaced(mark, ids);
        }
        let mut turn = Turn::new(self, &shown, replies);
        turn.inactive = self.is_condensed(&turn, shown.first());
        self.answer(output, &mut turn.pieces, &mut asked.answers);
        turn.lay(self, output, shown, &asked.answers);
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

    /// Why a message is no longer sent, and the mark of what replaces it.
    pub(super) fn inactive(&mut self, sent: &Sent<'_>) -> (Option<Inactive>, Option<String>) {
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

    /// Whether a turn's messages are gone because a summary stands for them, as
    /// before 3.36 of Roo Code.
    fn is_condensed(&self, turn: &Turn, first: Option<&Shown<'_>>) -> Option<Inactive> {
        let request = first.filter(|first| first.is_request() && !turn.replied)?;
        (request.ts? < self.condensed?).then_some(Inactive::Compacted)
    }

    pub(super) fn note_replaced(&mut self, mark: Option<String>, ids: Vec<String>) {
        if let Some(mark) = mark {
            self.replaced.entry(mark).or_default().extend(ids);
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
        // What stands for them was taken back.
        for id in std::mem::take(&mut self.replaced).into_values().flatten() {
            output.amend(self.slot, &id, &Amendment::Inactive(None));
        }
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

/// A digest of what was typed, the blanks around it aside.
pub(super) fn digest(text: &str) -> u64 {
    use std::hash::Hasher;
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(text.trim().as_bytes());
    hasher.finish()
}
