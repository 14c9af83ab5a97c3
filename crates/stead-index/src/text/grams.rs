//! The set of byte trigrams of a block: what its filter is made of.

/// A trigram of folded bytes, as a number below 2^24.
pub(crate) type Gram = u32;

const WORDS: usize = 1 << 18;

/// Collects the distinct trigrams of texts.
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

    /// Takes in the trigrams of folded text.
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

    /// Hands each trigram out once, in no order, and empties the set.
    pub(crate) fn drain(&mut self, mut each: impl FnMut(Gram)) {
        for gram in self.grams.drain(..) {
            self.seen[(gram >> 6) as usize] = 0;
            each(gram);
        }
    }
}

/// The trigrams of folded text, in order, with repetitions.
pub(crate) fn grams(folded: &[u8]) -> impl Iterator<Item = Gram> {
    folded
        .windows(3)
        .map(|w| u32::from(w[0]) << 16 | u32::from(w[1]) << 8 | u32::from(w[2]))
}
