//! Ids that are unique within a session, whatever the store holds.

use std::hash::Hasher;

use rustc_hash::{FxHashSet, FxHasher};
use serde::{Deserialize, Serialize};

/// Event ids that are taken. Only digests are kept: a session may have millions.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ids(FxHashSet<u64>);

impl Ids {
    /// Whether an event has this id.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.0.contains(&digest(id))
    }

    /// `id`, or if it is taken the first of `id@2`, `id@3`… that is free.
    pub(crate) fn unique(&mut self, id: String) -> String {
        if !id.is_empty() && self.0.insert(digest(&id)) {
            return id;
        }
        let mut number = 2_u64;
        loop {
            let other = format!("{id}@{number}");
            if self.0.insert(digest(&other)) {
                return other;
            }
            number += 1;
        }
    }
}

/// A digest of a text, the same in every run.
pub(crate) fn digest(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish()
}
