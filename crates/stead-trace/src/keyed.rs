//! A text with the keys of its lines, told from a like text where there is one:
//! versions of a file differ in few lines.

use std::sync::Arc;

use memchr::{memchr, memchr_iter, memrchr};

use crate::text::{Key, Texts};

/// Bytes are compared in pieces of this size, which processors do at once.
const PIECE: usize = 64;

/// A text and, for each of its lines, the key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keyed {
    /// The text; lines end with `\n`.
    pub(crate) text: Arc<str>,
    /// The keys of its lines.
    pub(crate) keys: Arc<[Key]>,
}

impl Keyed {
    /// Another text that may be like this one: only the lines between those that
    /// both begin and end with are looked up.
    pub(crate) fn turned(&self, text: Arc<str>, texts: &mut Texts) -> Self {
        let (old, new) = (self.text.as_bytes(), text.as_bytes());
        let start = same_start(old, new);
        let end = same_end(&old[start..], &new[start..]);
        let first = memchr_iter(b'\n', &new[..start]).count();
        let last = count(&new[new.len() - end..]);
        let mut keys = Vec::with_capacity(self.keys.len() + PIECE);
        keys.extend_from_slice(&self.keys[..first]);
        texts.add_keys(&text[start..new.len() - end], &mut keys);
        keys.extend_from_slice(&self.keys[self.keys.len() - last..]);
        Self {
            keys: keys.into(),
            text,
        }
    }

    /// Where a line begins, in bytes; the end of the text for the line after the
    /// last. Lines count from 0.
    pub(crate) fn start(&self, line: usize) -> usize {
        if line == 0 {
            return 0;
        }
        let end = memchr_iter(b'\n', self.text.as_bytes()).nth(line - 1);
        end.map_or(self.text.len(), |at| at + 1)
    }

    /// Where each line begins, in bytes.
    pub(crate) fn starts(&self) -> Vec<usize> {
        let ends = memchr_iter(b'\n', self.text.as_bytes());
        std::iter::once(0).chain(ends.map(|at| at + 1)).collect()
    }

    /// The line that a byte stands in, counted from 0.
    pub(crate) fn line_at(&self, byte: usize) -> usize {
        memchr_iter(b'\n', &self.text.as_bytes()[..byte]).count()
    }
}

/// So many lines as git counts them.
fn count(text: &[u8]) -> usize {
    let ends = memchr_iter(b'\n', text).count();
    ends + usize::from(text.last().is_some_and(|last| *last != b'\n'))
}

/// So many bytes of whole lines do both begin with.
fn same_start(old: &[u8], new: &[u8]) -> usize {
    let pieces = old.chunks_exact(PIECE).zip(new.chunks_exact(PIECE));
    let whole = pieces.take_while(|(old, new)| old == new).count() * PIECE;
    let rest = old[whole..].iter().zip(&new[whole..]);
    let same = whole + rest.take_while(|(old, new)| old == new).count();
    memrchr(b'\n', &new[..same]).map_or(0, |at| at + 1)
}

/// So many bytes of whole lines do both end with.
fn same_end(old: &[u8], new: &[u8]) -> usize {
    let pieces = old.rchunks_exact(PIECE).zip(new.rchunks_exact(PIECE));
    let whole = pieces.take_while(|(old, new)| old == new).count() * PIECE;
    let rest = old[..old.len() - whole].iter().rev();
    let rest = rest.zip(new[..new.len() - whole].iter().rev());
    let same = whole + rest.take_while(|(old, new)| old == new).count();
    if same == old.len() && same == new.len() {
        return same;
    }
    // The line that the same bytes begin in is not the same as a whole.
    let tail = &new[new.len() - same..];
    memchr(b'\n', tail).map_or(0, |at| same - at - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Keyed;
    use crate::text::{Texts, lines};

    proptest! {
        #[test]
        fn keys_told_from_a_like_text_are_those_of_the_text(
            old in "([ab]{0,3}\n|é\n|\r\n|[ab ]{60,70}\n){0,8}[ab]{0,2}",
            new in "([ab]{0,3}\n|é\n|\r\n|[ab ]{60,70}\n){0,8}[ab]{0,2}",
            cut in 0usize..200,
        ) {
            let mut texts = Texts::default();
            let old = Keyed::default().turned(old.as_str().into(), &mut texts);
            // Often both begin alike.
            let at = (0..=cut.min(old.text.len())).rev().find(|at| old.text.is_char_boundary(*at));
            for new in [new.clone(), format!("{}{new}", &old.text[..at.unwrap_or(0)])] {
                let turned = old.turned(new.as_str().into(), &mut texts);
                prop_assert_eq!(turned.keys.to_vec(), texts.keys(&new));
                for (number, line) in lines(&new).enumerate() {
                    let start = turned.start(number);
                    prop_assert!(new[start..].starts_with(line));
                    prop_assert_eq!(turned.line_at(start), number);
                }
            }
        }
    }
}
