//! What is known of a model: licence, context, price. Words for people about it.

use serde::{Deserialize, Serialize};
use stead_usf::Usage;

/// What a model costs, in US dollars for a million tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Price {
    /// Tokens that are read.
    pub(crate) input: f64,
    /// Tokens that are written, reasoning included.
    pub(crate) output: f64,
    /// Tokens that are read from the provider's cache; absent, as those that are read.
    pub(crate) cache_read: Option<f64>,
    /// Tokens that are written to it; absent, as those that are read.
    pub(crate) cache_write: Option<f64>,
}

impl Price {
    /// What these tokens cost, in US dollars; nothing if none were told.
    pub(crate) fn of(&self, usage: &Usage) -> Option<f64> {
        if usage.is_empty() {
            return None;
        }
        let cost = |tokens: Option<u64>, price: f64| tokens.unwrap_or(0) as f64 * price / 1e6;
        Some(
            cost(usage.input, self.input)
                + cost(usage.output, self.output)
                + cost(usage.cache_read, self.cache_read.unwrap_or(self.input))
                + cost(usage.cache_write, self.cache_write.unwrap_or(self.input)),
        )
    }
}

/// A licence in as few words as tell it: `Apache-2.0`, `modified MIT`, `proprietary`.
pub(crate) fn brief(licence: &str) -> String {
    let name = licence.split(" (").next().unwrap_or(licence);
    let name = name.strip_suffix(" License").unwrap_or(name);
    match name.strip_prefix("Modified ") {
        Some(rest) => format!("modified {rest}"),
        None => name.to_owned(),
    }
}
