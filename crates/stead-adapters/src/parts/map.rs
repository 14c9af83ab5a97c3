//! Messages become the frame of events: order, links, tokens, state.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use stead_usf::{Event, EventType, Inactive, Issue, Raw, Severity, Source, Status, Usage};

use super::Family;
use super::branch::Branch;
use super::facts::{Facts, time_of};
use super::part;
use super::reply::{Reply, Role};
use crate::container::json::Object;
use crate::ids::{Ids, digest};
use crate::{Fate, Output, Slot, extra};

/// One message or part, from whichever container.
pub(super) struct Record<'a> {
    pub(super) id: &'a str,
    /// The message that a part belongs to.
    pub(super) message: &'a str,
    pub(super) data: Object<'a>,
    /// Unknown columns of the row.
    pub(super) row: Option<Raw>,
    pub(super) source: Source,
    /// Deleted by a revert, and found in the log of changes.
    pub(super) removed: bool,
}

/// Maps the messages of one session with their parts, in order.
pub(super) struct Mapper {
    pub(super) family: &'static Family,
    pub(super) slot: Slot,
    pub(super) ids: Ids,
    pub(super) branch: Branch,
    /// Sessions that calls of this one started, with the calls.
    pub(super) children: Vec<(String, String)>,
    /// Nobody types in a subagent's session: its prompts are the parent's.
    pub(super) subagent: bool,
    created: Option<i64>,
    /// What the session was called in another form.
    origin: Option<String>,
    /// Whether it is no more than what was taken over.
    copied: bool,
    /// The first event of each message.
    anchors: FxHashMap<u64, String>,
    open: Option<Reply>,
    reported: BTreeSet<String>,
    ended: Option<bool>,
}

impl Mapper {
    /// Begins the session.
    pub(super) fn begin(output: &mut Output<'_>, facts: &Facts) -> Self {
        let header = facts.header();
        Self {
            family: facts.family,
            origin: facts.origin.clone(),
            subagent: !header.is_top_level(),
            slot: output.begin(header, false),
            ids: Ids::default(),
            branch: Branch::new(facts.revert.clone()),
            children: Vec::new(),
            created: facts.created.filter(|_| !facts.copied),
            copied: facts.copied,
            anchors: FxHashMap::default(),
            open: None,
            reported: BTreeSet::new(),
            ended: None,
        }
    }

    /// A message begins.
    pub(super) fn message(&mut self, output: &mut Output<'_>, record: Record<'_>) -> Fate {
        self.close(output);
        let removed = record.removed;
        let mut reply = Reply::of(record);
        reply.place = self.branch.enter(&reply.id);
        if removed || self.branch.is_rewound(&reply.id) {
            reply.inactive = Some(Inactive::Rewound);
        }
        // A fork copies messages with their times and gives them new ids.
        reply.inherited = matches!(
            (reply.created, self.created),
            (Some(message), Some(session)) if message < session
        );
        if let Some(marks) = &self.family.migrated {
            marks.mark(&mut reply, self.copied);
        }
        self.link(output, &mut reply);
        let header = output.header(self.slot);
        if header.cwd.is_none() {
            header.cwd = reply.cwd.take();
        }
        self.open = Some(reply);
        Fate::Mapped
    }

    /// A part of the open message. Parts of others are kept all the same.
    pub(super) fn part(&mut self, output: &mut Output<'_>, record: Record<'_>) -> Fate {
        if self
            .open
            .as_ref()
            .is_none_or(|reply| reply.id != record.message)
        {
            self.close(output);
            self.open = Some(self.lost(output, &record));
        }
        let Some(mut reply) = self.open.take() else {
            return Fate::Reported;
        };
        let fate = part::map(self, output, &mut reply, record);
        self.open = Some(reply);
        fate
    }

    /// A message of which only parts are there.
    fn lost(&mut self, output: &mut Output<'_>, part: &Record<'_>) -> Reply {
        let mut reply = Reply::lost(part.message, part.source.clone());
        reply.role = part::speaker(&part.data);
        reply.counted = part.removed;
        reply.place = self.branch.enter(part.message);
        if part.removed || self.branch.is_rewound(part.message) {
            reply.inactive = Some(Inactive::Rewound);
        }
        if !part.removed {
            let message = format!("parts of {}, a message that is not there", part.message);
            let (code, severity) = ("orphan-part", Severity::Warning);
            self.once(output, code, severity, message, &part.source);
        }
        reply
    }

    /// Whether a text only shows for a moment that the agent is at work.
    pub(super) fn is_transient(&self, text: &Object<'_>) -> bool {
        let lifecycle = self.family.lifecycle.and_then(|field| {
            let metadata = Object::of(text.peek("metadata")?)?;
            Some(metadata.peek(field)?.get() == "\"transient\"")
        });
        lifecycle == Some(true)
    }

    /// The session is read to its end.
    pub(super) fn finish(&mut self, output: &mut Output<'_>) {
        self.close(output);
        let status = self.ended.map(|ended| {
            if ended {
                Status::Ended
            } else {
                Status::Aborted
            }
        });
        let header = output.header(self.slot);
        header.status = status;
        // What was taken over has its first prompt for a title, or its old id.
        if self.origin.is_some()
            && (header.title == header.first_prompt || header.title == self.origin)
        {
            header.title = None;
        }
        output.end(self.slot);
    }

    /// Reports an issue, but each code and name only once.
    pub(super) fn once(
        &mut self,
        output: &mut Output<'_>,
        code: &'static str,
        severity: Severity,
        message: String,
        source: &Source,
    ) {
        let key = match code {
            "unknown-record" => format!("{code} {message}"),
            _ => code.to_owned(),
        };
        if self.reported.insert(key) {
            let issue = Issue::new(severity, code, message).at(source.clone());
            output.issue(self.slot, issue);
        }
    }

    fn link(&mut self, output: &mut Output<'_>, reply: &mut Reply) {
        let Some(parent) = reply.answers.clone() else {
            return;
        };
        reply.parent = self.anchors.get(&digest(&parent)).cloned();
        if reply.parent.is_some() {
            return;
        }
        let quoted = extra::quoted(&parent);
        reply.rest = extra::with(reply.rest.take(), &[("parentID", quoted.as_deref())]);
        if self.branch.knows(&parent) {
            return; // it is there, without any event
        }
        let message = format!("a reply to {parent}, which is not there");
        let source = reply.source.clone();
        self.once(output, "dangling-parent", Severity::Info, message, &source);
    }

    /// The open message is complete.
    pub(super) fn close(&mut self, output: &mut Output<'_>) {
        let Some(mut reply) = self.open.take() else {
            return;
        };
        if !reply.files.is_empty() {
            self.attach_files(&mut reply);
        }
        if reply.finish.is_some() || reply.steps == 0 {
            let usage = reply.own_usage();
            let cost = reply.cost.filter(|_| usage.is_some());
            self.attach_usage(&mut reply, usage, cost);
        }
        part::changed_by_commands(&mut reply);
        if let Some(error) = reply.error.clone() {
            self.push_error(&mut reply, &error);
        }
        if reply.odd && !reply.spoken && reply.pending.is_empty() {
            let event = self.own_event(&reply, reply.id.clone(), EventType::System);
            reply.pending.push(event);
        }
        self.flush(output, &mut reply);
        self.settle(output, &reply);
    }

    /// What the complete message means for the session.
    fn settle(&mut self, output: &mut Output<'_>, reply: &Reply) {
        if reply.inactive.is_some() || reply.role == Role::Lost {
            return;
        }
        self.ended = Some(reply.is_end());
        let complete = reply.finish.is_some() || reply.completed.is_some();
        if reply.summary && complete && reply.error.is_none() {
            let parent = reply.answers.as_deref();
            self.branch.compact(output, self.slot, reply.place, parent);
        }
    }

    /// An event that comes from the message's own record, not from a part's.
    fn own_event(&mut self, reply: &Reply, id: String, kind: EventType) -> Event {
        let mut event = Event::new(self.ids.unique(id), kind);
        event.at = reply.created.and_then(time_of);
        event.source = Some(reply.source.clone());
        if reply.odd {
            event.extra = reply.rest_as_extra();
        }
        event
    }

    fn attach_files(&mut self, reply: &mut Reply) {
        let files = Raw::of(&std::mem::take(&mut reply.files)).ok();
        let prompt = reply
            .pending
            .iter_mut()
            .find(|event| event.is_prompt() && event.attachments.is_none());
        if let Some(prompt) = prompt {
            prompt.attachments = files;
            return;
        }
        let mut event = self.own_event(reply, format!("{}#files", reply.id), EventType::User);
        event.attachments = files;
        reply.pending.push(event);
    }

    /// Puts the tokens of a request on its first event.
    pub(super) fn attach_usage(
        &mut self,
        reply: &mut Reply,
        usage: Option<Usage>,
        cost: Option<f64>,
    ) {
        if usage.is_none() && cost.is_none() {
            return;
        }
        let place = reply.pending.iter().position(|event| is_model(event.kind));
        let place = place.unwrap_or_else(|| {
            let id = format!("{}#usage", reply.name());
            let mut event = self.own_event(reply, id, EventType::System);
            event.model.clone_from(&reply.model);
            event.message = Some(reply.name());
            reply.pending.push(event);
            reply.pending.len() - 1
        });
        reply.pending[place].usage = usage;
        reply.pending[place].cost_usd = cost;
    }

    fn push_error(&mut self, reply: &mut Reply, error: &Raw) {
        let mut event = self.own_event(reply, format!("{}#error", reply.id), EventType::Error);
        event.at = reply.completed.or(reply.created).and_then(time_of);
        event.text = part::error_text(error.json());
        event.extra = extra::with(event.extra.take(), &[("error", Some(error.json()))]);
        reply.pending.push(event);
    }

    /// Puts the message's waiting events out.
    pub(super) fn flush(&mut self, output: &mut Output<'_>, reply: &mut Reply) {
        for mut event in std::mem::take(&mut reply.pending) {
            event.inactive = event.inactive.or(reply.inactive);
            event.inherited = reply.inherited;
            if event.parent.is_none() {
                event.parent.clone_from(&reply.parent);
            }
            if is_model(event.kind) && reply.role == Role::Assistant {
                event.message = Some(reply.name());
                event.model.clone_from(&reply.model);
            }
            if !std::mem::replace(&mut reply.spoken, true) {
                self.anchors.insert(digest(&reply.id), event.id.clone());
                let own = reply.odd && event.source.as_ref() == Some(&reply.source);
                let rest = reply.rest.as_ref().filter(|_| !own).map(Raw::json);
                event.extra = extra::with(event.extra.take(), &[("message", rest)]);
            }
            if event.inactive.is_none() {
                self.branch.note(reply.place, &event.id);
            }
            output.event(self.slot, event);
        }
    }
}

/// Whether the model itself produced it.
pub(super) const fn is_model(kind: EventType) -> bool {
    matches!(
        kind,
        EventType::Assistant | EventType::Reasoning | EventType::ToolCall | EventType::Summary
    )
}
