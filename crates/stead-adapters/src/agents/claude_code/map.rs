//! Which record becomes what, and how records hang together. The mapping of a
//! single record's content is in `speech`, `reply`, `result` and `notes`.

use std::borrow::Cow;

use rustc_hash::FxHashSet;
use serde_json::value::RawValue;
use stead_usf::{Event, EventType, Git, Inactive, Issue, LinkKind, Session, Severity, Source};

use super::read::{Reader, Title, slot};
use super::record::{Head, Mapped, Turn, blank, time, with_field};
use super::tree::{Node, Role, Tree, digest, event_id};
use super::usage::Reply;
use super::{notes, reply, side, speech};
use crate::container::json::{Object, string};
use crate::container::jsonl::Records;
use crate::{Amendment, Fate, Output};

/// Records that are left out, by type, and the rule that says why
/// (`mod.rs` explains each).
fn left_out(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "api-request" | "api-request-shape" | "api-request-blob" => "api-request",
        "queue-operation" => "queue",
        "progress" => "progress",
        "file-history-snapshot" | "file-history-delta" | "attribution-snapshot" => "file-history",
        "content-replacement" | "marble-origami-commit" | "marble-origami-snapshot" => "context",
        "last-prompt" | "mode" | "permission-mode" | "tools-used" | "atis-latch" | "agent-name"
        | "agent-color" | "agent-setting" | "worktree-state" | "speculation-accept"
        | "task-summary" | "bridge-session" => "state",
        _ => return None,
    })
}

impl Records for Reader<'_> {
    fn record(&mut self, output: &mut Output<'_>, object: Object<'_>, source: Source) -> Fate {
        let kind = object.peek("type").and_then(string).unwrap_or_default();
        match &*kind {
            "user" | "assistant" | "system" | "attachment" => {
                self.message(output, &kind, object, source)
            }
            "summary" => self.summary(output, object),
            "ai-title" => self.titled(output, object, "aiTitle", Title::Made),
            "custom-title" => self.titled(output, object, "customTitle", Title::Given),
            "cost-state" => self.cost(output, object),
            "pr-link" => self.note(output, object, source, "prUrl"),
            "tag" => self.note(output, object, source, "tag"),
            kind => match left_out(kind) {
                Some(rule) => {
                    self.pass(&object);
                    Fate::Ignored(rule)
                }
                None => self.unknown(output, kind, object, source),
            },
        }
    }

    fn damaged(&mut self, output: &mut Output<'_>, issue: Issue) {
        let talk = self.main(output);
        output.issue(slot(talk), issue);
    }
}

/// A record of the talk with its place.
struct Placed<'a> {
    head: Head<'a>,
    talk: u32,
    /// Copied from another session.
    copied: bool,
    /// Digest of its content.
    content: u64,
    source: Source,
    /// It may be the first after a rewind.
    may_branch: bool,
    /// What it follows in the talk, if not in the chain.
    logical: Option<String>,
}

impl Reader<'_> {
    /// A record of the talk: words, calls, results, notes.
    fn message(
        &mut self,
        output: &mut Output<'_>,
        kind: &str,
        mut object: Object<'_>,
        source: Source,
    ) -> Fate {
        if is_prompt_snapshot(&object) {
            self.pass(&object);
            return Fate::Ignored("prompt-snapshot");
        }
        let content = digest(content_of(&object));
        let known = object.peek("uuid").and_then(string);
        let known = known.and_then(|uuid| self.tree.find(&uuid));
        if known.is_some_and(|place| self.tree.node(place).digest == content) {
            return Fate::Ignored("repeat");
        }
        let head = Head::take(&mut object);
        let offset = source.bytes.map_or(0, |bytes| bytes[0]);
        let copied = self.copies.any() && self.copies.hold(offset, head.uuid.as_deref());
        self.past_copies |= !copied && matches!(kind, "user" | "assistant");
        let talk = self.talk(output, &head, &source);
        self.facts(output, talk, &head, &mut object);
        if kind == "user" && !self.talks[talk as usize].begun {
            self.delegated(output, talk, &object);
        }
        let cut = (kind == "system").then(|| Cut::of(&object)).flatten();
        let record = Placed {
            talk,
            copied,
            content,
            source,
            may_branch: talk == 0 && !self.place.agent && object.peek("sourceToolUseID").is_none(),
            logical: cut.as_ref().and_then(|cut| cut.follows.clone()),
            head,
        };
        let mapped = self.mapped(kind, &record, object);
        if let Some(cut) = cut {
            self.compact(output, talk, &cut);
        }
        self.put(output, record, mapped)
    }

    /// The events of a record, by itself.
    fn mapped(&self, kind: &str, record: &Placed<'_>, mut object: Object<'_>) -> Mapped {
        let head = &record.head;
        let delegated = record.talk > 0 || self.place.agent;
        let message = object.object("message");
        match (kind, message) {
            ("user", Some(message)) => speech::map(head, delegated, object, message),
            ("assistant", Some(message)) => reply::map(head, object, message),
            ("system", _) => notes::system(object),
            ("attachment", _) => notes::attachment(head, object),
            _ => {
                let event = blank(EventType::Unknown);
                let mut mapped = Mapped::one(Role::Other, Turn::Same, event);
                mapped.keep(object, &[]);
                mapped
            }
        }
    }

    /// Puts a record's events out and remembers its place.
    fn put(&mut self, output: &mut Output<'_>, record: Placed<'_>, mut mapped: Mapped) -> Fate {
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
        self.count(output, &record, &base, &mut mapped);
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
    fn event(&mut self, output: &mut Output<'_>, talk: u32, event: Event, mapped: &mut Mapped) {
        let id = event.id.clone();
        let ok = event.ok == Some(true);
        let answered = match event.kind {
            EventType::ToolCall => {
                self.calls.open(talk, &event);
                None
            }
            EventType::ToolResult => event
                .call_id
                .as_deref()
                .and_then(|id| self.calls.close(id, talk)),
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
            let before = std::mem::replace(&mut reply.usage, usage);
            mapped.events[0].cost_usd = None;
            if before != usage && !reply.inherited {
                let amendment = Amendment::Usage {
                    before,
                    after: usage,
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

    /// A prompt that does not follow the last record: what hung there before
    /// was taken back.
    fn branch(&mut self, output: &mut Output<'_>, talk: u32, above: Option<u32>, mapped: &Mapped) {
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
    fn compact(&mut self, output: &mut Output<'_>, talk: u32, cut: &Cut) {
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

    /// The talk that a record is part of. Before 2.0 subagents speak in the
    /// file of their session.
    fn talk(&mut self, output: &mut Output<'_>, head: &Head<'_>, source: &Source) -> u32 {
        let main = self.main(output);
        if !head.sidechain || self.place.agent {
            return main;
        }
        let parent = head.parent.as_deref().map(|parent| self.tree.find(parent));
        match parent {
            Some(Some(place)) if self.tree.node(place).talk != main => {
                return self.tree.node(place).talk;
            }
            // A lost parent: most likely the last subagent's.
            Some(None) if self.talks.len() > 1 => {
                self.forgotten |= self.tree.forgot();
                return self.talks.len() as u32 - 1;
            }
            _ => {}
        }
        let root = base_id(&self.tree, head, source);
        let id = format!("{}/{root}", self.place.id);
        let mut header = Session::new(self.agent.clone(), id);
        let session = self.place.id.clone();
        header.parent = Some(self.link(&session, LinkKind::Subagent, None));
        self.begin(output, header, Title::None)
    }

    /// The first words that a subagent was given: they tell the call.
    fn delegated(&mut self, output: &mut Output<'_>, talk: u32, record: &Object<'_>) {
        if talk == 0 && !self.place.agent {
            return;
        }
        let message = record.peek("message").and_then(Object::of);
        let Some(prompt) = message.and_then(|message| message.peek("content")) else {
            return;
        };
        if string(prompt).as_deref() == Some(WARMUP) {
            self.title(output, talk, WARMUP.to_owned(), Title::Task);
        } else if talk == 0 {
            self.task = Some(prompt.get().into());
        } else if let Some((call, description)) = self.calls.started(prompt) {
            if let Some(parent) = &mut output.header(slot(talk)).parent {
                parent.call_id = Some(call);
            }
            self.title(output, talk, description.unwrap_or_default(), Title::Task);
        }
    }

    /// Takes what a record says of its session into the header. A folder or
    /// branch that changed since stays with the record.
    fn facts(&self, output: &mut Output<'_>, talk: u32, head: &Head<'_>, object: &mut Object<'_>) {
        let link = match &head.session {
            Some(session) if self.place.agent => Some(self.link(session, LinkKind::Subagent, None)),
            _ => None,
        };
        let header = output.header(slot(talk));
        if header.parent.is_none() {
            header.parent = link;
        }
        if let Some(version) = &head.version
            && header.agent_version.as_deref() != Some(version)
        {
            header.agent_version = Some(version.to_string());
        }
        let cwd = object.peek("cwd").and_then(string);
        if let Some(cwd) = cwd.filter(|cwd| !cwd.is_empty())
            && *header.cwd.get_or_insert_with(|| cwd.to_string()) == cwd
        {
            object.take("cwd");
        }
        let branch = object
            .peek("gitBranch")
            .and_then(string)
            .unwrap_or_default();
        if branch.is_empty() {
            object.ignore(&["gitBranch"]);
            return;
        }
        let git = header.git.get_or_insert_with(Git::default);
        if *git.branch.get_or_insert_with(|| branch.to_string()) == branch {
            object.take("gitBranch");
        }
    }

    /// A record that is left out, though others may follow it.
    fn pass(&mut self, object: &Object<'_>) {
        let Some(uuid) = object.peek("uuid").and_then(string) else {
            return;
        };
        if self.tree.find(&uuid).is_some() {
            return;
        }
        let parent = object.peek("parentUuid").and_then(string);
        let above = parent.as_deref().and_then(|parent| self.tree.find(parent));
        self.forgotten |= parent.is_some() && above.is_none() && self.tree.forgot();
        self.tree.add(Node {
            id: (*uuid).into(),
            parent: above,
            events: 0,
            talk: above.map_or(0, |place| self.tree.node(place).talk),
            role: Role::Other,
            inactive: None,
            digest: 0,
        });
    }

    /// A title. It may be that of another session, which alone has the leaf.
    fn summary(&mut self, output: &mut Output<'_>, mut object: Object<'_>) -> Fate {
        let leaf = object.text("leafUuid");
        let place = leaf.as_deref().and_then(|leaf| self.tree.find(leaf));
        match place {
            Some(place) if self.tree.node(place).talk == 0 => {
                self.titled(output, object, "summary", Title::Made)
            }
            _ => {
                self.forgotten |= self.tree.forgot();
                Fate::Ignored("other-title")
            }
        }
    }

    fn titled(
        &mut self,
        output: &mut Output<'_>,
        mut object: Object<'_>,
        field: &str,
        kind: Title,
    ) -> Fate {
        let talk = self.main(output);
        if let Some(title) = object.string(field) {
            self.title(output, talk, title, kind);
        }
        Fate::Mapped
    }

    /// The cost so far. A fork's goes on from its parent's, so it is not the
    /// fork's own.
    fn cost(&mut self, output: &mut Output<'_>, mut object: Object<'_>) -> Fate {
        if self.talks.is_empty() || self.lineage.parent.is_some() || self.place.agent {
            return Fate::Ignored("state");
        }
        if let Some(cost) = object.f64("totalCostUSD") {
            output.header(slot(0)).cost_usd = Some(cost);
        }
        Fate::Mapped
    }

    /// A note of the agent that stands outside the talk.
    fn note(
        &mut self,
        output: &mut Output<'_>,
        mut object: Object<'_>,
        source: Source,
        text: &str,
    ) -> Fate {
        let mut event = blank(EventType::System);
        event.text = object.string(text);
        let at = time(&mut object);
        self.alone(output, event, at, object, source)
    }

    /// A record of a type that is not known.
    fn unknown(
        &mut self,
        output: &mut Output<'_>,
        kind: &str,
        object: Object<'_>,
        source: Source,
    ) -> Fate {
        let talk = self.main(output);
        let message = match kind {
            "" => "a record has no type".to_owned(),
            kind => format!("records of type `{kind}` are not known"),
        };
        let issues = &output.header(slot(talk)).issues;
        let known = |issue: &Issue| issue.code == "unknown-record" && issue.message == message;
        if !issues.iter().any(known) {
            let issue = Issue::new(Severity::Warning, "unknown-record", message);
            output.issue(slot(talk), issue.at(source.clone()));
        }
        let at = object.peek("timestamp").and_then(string);
        let at = at.and_then(|at| stead_usf::Time::parse(&at).ok());
        self.alone(output, blank(EventType::Unknown), at, object, source);
        Fate::Reported
    }

    /// An event of the session itself that is the whole record.
    fn alone(
        &mut self,
        output: &mut Output<'_>,
        event: Event,
        at: Option<stead_usf::Time>,
        object: Object<'_>,
        source: Source,
    ) -> Fate {
        let talk = self.main(output);
        let head = Head {
            uuid: object.peek("uuid").and_then(string),
            parent: object.peek("parentUuid").and_then(string),
            at,
            ..Head::default()
        };
        let mut mapped = Mapped::one(Role::Other, Turn::Same, event);
        mapped.events[0].extra = object.rest();
        let record = Placed {
            head,
            talk,
            copied: false,
            content: 0,
            source,
            may_branch: false,
            logical: None,
        };
        self.put(output, record, mapped)
    }
}

/// The prompt of subagents that 2.0 starts to fill the provider's cache.
pub(super) const WARMUP: &str = "Warmup";

/// Where a summary took the place of what went before.
struct Cut {
    /// The last record before.
    follows: Option<String>,
    /// Records that stay.
    kept: Vec<String>,
    /// First and last of those that stay, in versions that name only these.
    segment: Option<(String, String)>,
    /// The user asked for it, so no turn goes on after.
    asked: bool,
}

impl Cut {
    fn of(record: &Object<'_>) -> Option<Self> {
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

/// The part of a record that a repetition has in common with it.
fn content_of<'a>(object: &Object<'a>) -> &'a str {
    let content = ["message", "attachment", "content"];
    let content = content.iter().find_map(|name| object.peek(name));
    content.map_or("", RawValue::get)
}

/// A snapshot of the system prompt and all tools, tens of kilobytes each.
fn is_prompt_snapshot(object: &Object<'_>) -> bool {
    let attachment = object.peek("attachment").map_or("", RawValue::get);
    attachment.starts_with("{\"type\":\"prompt_snapshot\"")
}

/// An id for a record that no other has: its own, else its place.
fn base_id(tree: &Tree, head: &Head<'_>, source: &Source) -> String {
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
