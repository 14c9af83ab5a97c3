//! Tokens: what replies say of themselves, the ledger of requests, and the sums
//! of the session's own row. Each request is counted once.

use std::ops::AddAssign;

use stead_usf::{Raw, Source, Time, Usage};

use super::message::time_of;
use crate::container::json::{Object, count};

/// Counts as Goose keeps them: `input` includes what came from and went to a cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) input: Option<u64>,
    pub(super) output: Option<u64>,
    pub(super) cache_read: Option<u64>,
    pub(super) cache_write: Option<u64>,
}

impl Counts {
    /// From the `usage` of a reply's metadata.
    pub(super) fn of_reply(usage: &Object<'_>) -> Self {
        let one = |name| usage.peek(name).and_then(count);
        Self {
            input: one("inputTokens"),
            output: one("outputTokens"),
            cache_read: one("cacheReadTokens"),
            cache_write: one("cacheWriteTokens"),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The same counts, each token in one of them.
    pub(super) fn usage(&self) -> Usage {
        let cached = self
            .cache_read
            .unwrap_or(0)
            .saturating_add(self.cache_write.unwrap_or(0));
        Usage {
            // Where the cache holds more, the provider counts it apart.
            input: self
                .input
                .map(|input| input.checked_sub(cached).unwrap_or(input)),
            output: self.output,
            cache_read: self.cache_read,
            cache_write: self.cache_write,
            reasoning: None,
        }
    }

    /// What `counted` leaves of these sums; counts of which nothing is left are
    /// absent.
    fn without(&self, counted: &Self) -> Self {
        let one = |sum: Option<u64>, counted: Option<u64>| {
            let left = sum?.saturating_sub(counted.unwrap_or(0));
            (left > 0).then_some(left)
        };
        Self {
            input: one(self.input, counted.input),
            output: one(self.output, counted.output),
            cache_read: one(self.cache_read, counted.cache_read),
            cache_write: one(self.cache_write, counted.cache_write),
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        let add = |sum: &mut Option<u64>, more: Option<u64>| {
            if let Some(more) = more {
                *sum = Some(sum.unwrap_or(0).saturating_add(more));
            }
        };
        add(&mut self.input, other.input);
        add(&mut self.output, other.output);
        add(&mut self.cache_read, other.cache_read);
        add(&mut self.cache_write, other.cache_write);
    }
}

/// A row of the table `usage_ledger`: one request, or what came before there was
/// a ledger.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) row: String,
    pub(super) at: Option<Time>,
    pub(super) model: Option<String>,
    pub(super) counts: Counts,
    pub(super) cost: Option<f64>,
    is_summary: bool,
    pub(super) rest: Option<Raw>,
    pub(super) source: Source,
}

impl Request {
    pub(super) fn of(mut row: Object<'_>, source: Source) -> Self {
        let mut one = |name| {
            let found = row.peek(name).and_then(count);
            row.ignore(&[name]);
            found
        };
        let counts = Counts {
            input: one("input_tokens"),
            output: one("output_tokens"),
            cache_read: one("cache_read_tokens"),
            cache_write: one("cache_write_tokens"),
        };
        let is_summary = one("is_compaction").is_some_and(|flag| flag != 0);
        let key = one("id").map_or_else(String::new, |id| id.to_string());
        row.ignore(&["table", "session_id", "total_tokens", "cost_source"]);
        Self {
            row: key,
            at: row.i64("created_timestamp").and_then(time_of),
            model: row.string("model"),
            counts,
            cost: row.f64("cost"),
            is_summary,
            rest: row.rest(),
            source,
        }
    }
}

/// What a session used, as far as it has been told.
#[derive(Debug, Default)]
pub(super) struct Spent {
    /// Requests that no event stands for yet.
    ledger: Vec<Request>,
    counted: Counts,
    cost: f64,
}

impl Spent {
    pub(super) fn add(&mut self, request: Request) {
        self.ledger.push(request);
    }

    /// A reply says what it took; the ledger knows what it cost.
    pub(super) fn reply(&mut self, counts: Counts) -> Option<f64> {
        self.counted += counts;
        let same =
            |request: &Request| !request.is_summary && request.counts.usage() == counts.usage();
        let place = self.ledger.iter().position(same)?;
        let request = self.ledger.remove(place);
        self.cost += request.cost.unwrap_or(0.0);
        request.cost
    }

    /// The request that made a summary, if the ledger has it.
    pub(super) fn summary(&mut self) -> Option<Request> {
        let place = self.ledger.iter().position(|request| request.is_summary)?;
        let request = self.ledger.remove(place);
        self.count(&request);
        Some(request)
    }

    /// The requests that no message told of.
    pub(super) fn others(&mut self) -> Vec<Request> {
        let others = std::mem::take(&mut self.ledger);
        for request in &others {
            self.count(request);
        }
        others
    }

    fn count(&mut self, request: &Request) {
        self.counted += request.counts;
        self.cost += request.cost.unwrap_or(0.0);
    }

    /// What the session's own sums know beyond all that.
    pub(super) fn left(&self, totals: &Counts, cost: Option<f64>) -> (Usage, Option<f64>) {
        let left = cost.map(|cost| cost - self.cost);
        let cost = left.filter(|left| *left > 1e-9);
        (totals.without(&self.counted).usage(), cost)
    }
}
