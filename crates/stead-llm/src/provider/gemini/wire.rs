//! The words of Gemini's format: why a model stopped, how tokens are counted, what its
//! schemas may hold.

use serde_json::Value;
use stead_usf::Usage;

use crate::provider::field::{count, list, text};
use crate::response::StopKind;

/// Fields of a part that are read.
pub(super) const READ: &[&str] = &[
    "text",
    "thought",
    "thoughtSignature",
    "functionCall",
    "inlineData",
];

/// What a `finishReason` means.
pub(super) fn stop(word: &str) -> StopKind {
    match word {
        "STOP" => StopKind::EndTurn,
        "MAX_TOKENS" => StopKind::MaxTokens,
        "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "LANGUAGE"
        | "IMAGE_SAFETY" => StopKind::ContentFilter,
        "MALFORMED_FUNCTION_CALL" | "UNEXPECTED_TOOL_CALL" | "TOO_MANY_TOOL_CALLS" => {
            StopKind::MalformedCall
        }
        _ => StopKind::Other,
    }
}

/// Tokens. Thoughts are counted beside the answer, cached ones within the prompt; USF has
/// each in one place.
pub(super) fn usage(value: &Value) -> Usage {
    let cache_read = count(value, "cachedContentTokenCount");
    let reasoning = count(value, "thoughtsTokenCount");
    let prompt = count(value, "promptTokenCount")
        .map(|prompt| prompt.saturating_add(count(value, "toolUsePromptTokenCount").unwrap_or(0)));
    let output = match (count(value, "candidatesTokenCount"), reasoning) {
        (None, None) => None,
        (answer, thoughts) => Some(answer.unwrap_or(0).saturating_add(thoughts.unwrap_or(0))),
    };
    Usage {
        input: prompt.map(|prompt| prompt.saturating_sub(cache_read.unwrap_or(0))),
        output,
        cache_read,
        cache_write: None,
        reasoning,
    }
}

/// Why the prompt was not let through, if it was not.
pub(super) fn blocked(value: &Value) -> Option<String> {
    let feedback = value.get("promptFeedback")?;
    let reason = text(feedback, "blockReason")?;
    let said = text(feedback, "blockReasonMessage");
    let ratings = list(feedback, "safetyRatings").iter();
    let high = ratings
        .filter(|rating| rating.get("blocked") == Some(&Value::Bool(true)))
        .filter_map(|rating| text(rating, "category"));
    let mut words = format!("the prompt was blocked: {reason}");
    for more in said.into_iter().chain(high) {
        words.push_str(", ");
        words.push_str(more);
    }
    Some(words)
}
