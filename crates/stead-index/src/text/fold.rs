//! Case folding that keeps every byte in its place, so that a place in folded
//! text is the same place in the text itself.
//!
//! ASCII is folded by byte. Other characters are folded when their lower case
//! is one character of the same length in UTF-8 (all of Latin-1, Greek,
//! Cyrillic, Armenian, …); the few others (`İ`, `ẞ`) match only themselves.

/// Replaces `folded` with the folded bytes of `text`.
pub(crate) fn fold_into(text: &str, folded: &mut Vec<u8>) {
    folded.clear();
    folded.extend_from_slice(text.as_bytes());
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
