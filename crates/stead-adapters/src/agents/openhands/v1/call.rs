//! The model calls a tool.

use serde_json::value::RawValue;
use stead_usf::{Event, EventType, Raw, ToolKind};

use super::super::content::{Content, words};
use super::super::{edits, tools};
use super::map::{Ask, Mapper, Record};
use super::put::Mapped;
use super::say;
use crate::container::json::{Object, string};
use crate::ids::digest;
use crate::{Fate, Output};

/// Maps an `ActionEvent`: what the model thought and said before it, and the call.
pub(super) fn map(mapper: &mut Mapper, output: &mut Output<'_>, mut record: Record<'_>) -> Fate {
    let data = &mut record.data;
    let call_id = data.string("tool_call_id");
    let mut called = data.object("tool_call").unwrap_or_default();
    let name = data.string("tool_name").or_else(|| called.string("name"));
    let name = name.unwrap_or_default();
    // The arguments as the agent understood them; absent if it did not.
    let action = data.take("action");
    let is_mcp = action.and_then(Object::of).is_some_and(|action| {
        action.peek("kind").and_then(string).as_deref() == Some("MCPToolAction")
    });
    let arguments = called.text("arguments");
    let input = arguments.as_deref().map(as_json);
    let input = input.or_else(|| action.and_then(without_kind));
    let asked: Option<&RawValue> = input
        .as_ref()
        .and_then(|input| serde_json::from_str(input.json()).ok());

    let mut made = Mapped {
        answer: data.string("llm_response_id"),
        ..Mapped::default()
    };
    made.events.extend(say::reasoning(data));
    let thought = Content::take(data, "thought");
    made.events
        .extend(thought.text.map(|text| said("text", text)));
    if tools::is_finish(&name) {
        let last = asked.and_then(Object::of);
        let last = last
            .and_then(|mut last| last.string("message"))
            .and_then(words);
        made.events.extend(last.map(|text| said("final", text)));
    }
    if data.peek("security_risk").and_then(string).as_deref() == Some("UNKNOWN") {
        data.ignore(&["security_risk"]);
    }

    // Where the model gives no summary, the call itself is taken.
    let summary = data.peek("summary").and_then(string);
    if summary.is_some_and(|summary| summary.starts_with(&format!("{name}: {{"))) {
        data.ignore(&["summary"]);
    }

    let mut call = Event::new("", EventType::ToolCall);
    let tool = tools::tool(&name, is_mcp, asked);
    call.edits = edits::asked(&name, asked);
    if tool.kind == ToolKind::Task {
        mapper.ask(asked, call_id.as_deref());
    }
    let key = key(call_id.as_deref(), &record.id);
    call.result = mapper.memory.early.call(&key);
    let is_open = call.result.is_none();
    call.call_id = call_id;
    call.tool = Some(tool);
    call.input = input;
    made.events.push(call);
    made.details = vec![("thought", thought.others)];

    mapper.memory.ended = Some(tools::is_finish(&name));
    let id = mapper.put(output, record, made);
    if is_open {
        mapper.memory.open.insert(key, id);
    }
    Fate::Mapped
}

/// What ties a result to its call: the call's id, else the record's.
pub(super) fn key(call_id: Option<&str>, record: &str) -> String {
    call_id.map_or_else(|| format!("#{record}"), str::to_owned)
}

fn said(part: &str, text: String) -> Event {
    let mut event = Event::new(part, EventType::Assistant);
    event.text = Some(text);
    event
}

/// Arguments as the model wrote them; if they are no JSON, as a text.
fn as_json(arguments: &str) -> Raw {
    let whole = Raw::parse(arguments.trim());
    let text = || Raw::of(arguments);
    whole.or_else(|_| text()).unwrap_or_else(|_| nothing())
}

fn nothing() -> Raw {
    Raw::from_value(RawValue::NULL)
}

/// An action without the name of its class.
fn without_kind(action: &RawValue) -> Option<Raw> {
    let mut action = Object::of(action)?;
    action.ignore(&["kind"]);
    action.rest()
}

impl Mapper {
    /// Remembers what subagents are asked, to find their conversations.
    fn ask(&mut self, input: Option<&RawValue>, call: Option<&str>) {
        let Some(mut input) = input.and_then(Object::of) else {
            return;
        };
        let mut prompts: Vec<String> = input.string("prompt").into_iter().collect();
        if let Some(mut tasks) = input.object("tasks") {
            let names: Vec<String> = tasks.names().map(str::to_owned).collect();
            prompts.extend(names.iter().filter_map(|name| tasks.string(name)));
        }
        self.memory.asks.extend(prompts.iter().map(|prompt| Ask {
            call: call.map(str::to_owned),
            prompt: digest(prompt),
            is_taken: false,
        }));
    }

    /// The call that asked a subagent this.
    pub(super) fn answer_ask(&mut self, prompt: u64) -> Option<String> {
        let mut asks = self.memory.asks.iter_mut();
        let ask = asks.find(|ask| ask.prompt == prompt && !ask.is_taken)?;
        ask.is_taken = true;
        ask.call.clone()
    }
}
