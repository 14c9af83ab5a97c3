//! Which blocks hold which gram, collected in little memory.
//!
//! Each block hands in its grams in no order. Of some hundred blocks the pairs
//! of gram and block are sorted at once (radix sort: the blocks come in order,
//! so only the grams need sorting) and kept as a run of varints. At the end the
//! runs are merged gram by gram.

use super::grams::Gram;
use super::varint::{self, Reader};

/// Blocks of a run: their numbers in it fit in the low byte of a pair.
const RUN_BLOCKS: u32 = 256;
/// Pairs of a run: what is sorted at once takes twice 4 bytes each.
const RUN_PAIRS: usize = 512 << 10;

/// Collects postings.
#[derive(Default)]
pub(crate) struct RunsBuilder {
    runs: Vec<Run>,
    /// Gram in the upper 24 bits, block of the run in the lower 8.
    pairs: Vec<u32>,
    scratch: Vec<u32>,
    /// The first block of the run being collected, and the one being collected.
    first_block: u32,
    block: u32,
}

/// Sorted postings of up to 256 blocks: for each gram its distance from the one
/// before, the number of blocks, and the blocks' distances.
struct Run {
    first_block: u32,
    bytes: Vec<u8>,
}

impl RunsBuilder {
    /// Notes that the block being collected holds `gram`; once for each gram.
    pub(crate) fn add(&mut self, gram: Gram) {
        self.pairs
            .push((gram << 8) | (self.block - self.first_block));
    }

    /// The block is complete.
    pub(crate) fn end_block(&mut self) {
        self.block += 1;
        if self.block - self.first_block == RUN_BLOCKS || self.pairs.len() >= RUN_PAIRS {
            self.end_run();
        }
    }

    fn end_run(&mut self) {
        let first_block = std::mem::replace(&mut self.first_block, self.block);
        if self.pairs.is_empty() {
            return;
        }
        sort_by_gram(&mut self.pairs, &mut self.scratch);
        let mut bytes = Vec::with_capacity(self.pairs.len() + self.pairs.len() / 2);
        let mut previous = 0;
        for pairs in self.pairs.chunk_by(|a, b| a >> 8 == b >> 8) {
            let gram = pairs[0] >> 8;
            varint::put(&mut bytes, u64::from(gram - previous));
            varint::put(&mut bytes, pairs.len() as u64);
            previous = gram;
            let mut next = 0;
            for pair in pairs {
                let block = pair & 0xff;
                varint::put(&mut bytes, u64::from(block - next));
                next = block + 1;
            }
        }
        self.pairs.clear();
        self.runs.push(Run { first_block, bytes });
    }

    /// Hands out every gram in order with its blocks in order.
    pub(crate) fn finish<E>(
        mut self,
        mut each: impl FnMut(Gram, &[u32]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.end_run();
        let mut cursors: Vec<_> = self.runs.iter().filter_map(Cursor::new).collect();
        let mut blocks = Vec::new();
        while let Some(gram) = cursors.iter().map(|cursor| cursor.gram).min() {
            blocks.clear();
            cursors.retain_mut(|cursor| cursor.gram != gram || cursor.take(&mut blocks));
            each(gram, &blocks)?;
        }
        Ok(())
    }
}

/// Stands before one gram of a run.
struct Cursor<'a> {
    gram: Gram,
    count: u64,
    first_block: u32,
    rest: Reader<'a>,
}

impl<'a> Cursor<'a> {
    fn new(run: &'a Run) -> Option<Self> {
        let mut cursor = Self {
            gram: 0,
            count: 0,
            first_block: run.first_block,
            rest: Reader(&run.bytes),
        };
        cursor.advance().then_some(cursor)
    }

    /// Takes this gram's blocks and goes on; `false` at the end of the run.
    fn take(&mut self, blocks: &mut Vec<u32>) -> bool {
        let mut next = self.first_block;
        for _ in 0..self.count {
            let Some(skip) = self.rest.number() else {
                return false;
            };
            let block = next + skip as u32;
            blocks.push(block);
            next = block + 1;
        }
        self.advance()
    }

    fn advance(&mut self) -> bool {
        match (self.rest.number(), self.rest.number()) {
            (Some(step), Some(count)) => {
                self.gram += step as Gram;
                self.count = count;
                true
            }
            _ => false,
        }
    }
}

/// Sorts by the upper 24 bits and keeps the order of equal ones: two passes of
/// counting sort over 12 bits each.
fn sort_by_gram(pairs: &mut Vec<u32>, scratch: &mut Vec<u32>) {
    scratch.clear();
    scratch.resize(pairs.len(), 0);
    for shift in [8, 20] {
        let digit = |pair: u32| (pair >> shift & 0xfff) as usize;
        let mut places = [0_u32; 4096];
        for pair in pairs.iter() {
            places[digit(*pair)] += 1;
        }
        let mut sum = 0;
        for place in &mut places {
            sum += std::mem::replace(place, sum);
        }
        for pair in pairs.iter() {
            let place = &mut places[digit(*pair)];
            scratch[*place as usize] = *pair;
            *place += 1;
        }
        std::mem::swap(pairs, scratch);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::RunsBuilder;

    proptest! {
        #[test]
        fn postings_come_back_sorted(
            blocks in proptest::collection::vec(proptest::collection::btree_set(0_u32..1 << 24, 0..5), 0..600)
        ) {
            let mut builder = RunsBuilder::default();
            let mut expected: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
            for (number, grams) in blocks.iter().enumerate() {
                for gram in grams.iter().rev() {
                    builder.add(*gram);
                    expected.entry(*gram).or_default().push(number as u32);
                }
                builder.end_block();
            }
            let mut found = Vec::new();
            builder.finish(|gram, blocks| {
                found.push((gram, blocks.to_vec()));
                Ok::<_, Infallible>(())
            }).unwrap();
            prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
        }
    }
}
