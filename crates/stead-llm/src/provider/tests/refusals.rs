//! Errors as providers word them, and what we make of them. The bodies are those of the
//! providers' documentation and of reports about them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::error::{Class, LlmError};
use crate::provider::{Told, Wire, decode};

fn error(status: u16, body: &str) -> LlmError {
    Told::of_body(status, body.as_bytes()).error("p", "m", None)
}

#[derive(serde::Deserialize)]
struct Case {
    status: u16,
    class: Class,
    body: Value,
}

#[test]
fn errors_are_told_apart() {
    for line in include_str!("../testdata/refusals.jsonl").lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let error = error(case.status, &case.body.to_string());
        assert_eq!(error.class(), case.class, "{line}\n{error}");
        assert!(!error.hint().is_empty());
    }
}

#[test]
fn what_is_no_json_is_told_as_it_is() {
    let page = error(
        502,
        "<html><head><title>502 Bad Gateway</title></head></html>",
    );
    assert_eq!(page.to_string(), "`p` cannot answer now: 502 Bad Gateway");
    assert_eq!(
        error(400, "").to_string(),
        "`p` does not take the request (400): no reason given"
    );
    let long = error(500, &"x".repeat(9000)).to_string();
    assert!(long.chars().count() < 700, "{long}");
}

#[test]
fn numbers_of_tokens_are_read_where_they_are_told() {
    let numbers = |body: Value| match error(400, &body.to_string()) {
        LlmError::ContextTooLong { sent, limit, .. } => (sent, limit),
        other => panic!("{other}"),
    };
    let said = |text: &str| json!({"error": {"message": text}});
    let cases = [
        (
            "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (8500 in the messages, 500 in the completion).",
            (9000, 8192),
        ),
        (
            "This model's maximum context length is 128000 tokens. However, your messages resulted in 130,123 tokens.",
            (130_123, 128_000),
        ),
        (
            "prompt is too long: 210000 tokens > 200000 maximum",
            (210_000, 200_000),
        ),
        (
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
            (1_200_000, 1_048_576),
        ),
        (
            "This model's maximum prompt length is 131072 but the request contains 140000 tokens.",
            (140_000, 131_072),
        ),
    ];
    for (text, (sent, limit)) in cases {
        assert_eq!(numbers(said(text)), (Some(sent), Some(limit)), "{text}");
    }
    let llamacpp = json!({"error": {"code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": 5000,
        "n_ctx": 4096, "message": "the request exceeds the available context size"}});
    assert_eq!(numbers(llamacpp), (Some(5000), Some(4096)));
}

#[test]
fn bodies_say_how_long_to_wait() {
    let wait = |body: Value| error(429, &body.to_string()).wait();
    let google = json!({"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED",
        "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s"}]}});
    assert_eq!(wait(google), Some(Duration::from_secs(34)));
    let openai =
        json!({"error": {"message": "Rate limit reached. Please try again in 1.5s. Visit …"}});
    assert_eq!(wait(openai), Some(Duration::from_millis(1500)));
}

#[test]
fn errors_within_answers_are_errors() {
    let cases = [
        (
            Wire::Anthropic,
            json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
        ),
        (
            Wire::Openai,
            json!({"error": {"message": "overloaded", "code": 502}}),
        ),
        (
            Wire::Openai,
            json!({"choices": [{"error": {"message": "upstream", "code": 502}, "finish_reason": "error"}]}),
        ),
        (
            Wire::OpenaiResponses,
            json!({"type": "error", "code": "server_error", "message": "sorry"}),
        ),
        (
            Wire::OpenaiResponses,
            json!({"type": "response.failed", "response": {"status": "failed", "error": {"code": "server_error", "message": "sorry"}}}),
        ),
        (
            Wire::Gemini,
            json!({"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}),
        ),
        (
            Wire::Gemini,
            json!({"promptFeedback": {"blockReason": "SAFETY"}}),
        ),
    ];
    for (wire, event) in cases {
        let text = format!("data: {event}\n\n");
        let told = decode::stream(wire, &[text.as_bytes()]);
        assert!(told.is_err(), "{wire} {event} {told:?}");
    }
    for wire in Wire::all() {
        let error = decode::whole(wire, b"{\"hello\": 1}").unwrap_err();
        assert!(error.contains("there "), "{wire} {error}");
    }
}
