//! Responses.

use serde_json::{Value, json};

use super::super::Form;
use super::{Said, event, pieces};

fn items(said: &Said<'_>) -> Vec<Value> {
    let number = said.number;
    let mut items = Vec::new();
    if !said.answer.think.is_empty() {
        let summary = json!([{"type": "summary_text", "text": said.answer.think}]);
        items.push(json!({"type": "reasoning", "id": format!("rs_{number}"), "summary": summary}));
    }
    if !said.answer.say.is_empty() {
        let content = json!([{"type": "output_text", "text": said.answer.say, "annotations": []}]);
        items.push(json!({
            "type": "message", "id": format!("msg_{number}"), "role": "assistant",
            "status": "completed", "content": content,
        }));
    }
    for (place, call) in said.calls.iter().enumerate() {
        let (kind, field) = match call.form {
            Form::Json => ("function_call", "arguments"),
            Form::Text => ("custom_tool_call", "input"),
        };
        items.push(json!({
            "type": kind, "id": format!("fc_{number}_{place}"), "call_id": said.id(place),
            "name": call.tool, field: call.text(), "status": "completed",
        }));
    }
    items
}

/// The answer as one object.
pub(super) fn whole(said: &Said<'_>) -> Value {
    let super::Tokens { input, output } = said.tokens;
    let mut body = json!({
        "id": format!("resp_{}", said.number), "object": "response", "created_at": 1_700_000_000,
        "status": "completed", "model": said.model, "output": items(said), "error": null,
        "usage": {
            "input_tokens": input, "output_tokens": output, "total_tokens": input + output,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
    });
    if said.answer.too_long {
        body["status"] = json!("incomplete");
        body["incomplete_details"] = json!({"reason": "max_output_tokens"});
    }
    body
}

/// The answer as a stream.
pub(super) fn events(said: &Said<'_>) -> Vec<String> {
    let body = whole(said);
    let mut events = Vec::new();
    let mut tell = |kind: &str, mut data: Value| {
        data["type"] = json!(kind);
        data["sequence_number"] = json!(events.len());
        events.push(event(Some(kind), &data));
    };
    let mut begun = body.clone();
    begun["status"] = json!("in_progress");
    begun["output"] = json!([]);
    begun["usage"] = Value::Null;
    tell("response.created", json!({ "response": begun }));
    for (index, item) in items(said).iter().enumerate() {
        let at = json!({"output_index": index, "item_id": item["id"]});
        let with = |more: Value| {
            let mut all = at.clone();
            if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
                all.extend(more);
            }
            all
        };
        let kind = item["type"].as_str().unwrap_or_default();
        let mut open = item.clone();
        match kind {
            "message" => open["content"] = json!([]),
            "function_call" => open["arguments"] = json!(""),
            _ => {}
        }
        tell("response.output_item.added", with(json!({ "item": open })));
        if kind == "message" {
            for piece in pieces(&said.answer.say) {
                let delta = json!({"content_index": 0, "delta": piece});
                tell("response.output_text.delta", with(delta));
            }
        } else if kind == "function_call" {
            for piece in pieces(item["arguments"].as_str().unwrap_or_default()) {
                let delta = json!({"delta": piece});
                tell("response.function_call_arguments.delta", with(delta));
            }
        }
        tell("response.output_item.done", with(json!({ "item": item })));
    }
    let last = if said.answer.too_long {
        "response.incomplete"
    } else {
        "response.completed"
    };
    tell(last, json!({ "response": body }));
    events
}
