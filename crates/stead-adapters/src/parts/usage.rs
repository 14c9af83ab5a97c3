//! Token counts, normalised.

use stead_usf::Usage;

use crate::container::json::{Object, count};

/// Reads a `tokens` object; `None` if it counts nothing. The container makes no
/// difference.
///
/// `output` held reasoning as well at first; later versions subtract it. `total`
/// is older than that change, so it tells which, and where there is none, output
/// holds it. Some providers never counted it there: then it may be the larger.
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

#[cfg(test)]
mod tests {
    use super::usage;
    use crate::container::json::Object;

    /// What was recorded, with the output that was meant.
    #[test]
    fn output_includes_reasoning() {
        let cache = r#""cache":{"read":1000,"write":0}"#;
        for (tokens, output) in [
            // JSON files and the first databases.
            (r#"{"input":10,"output":50,"reasoning":40,"#, 50),
            // With `total`, but reasoning in output still.
            (
                r#"{"total":1060,"input":10,"output":50,"reasoning":40,"#,
                50,
            ),
            // Later databases.
            (
                r#"{"total":1060,"input":10,"output":10,"reasoning":40,"#,
                50,
            ),
            // A provider that counts it apart, before there was `total`.
            (r#"{"input":10,"output":10,"reasoning":40,"#, 50),
            (r#"{"total":1020,"input":10,"output":10,"reasoning":0,"#, 10),
        ] {
            let json = format!("{tokens}{cache}}}");
            let usage = usage(Object::parse(&json).unwrap()).unwrap();
            assert_eq!(usage.output, Some(output), "{json}");
        }
    }
}
