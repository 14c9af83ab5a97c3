//! Messages.

use serde_json::{Value, json};

use super::{Said, event, pieces};

fn stop(said: &Said<'_>) -> &'static str {
    match (said.answer.too_long, said.calls.is_empty()) {
        (true, _) => "max_tokens",
        (false, true) => "end_turn",
        (false, false) => "tool_use",
    }
}

fn message(said: &Said<'_>, content: &[Value], stop: Option<&str>) -> Value {
    let super::Tokens { input, output } = said.tokens;
    json!({
        "id": format!("msg_{}", said.number), "type": "message", "role": "assistant",
        "model": said.model, "content": content, "stop_reason": stop, "stop_sequence": null,
        "usage": {"input_tokens": input, "output_tokens": output},
    })
}

/// The answer as one object.
pub(super) fn whole(said: &Said<'_>) -> Value {
    let mut content = Vec::new();
    if !said.answer.think.is_empty() {
        let thinking = &said.answer.think;
        content.push(json!({"type": "thinking", "thinking": thinking, "signature": "c2lnbmVk"}));
    }
    if !said.answer.say.is_empty() {
        content.push(json!({"type": "text", "text": said.answer.say}));
    }
    for (place, call) in said.calls.iter().enumerate() {
        let id = said.id(place);
        let input = call.object();
        content.push(json!({"type": "tool_use", "id": id, "name": call.tool, "input": input}));
    }
    message(said, &content, Some(stop(said)))
}

/// The answer as a stream.
pub(super) fn events(said: &Said<'_>) -> Vec<String> {
    let mut events = Vec::new();
    let mut tell = |kind: &str, mut data: Value| {
        data["type"] = json!(kind);
        events.push(event(Some(kind), &data));
    };
    tell(
        "message_start",
        json!({"message": message(said, &[], None)}),
    );
    let mut index = 0;
    let mut block = |first: Value, deltas: Vec<Value>| {
        tell(
            "content_block_start",
            json!({"index": index, "content_block": first}),
        );
        for delta in deltas {
            tell(
                "content_block_delta",
                json!({"index": index, "delta": delta}),
            );
        }
        tell("content_block_stop", json!({ "index": index }));
        index += 1;
    };
    if !said.answer.think.is_empty() {
        let words = pieces(&said.answer.think);
        let words = words
            .iter()
            .map(|piece| json!({"type": "thinking_delta", "thinking": piece}));
        let mut deltas: Vec<Value> = words.collect();
        deltas.push(json!({"type": "signature_delta", "signature": "c2lnbmVk"}));
        block(
            json!({"type": "thinking", "thinking": "", "signature": ""}),
            deltas,
        );
    }
    if !said.answer.say.is_empty() {
        let words = pieces(&said.answer.say);
        let words = words
            .iter()
            .map(|piece| json!({"type": "text_delta", "text": piece}));
        block(json!({"type": "text", "text": ""}), words.collect());
    }
    for (place, call) in said.calls.iter().enumerate() {
        let id = said.id(place);
        let text = call.text();
        let words = pieces(&text);
        let words = words
            .iter()
            .map(|piece| json!({"type": "input_json_delta", "partial_json": piece}));
        let first = json!({"type": "tool_use", "id": id, "name": call.tool, "input": {}});
        block(first, words.collect());
    }
    let usage = json!({"output_tokens": said.tokens.output});
    let delta = json!({"stop_reason": stop(said), "stop_sequence": null});
    tell("message_delta", json!({"delta": delta, "usage": usage}));
    tell("message_stop", json!({}));
    events
}
