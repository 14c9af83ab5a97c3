//! Chat completions.

use serde_json::{Value, json};

use super::{Said, event, pieces};

fn usage(said: &Said<'_>) -> Value {
    let super::Tokens { input, output } = said.tokens;
    json!({"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output})
}

fn finish(said: &Said<'_>) -> &'static str {
    match (said.answer.too_long, said.calls.is_empty()) {
        (true, _) => "length",
        (false, true) => "stop",
        (false, false) => "tool_calls",
    }
}

fn base(said: &Said<'_>, object: &str) -> Value {
    let id = format!("chatcmpl-{}", said.number);
    json!({"id": id, "object": object, "created": 1_700_000_000, "model": said.model})
}

/// The answer as one object.
pub(super) fn whole(said: &Said<'_>) -> Value {
    let calls = said.calls.iter().enumerate().map(|(place, call)| {
        let function = json!({"name": call.tool, "arguments": call.text()});
        json!({"id": said.id(place), "type": "function", "function": function})
    });
    let calls: Vec<Value> = calls.collect();
    let mut message = json!({"role": "assistant", "content": said.answer.say});
    if !said.answer.think.is_empty() {
        message["reasoning_content"] = json!(said.answer.think);
    }
    if !calls.is_empty() {
        message["tool_calls"] = json!(calls);
    }
    let mut body = base(said, "chat.completion");
    body["choices"] = json!([{"index": 0, "message": message, "finish_reason": finish(said)}]);
    body["usage"] = usage(said);
    body
}

/// The answer as a stream.
pub(super) fn events(said: &Said<'_>) -> Vec<String> {
    let chunk = |delta: &Value, finish: Option<&str>| {
        let mut body = base(said, "chat.completion.chunk");
        body["choices"] = json!([{"index": 0, "delta": delta, "finish_reason": finish}]);
        event(None, &body)
    };
    let mut events = vec![chunk(&json!({"role": "assistant", "content": ""}), None)];
    for piece in pieces(&said.answer.think) {
        events.push(chunk(&json!({ "reasoning_content": piece }), None));
    }
    for piece in pieces(&said.answer.say) {
        events.push(chunk(&json!({ "content": piece }), None));
    }
    for (place, call) in said.calls.iter().enumerate() {
        let function = json!({"name": call.tool, "arguments": ""});
        let id = said.id(place);
        let first = json!({"index": place, "id": id, "type": "function", "function": function});
        events.push(chunk(&json!({"tool_calls": [first]}), None));
        for piece in pieces(&call.text()) {
            let more = json!({"index": place, "function": {"arguments": piece}});
            events.push(chunk(&json!({"tool_calls": [more]}), None));
        }
    }
    events.push(chunk(&json!({}), Some(finish(said))));
    let mut last = base(said, "chat.completion.chunk");
    last["choices"] = json!([]);
    last["usage"] = usage(said);
    events.push(event(None, &last));
    events.push("data: [DONE]\n\n".to_owned());
    events
}
