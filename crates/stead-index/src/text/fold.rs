//! Case folding that keeps every byte in its place, so that a place in folded
//! text is the same place in the text itself.
//!
//! ASCII is folded by byte. Other characters are folded when their lower case
//! is one character of the same length in UTF-8 (all of Latin-1, Greek,
//! Cyrillic, Armenian, …); the few others (`İ`, `ẞ`) match only themselves.

use std::ops::Range;

use super::block::Entry;

/// An entry's folded text, and what else of it text is looked for in: its paths
/// and the name of its tool. Kept between entries so that its memory is used again.
#[derive(Default)]
pub(crate) struct Folded {
    pub(crate) text: Vec<u8>,
    others: Vec<u8>,
    ranges: Vec<Range<usize>>,
}

impl Folded {
    /// Takes in an entry in place of the last one.
    pub(crate) fn set(&mut self, entry: &Entry<'_>) {
        fold_into(entry.text, &mut self.text);
        self.others.clear();
        self.ranges.clear();
        for other in entry.paths.iter().copied().chain([entry.tool_name]) {
            if !other.is_empty() {
                let start = self.others.len();
                append_folded(other, &mut self.others);
                self.ranges.push(start..self.others.len());
            }
        }
    }

    /// The folded paths and name.
    pub(crate) fn others(&self) -> impl Iterator<Item = &[u8]> {
        self.ranges.iter().map(|range| &self.others[range.clone()])
    }
}

/// Replaces `folded` with the folded bytes of `text`.
pub(crate) fn fold_into(text: &str, folded: &mut Vec<u8>) {
    folded.clear();
    append_folded(text, folded);
}

fn append_folded(text: &str, all: &mut Vec<u8>) {
    let start = all.len();
    all.extend_from_slice(text.as_bytes());
    let folded = &mut all[start..];
    folded.make_ascii_lowercase();
    if text.is_ascii() {
        return;
    }
    let mut place = 0;
    while let Some(start) = folded[place..].iter().position(|byte| !byte.is_ascii()) {
        place += start;
        let character = text[place..].chars().next().unwrap_or('\0');
        let length = character.len_utf8();
        fold_character(character, &mut folded[place..place + length]);
        place += length;
    }
}

/// The folded bytes of `text`.
pub(crate) fn fold(text: &str) -> Vec<u8> {
    let mut folded = Vec::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

fn fold_character(character: char, target: &mut [u8]) {
    // CJK and everything else above the cased scripts is left alone quickly.
    if ('\u{3000}'..='\u{d7ff}').contains(&character) {
        return;
    }
    let mut lower = character.to_lowercase();
    if let (Some(lower), None) = (lower.next(), lower.next())
        && lower.len_utf8() == target.len()
    {
        lower.encode_utf8(target);
    }
}

/// Whether a byte of folded text is part of a word: letters, digits, `_`, and
/// every byte of characters beyond ASCII.
pub(crate) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
