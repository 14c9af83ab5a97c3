//! Which lines of two texts belong together.

use imara_diff::{Algorithm, Diff, Token};

use crate::text::Key;

/// Pairs of lines, counted from 0, that are the same in both, in order.
pub(crate) fn pairs(before: &[Key], after: &[Key]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::with_capacity(before.len().min(after.len()));
    for part in parts(before, after) {
        if let Part::Same {
            before,
            after,
            lines,
        } = part
        {
            pairs.extend((0..lines).map(|line| (before + line, after + line)));
        }
    }
    pairs
}

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
        before: std::ops::Range<usize>,
        after: std::ops::Range<usize>,
    },
}

/// Two texts side by side, in order.
pub(crate) fn parts(before: &[Key], after: &[Key]) -> Vec<Part> {
    let tokens = |keys: &[Key]| keys.iter().map(|key| Token(key.0)).collect::<Vec<_>>();
    let (old, new) = (tokens(before), tokens(after));
    let most = old.iter().chain(&new).map(|token| token.0 + 1).max();
    let mut diff = Diff::default();
    diff.compute_with(Algorithm::Histogram, &old, &new, most.unwrap_or(0));
    let mut parts = Vec::new();
    let (mut at, mut of) = (0, 0);
    for hunk in diff.hunks() {
        let old = hunk.before.start as usize..hunk.before.end as usize;
        let new = hunk.after.start as usize..hunk.after.end as usize;
        if old.start > at {
            let lines = old.start - at;
            parts.push(Part::Same {
                before: at,
                after: of,
                lines,
            });
        }
        (at, of) = (old.end, new.end);
        parts.push(Part::Changed {
            before: old,
            after: new,
        });
    }
    if before.len() > at {
        let lines = before.len() - at;
        parts.push(Part::Same {
            before: at,
            after: of,
            lines,
        });
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Part, pairs, parts};
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
                let (b, a) = match part {
                    Part::Same { before, after, lines } => (before..before + lines, after..after + lines),
                    Part::Changed { before, after } => (before, after),
                };
                prop_assert_eq!((b.start, a.start), (old, new));
                (old, new) = (b.end, a.end);
            }
            prop_assert_eq!((old, new), (before.len(), after.len()));
            for (b, a) in pairs(&before, &after) {
                prop_assert_eq!(before[b], after[a]);
            }
        }
    }
}
