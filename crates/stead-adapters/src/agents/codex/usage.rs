//! Tokens. Every count also gives the thread's running total, and the same
//! count is written again and again (when a turn begins, when a thread is
//! resumed): it is a new request only if the total has changed.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use stead_usf::Usage;

/// Tokens as Codex counts them: `input_tokens` includes the cached ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Tokens {
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    cached_input_tokens: Option<u64>,
    #[serde(default)]
    cache_write_input_tokens: Option<u64>,
    #[serde(default)]
    output_tokens: u64,
    #[serde(default)]
    reasoning_output_tokens: Option<u64>,
}

/// `token_count.info`.
#[derive(Deserialize)]
struct Info {
    total_token_usage: Option<Tokens>,
    last_token_usage: Option<Tokens>,
}

/// The payload of a `token_usage_record`.
#[derive(Deserialize)]
struct Request<'a> {
    usage: Tokens,
    thread_token_usage: Option<Tokens>,
    #[serde(borrow)]
    response_id: Option<std::borrow::Cow<'a, str>>,
}

/// Tells new counts from repeated ones.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Meter {
    total: Option<Tokens>,
}

impl Meter {
    /// The tokens of the request that a `token_count` tells of, if it is the
    /// first to do so.
    pub(super) fn count(&mut self, info: &RawValue) -> Option<Usage> {
        let info: Info = serde_json::from_str(info.get()).ok()?;
        let total = info.total_token_usage.or(info.last_token_usage)?;
        let before = self.total.replace(total);
        if before == Some(total) {
            return None;
        }
        let tokens = match info.last_token_usage {
            Some(last) => last,
            None => total.since(before),
        };
        tokens.usage()
    }

    /// The tokens of a `token_usage_record` with the provider's id of the reply.
    pub(super) fn request(&mut self, payload: &RawValue) -> Option<(Usage, Option<String>)> {
        let request: Request<'_> = serde_json::from_str(payload.get()).ok()?;
        let total = request
            .thread_token_usage
            .unwrap_or_else(|| self.total.unwrap_or_default().plus(request.usage));
        if self.total.replace(total) == Some(total) {
            return None;
        }
        let reply = request.response_id.map(std::borrow::Cow::into_owned);
        request.usage.usage().map(|usage| (usage, reply))
    }
}

impl Tokens {
    fn usage(self) -> Option<Usage> {
        if self.input_tokens == 0 && self.output_tokens == 0 {
            return None;
        }
        let cached = self.cached_input_tokens.unwrap_or(0);
        let written = self.cache_write_input_tokens.unwrap_or(0);
        Some(Usage {
            input: Some(
                self.input_tokens
                    .saturating_sub(cached)
                    .saturating_sub(written),
            ),
            output: Some(self.output_tokens),
            cache_read: self.cached_input_tokens,
            cache_write: self.cache_write_input_tokens,
            reasoning: self.reasoning_output_tokens,
        })
    }

    fn plus(self, other: Self) -> Self {
        self.with(other, u64::saturating_add)
    }

    /// What was added since `before`; all of it if the count began anew.
    fn since(self, before: Option<Self>) -> Self {
        match before {
            Some(before) if before.input_tokens <= self.input_tokens => {
                self.with(before, u64::saturating_sub)
            }
            _ => self,
        }
    }

    fn with(self, other: Self, join: fn(u64, u64) -> u64) -> Self {
        let optional = |a: Option<u64>, b: Option<u64>| match (a, b) {
            (None, None) => None,
            (a, b) => Some(join(a.unwrap_or(0), b.unwrap_or(0))),
        };
        Self {
            input_tokens: join(self.input_tokens, other.input_tokens),
            cached_input_tokens: optional(self.cached_input_tokens, other.cached_input_tokens),
            cache_write_input_tokens: optional(
                self.cache_write_input_tokens,
                other.cache_write_input_tokens,
            ),
            output_tokens: join(self.output_tokens, other.output_tokens),
            reasoning_output_tokens: optional(
                self.reasoning_output_tokens,
                other.reasoning_output_tokens,
            ),
        }
    }
}
