//! The set of short byte runs of a block: what its filter is made of.

/// A run of three or four folded bytes, as a number below 2^24.
pub(crate) type Gram = u32;

const WORDS: usize = 1 << 18;

/// Collects the distinct grams of texts.
pub(crate) struct GramSet {
    seen: Vec<u64>,
    grams: Vec<Gram>,
}

impl GramSet {
    pub(crate) fn new() -> Self {
        Self {
            seen: vec![0; WORDS],
            grams: Vec::with_capacity(16 << 10),
        }
    }

    /// Takes in the grams of folded text.
    pub(crate) fn add(&mut self, folded: &[u8]) {
        for gram in grams(folded) {
            let word = &mut self.seen[(gram >> 6) as usize];
            let bit = 1 << (gram & 63);
            if *word & bit == 0 {
                *word |= bit;
                self.grams.push(gram);
            }
        }
    }

    /// Hands each gram out once, in no order, and empties the set.
    pub(crate) fn drain(&mut self, mut each: impl FnMut(Gram)) {
        for gram in self.grams.drain(..) {
            self.seen[(gram >> 6) as usize] = 0;
            each(gram);
        }
    }
}

/// The grams of folded text, in order, with repetitions: each run of three
/// bytes as it is, and each run of four bytes as a hash. A hash may stand for a
/// trigram too; then the filter lets a block through in vain, no more.
pub(crate) fn grams(folded: &[u8]) -> impl Iterator<Item = Gram> {
    let threes = folded.windows(3).map(trigram);
    threes.chain(folded.windows(4).map(four_hash))
}

/// The grams that a block must have if it holds the folded text: the more
/// telling runs of four bytes, or the only run of three.
pub(crate) fn needed(folded: &[u8]) -> Vec<Gram> {
    let mut needed: Vec<Gram> = if folded.len() >= 4 {
        folded.windows(4).map(four_hash).collect()
    } else {
        folded.windows(3).map(trigram).collect()
    };
    needed.sort_unstable();
    needed.dedup();
    needed
}

fn trigram(w: &[u8]) -> Gram {
    u32::from(w[0]) << 16 | u32::from(w[1]) << 8 | u32::from(w[2])
}

/// Multiplicative hashing (Knuth): the upper bits of the product are well mixed.
fn four_hash(w: &[u8]) -> Gram {
    u32::from_le_bytes([w[0], w[1], w[2], w[3]]).wrapping_mul(0x9e37_79b1) >> 8
}
