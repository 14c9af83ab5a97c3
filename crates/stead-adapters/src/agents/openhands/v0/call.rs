//! Actions that are tools.

use serde_json::value::RawValue;
use stead_usf::{Event, EventType, Raw};

use super::super::content::{drop_empty, words};
use super::super::{edits, tools};
use super::action::{ARGS, said};
use super::map::{Call, Mapper, Record};
use super::reply::Reply;
use crate::container::json::{Object, string};
use crate::{Fate, Output};

/// Whether an action of this kind is a tool's.
pub(super) fn is_tool(kind: &str) -> bool {
    matches!(
        kind,
        "read"
            | "write"
            | "edit"
            | "run"
            | "run_ipython"
            | "browse"
            | "browse_interactive"
            | "call_tool_mcp"
            | "delegate"
            | "think"
            | "finish"
            | "task_tracking"
            | "kill"
    )
}

/// Maps a call, with what the model thought and said before it.
pub(super) fn map(
    mapper: &mut Mapper,
    output: &mut Output<'_>,
    mut record: Record<'_>,
    mut args: Object<'_>,
    kind: &str,
) -> Fate {
    let data = &mut record.data;
    // What people are shown.
    data.ignore(&["message", "timeout"]);
    let reply = data.object("tool_call_metadata").map(Reply::of);
    let sums = data.object("llm_metrics");
    let (request, is_new) = mapper.spent.request(reply.as_ref(), sums);
    let thought = args.string("thought").and_then(words);
    let last = last_words(&mut args, kind);
    let arguments = reply.as_ref().and_then(Reply::arguments);
    let input = match &arguments {
        Some(arguments) => Raw::parse(arguments).or_else(|_| Raw::of(arguments)).ok(),
        None => own_input(&args),
    };
    let asked: Option<&RawValue> = input
        .as_ref()
        .and_then(|input| serde_json::from_str(input.json()).ok());
    let mut reply = reply.unwrap_or_default();
    let name = reply.tool.take().unwrap_or_else(|| kind.to_owned());
    let call_id = reply.call_id.take();

    let mut events = Vec::new();
    if is_new {
        let text = reply.text.take().or(thought);
        let thoughts = reply.reasoning.take();
        events.extend(thoughts.map(|text| said("reasoning", EventType::Reasoning, text)));
        events.extend(text.map(|text| said("text", EventType::Assistant, text)));
    }
    events.extend(last.map(|text| said("final", EventType::Assistant, text)));
    let mut event = Event::new("", EventType::ToolCall);
    event.tool = Some(tools::tool(&name, kind == "call_tool_mcp", asked));
    event.edits = edits::asked(&name, asked);
    event.call_id.clone_from(&call_id);
    forget_asked(&mut args, asked);
    event.input = input;
    events.push(event);
    mapper.ended = Some(kind == "finish");

    let number = record.number;
    let details = [("args", args.rest())];
    let event = mapper.put(output, record, events, request, &details);
    let call = Call {
        event: Some(event),
        id: call_id,
        tool: name,
    };
    mapper.open.insert(number, call);
    Fate::Mapped
}

/// What a finishing model says; under which name has changed.
fn last_words(args: &mut Object<'_>, kind: &str) -> Option<String> {
    if kind != "finish" {
        return None;
    }
    let thought = args.string("final_thought").and_then(words);
    let outputs = args.peek("outputs").and_then(Object::of);
    thought.or_else(|| outputs?.string("content").and_then(words))
}

/// Where no model's words are recorded, the action's own arguments.
fn own_input(args: &Object<'_>) -> Option<Raw> {
    let names: Vec<String> = args.names().map(str::to_owned).collect();
    let fields: Vec<(&str, Option<&str>)> = names
        .iter()
        .filter(|name| !ARGS.contains(&name.as_str()))
        .map(|name| (name.as_str(), args.peek(name).map(RawValue::get)))
        .collect();
    crate::extra::with(None, &fields)
}

/// Drops arguments that the model itself gave, and those that say nothing.
fn forget_asked(args: &mut Object<'_>, asked: Option<&RawValue>) {
    let asked = asked.and_then(Object::of).unwrap_or_default();
    let given: Vec<&str> = asked.names().collect();
    args.ignore(&given);
    args.ignore(ARGS);
    let defaults = [
        ("hidden", "false"),
        ("is_input", "false"),
        ("start", "0"),
        ("start", "1"),
        ("end", "-1"),
        ("task_completed", "\"true\""),
    ];
    for (name, value) in defaults {
        if args.peek(name).is_some_and(|own| own.get() == value) {
            args.ignore(&[name]);
        }
    }
    if args.peek("content").and_then(string).as_deref() == Some("") {
        args.ignore(&["content"]);
    }
    drop_empty(args);
}
