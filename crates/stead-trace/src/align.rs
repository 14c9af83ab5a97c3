//! Which lines of two texts belong together.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, Token};
use rustc_hash::FxHashMap;

use crate::text::Key;

/// A part of two texts laid side by side; ranges count lines from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// The same lines in both.
    Same {
        before: usize,
        after: usize,
        lines: usize,
    },
    /// Lines that gave way to others; one side may be empty.
    Changed {
        before: Range<usize>,
        after: Range<usize>,
    },
}

impl Part {
    /// So many lines are the same.
    pub(crate) const fn same(&self) -> usize {
        match self {
            Self::Same { lines, .. } => *lines,
            Self::Changed { .. } => 0,
        }
    }
}

/// Two texts side by side, in order.
pub(crate) fn parts(before: &[Key], after: &[Key]) -> Vec<Part> {
    let start = same(before.iter(), after.iter());
    let (old, new) = (&before[start..], &after[start..]);
    let end = same(old.iter().rev(), new.iter().rev());
    let (old, new) = (&old[..old.len() - end], &new[..new.len() - end]);
    let mut parts = Vec::new();
    let mut at = (0, 0);
    for (gone, come) in hunks(old, new) {
        let (gone, come) = (
            start + gone.start..start + gone.end,
            start + come.start..start + come.end,
        );
        stay(&mut parts, at, gone.start);
        at = (gone.end, come.end);
        parts.push(Part::Changed {
            before: gone,
            after: come,
        });
    }
    stay(&mut parts, at, before.len());
    parts
}

/// Adds the lines up to the next change, if there are any.
fn stay(parts: &mut Vec<Part>, (before, after): (usize, usize), until: usize) {
    if until > before {
        parts.push(Part::Same {
            before,
            after,
            lines: until - before,
        });
    }
}

/// So many lines are the same from here on.
fn same<'a>(before: impl Iterator<Item = &'a Key>, after: impl Iterator<Item = &'a Key>) -> usize {
    before.zip(after).take_while(|(a, b)| a == b).count()
}

/// Lines that gave way to others.
fn hunks(old: &[Key], new: &[Key]) -> Vec<(Range<usize>, Range<usize>)> {
    if old.is_empty() && new.is_empty() {
        return Vec::new();
    }
    if old.is_empty() || new.is_empty() {
        return vec![(0..old.len(), 0..new.len())];
    }
    // The comparison keeps a table for all numbers up to the highest.
    let mut numbers: FxHashMap<Key, u32> = FxHashMap::default();
    let mut tokens = |keys: &[Key]| -> Vec<Token> {
        let token = |key: &Key| {
            let next = numbers.len() as u32;
            Token(*numbers.entry(*key).or_insert(next))
        };
        keys.iter().map(token).collect()
    };
    let (old, new) = (tokens(old), tokens(new));
    let mut diff = Diff::default();
    diff.compute_with(Algorithm::Histogram, &old, &new, numbers.len() as u32);
    let range = |range: Range<u32>| range.start as usize..range.end as usize;
    let hunks = diff.hunks();
    hunks
        .map(|hunk| (range(hunk.before), range(hunk.after)))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Part, parts};
    use crate::text::Key;

    proptest! {
        #[test]
        fn every_line_is_in_one_part_and_pairs_are_equal(
            before in proptest::collection::vec(0u32..6, 0..30),
            after in proptest::collection::vec(0u32..6, 0..30),
        ) {
            let keys = |numbers: &[u32]| numbers.iter().map(|n| Key(*n)).collect::<Vec<_>>();
            let (before, after) = (keys(&before), keys(&after));
            let (mut old, mut new) = (0, 0);
            for part in parts(&before, &after) {
                if let Part::Same { before: old, after: new, lines } = part {
                    prop_assert_eq!(&before[old..old + lines], &after[new..new + lines]);
                }
                let (b, a) = match part {
                    Part::Same { before, after, lines } => (before..before + lines, after..after + lines),
                    Part::Changed { before, after } => (before, after),
                };
                prop_assert_eq!((b.start, a.start), (old, new));
                (old, new) = (b.end, a.end);
            }
            prop_assert_eq!((old, new), (before.len(), after.len()));
        }
    }
}
