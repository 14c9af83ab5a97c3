//! The lines of a state. One state differs from the next in few lines, so they share
//! the pieces in which they do not.
//!
//! Pieces end after lines that their text chooses, as in content-defined chunking:
//! lines that come in or go move no other border.

use std::ops::Range;
use std::sync::Arc;

use super::{Line, Writer};
use crate::text::Key;

/// One line in so many ends a piece.
const MEAN: u32 = 64;

/// A piece has no more lines than this.
const MOST: usize = 512;

/// Lines with their writers.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    pieces: Arc<[Piece]>,
}

#[derive(Debug, Clone)]
struct Piece {
    /// The lines before it.
    start: usize,
    lines: Arc<[Line]>,
}

impl Lines {
    /// Lines that may be like others, with which they then share memory.
    pub(crate) fn of(keys: &[Key], writers: &[Writer], like: &Self) -> Self {
        let lines = keys.iter().zip(writers);
        let lines = lines.map(|(key, writer)| Line {
            key: *key,
            writer: *writer,
        });
        let lines: Vec<Line> = lines.collect();
        let ranges = ranges(keys);
        let same = |range: &Range<usize>, piece: &Piece| *piece.lines == lines[range.clone()];
        let pairs = ranges.iter().zip(like.pieces.iter());
        let first = pairs
            .take_while(|(range, piece)| same(range, piece))
            .count();
        let pairs = ranges[first..].iter().rev();
        let pairs = pairs.zip(like.pieces[first..].iter().rev());
        let last = pairs
            .take_while(|(range, piece)| same(range, piece))
            .count();
        let middle = first..ranges.len() - last;
        let pieces = ranges.iter().enumerate().map(|(number, range)| {
            let shared = if middle.contains(&number) {
                None
            } else if number < first {
                Some(number)
            } else {
                Some(number + like.pieces.len() - ranges.len())
            };
            Piece {
                start: range.start,
                lines: match shared {
                    Some(known) => like.pieces[known].lines.clone(),
                    None => lines[range.clone()].into(),
                },
            }
        });
        Self {
            pieces: pieces.collect(),
        }
    }

    /// So many lines.
    pub fn len(&self) -> usize {
        let last = self.pieces.last();
        last.map_or(0, |piece| piece.start + piece.lines.len())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// All lines in order.
    pub fn iter(&self) -> impl Iterator<Item = Line> + '_ {
        self.within(0..self.len())
    }

    /// Some lines in order; lines count from 0.
    pub fn within(&self, range: Range<usize>) -> impl Iterator<Item = Line> + '_ {
        let pieces = self
            .pieces
            .partition_point(|piece| piece.start <= range.start);
        let pieces = &self.pieces[pieces.saturating_sub(1)..];
        let skipped = pieces.first().map_or(0, |piece| range.start - piece.start);
        let lines = pieces.iter().flat_map(|piece| piece.lines.iter().copied());
        lines.skip(skipped).take(range.len())
    }

    /// One line, counted from 0.
    pub fn get(&self, line: usize) -> Option<Line> {
        let piece = self.pieces.partition_point(|piece| piece.start <= line);
        let piece = &self.pieces[piece.checked_sub(1)?];
        piece.lines.get(line - piece.start).copied()
    }

    /// Their texts.
    pub(crate) fn keys(&self) -> Vec<Key> {
        let mut keys = Vec::with_capacity(self.len());
        for piece in &*self.pieces {
            keys.extend(piece.lines.iter().map(|line| line.key));
        }
        keys
    }

    /// The ranges of lines, of the others and of these, outside which both share
    /// all; they may hold lines that are the same.
    pub(crate) fn changed(&self, before: &Self) -> (Range<usize>, Range<usize>) {
        let shared = |(a, b): &(&Piece, &Piece)| Arc::ptr_eq(&a.lines, &b.lines);
        let (old, new) = (&before.pieces, &self.pieces);
        let first = old.iter().zip(new.iter()).take_while(shared).count();
        let ends = old[first..].iter().rev().zip(new[first..].iter().rev());
        let last = ends.take_while(shared).count();
        let range = |lines: &Self| {
            let pieces = &lines.pieces;
            let at = |piece: usize| pieces.get(piece).map_or(lines.len(), |piece| piece.start);
            at(first)..at(pieces.len() - last)
        };
        (range(before), range(self))
    }
}

impl PartialEq for Lines {
    fn eq(&self, other: &Self) -> bool {
        let same = |a: &Piece, b: &Piece| Arc::ptr_eq(&a.lines, &b.lines) || a.lines == b.lines;
        self.pieces.len() == other.pieces.len()
            && self
                .pieces
                .iter()
                .zip(&*other.pieces)
                .all(|(a, b)| same(a, b))
    }
}

impl Eq for Lines {}

/// Pieces of lines.
fn ranges(keys: &[Key]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    for (line, key) in keys.iter().enumerate() {
        // Numbers of lines rise by one: they are spread first (Knuth's factor).
        let chosen = (key.0.wrapping_mul(2_654_435_769) >> 16) % MEAN == 0;
        let length = line + 1 - start;
        if chosen || length == MOST {
            ranges.push(start..line + 1);
            start = line + 1;
        }
    }
    if start < keys.len() {
        ranges.push(start..keys.len());
    }
    ranges
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Lines;
    use crate::replay::{Line, Writer};
    use crate::text::Key;

    fn made(keys: &[u32], like: &Lines) -> (Vec<Line>, Lines) {
        let keys: Vec<Key> = keys.iter().map(|key| Key(*key)).collect();
        let writers: Vec<Writer> = keys.iter().map(|key| Writer::Step(key.0 / 7)).collect();
        let lines = keys.iter().zip(&writers);
        let lines = lines.map(|(key, writer)| Line {
            key: *key,
            writer: *writer,
        });
        (lines.collect(), Lines::of(&keys, &writers, like))
    }

    proptest! {
        #[test]
        fn shared_lines_are_the_lines(
            old in proptest::collection::vec(0u32..2000, 0..900),
            new in proptest::collection::vec(0u32..2000, 0..40),
            at in 0usize..900,
        ) {
            let (_, before) = made(&old, &Lines::default());
            let at = at.min(old.len());
            let mut changed = old.clone();
            changed.splice(at..(at + new.len() / 2).min(old.len()), new.iter().copied());
            let (lines, after) = made(&changed, &before);
            prop_assert_eq!(after.iter().collect::<Vec<_>>(), lines.clone());
            prop_assert_eq!(after.len(), lines.len());
            prop_assert_eq!(after.get(at), lines.get(at).copied());
            prop_assert_eq!(after.get(lines.len()), None);
            prop_assert_eq!(after.keys(), lines.iter().map(|line| line.key).collect::<Vec<_>>());
            prop_assert_eq!(
                after.within(at..lines.len()).collect::<Vec<_>>(),
                lines[at..].to_vec()
            );
            prop_assert_eq!(after == before, changed == old);
            let (gone, come) = after.changed(&before);
            let (old, _) = made(&old, &Lines::default());
            prop_assert_eq!(&old[..gone.start], &lines[..come.start]);
            prop_assert_eq!(&old[gone.end..], &lines[come.end..]);
        }
    }

    #[test]
    fn one_changed_line_leaves_nearly_all_shared() {
        let keys: Vec<u32> = (0..10_000).collect();
        let (_, before) = made(&keys, &Lines::default());
        let mut changed = keys;
        changed[5_000] = 77_777;
        let (_, after) = made(&changed, &before);
        let (gone, come) = after.changed(&before);
        assert!(gone.contains(&5_000) && gone.len() < 1_100 && gone == come);
    }
}
