//! The best sessions of a search so far.

use rustc_hash::FxHashMap;

use super::block::Entry;
use super::search::Hit;
use super::snippet::Snippet;

/// Sessions that were found, each with its best event.
pub(crate) struct Best {
    limit: usize,
    hits: FxHashMap<u64, Hit>,
    /// Matches in sessions that nobody has asked for yet, as they are too bad.
    counted: FxHashMap<u64, u64>,
    /// As many sessions as are wanted are at least this good.
    threshold: f32,
    changed: bool,
    scores: Vec<f32>,
}

impl Best {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            hits: FxHashMap::default(),
            counted: FxHashMap::default(),
            threshold: if limit == 0 { f32::INFINITY } else { 0.0 },
            changed: false,
            scores: Vec::new(),
        }
    }

    /// Whether nothing with this score or less can come among the best. Equally
    /// good events are in the order of their time, so they are not beaten.
    pub(crate) fn beats(&self, score: f32) -> bool {
        score < self.threshold
    }

    /// Notes an event that answers the query, of a session that was not asked for.
    pub(crate) fn count_only(&mut self, session: u64) {
        *self.counted.entry(session).or_default() += 1;
    }

    /// Notes an event that answers the query; `true` if it is its session's best,
    /// which is to be inserted then. Among equals the newest is, and of those the
    /// first in the session, so that the order in which they are seen is nothing.
    pub(crate) fn count(&mut self, entry: &Entry<'_>, score: f32) -> bool {
        let Some(hit) = self.hits.get_mut(&entry.session) else {
            return true;
        };
        hit.matches += 1;
        score
            .total_cmp(&hit.score)
            .then(entry.at_ms.cmp(&hit.at_ms))
            .then(hit.sequence.cmp(&entry.sequence))
            .is_gt()
    }

    /// Puts an event that was counted in the place of its session's best.
    pub(crate) fn insert(&mut self, entry: &Entry<'_>, score: f32, snippet: Snippet) {
        let matches = match self.hits.get(&entry.session) {
            Some(hit) => hit.matches,
            None => 1 + self.counted.remove(&entry.session).unwrap_or(0),
        };
        let hit = Hit {
            session: entry.session,
            sequence: entry.sequence,
            event: entry.id.to_owned(),
            kind: entry.kind,
            at_ms: entry.at_ms,
            score,
            matches,
            snippet,
        };
        self.hits.insert(entry.session, hit);
        self.changed = true;
    }

    /// Works out what an event must score from now on.
    pub(crate) fn settle(&mut self) {
        if !std::mem::take(&mut self.changed) || self.hits.len() < self.limit || self.limit == 0 {
            return;
        }
        self.scores.clear();
        self.scores.extend(self.hits.values().map(|hit| hit.score));
        let last = self.limit - 1;
        let (_, worst, _) = self
            .scores
            .select_nth_unstable_by(last, |a, b| b.total_cmp(a));
        self.threshold = *worst;
    }

    /// The best sessions, best first.
    pub(crate) fn into_hits(self) -> Vec<Hit> {
        let mut hits: Vec<Hit> = self.hits.into_values().collect();
        hits.sort_by(|a, b| {
            b.score
                .total_cmp(&a.score)
                .then_with(|| b.at_ms.cmp(&a.at_ms))
                .then(a.session.cmp(&b.session))
        });
        hits.truncate(self.limit);
        hits
    }
}
