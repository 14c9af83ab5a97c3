//! Tokens: every record of a reply repeats them, and only the last is right.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use stead_usf::Usage;

use crate::container::json::{Object, count};

/// So many of the last replies are remembered between two readings.
const WINDOW: usize = 256;

#[derive(Deserialize)]
struct Counts {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    output_tokens_details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    thinking_tokens: Option<u64>,
}

/// The tokens of a record, if it has any.
pub(super) fn parse(usage: &RawValue) -> Option<Usage> {
    let Ok(counts) = serde_json::from_str::<Counts>(usage.get()) else {
        return odd(usage);
    };
    let usage = Usage {
        input: counts.input_tokens,
        output: counts.output_tokens,
        cache_read: counts.cache_read_input_tokens,
        cache_write: counts.cache_creation_input_tokens,
        reasoning: counts
            .output_tokens_details
            .and_then(|details| details.thinking_tokens),
    };
    (!usage.is_empty()).then_some(usage)
}

/// Tokens as other programs write them: numbers as text or as fractions, or
/// counts that are none among those that are.
fn odd(usage: &RawValue) -> Option<Usage> {
    let mut counts = Object::of(usage)?;
    let details = counts.object("output_tokens_details");
    let one = |name| counts.peek(name).and_then(count);
    let usage = Usage {
        input: one("input_tokens"),
        output: one("output_tokens"),
        cache_read: one("cache_read_input_tokens"),
        cache_write: one("cache_creation_input_tokens"),
        reasoning: details.and_then(|details| details.peek("thinking_tokens").and_then(count)),
    };
    (!usage.is_empty()).then_some(usage)
}

/// Whether a count is there that cannot be read.
pub(super) fn is_damaged(usage: &RawValue) -> bool {
    let counts = [
        "input_tokens",
        "output_tokens",
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
    ];
    serde_json::from_str::<Counts>(usage.get()).is_err()
        && Object::of(usage).is_none_or(|usage| {
            let mut values = counts.iter().filter_map(|name| usage.peek(name));
            values.any(|value| count(value).is_none())
        })
}

/// What a reply is known by, in this session and in all others: its id and, where
/// it is recorded, that of the request, as some providers give every reply the
/// same id. Copies keep both.
pub(super) fn reply_name(message: &str, request: Option<&str>) -> String {
    match request {
        Some(request) => format!("{message}#{request}"),
        None => message.to_owned(),
    }
}

/// A reply whose tokens stand on an event.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Reply {
    /// The event that holds the tokens, and its talk.
    pub(super) event: String,
    pub(super) talk: u32,
    pub(super) usage: Usage,
    /// It was copied: another session counts it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) inherited: bool,
}

/// The replies so far.
#[derive(Debug, Default)]
pub(super) struct Replies {
    known: FxHashMap<u64, Reply>,
    order: Vec<u64>,
}

impl Replies {
    pub(super) fn get(&mut self, key: u64) -> Option<&mut Reply> {
        self.known.get_mut(&key)
    }

    pub(super) fn add(&mut self, key: u64, reply: Reply) {
        if self.known.insert(key, reply).is_none() {
            self.order.push(key);
        }
    }

    /// What is remembered until the next reading.
    pub(super) fn remembered(&self) -> Vec<(u64, Reply)> {
        let from = self.order.len().saturating_sub(WINDOW);
        let recent = self.order[from..].iter();
        recent
            .filter_map(|key| Some((*key, self.known.get(key)?.clone())))
            .collect()
    }

    pub(super) fn recalled(remembered: Vec<(u64, Reply)>) -> Self {
        let mut replies = Self::default();
        for (key, reply) in remembered {
            replies.add(key, reply);
        }
        replies
    }
}
