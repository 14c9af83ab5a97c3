//! Which record becomes what. The content of a record is mapped in `speech`,
//! `reply`, `result` and `notes`; how records hang together is in `put`,
//! `branch`, `talks` and `aside`.

use serde_json::value::RawValue;
use stead_usf::{EventType, Issue, Source};

use super::branch::Cut;
use super::put::Placed;
use super::read::{Reader, Title, slot};
use super::record::{Head, Mapped, Turn, blank};
use super::tree::{Role, digest};
use super::{notes, reply, speech};
use crate::container::json::{Object, string};
use crate::container::jsonl::Records;
use crate::{Fate, Output};

/// The rules by which records are left out, each with its reason.
pub(super) const RULES: &[(&str, &str)] = &[
    (
        "api-request",
        "what was sent to the provider: the talk again",
    ),
    (
        "context",
        "which parts of the talk were left out of requests",
    ),
    (
        "file-history",
        "names of backups; the changes stand in the calls",
    ),
    ("other-title", "the title of another session"),
    (
        "progress",
        "what a running tool printed; its result says it again",
    ),
    (
        "prompt-snapshot",
        "the agent's own instructions and tool descriptions",
    ),
    (
        "queue",
        "a prompt on its way; the talk has it when it arrives",
    ),
    (
        "repeat",
        "a record that the file already holds, written twice",
    ),
    ("state", "what the agent's own screens show after a resume"),
];

/// Records that are left out by their type, and the rule for it.
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
        self.put(output, &record, mapped)
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
