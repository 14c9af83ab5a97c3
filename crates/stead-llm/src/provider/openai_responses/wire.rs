//! The words of responses: kinds of events and items, why a model stopped, how tokens
//! are counted.

use serde_json::Value;
use stead_usf::Usage;

use crate::provider::field::{count, some};
use crate::response::StopKind;

/// Events that say nothing that the others do not: beginnings, states, and ends of what
/// `response.output_item.done` has whole.
pub(super) const IGNORED: &[&str] = &[
    "response.queued",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
    "response.content_part.done",
    "response.output_text.done",
    "response.output_text.annotation.added",
    "response.refusal.done",
    "response.function_call_arguments.done",
    "response.custom_tool_call_input.done",
    "response.reasoning_summary_part.done",
    "response.reasoning_summary_text.done",
    "response.reasoning_text.done",
    "response.metadata",
    "response.rate_limits.updated",
    "keepalive",
    "ping",
];

/// Fields of a reasoning item that go back with it; a status does not.
pub(super) const REASONING_BACK: &[&str] =
    &["type", "id", "summary", "content", "encrypted_content"];

/// The field of a message that goes back with it: newer models tell comments from answers.
pub(super) const PHASE: &str = "phase";

/// What ends an answer: the status, and why it is incomplete.
pub(super) fn stop(status: &str, reason: Option<&str>) -> StopKind {
    match (status, reason) {
        ("completed", _) => StopKind::EndTurn,
        (_, Some("max_output_tokens")) => StopKind::MaxTokens,
        (_, Some("content_filter")) => StopKind::ContentFilter,
        _ => StopKind::Other,
    }
}

/// Tokens. `input_tokens` holds those of the cache; USF has each in one place.
pub(super) fn usage(value: &Value) -> Usage {
    let details = some(value, "input_tokens_details").unwrap_or(&Value::Null);
    let cache_read = count(details, "cached_tokens");
    let cache_write = count(details, "cache_write_tokens");
    let cached = cache_read
        .unwrap_or(0)
        .saturating_add(cache_write.unwrap_or(0));
    Usage {
        input: count(value, "input_tokens").map(|input| input.saturating_sub(cached)),
        output: count(value, "output_tokens"),
        cache_read,
        cache_write,
        reasoning: some(value, "output_tokens_details")
            .and_then(|details| count(details, "reasoning_tokens")),
    }
}
