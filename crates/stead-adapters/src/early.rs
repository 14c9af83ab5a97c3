//! Results that stand before their calls: several processes write one file, and
//! lines get mixed up.

use std::collections::{BTreeMap, VecDeque};
use std::hash::Hasher;

use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};

/// So many results wait for their calls at most.
const MOST: usize = 256;

/// So many of the last calls are remembered: a second result of one of them
/// waits for nothing.
const WINDOW: usize = 512;

/// Results whose call has not come yet, by the call's id.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Early {
    results: BTreeMap<String, String>,
    /// Digests of the ids of the last calls.
    called: VecDeque<u64>,
}

impl Early {
    /// A call comes; returns the event of its result if that came before.
    pub(crate) fn call(&mut self, id: &str) -> Option<String> {
        if self.called.len() == WINDOW {
            self.called.pop_front();
        }
        self.called.push_back(digest(id));
        self.results.remove(id)
    }

    /// A result comes that answers no open call.
    pub(crate) fn result(&mut self, id: &str, event: &str) {
        if self.results.len() < MOST && !self.called.contains(&digest(id)) {
            self.results
                .entry(id.to_owned())
                .or_insert_with(|| event.to_owned());
        }
    }
}

fn digest(id: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(id.as_bytes());
    hasher.finish()
}
