//! `generateContent`.

use serde_json::{Value, json};

use super::{Said, event, pieces};

fn body(said: &Said<'_>, parts: &[Value], is_last: bool) -> Value {
    let super::Tokens { input, output } = said.tokens;
    let mut candidate = json!({"content": {"role": "model", "parts": parts}, "index": 0});
    if is_last {
        candidate["finishReason"] = json!(if said.answer.too_long {
            "MAX_TOKENS"
        } else {
            "STOP"
        });
    }
    json!({
        "candidates": [candidate], "modelVersion": said.model,
        "responseId": format!("response-{}", said.number),
        "usageMetadata": {
            "promptTokenCount": input, "candidatesTokenCount": output,
            "totalTokenCount": input + output,
        },
    })
}

fn calls(said: &Said<'_>) -> Vec<Value> {
    let calls = said.calls.iter().enumerate().map(|(place, call)| {
        let id = said.id(place);
        json!({"functionCall": {"id": id, "name": call.tool, "args": call.object()}})
    });
    calls.collect()
}

/// The answer as one object.
pub(super) fn whole(said: &Said<'_>) -> Value {
    let mut parts = Vec::new();
    if !said.answer.think.is_empty() {
        parts.push(json!({"text": said.answer.think, "thought": true}));
    }
    if !said.answer.say.is_empty() {
        parts.push(json!({"text": said.answer.say}));
    }
    parts.extend(calls(said));
    body(said, &parts, true)
}

/// The answer as a stream.
pub(super) fn events(said: &Said<'_>) -> Vec<String> {
    let tell = |parts: &[Value], is_last| event(None, &body(said, parts, is_last));
    let mut events = Vec::new();
    for piece in pieces(&said.answer.think) {
        events.push(tell(&[json!({"text": piece, "thought": true})], false));
    }
    for piece in pieces(&said.answer.say) {
        events.push(tell(&[json!({ "text": piece })], false));
    }
    events.push(tell(&calls(said), true));
    events
}
