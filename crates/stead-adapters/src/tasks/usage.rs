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

/// Where cached tokens stand: the family passes on what its code for the provider
/// made of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cached {
    /// Within the prompt's tokens.
    Within,
    /// Beside them.
    Apart,
    /// Within them, if there are so many.
    Either,
}

/// Since Roo Code 3.29.5, of 1 November 2025, prompts hold their cached tokens
/// whatever the protocol. In milliseconds.
const ALL_WITHIN: i64 = 1_761_955_200_000;

impl Cached {
    /// As the protocol of a request tells, or else the model's provider.
    pub(super) fn of(protocol: Option<&str>, model: Option<&Model>, ts: Option<i64>) -> Self {
        match protocol {
            Some("openai") => Self::Within,
            Some(_) if ts.is_none_or(|ts| ts >= ALL_WITHIN) => Self::Either,
            None if model.and_then(|model| model.provider.as_deref()) == Some("openai") => {
                Self::Within
            }
            _ => Self::Apart,
        }
    }
}

impl Spent {
    /// From the JSON of `api_req_started` and its like. Takes what it reads.
    pub(super) fn shown(request: &mut Object<'_>, cached: Cached) -> Self {
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
            usage: counted(usage, cached),
            cost_usd: request.f64("cost"),
        }
    }

    /// From `metrics` of a reply, which tells the cached tokens as one number.
    pub(super) fn told(metrics: &mut Object<'_>, cached: Cached) -> Self {
        let tokens = metrics.object("tokens").unwrap_or_default();
        let one = |name| tokens.peek(name).and_then(count);
        let usage = Usage {
            input: one("prompt"),
            output: one("completion"),
            cache_read: one("cached"),
            ..Usage::default()
        };
        Self {
            usage: counted(usage, cached),
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
fn counted(mut usage: Usage, cached: Cached) -> Option<Usage> {
    if let Some(input) = &mut usage.input {
        let (read, written) = (usage.cache_read, usage.cache_write);
        let count = read.unwrap_or(0).saturating_add(written.unwrap_or(0));
        let within = match cached {
            Cached::Within => true,
            Cached::Apart => false,
            Cached::Either => *input >= count,
        };
        if within {
            *input = input.saturating_sub(count);
        }
    }
    (!usage.is_empty()).then_some(usage)
}

#[cfg(test)]
mod tests {
    use super::{ALL_WITHIN, Cached, Spent};
    use crate::container::json::Object;

    #[test]
    fn every_token_is_counted_once() {
        let json = r#"{"tokensIn":100,"tokensOut":5,"cacheWrites":10,"cacheReads":60,"cost":0.5}"#;
        for (cached, input) in [
            (Cached::Apart, 100),
            (Cached::Within, 30),
            (Cached::Either, 30),
        ] {
            let spent = Spent::shown(&mut Object::parse(json).unwrap(), cached);
            assert_eq!(spent.usage.unwrap().input, Some(input));
            assert_eq!(spent.cost_usd, Some(0.5));
        }
        let running = Spent::shown(
            &mut Object::parse(r#"{"request":"x"}"#).unwrap(),
            Cached::Within,
        );
        assert!(running.is_empty());
        let few = r#"{"tokensIn":10,"cacheReads":60}"#;
        let spent = Spent::shown(&mut Object::parse(few).unwrap(), Cached::Either);
        assert_eq!(spent.usage.unwrap().input, Some(10));
    }

    #[test]
    fn protocols_count_alike_since_a_day() {
        let of = |protocol, ts| Cached::of(protocol, None, Some(ts));
        assert_eq!(of(Some("openai"), 0), Cached::Within);
        assert_eq!(of(Some("anthropic"), ALL_WITHIN - 1), Cached::Apart);
        assert_eq!(of(Some("anthropic"), ALL_WITHIN), Cached::Either);
        assert_eq!(of(None, ALL_WITHIN), Cached::Apart);
    }
}
