//! What servers send besides what is documented: dialects, gaps and odd orders. Made by
//! hand after providers' documentation and reports of what they sent.

use serde_json::{Value, json};

use super::laws::assembled;
use crate::message::{Form, Part};
use crate::provider::{Wire, decode};
use crate::response::{Response, StopKind};

fn stream(wire: Wire, events: &[Value]) -> (Response, bool) {
    let data = events
        .iter()
        .map(|event| [b"data: ", event.to_string().as_bytes(), b"\n\n"].concat());
    let text: Vec<u8> = data.flatten().collect();
    let (deltas, is_whole) = decode::stream(wire, &[&text]).unwrap();
    (assembled(wire, &deltas), is_whole)
}

fn whole(wire: Wire, body: &Value) -> Response {
    let deltas = decode::whole(wire, body.to_string().as_bytes()).unwrap();
    assembled(wire, &deltas)
}

fn delta(delta: &Value) -> Value {
    json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]})
}

fn finish(word: &str) -> Value {
    json!({"choices": [{"index": 0, "delta": {}, "finish_reason": word}]})
}

fn calls(response: &Response) -> Vec<(String, String, String)> {
    let own = |call: &crate::ToolCall| (call.id.clone(), call.name.clone(), call.arguments.clone());
    response.calls().map(own).collect()
}

fn triple(id: &str, name: &str, arguments: &str) -> (String, String, String) {
    (id.into(), name.into(), arguments.into())
}

#[test]
fn calls_whose_pieces_are_mixed_come_apart() {
    let piece = |index, rest: Value| {
        let mut call = json!({"index": index});
        call.as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        delta(&json!({"tool_calls": [call]}))
    };
    let (response, is_whole) = stream(
        Wire::Openai,
        &[
            piece(
                0,
                json!({"id": "a", "function": {"name": "one", "arguments": "{\"x\""}}),
            ),
            piece(
                1,
                json!({"id": "b", "function": {"name": "two", "arguments": ""}}),
            ),
            piece(0, json!({"function": {"arguments": ":1}"}})),
            piece(
                1,
                json!({"id": "b", "function": {"name": "two", "arguments": "{}"}}),
            ),
            finish("tool_calls"),
        ],
    );
    assert!(is_whole, "`[DONE]` may be missing");
    let expected = [triple("a", "one", "{\"x\":1}"), triple("b", "two", "{}")];
    assert_eq!(calls(&response), expected);
}

#[test]
fn calls_that_share_an_index_are_told_apart_by_their_ids() {
    let call = |id: &str, name: &str| {
        delta(
            &json!({"tool_calls": [{"index": 0, "id": id, "function": {"name": name, "arguments": "{}"}}]}),
        )
    };
    let (response, _) = stream(
        Wire::Openai,
        &[call("a", "one"), call("b", "two"), finish("stop")],
    );
    assert_eq!(
        calls(&response),
        [triple("a", "one", "{}"), triple("b", "two", "{}")]
    );
    let stop = response.stop.unwrap();
    assert_eq!((stop.kind, stop.word.as_str()), (StopKind::ToolUse, "stop"));
}

#[test]
fn calls_without_ids_get_some_and_objects_become_text() {
    let body = json!({"choices": [{"finish_reason": "tool_calls", "message": {"tool_calls": [
        {"function": {"name": "one", "arguments": {"b": 1, "a": [2]}}},
        {"function": {"name": "two"}},
    ]}}]});
    let response = whole(Wire::Openai, &body);
    assert_eq!(
        calls(&response),
        [
            triple("call_test_0", "one", "{\"b\":1,\"a\":[2]}"),
            triple("call_test_1", "two", ""),
        ]
    );
    assert!(
        response
            .calls()
            .last()
            .unwrap()
            .object()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn reasoning_goes_back_in_the_field_in_which_it_came() {
    for field in ["reasoning_content", "reasoning"] {
        let (response, _) = stream(
            Wire::Openai,
            &[
                delta(&json!({field: "Let me"})),
                delta(&json!({field: " see."})),
                delta(&json!({"content": "Yes."})),
                finish("stop"),
            ],
        );
        let Part::Reasoning { text, opaque } = &response.parts[0] else {
            panic!("{response:?}");
        };
        assert_eq!(text, "Let me see.");
        assert_eq!(opaque.as_ref().unwrap().data, json!({"field": field}));
        assert_eq!(response.text(), "Yes.");
    }
}

#[test]
fn signed_pieces_of_reasoning_are_put_together() {
    let piece = |detail: Value| delta(&json!({"reasoning_details": [detail]}));
    let (response, _) = stream(
        Wire::Openai,
        &[
            piece(json!({"type": "reasoning.text", "index": 0, "text": "Let me"})),
            piece(
                json!({"type": "reasoning.text", "index": 0, "text": " see.", "signature": null}),
            ),
            piece(json!({"type": "reasoning.text", "index": 0, "signature": "c2ln"})),
            piece(json!({"type": "reasoning.encrypted", "index": 1, "data": "ZGF0YQ=="})),
            finish("stop"),
        ],
    );
    let Part::Reasoning { opaque, .. } = &response.parts[0] else {
        panic!("{response:?}");
    };
    assert_eq!(
        opaque.as_ref().unwrap().data["reasoning_details"],
        json!([
            {"type": "reasoning.text", "index": 0, "text": "Let me see.", "signature": "c2ln"},
            {"type": "reasoning.encrypted", "index": 1, "data": "ZGF0YQ=="},
        ])
    );
}

#[test]
fn tokens_are_counted_once_whatever_the_dialect() {
    let usage = |usage: Value| {
        let body = json!({"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}], "usage": usage});
        let usage = whole(Wire::Openai, &body).usage;
        [
            usage.input,
            usage.output,
            usage.cache_read,
            usage.cache_write,
            usage.reasoning,
        ]
    };
    let openai = json!({"prompt_tokens": 100, "completion_tokens": 30, "total_tokens": 130,
        "prompt_tokens_details": {"cached_tokens": 60},
        "completion_tokens_details": {"reasoning_tokens": 20}});
    assert_eq!(
        usage(openai),
        [Some(40), Some(30), Some(60), None, Some(20)]
    );
    let deepseek = json!({"prompt_tokens": 100, "completion_tokens": 30,
        "prompt_cache_hit_tokens": 90, "prompt_cache_miss_tokens": 10});
    assert_eq!(usage(deepseek), [Some(10), Some(30), Some(90), None, None]);
    // Reasoning beside the answer: the total says so.
    let xai = json!({"prompt_tokens": 100, "completion_tokens": 30, "total_tokens": 150,
        "completion_tokens_details": {"reasoning_tokens": 20}});
    assert_eq!(usage(xai), [Some(100), Some(50), None, None, Some(20)]);
    assert_eq!(usage(Value::Null), [None; 5], "what was not told is absent");
}

#[test]
fn what_is_not_known_is_named_and_kept() {
    let (response, _) = stream(
        Wire::Anthropic,
        &[
            json!({"type": "message_start", "message": {"id": "m", "model": "c"}}),
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "novelty", "x": 1}}),
            json!({"type": "content_block_stop", "index": 0}),
            json!({"type": "surprise"}),
            json!({"type": "message_delta", "delta": {"stop_reason": "new_reason"}}),
        ],
    );
    assert_eq!(response.unknown, ["block novelty", "event surprise"]);
    let stop = response.stop.unwrap();
    assert_eq!(
        (stop.kind, stop.word.as_str()),
        (StopKind::Other, "new_reason")
    );
    let Part::Foreign(opaque) = &response.parts[0] else {
        panic!("{:?}", response.parts);
    };
    assert_eq!(opaque.data, json!({"type": "novelty", "x": 1}));
}

#[test]
fn redacted_thinking_and_signatures_are_kept() {
    let body = json!({"id": "m", "model": "c", "stop_reason": "tool_use", "content": [
        {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "ZGF0YQ=="},
        {"type": "tool_use", "id": "t", "name": "now", "input": {}},
    ]});
    let response = whole(Wire::Anthropic, &body);
    let data: Vec<_> = response
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Reasoning { text, opaque } => Some((text.as_str(), opaque.clone()?.data)),
            _ => None,
        })
        .collect();
    let thinking = json!({"type": "thinking", "thinking": "", "signature": "c2ln"});
    let redacted = json!({"type": "redacted_thinking", "data": "ZGF0YQ=="});
    assert_eq!(data, [("Hm.", thinking), ("", redacted)]);
    assert_eq!(calls(&response), [triple("t", "now", "{}")]);
}

#[test]
fn thought_signatures_stay_with_their_parts() {
    let chunk =
        |parts: Value| json!({"candidates": [{"content": {"role": "model", "parts": parts}}]});
    let last = json!({"candidates": [{"content": {"parts": [{"text": "", "thoughtSignature": "dA=="}]},
        "finishReason": "STOP"}], "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 3,
        "thoughtsTokenCount": 4, "cachedContentTokenCount": 5}});
    let (response, _) = stream(
        Wire::Gemini,
        &[
            chunk(json!([{"text": "Hm", "thought": true}])),
            chunk(json!([{"text": "m.", "thought": true}])),
            chunk(
                json!([{"functionCall": {"name": "ls", "args": {"b": 1, "a": 2}}, "thoughtSignature": "cw=="}]),
            ),
            chunk(json!([{"functionCall": {"name": "cat", "args": {}}}])),
            last,
        ],
    );
    let signature = |part: &Part| {
        let opaque = match part {
            Part::Text { opaque, .. } | Part::Reasoning { opaque, .. } => opaque.clone(),
            Part::ToolCall(call) => call.opaque.clone(),
            _ => None,
        };
        opaque.map(|opaque| opaque.data["thoughtSignature"].as_str().unwrap().to_owned())
    };
    let signatures: Vec<_> = response.parts.iter().map(signature).collect();
    assert_eq!(
        signatures,
        [None, Some("cw==".into()), None, Some("dA==".into())]
    );
    assert_eq!(
        calls(&response)[0].2,
        "{\"b\":1,\"a\":2}",
        "the letters of the arguments"
    );
    let usage = response.usage;
    let counts = [usage.input, usage.output, usage.cache_read, usage.reasoning];
    assert_eq!(counts, [Some(4), Some(7), Some(5), Some(4)]);
    assert_eq!(response.stop.unwrap().kind, StopKind::ToolUse);
}

#[test]
fn responses_without_deltas_are_read_at_their_end() {
    let (response, is_whole) = stream(
        Wire::OpenaiResponses,
        &[
            json!({"type": "response.output_item.added", "output_index": 0,
                "item": {"type": "custom_tool_call", "call_id": "c", "name": "apply_patch", "input": ""}}),
            json!({"type": "response.custom_tool_call_input.delta", "output_index": 0, "delta": "*** Begin"}),
            json!({"type": "response.output_item.done", "output_index": 0,
                "item": {"type": "custom_tool_call", "call_id": "c", "name": "apply_patch", "input": "*** Begin Patch"}}),
            json!({"type": "response.completed", "response": {"id": "r", "status": "completed", "output": [
                {"type": "custom_tool_call", "call_id": "c", "name": "apply_patch", "input": "*** Begin Patch"},
                {"type": "message", "phase": "final_answer", "content": [{"type": "output_text", "text": "Done."}]},
            ]}}),
        ],
    );
    assert!(is_whole);
    let call = response.calls().next().unwrap();
    assert_eq!(
        (call.form, call.freeform().as_deref()),
        (Form::Text, Some("*** Begin Patch"))
    );
    assert_eq!(response.text(), "Done.");
    assert_eq!(response.calls().count(), 1);
}

#[test]
fn incomplete_answers_say_why() {
    let body = json!({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "output": []});
    let stop = whole(Wire::OpenaiResponses, &body).stop.unwrap();
    assert_eq!(
        (stop.kind, stop.word.as_str()),
        (StopKind::MaxTokens, "max_output_tokens")
    );
}
