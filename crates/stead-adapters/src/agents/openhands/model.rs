//! Models and token counts, as LiteLLM has them in all generations.

use stead_usf::{Model, Usage};

use crate::container::json::{Object, count};

/// A model's name: who serves it stands before the first slash, if anywhere.
pub(super) fn model(name: &str) -> Option<Model> {
    let (provider, id) = match name.split_once('/') {
        Some((provider, id)) if !provider.is_empty() && !id.is_empty() => (Some(provider), id),
        _ => (None, name),
    };
    // Sums over several models have this name.
    let named = !matches!(id, "" | "default" | "unknown");
    named.then(|| Model {
        id: id.to_owned(),
        provider: provider.map(str::to_owned),
    })
}

/// The counts of one request as OpenHands keeps them: `prompt_tokens` with those
/// read from and written to a cache. `None` if it counts nothing.
pub(super) fn usage(counts: &Object<'_>) -> Option<Usage> {
    let one = |name| counts.peek(name).and_then(count);
    let prompt = one("prompt_tokens");
    let (read, written) = (one("cache_read_tokens"), one("cache_write_tokens"));
    tokens(
        prompt,
        one("completion_tokens"),
        read,
        written,
        one("reasoning_tokens"),
    )
}

/// The counts of a provider's answer.
pub(super) fn usage_of_answer(mut counts: Object<'_>) -> Option<Usage> {
    let prompt = counts.object("prompt_tokens_details").unwrap_or_default();
    let completion = counts
        .object("completion_tokens_details")
        .unwrap_or_default();
    let one = |counts: &Object<'_>, name| counts.peek(name).and_then(count);
    let read = one(&prompt, "cached_tokens").or_else(|| one(&counts, "cache_read_input_tokens"));
    let written = one(&counts, "cache_creation_input_tokens")
        .or_else(|| one(&prompt, "cache_creation_tokens"));
    let total = one(&counts, "prompt_tokens");
    let output = one(&counts, "completion_tokens");
    tokens(
        total,
        output,
        read,
        written,
        one(&completion, "reasoning_tokens"),
    )
}

fn tokens(
    prompt: Option<u64>,
    output: Option<u64>,
    read: Option<u64>,
    written: Option<u64>,
    reasoning: Option<u64>,
) -> Option<Usage> {
    let cached = read.unwrap_or(0).saturating_add(written.unwrap_or(0));
    let usage = Usage {
        // Agents that are driven through ACP count cached tokens apart.
        input: prompt.map(|prompt| prompt.checked_sub(cached).unwrap_or(prompt)),
        output,
        cache_read: read,
        cache_write: written,
        reasoning,
    };
    (usage.total() > 0).then_some(usage)
}
