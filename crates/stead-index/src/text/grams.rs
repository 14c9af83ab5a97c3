//! The set of short byte runs of a block: what its filter is made of.

/// A run of three or four folded bytes, as a number below 2^24.
pub(crate) type Gram = u32;

const WORDS: usize = 1 << 18;
/// Runs of four that are remembered: as many as fit into the nearest cache.
const RECENT: usize = 1 << 13;

/// Collects the distinct grams of texts.
pub(crate) struct GramSet {
    seen: Vec<u64>,
    grams: Vec<Gram>,
    /// Runs of four bytes that were taken in, each where its hash puts it. Most
    /// runs of a block are repeated, and end here.
    recent: Box<[u32; RECENT]>,
}

impl GramSet {
    pub(crate) fn new() -> Self {
        Self {
            seen: vec![0; WORDS],
            grams: Vec::with_capacity(16 << 10),
            recent: Box::new(NO_RUNS),
        }
    }

    /// Takes in the grams of folded text: each run of three bytes as it is, and each
    /// run of four bytes as a hash. A hash may stand for a run of three too; then
    /// the filter lets a block through in vain, no more.
    pub(crate) fn add(&mut self, folded: &[u8]) {
        for run in folded.array_windows::<4>() {
            let number = u32::from_le_bytes(*run);
            let hash = hash(number);
            let recent = &mut self.recent[(hash >> 19) as usize];
            if *recent != number {
                *recent = number;
                let [a, b, c, _] = *run;
                self.insert(three([a, b, c]));
                self.insert(hash >> 8);
            }
        }
        if let Some(last) = folded.last_chunk::<3>() {
            self.insert(three(*last));
        }
    }

    fn insert(&mut self, gram: Gram) {
        let word = &mut self.seen[(gram >> 6) as usize];
        let bit = 1 << (gram & 63);
        if *word & bit == 0 {
            *word |= bit;
            self.grams.push(gram);
        }
    }

    /// Hands each gram out once, in no order, and empties the set.
    pub(crate) fn drain(&mut self, mut each: impl FnMut(Gram)) {
        for gram in self.grams.drain(..) {
            self.seen[(gram >> 6) as usize] = 0;
            each(gram);
        }
        *self.recent = NO_RUNS;
    }
}

/// Each place holds a run that belongs elsewhere, so that none seems to be known.
static NO_RUNS: [u32; RECENT] = {
    let mut runs = [0; RECENT];
    runs[0] = 1;
    runs
};

/// The grams that a block must have if it holds the folded text: the more
/// telling runs of four bytes, or the only run of three.
pub(crate) fn needed(folded: &[u8]) -> Vec<Gram> {
    let mut needed: Vec<Gram> = if folded.len() >= 4 {
        folded.array_windows().map(|run| four(*run)).collect()
    } else {
        folded.array_windows().map(|run| three(*run)).collect()
    };
    needed.sort_unstable();
    needed.dedup();
    needed
}

/// A run of three bytes as it is.
fn three([a, b, c]: [u8; 3]) -> Gram {
    u32::from_be_bytes([0, a, b, c])
}

fn four(run: [u8; 4]) -> Gram {
    hash(u32::from_le_bytes(run)) >> 8
}

/// Multiplicative hashing (Knuth): the upper bits of the product are well mixed.
const fn hash(run: u32) -> u32 {
    run.wrapping_mul(0x9e37_79b1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{GramSet, four, three};

    proptest! {
        #[test]
        fn every_run_is_taken_in_once(texts in proptest::collection::vec(proptest::collection::vec(0_u8..3, 0..60), 0..5)) {
            let mut set = GramSet::new();
            for _ in 0..2 {
                let mut expected = BTreeSet::new();
                for text in &texts {
                    set.add(text);
                    expected.extend(text.array_windows().map(|run| three(*run)));
                    expected.extend(text.array_windows().map(|run| four(*run)));
                }
                let mut found = Vec::new();
                set.drain(|gram| found.push(gram));
                found.sort_unstable();
                prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
            }
        }
    }
}
