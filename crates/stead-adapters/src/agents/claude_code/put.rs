//! Puts the events of a record out: ids, parents, tokens, and which result
//! answers which call.

use stead_usf::{Event, EventType, Issue, Severity, Source};

use super::read::{Reader, slot};
use super::record::{Head, Mapped, Turn, with_field};
use super::side;
use super::tree::{Node, Role, Tree, event_id};
use super::usage::Reply;
use crate::{Amendment, Fate, Output};

/// A record of the talk with its place.
pub(super) struct Placed<'a> {
    pub(super) head: Head<'a>,
    pub(super) talk: u32,
    /// Copied from another session.
    pub(super) copied: bool,
    /// Digest of its content.
    pub(super) content: u64,
    pub(super) source: Source,
    /// It may be the first after a rewind.
    pub(super) may_branch: bool,
    /// What it follows in the talk, if not in the chain.
    pub(super) logical: Option<String>,
}

impl Reader<'_> {
    /// Puts a record's events out and remembers its place.
    pub(super) fn put(
        &mut self,
        output: &mut Output<'_>,
        record: &Placed<'_>,
        mut mapped: Mapped,
    ) -> Fate {
        let (talk, head) = (record.talk, &record.head);
        let above = head.parent.as_deref().map(|parent| self.tree.find(parent));
        if let (Some(None), Some(parent)) = (above, &head.parent) {
            self.dangling(output, talk, parent, &mut mapped.events[0], &record.source);
        } else if record.may_branch && mapped.role == Role::User {
            self.branch(output, talk, above.flatten(), &mapped);
        }
        let logical = record.logical.as_deref().and_then(|id| self.tree.find(id));
        let parent = above
            .flatten()
            .or(logical)
            .map(|place| self.tree.event(place, talk));
        let mut parent = parent.and_then(|parent| self.remember(parent)).flatten();
        let base = base_id(&self.tree, head, &record.source);
        self.count(output, record, &base, &mut mapped);
        self.unspill(output, &mut mapped);
        let events = std::mem::take(&mut mapped.events);
        let same_talk = |place: &u32| self.tree.node(*place).talk == talk;
        self.tree.add(Node {
            id: base.as_str().into(),
            parent: above.flatten().filter(same_talk),
            events: events.len() as u32,
            talk,
            role: mapped.role,
            inactive: None,
            digest: record.content,
        });
        for (number, mut event) in (0..).zip(events) {
            event.id = event_id(&base, number);
            event.parent = parent.replace(event.id.clone());
            event.at = head.at;
            event.inherited = record.copied;
            event.source = Some(record.source.clone());
            self.event(output, talk, event, &mut mapped);
        }
        let state = &mut self.talks[talk as usize];
        state.begun = true;
        match mapped.turn {
            Turn::Open => state.open = true,
            Turn::Closed => state.open = false,
            Turn::Same => {}
        }
        Fate::Mapped
    }

    /// Puts one event out and ties calls to results.
    fn event(&mut self, output: &mut Output<'_>, talk: u32, mut event: Event, mapped: &mut Mapped) {
        let id = event.id.clone();
        let ok = event.ok == Some(true);
        let answered = match event.kind {
            EventType::ToolCall => {
                self.calls.open(talk, &mut event);
                None
            }
            EventType::ToolResult => event
                .call_id
                .as_deref()
                .and_then(|id| self.calls.close(id, talk, &event.id)),
            _ => None,
        };
        output.event(slot(talk), event);
        if let Some(call) = answered {
            output.amend(slot(talk), &call.event, &Amendment::Result(id));
            if let Some(edit) = mapped.edit.take().filter(|_| call.edits && ok) {
                output.amend(slot(talk), &call.event, &Amendment::Edits(vec![edit]));
            }
        }
    }

    /// Counts the tokens of a reply once, however many records it has.
    fn count(
        &mut self,
        output: &mut Output<'_>,
        record: &Placed<'_>,
        base: &str,
        mapped: &mut Mapped,
    ) {
        let Some((key, usage)) = mapped.usage else {
            return;
        };
        if let Some(reply) = key.and_then(|key| self.replies.get(key)) {
            let after = usage.or(reply.usage);
            let before = std::mem::replace(&mut reply.usage, after);
            mapped.events[0].cost_usd = None;
            if before != after {
                let amendment = Amendment::Usage {
                    before,
                    after,
                    inherited: reply.inherited,
                };
                output.amend(slot(reply.talk), &reply.event, &amendment);
            }
            return;
        }
        mapped.events[0].usage = Some(usage);
        if let Some(key) = key {
            let reply = Reply {
                event: base.to_owned(),
                talk: record.talk,
                usage,
                inherited: record.copied,
            };
            self.replies.add(key, reply);
        }
    }

    /// Reads an output that was too long for the transcript.
    fn unspill(&self, output: &mut Output<'_>, mapped: &mut Mapped) {
        let Some(name) = mapped.spilled.take() else {
            return;
        };
        let mut results = mapped.events.iter_mut();
        if let Some(event) = results.find(|event| event.kind == EventType::ToolResult)
            && let Some(text) = side::spilled(&self.place.folder, &name, output)
        {
            event.output = Some(text);
        }
    }

    /// A parent that is nowhere in the file. It stays in `extra`.
    fn dangling(
        &mut self,
        output: &mut Output<'_>,
        talk: u32,
        parent: &str,
        event: &mut Event,
        source: &Source,
    ) {
        self.forgotten |= self.tree.forgot();
        event.extra = with_field(event.extra.take(), "parentUuid", parent);
        let issues = &output.header(slot(talk)).issues;
        if !issues.iter().any(|issue| issue.code == "dangling-parent") {
            let message = "a record follows one that is not in the file";
            let issue = Issue::new(Severity::Info, "dangling-parent", message);
            output.issue(slot(talk), issue.at(source.clone()));
        }
    }
}

/// An id for a record that no other has: its own, else its place.
pub(super) fn base_id(tree: &Tree, head: &Head<'_>, source: &Source) -> String {
    let line = source.line.unwrap_or(0);
    let mut id = match &head.uuid {
        Some(uuid) => uuid.to_string(),
        None => format!("L{line}"),
    };
    if tree.find(&id).is_some() {
        id = format!("{id}@{}", source.bytes.map_or(0, |bytes| bytes[0]));
    }
    while tree.find(&id).is_some() {
        id.push('+');
    }
    id
}
