//! One message while it is taken apart: its blocks become events.

use stead_usf::{Event, EventType, Model, Raw, Source, Time, Tool, Usage};

use super::read::Starts;
use super::{results, tools};
use crate::container::json::{Object, count};

/// A message while it is taken apart.
pub(super) struct Message {
    pub(super) id: String,
    pub(super) at: Option<Time>,
    pub(super) is_reply: bool,
    /// The program wrote it.
    pub(super) added: bool,
    pub(super) model: Option<Model>,
    pub(super) source: Source,
    pub(super) made: Vec<Event>,
}

impl Message {
    pub(super) fn push(&mut self, kind: EventType) -> &mut Event {
        let id = match self.made.len() {
            0 => self.id.clone(),
            number => format!("{}.{number}", self.id),
        };
        self.made.push(Event::new(id, kind));
        let last = self.made.len() - 1;
        &mut self.made[last]
    }

    pub(super) fn call(&mut self, mut block: Object<'_>, starts: &mut Starts) {
        let name = block.string("name").unwrap_or_default();
        let id = block.string("id").filter(|id| !id.is_empty());
        let input = block.take("input");
        let task = input.and_then(|input| tools::task(&name, input));
        starts.extend(task.zip(id.clone()));
        let event = self.push(EventType::ToolCall);
        event.edits = input
            .map(|input| tools::edits(&name, input))
            .unwrap_or_default();
        event.tool = Some(Tool::new(name.as_str(), tools::kind(&name)));
        event.call_id = id;
        event.input = input.map(Raw::from_value);
        block.ignore(&["signature"]);
        event.extra = block.rest();
    }

    pub(super) fn result(&mut self, mut block: Object<'_>) {
        let name = block.string("name").filter(|name| !name.is_empty());
        let told = block.take("content").map(results::told).unwrap_or_default();
        let failed = block.bool("is_error").unwrap_or(false);
        let event = self.push(EventType::ToolResult);
        event.call_id = block.string("tool_use_id").filter(|id| !id.is_empty());
        event.tool = name.map(|name| {
            let kind = tools::kind(&name);
            Tool::new(name, kind)
        });
        event.ok = Some(!failed && told.ok);
        event.exit_code = told.exit_code;
        event.output = Some(told.output);
        event.attachments = told.images;
        event.extra = block.rest();
    }
}

pub(super) fn model(value: &serde_json::value::RawValue) -> Option<Model> {
    let mut info = Object::of(value)?;
    let id = info.string("id").filter(|id| !id.is_empty())?;
    let provider = info.string("provider").filter(|id| !id.is_empty());
    Some(Model { id, provider })
}

/// Tokens and cost of a request; its prompt tokens hold the cached ones.
pub(super) fn spent(mut metrics: Object<'_>) -> (Option<Usage>, Option<f64>) {
    let one = |name| metrics.peek(name).and_then(count);
    let (read, written) = (one("cacheReadTokens"), one("cacheWriteTokens"));
    let cached = read.unwrap_or(0).saturating_add(written.unwrap_or(0));
    let usage = Usage {
        input: one("inputTokens").map(|input| input.saturating_sub(cached)),
        output: one("outputTokens"),
        cache_read: read,
        cache_write: written,
        reasoning: one("reasoningTokens"),
    };
    let cost = metrics.f64("cost");
    ((!usage.is_empty()).then_some(usage), cost)
}
