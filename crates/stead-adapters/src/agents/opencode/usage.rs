//! Token counts, normalised.

use stead_usf::Usage;

use crate::container::json::{Object, count};

/// Reads a `tokens` object; `None` if it counts nothing.
///
/// `output` held reasoning as well until 1.2 or so; later versions subtract it.
/// `total`, where it is recorded, tells which.
pub(super) fn usage(mut tokens: Object<'_>) -> Option<Usage> {
    let cache = tokens.object("cache").unwrap_or_default();
    let one = |counts: &Object<'_>, name| counts.peek(name).and_then(count);
    let mut usage = Usage {
        input: one(&tokens, "input"),
        output: one(&tokens, "output"),
        cache_read: one(&cache, "read"),
        cache_write: one(&cache, "write"),
        reasoning: one(&tokens, "reasoning"),
    };
    let reasoning = usage.reasoning.unwrap_or(0);
    let apart = match tokens.u64("total") {
        Some(total) if total == usage.total().saturating_add(reasoning) => true,
        Some(total) if total == usage.total() => false,
        _ => reasoning > usage.output.unwrap_or(0),
    };
    if apart && reasoning > 0 {
        usage.output = Some(usage.output.unwrap_or(0).saturating_add(reasoning));
    }
    (!usage.is_empty()).then_some(usage)
}

/// Whether every count is 0: the state before the provider has answered.
pub(super) fn is_placeholder(usage: &Usage) -> bool {
    usage.total() == 0 && usage.reasoning.unwrap_or(0) == 0
}
