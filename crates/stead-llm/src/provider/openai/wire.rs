//! The words of chat completions: why a model stopped, how tokens are counted, and which
//! fields are left out on purpose.

use serde_json::Value;
use stead_usf::Usage;

use crate::provider::field::{count, some};
use crate::response::StopKind;

/// Fields of a message or delta that are read.
pub(super) const READ: &[&str] = &[
    "role",
    "content",
    "refusal",
    "reasoning_content",
    "reasoning",
    "reasoning_text",
    "reasoning_details",
    "tool_calls",
    "function_call",
];

/// Fields of a message or delta that are left out: they say nothing that an answer to a
/// question about code needs. The record has them.
pub(super) const IGNORED: &[&str] = &["annotations", "audio", "name", "padding", "obfuscation"];

/// Fields in which dialects put reasoning, in the order in which they are looked for: some
/// servers send the same text in two of them.
pub(super) const REASONING: &[&str] = &["reasoning_content", "reasoning", "reasoning_text"];

/// The field with signed or encrypted pieces of reasoning (OpenRouter).
pub(super) const DETAILS: &str = "reasoning_details";

/// What goes back with a tool call, besides what it is (Gemini's thought signatures in
/// its compatible API).
pub(super) const CALL_EXTRA: &str = "extra_content";

/// What a `finish_reason` means.
pub(super) fn stop(word: &str) -> StopKind {
    match word {
        "stop" | "end_turn" | "eos" | "eos_token" => StopKind::EndTurn,
        "tool_calls" | "function_call" | "tool_use" => StopKind::ToolUse,
        "length" | "max_tokens" => StopKind::MaxTokens,
        "content_filter" | "sensitive" | "safety" => StopKind::ContentFilter,
        "refusal" => StopKind::Refusal,
        "model_context_window_exceeded" | "model_length" => StopKind::ContextFull,
        "malformed_function_call" => StopKind::MalformedCall,
        _ => StopKind::Other,
    }
}

/// Tokens. `prompt_tokens` holds those of the cache, `completion_tokens` those of
/// reasoning; USF has each in one place.
pub(super) fn usage(value: &Value) -> Usage {
    let details = some(value, "prompt_tokens_details").unwrap_or(&Value::Null);
    // DeepSeek and Moonshot have fields of their own for the cache.
    let cache_read = count(details, "cached_tokens")
        .or_else(|| count(value, "prompt_cache_hit_tokens"))
        .or_else(|| count(value, "cached_tokens"));
    let cache_write = count(details, "cache_write_tokens")
        .or_else(|| count(details, "cache_creation_tokens"))
        .or_else(|| count(details, "cache_creation_input_tokens"));
    let prompt = count(value, "prompt_tokens");
    let cached = cache_read
        .unwrap_or(0)
        .saturating_add(cache_write.unwrap_or(0));
    let reasoning = some(value, "completion_tokens_details")
        .and_then(|details| count(details, "reasoning_tokens"));
    Usage {
        input: prompt.map(|prompt| prompt.saturating_sub(cached)),
        output: output(value, prompt, reasoning),
        cache_read,
        cache_write,
        reasoning,
    }
}

/// Tokens of the answer. xAI counts reasoning beside `completion_tokens`, not within: there
/// the total says so.
fn output(value: &Value, prompt: Option<u64>, reasoning: Option<u64>) -> Option<u64> {
    let output = count(value, "completion_tokens")?;
    let beside = || {
        let total = count(value, "total_tokens")?;
        let with = output.checked_add(reasoning?)?;
        (prompt?.checked_add(with)? == total).then_some(with)
    };
    Some(beside().unwrap_or(output))
}
