//! Sets of blocks: the posting of a gram as bytes, and as bits to compute with.

use super::varint::{self, Reader};

/// How a posting is written; its first byte.
const DISTANCES: u8 = 0;
const BITMAP: u8 = 1;

/// A set of blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bits {
    words: Vec<u64>,
    length: usize,
}

impl Bits {
    pub(crate) fn none(length: usize) -> Self {
        Self {
            words: vec![0; length.div_ceil(64)],
            length,
        }
    }

    pub(crate) fn all(length: usize) -> Self {
        let mut words = vec![u64::MAX; length.div_ceil(64)];
        if let Some(last) = words.last_mut()
            && !length.is_multiple_of(64)
        {
            *last = (1 << (length % 64)) - 1;
        }
        Self { words, length }
    }

    /// The blocks for which `holds` is true.
    pub(crate) fn which(length: usize, mut holds: impl FnMut(usize) -> bool) -> Self {
        let mut bits = Self::none(length);
        for block in (0..length).filter(|block| holds(*block)) {
            bits.insert(block);
        }
        bits
    }

    /// Empties the set and makes it one of `length` blocks.
    fn reset(&mut self, length: usize) {
        self.words.clear();
        self.words.resize(length.div_ceil(64), 0);
        self.length = length;
    }

    fn insert(&mut self, block: usize) {
        self.words[block / 64] |= 1 << (block % 64);
    }

    pub(crate) fn contains(&self, block: usize) -> bool {
        self.words[block / 64] >> (block % 64) & 1 == 1
    }

    /// Adds the blocks of a posting, each moved on by `base`. Blocks at `base +
    /// count` and beyond are none: the posting is damaged.
    pub(crate) fn fill(&mut self, posting: &[u8], base: usize, count: usize) {
        match posting.split_first() {
            Some((&DISTANCES, varints)) => {
                let mut reader = Reader(varints);
                let mut next = 0_usize;
                while let Some(skip) = reader.number() {
                    let block = next.saturating_add(skip as usize);
                    if block >= count {
                        return;
                    }
                    self.insert(base + block);
                    next = block + 1;
                }
            }
            Some((_, bitmap)) => {
                for (place, bytes) in bitmap.chunks(8).enumerate() {
                    let mut full = [0; 8];
                    full[..bytes.len()].copy_from_slice(bytes);
                    self.or_word(base + place * 64, u64::from_le_bytes(full));
                }
            }
            None => {}
        }
    }

    /// Adds 64 blocks from `first` on; what lies beyond the end is dropped.
    fn or_word(&mut self, first: usize, word: u64) {
        let (place, shift) = (first / 64, first % 64);
        if let Some(low) = self.words.get_mut(place) {
            *low |= word << shift;
        }
        if shift > 0
            && let Some(high) = self.words.get_mut(place + 1)
        {
            *high |= word >> (64 - shift);
        }
    }

    pub(crate) fn and(&mut self, other: &Self) {
        let pairs = self.words.iter_mut().zip(&other.words);
        pairs.for_each(|(a, b)| *a &= b);
    }

    pub(crate) fn or(&mut self, other: &Self) {
        let pairs = self.words.iter_mut().zip(&other.words);
        pairs.for_each(|(a, b)| *a |= b);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    pub(crate) fn count(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// The blocks in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().flat_map(|(place, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                left &= left.wrapping_sub(1);
                (bit < 64).then_some(place * 64 + bit)
            })
        })
    }
}

/// The posting of blocks in order, out of `count`: their distances as varints, or
/// one bit a block where that is shorter.
pub(crate) fn encode(blocks: impl ExactSizeIterator<Item = u32>, count: usize, out: &mut Vec<u8>) {
    let bitmap = count.div_ceil(8);
    out.clear();
    // Each distance takes a byte at least.
    if blocks.len() <= bitmap {
        put_distances(blocks, out);
        if out.len() > bitmap + 1 {
            let mut bits = Bits::none(count);
            bits.fill(out, 0, count);
            put_bitmap(&bits, out);
        }
    } else {
        out.resize(bitmap + 1, 0);
        out[0] = BITMAP;
        for block in blocks {
            out[1 + block as usize / 8] |= 1 << (block % 8);
        }
    }
}

fn put_distances(blocks: impl Iterator<Item = u32>, out: &mut Vec<u8>) {
    out.push(DISTANCES);
    let mut next = 0;
    for block in blocks {
        varint::put(out, u64::from(block - next));
        next = block + 1;
    }
}

fn put_bitmap(bits: &Bits, out: &mut Vec<u8>) {
    out.clear();
    out.push(BITMAP);
    for word in &bits.words {
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.truncate(1 + bits.length.div_ceil(8));
}

/// A gram's posting in one of the segments that are put together: its blocks
/// become those from `base` to `base + count`.
pub(crate) struct Part<'a> {
    pub(crate) posting: &'a [u8],
    pub(crate) base: usize,
    pub(crate) count: usize,
}

/// Joins postings of adjoining ranges of blocks, in order, into one of `count`
/// blocks. Distances are joined without being looked at one by one.
pub(crate) fn join(parts: &[Part<'_>], count: usize, scratch: &mut Bits, out: &mut Vec<u8>) {
    let distances = |part: &Part<'_>| part.posting.first() == Some(&DISTANCES);
    let length: usize = parts.iter().map(|part| part.posting.len()).sum();
    if parts.iter().all(distances) && length <= count.div_ceil(8) {
        join_distances(parts, out);
        if out.len() <= count.div_ceil(8) + 1 {
            return;
        }
    }
    scratch.reset(count);
    for part in parts {
        scratch.fill(part.posting, part.base, part.count);
    }
    out.clear();
    if scratch.count() < count.div_ceil(8) {
        put_distances(scratch.iter().map(|block| block as u32), out);
    }
    if out.is_empty() || out.len() > count.div_ceil(8) + 1 {
        put_bitmap(scratch, out);
    }
}

/// Only the first distance of each part changes.
fn join_distances(parts: &[Part<'_>], out: &mut Vec<u8>) {
    out.clear();
    out.push(DISTANCES);
    let mut next = 0;
    for part in parts {
        let mut rest = Reader(&part.posting[1..]);
        let Some(first) = rest.number() else { continue };
        let first = (part.base as u64).saturating_add(first);
        varint::put(out, first.saturating_sub(next));
        out.extend_from_slice(rest.0);
        next = first.saturating_add(1 + span(rest.0));
    }
}

/// How many blocks the distances pass over.
fn span(distances: &[u8]) -> u64 {
    // Where each distance is one byte, adding them up needs no reading.
    if distances.is_ascii() {
        let sum: u64 = distances.iter().map(|byte| u64::from(*byte)).sum();
        return sum + distances.len() as u64;
    }
    let mut reader = Reader(distances);
    let numbers = std::iter::from_fn(|| reader.number());
    numbers.fold(0, |sum, distance| {
        sum.saturating_add(distance).saturating_add(1)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Bits, Part, encode, join};

    fn posting(blocks: &[u32], count: usize) -> Vec<u8> {
        let mut out = Vec::new();
        encode(blocks.iter().copied(), count, &mut out);
        out
    }

    fn read(posting: &[u8], count: usize) -> Vec<u32> {
        let mut bits = Bits::none(count);
        bits.fill(posting, 0, count);
        assert_eq!(bits.iter().count(), bits.count());
        bits.iter().map(|block| block as u32).collect()
    }

    fn sets() -> impl Strategy<Value = Vec<(usize, Vec<u32>)>> {
        let set = (1_usize..700, 1_u32..100).prop_flat_map(|(count, nth)| {
            proptest::collection::vec(any::<u32>(), count).prop_map(move |dice| {
                let blocks = (0..count as u32).filter(|block| dice[*block as usize] % nth == 0);
                (count, blocks.collect())
            })
        });
        proptest::collection::vec(set, 1..6)
    }

    proptest! {
        #[test]
        fn joined_postings_hold_the_blocks_of_all(sets in sets()) {
            let encoded: Vec<_> = sets.iter().map(|(count, blocks)| posting(blocks, *count)).collect();
            let (mut base, mut parts, mut expected) = (0, Vec::new(), Vec::new());
            for ((count, blocks), posting) in sets.iter().zip(&encoded) {
                prop_assert_eq!(&read(posting, *count), blocks);
                prop_assert!(posting.len() <= 1 + count.div_ceil(8));
                parts.push(Part { posting, base, count: *count });
                expected.extend(blocks.iter().map(|block| block + base as u32));
                base += count;
            }
            let mut joined = Vec::new();
            join(&parts, base, &mut Bits::none(0), &mut joined);
            prop_assert_eq!(read(&joined, base), expected);
            prop_assert!(joined.len() <= 1 + base.div_ceil(8));
        }
    }
}
