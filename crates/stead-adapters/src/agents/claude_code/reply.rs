//! The model's side: what an `assistant` record becomes.

use stead_usf::{Event, EventType, Model, Raw, Tool};

use super::record::{Head, Mapped, Turn, blank, without_null};
use super::tree::{Role, digest};
use super::{result, tools, usage};
use crate::container::json::{Object, string};

/// Fields of a message that say nothing more: what it is, and the provider's
/// own bookkeeping.
const ENVELOPE: &[&str] = &[
    "type",
    "role",
    "stop_sequence",
    "container",
    "context_management",
    "stop_details",
    "diagnostics",
];

/// Reasons to stop that every conversation is full of.
const USUAL: &[&str] = &["end_turn", "tool_use", "stop_sequence"];

/// Maps a record of one reply, or of a piece of one.
pub(super) fn map(head: &Head<'_>, mut record: Object<'_>, mut message: Object<'_>) -> Mapped {
    let model = message.string("model");
    let spoke = model.as_deref() != Some("<synthetic>");
    let failed = record.bool("isApiErrorMessage").unwrap_or(false);
    let id = message.string("id");
    let stop = message.text("stop_reason");
    let tokens = message.peek("usage").and_then(usage::parse);
    if !message.peek("usage").is_some_and(usage::is_damaged) {
        message.ignore(&["usage"]);
    }
    let turn = stop.as_deref();
    let mut mapped = Mapped::new(Role::Assistant, Turn::Same);
    let words = match (failed, spoke) {
        (true, _) => EventType::Error,
        (false, true) => EventType::Assistant,
        (false, false) => EventType::System,
    };
    content(&mut mapped, &mut message, words);
    mapped.turn = state(&mapped, turn);
    if spoke {
        let model = model.map(|id| Model { id, provider: None });
        let name = id.map(|id| usage::reply_name(&id, head.request.as_deref()));
        for event in &mut mapped.events {
            event.message.clone_from(&name);
            event.model.clone_from(&model);
        }
        let key = name.as_deref().map(digest);
        mapped.usage = tokens.map(|tokens| (key, tokens));
    }
    mapped.events[0].cost_usd = record.f64("costUSD");
    record.ignore(&["durationMs"]);
    let unusual = stop.filter(|stop| !USUAL.contains(&&**stop));
    let unusual = unusual.and_then(|stop| Raw::of(&*stop).ok());
    message.ignore(ENVELOPE);
    without_null(&mut message, &["stop_reason"]);
    mapped.keep(
        record,
        &[("message", message.rest()), ("stop_reason", unusual)],
    );
    mapped
}

/// Whether the turn goes on: a call waits for its result, and a thought is
/// never the end.
fn state(mapped: &Mapped, stop: Option<&str>) -> Turn {
    let last = mapped.events.last().map(|event| event.kind);
    match last {
        Some(EventType::ToolCall | EventType::Reasoning) => Turn::Open,
        _ if stop == Some("tool_use") => Turn::Open,
        _ => Turn::Closed,
    }
}

fn content(mapped: &mut Mapped, message: &mut Object<'_>, words: EventType) {
    if let Some(text) = message.peek("content").and_then(string) {
        mapped.push(words, text);
        message.take("content");
    }
    for value in message.values("content").unwrap_or_default() {
        let event = match Object::of(value) {
            Some(block) => piece(block, words),
            None => unknown(Raw::from_value(value)),
        };
        mapped.add(event);
    }
    if mapped.events.is_empty() {
        mapped.add(blank(words));
    }
}

/// One block of a reply.
fn piece(mut block: Object<'_>, words: EventType) -> Event {
    let kind = block.peek("type").and_then(string).unwrap_or_default();
    let mut event = match &*kind {
        "text" => {
            let mut event = blank(words);
            event.text = block.string("text");
            block.ignore(&["citations"]);
            event
        }
        "thinking" | "redacted_thinking" => {
            let mut event = blank(EventType::Reasoning);
            event.text = block.string("thinking");
            // Only the provider can read these.
            block.ignore(&["signature", "data"]);
            event
        }
        "tool_use" | "server_tool_use" | "mcp_tool_use" => call(&mut block),
        kind if kind.ends_with("_tool_result") => result::of_block(&mut block),
        _ => {
            return block
                .rest()
                .map_or_else(|| blank(EventType::Unknown), unknown);
        }
    };
    block.ignore(&["type", "cache_control", "caller"]);
    event.extra = block.rest();
    event
}

/// A block that is not known.
fn unknown(block: Raw) -> Event {
    let mut event = blank(EventType::Unknown);
    event.extra = Some(block);
    event
}

fn call(block: &mut Object<'_>) -> Event {
    let mut event = blank(EventType::ToolCall);
    let name = block.string("name").unwrap_or_default();
    let input = block.take("input");
    event.call_id = block.string("id");
    event.edits = input.map_or_else(Vec::new, |input| tools::asked(&name, input));
    event.input = input.map(Raw::from_value);
    let kind = tools::kind(&name);
    event.tool = Some(Tool { name, kind });
    event
}
