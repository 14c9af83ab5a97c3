//! The messages of a session become events.

use std::collections::BTreeMap;

use stead_usf::{Event, EventType, Inactive, Issue, LinkKind, Raw, Severity, Status, Time, Usage};

use super::about::Compaction;
use super::message::{Message, model, spent};
use super::read::Starts;
use super::results;
use super::words::{self, Part};
use crate::container::array::Element;
use crate::container::json::{Object, Values, string};
use crate::early::Early;
use crate::ids::Ids;
use crate::{Amendment, Fate, Output, Slot, extra};

/// The session that is being read.
pub(super) struct Talk {
    slot: Slot,
    task: String,
    /// Another session's model asks in it.
    is_child: bool,
    forked: Option<Time>,
    compaction: Option<Compaction>,
    ids: Ids,
    /// Messages so far.
    number: usize,
    /// The last reply, until it is known what its calls came to.
    held: Vec<Event>,
    /// Earlier calls without a result.
    open: BTreeMap<String, String>,
    early: Early,
    ended: Option<bool>,
    reported: bool,
}

impl Talk {
    pub(super) fn new(
        slot: Slot,
        task: &str,
        is_child: bool,
        forked: Option<Time>,
        compaction: Option<Compaction>,
    ) -> Self {
        Self {
            slot,
            task: task.to_owned(),
            is_child,
            forked,
            compaction,
            ids: Ids::default(),
            number: 0,
            held: Vec::new(),
            open: BTreeMap::new(),
            early: Early::default(),
            ended: None,
            reported: false,
        }
    }

    /// A message of the file.
    pub(super) fn message(
        &mut self,
        output: &mut Output<'_>,
        element: &Element,
        starts: &mut Starts,
    ) {
        let Ok(mut object) = Object::parse(&element.text) else {
            return;
        };
        let role = object.string("role").unwrap_or_default();
        let replaced = self.compacted(output, &object);
        if !matches!(role.as_str(), "user" | "assistant") {
            self.stranger(output, element, &role);
            return;
        }
        output.record(Fate::Mapped);
        let mut metadata = object.object("metadata");
        let added = metadata.as_ref().is_some_and(|metadata| {
            let role = metadata.peek("displayRole").and_then(string);
            metadata.peek("kind").is_some() || role.is_some_and(|role| role == "system")
        });
        let place = format!("{}#{}", self.task, self.number);
        let mut message = Message {
            id: object
                .string("id")
                .filter(|id| !id.is_empty())
                .unwrap_or(place),
            at: object.i64("ts").and_then(|ts| Time::from_millis(ts).ok()),
            is_reply: role == "assistant",
            added,
            model: object.take("modelInfo").and_then(model),
            source: element.source.clone(),
            made: Vec::new(),
        };
        let usage = object.object("metrics").map(spent);
        self.content(&mut object, &mut message, starts);
        let rest = extra::with(
            object.rest(),
            &[(
                "metadata",
                metadata
                    .take()
                    .and_then(Object::rest)
                    .as_ref()
                    .map(Raw::json),
            )],
        );
        self.complete(&mut message, usage, rest.as_ref(), replaced);
        self.link(output, &message, starts);
        self.put(output, message);
    }

    /// A subagent is told by what it was asked.
    fn link(&self, output: &mut Output<'_>, message: &Message, starts: &mut Starts) {
        let Some(parent) = &mut output.header(self.slot).parent else {
            return;
        };
        if self.number > 1 || parent.kind != LinkKind::Subagent {
            return;
        }
        let asked = message.made.iter().find_map(|event| event.text.as_ref());
        let start = starts.iter().position(|(task, _)| Some(task) == asked);
        parent.call_id = start.map(|start| starts.remove(start).1);
    }

    /// Whether a summary stands for this message; puts the summary in its place.
    fn compacted(&mut self, output: &mut Output<'_>, object: &Object<'_>) -> bool {
        self.number += 1;
        let Some(compaction) = &self.compaction else {
            return false;
        };
        if self.number <= compaction.count {
            let id = object.peek("id").and_then(string);
            return id.is_none_or(|id| !compaction.kept.contains(&*id));
        }
        self.summary(output);
        false
    }

    fn summary(&mut self, output: &mut Output<'_>) {
        self.flush(output);
        let Some(compaction) = self.compaction.take() else {
            return;
        };
        let mut event = Event::new(self.ids.unique("compaction".into()), EventType::Summary);
        event.text = Some(compaction.summary);
        event.at = compaction.at;
        event.extra = compaction.rest;
        output.event(self.slot, event);
    }

    fn content(&self, object: &mut Object<'_>, message: &mut Message, starts: &mut Starts) {
        let Some(content) = object.take("content") else {
            return;
        };
        if let Some(text) = string(content) {
            self.text(message, &text, None);
            return;
        }
        let blocks: Values<'_> = serde_json::from_str(content.get()).unwrap_or_default();
        for value in blocks {
            let mut block = Object::of(value).unwrap_or_default();
            let kind = block.string("type").unwrap_or_default();
            match kind.as_str() {
                "text" => {
                    let text = block.string("text").unwrap_or_default();
                    self.text(message, &text, block.rest());
                }
                "thinking" | "redacted_thinking" => {
                    let text = block.string("thinking").filter(|text| !text.is_empty());
                    block.ignore(&["signature"]);
                    let event = message.push(EventType::Reasoning);
                    (event.text, event.extra) = (text, block.rest());
                }
                "tool_use" => message.call(block, starts),
                "tool_result" => message.result(block),
                "image" | "file" | "media" => {
                    let attached = Raw::parse(&format!("[{}]", value.get())).ok();
                    let event = message.push(EventType::User);
                    (event.injected, event.attachments) = (true, attached);
                }
                _ => message.push(EventType::Unknown).extra = Some(Raw::from_value(value)),
            }
        }
    }

    fn text(&self, message: &mut Message, text: &str, rest: Option<Raw>) {
        if message.is_reply {
            if !text.trim().is_empty() || rest.is_some() {
                let event = message.push(EventType::Assistant);
                (event.text, event.extra) = (Some(text.to_owned()), rest);
            }
            return;
        }
        let mut rest = rest;
        for part in words::parts(text) {
            let (text, typed) = match part {
                Part::Typed(text) => (text, true),
                Part::Added(text) => (text.trim_matches('\n'), false),
            };
            let event = message.push(EventType::User);
            event.text = Some(text.to_owned());
            event.extra = rest.take();
            event.injected = !typed || self.is_child;
        }
    }

    /// Gives the message's events what they share.
    fn complete(
        &mut self,
        message: &mut Message,
        spent: Option<(Option<Usage>, Option<f64>)>,
        rest: Option<&Raw>,
        replaced: bool,
    ) {
        if message.made.is_empty() && (rest.is_some() || spent.is_some()) {
            message.push(EventType::System);
        }
        let inherited = self
            .forked
            .is_some_and(|forked| message.at.is_some_and(|at| at < forked));
        for event in &mut message.made {
            event.id = self.ids.unique(std::mem::take(&mut event.id));
            event.at = message.at;
            event.source = Some(message.source.clone());
            event.inactive = replaced.then_some(Inactive::Compacted);
            event.inherited = inherited;
            if event.kind == EventType::User && message.added {
                event.injected = true;
            }
            if message.is_reply {
                event.message = Some(message.id.clone());
                event.model.clone_from(&message.model);
            }
        }
        if let Some(first) = message.made.first_mut() {
            first.extra = extra::with(first.extra.take(), &[("message", rest.map(Raw::json))]);
            (first.usage, first.cost_usd) = spent.unwrap_or_default();
        }
    }

    /// Puts a message out; a reply is held until what follows it is known.
    fn put(&mut self, output: &mut Output<'_>, mut message: Message) {
        if message.is_reply {
            self.flush(output);
            let is_call = |event: &Event| event.kind == EventType::ToolCall;
            self.ended = Some(!message.made.iter().any(is_call));
            self.held = message.made;
            return;
        }
        self.ended = Some(false);
        for result in &mut message.made {
            if result.kind == EventType::ToolResult {
                self.answer(output, result);
            }
        }
        self.flush(output);
        for event in message.made {
            output.event(self.slot, event);
        }
    }

    /// Ties a result to its call.
    fn answer(&mut self, output: &mut Output<'_>, result: &Event) {
        let Some(id) = result.call_id.as_deref() else {
            return;
        };
        let of_call = |call: &&mut Event| {
            call.kind == EventType::ToolCall
                && call.call_id.as_deref() == Some(id)
                && call.result.is_none()
        };
        if let Some(call) = self.held.iter_mut().find(of_call) {
            call.result = Some(result.id.clone());
            results::describe(call, result.output.as_deref().unwrap_or_default());
        } else if let Some(call) = self.open.remove(id) {
            output.amend(self.slot, &call, &Amendment::Result(result.id.clone()));
        } else {
            self.early.result(id, &result.id);
        }
    }

    /// Puts the held reply out.
    fn flush(&mut self, output: &mut Output<'_>) {
        for mut event in std::mem::take(&mut self.held) {
            if let (EventType::ToolCall, Some(id)) = (event.kind, &event.call_id) {
                let early = self.early.call(id);
                event.result = event.result.or(early);
                if event.result.is_none() {
                    self.open.insert(id.clone(), event.id.clone());
                }
            }
            output.event(self.slot, event);
        }
    }

    fn stranger(&mut self, output: &mut Output<'_>, element: &Element, role: &str) {
        self.flush(output);
        output.record(Fate::Reported);
        let id = format!("{}#{}", self.task, self.number);
        let mut event = Event::new(self.ids.unique(id), EventType::Unknown);
        event.extra = Raw::parse(&element.text).ok();
        event.source = Some(element.source.clone());
        output.event(self.slot, event);
        if !std::mem::replace(&mut self.reported, true) {
            let message = format!("messages of the unknown role `{role}`");
            let issue = Issue::new(Severity::Warning, "unknown-record", message);
            output.issue(self.slot, issue.at(element.source.clone()));
        }
    }

    /// The session is read to its end. `stopped` if the program left it in order.
    pub(super) fn finish(mut self, output: &mut Output<'_>, stopped: bool) {
        self.summary(output);
        let ended = self.ended.map(|ended| ended || stopped);
        output.header(self.slot).status = ended.map(|ended| {
            if ended {
                Status::Ended
            } else {
                Status::Aborted
            }
        });
    }
}
