//! Tokens and cost of a model request, from the record with which the interface
//! shows it, and from what the reply's message says.

use stead_usf::{Model, Usage};

use crate::container::json::{Object, count};

/// What a request cost.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(super) struct Spent {
    pub(super) usage: Option<Usage>,
    pub(super) cost_usd: Option<f64>,
}

/// Whether the count of prompt tokens has the cached ones in it: the family passes
/// on what its code for the provider made of it.
pub(super) fn holds_cached(protocol: Option<&str>, model: Option<&Model>) -> bool {
    match protocol {
        Some(protocol) => protocol == "openai",
        None => model.and_then(|model| model.provider.as_deref()) == Some("openai"),
    }
}

impl Spent {
    /// From the JSON of `api_req_started` and its like. Takes what it reads.
    pub(super) fn shown(request: &mut Object<'_>, holds_cached: bool) -> Self {
        let mut one = |name| {
            let found = request.peek(name).and_then(count);
            if found.is_some() {
                request.ignore(&[name]);
            }
            found
        };
        let usage = Usage {
            input: one("tokensIn"),
            output: one("tokensOut"),
            cache_read: one("cacheReads"),
            cache_write: one("cacheWrites"),
            reasoning: None,
        };
        Self {
            usage: counted(usage, holds_cached),
            cost_usd: request.f64("cost"),
        }
    }

    /// From `metrics` of a reply, which tells the cached tokens as one number.
    pub(super) fn told(metrics: &mut Object<'_>, holds_cached: bool) -> Self {
        let tokens = metrics.object("tokens").unwrap_or_default();
        let one = |name| tokens.peek(name).and_then(count);
        let usage = Usage {
            input: one("prompt"),
            output: one("completion"),
            cache_read: one("cached"),
            ..Usage::default()
        };
        Self {
            usage: counted(usage, holds_cached),
            cost_usd: metrics.f64("cost"),
        }
    }

    /// These numbers, and others where there are none.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            usage: self.usage.or(other.usage),
            cost_usd: self.cost_usd.or(other.cost_usd),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.usage.is_none() && self.cost_usd.is_none()
    }
}

/// The counts, each token in one of them; `None` if there are none.
fn counted(mut usage: Usage, holds_cached: bool) -> Option<Usage> {
    if holds_cached && let Some(input) = &mut usage.input {
        let cached = usage
            .cache_read
            .unwrap_or(0)
            .saturating_add(usage.cache_write.unwrap_or(0));
        *input = input.saturating_sub(cached);
    }
    (!usage.is_empty()).then_some(usage)
}

#[cfg(test)]
mod tests {
    use super::Spent;
    use crate::container::json::Object;

    #[test]
    fn every_token_is_counted_once() {
        let json = r#"{"tokensIn":100,"tokensOut":5,"cacheWrites":10,"cacheReads":60,"cost":0.5}"#;
        for (holds_cached, input) in [(false, 100), (true, 30)] {
            let spent = Spent::shown(&mut Object::parse(json).unwrap(), holds_cached);
            assert_eq!(spent.usage.unwrap().input, Some(input));
            assert_eq!(spent.cost_usd, Some(0.5));
        }
        let running = Spent::shown(&mut Object::parse(r#"{"request":"x"}"#).unwrap(), true);
        assert!(running.is_empty());
    }
}
