//! Tokens. Every count also gives the thread's running total, and the same
//! count is written again and again (when a turn begins, when a thread is
//! resumed): it is a new request only if the total has changed.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use stead_usf::Usage;

use crate::container::json::{Object, count};

/// Tokens as Codex counts them: `input` includes the cached ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Tokens {
    #[serde(default, rename = "input_tokens")]
    input: u64,
    #[serde(rename = "cached_input_tokens")]
    cached: Option<u64>,
    #[serde(rename = "cache_write_input_tokens")]
    written: Option<u64>,
    #[serde(default, rename = "output_tokens")]
    output: u64,
    #[serde(rename = "reasoning_output_tokens")]
    reasoning: Option<u64>,
}

/// The payload of a `token_count`.
#[derive(Deserialize)]
struct Count {
    info: Option<Info>,
}

#[derive(Deserialize)]
struct Info {
    total_token_usage: Option<Tokens>,
    last_token_usage: Option<Tokens>,
}

impl Count {
    /// Counts as other programs write them: as text or as fractions.
    fn odd(payload: &RawValue) -> Option<Self> {
        let mut info = Object::of(payload)?.object("info")?;
        Some(Self {
            info: Some(Info {
                total_token_usage: info.object("total_token_usage").as_ref().map(Tokens::odd),
                last_token_usage: info.object("last_token_usage").as_ref().map(Tokens::odd),
            }),
        })
    }
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
    pub(super) fn count(&mut self, payload: &RawValue) -> Option<Usage> {
        let count: Count = serde_json::from_str(payload.get())
            .ok()
            .or_else(|| Count::odd(payload))?;
        let info = count.info?;
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
    fn odd(tokens: &Object<'_>) -> Self {
        let one = |name| tokens.peek(name).and_then(count);
        Self {
            input: one("input_tokens").unwrap_or(0),
            cached: one("cached_input_tokens"),
            written: one("cache_write_input_tokens"),
            output: one("output_tokens").unwrap_or(0),
            reasoning: one("reasoning_output_tokens"),
        }
    }

    fn usage(self) -> Option<Usage> {
        if self.input == 0 && self.output == 0 {
            return None;
        }
        let cached = self.cached.unwrap_or(0);
        let written = self.written.unwrap_or(0);
        Some(Usage {
            input: Some(self.input.saturating_sub(cached).saturating_sub(written)),
            output: Some(self.output),
            cache_read: self.cached,
            cache_write: self.written,
            reasoning: self.reasoning,
        })
    }

    fn plus(self, other: Self) -> Self {
        self.with(other, u64::saturating_add)
    }

    /// What was added since `before`; all of it if the count began anew.
    fn since(self, before: Option<Self>) -> Self {
        match before {
            Some(before) if before.input <= self.input => self.with(before, u64::saturating_sub),
            _ => self,
        }
    }

    fn with(self, other: Self, join: fn(u64, u64) -> u64) -> Self {
        let optional = |a: Option<u64>, b: Option<u64>| match (a, b) {
            (None, None) => None,
            (a, b) => Some(join(a.unwrap_or(0), b.unwrap_or(0))),
        };
        Self {
            input: join(self.input, other.input),
            cached: optional(self.cached, other.cached),
            written: optional(self.written, other.written),
            output: join(self.output, other.output),
            reasoning: optional(self.reasoning, other.reasoning),
        }
    }
}
