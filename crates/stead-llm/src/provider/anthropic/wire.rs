//! The words of Anthropic's messages: why a model stopped, how tokens are counted.

use serde_json::Value;
use stead_usf::Usage;

use crate::provider::field::{count, some};
use crate::response::StopKind;

/// Deltas of blocks that are left out: they point into documents that nobody sent.
pub(super) const IGNORED_DELTAS: &[&str] = &["citations_delta"];

/// What a `stop_reason` means.
pub(super) fn stop(word: &str) -> StopKind {
    match word {
        "end_turn" => StopKind::EndTurn,
        "tool_use" => StopKind::ToolUse,
        "max_tokens" => StopKind::MaxTokens,
        "stop_sequence" => StopKind::StopSequence,
        "refusal" => StopKind::Refusal,
        "pause_turn" => StopKind::Pause,
        "model_context_window_exceeded" => StopKind::ContextFull,
        _ => StopKind::Other,
    }
}

/// Tokens; they are counted as USF does.
pub(super) fn usage(value: &Value) -> Usage {
    Usage {
        input: count(value, "input_tokens"),
        output: count(value, "output_tokens"),
        cache_read: count(value, "cache_read_input_tokens"),
        cache_write: count(value, "cache_creation_input_tokens"),
        reasoning: some(value, "output_tokens_details").and_then(|details| {
            count(details, "thinking_tokens").or_else(|| count(details, "reasoning_tokens"))
        }),
    }
}
