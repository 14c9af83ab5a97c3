//! Recorded calls as documents of the Tool Calling Protocol
//! (`docs/specs/tool-calling-protocol.md`): what MCP's `tools/call` has, and the envelope.

use serde_json::{Map, Value, json};
use stead_llm::FREEFORM_FIELD;
use stead_usf::{Event, EventType, Raw};

use super::PROTOCOL;

/// The calls of a session that have a result, in the order in which they were made.
pub fn calls(events: &[Event]) -> Vec<Value> {
    let of = |kind| events.iter().filter(move |event| event.kind == kind);
    let document = |call: &Event| {
        let result =
            of(EventType::ToolResult).find(|result| call.result == Some(result.id.clone()));
        document(call, result?)
    };
    of(EventType::ToolCall).filter_map(document).collect()
}

/// One call with its result; none if the result has no envelope.
fn document(call: &Event, result: &Event) -> Option<Value> {
    let extra: Value = result.extra.as_ref()?.to().ok()?;
    let envelope = extra.get("envelope")?;
    Some(json!({
        "protocol": PROTOCOL,
        "call": {
            "method": "tools/call",
            "params": {
                "name": call.tool.as_ref()?.name,
                "arguments": arguments(call.input.as_ref()),
            },
        },
        "result": {
            "content": [{"type": "text", "text": result.output.as_deref().unwrap_or_default()}],
            "isError": result.ok == Some(false),
        },
        "envelope": envelope,
    }))
}

/// The arguments as the object that MCP demands: text of another form stands in a field.
fn arguments(input: Option<&Raw>) -> Value {
    let input = input.and_then(|input| input.to().ok());
    match input {
        Some(Value::Object(object)) => Value::Object(object),
        Some(other) => Value::Object(Map::from_iter([(FREEFORM_FIELD.to_owned(), other)])),
        None => json!({}),
    }
}
