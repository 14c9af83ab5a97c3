//! Passwords in URLs: `scheme://user:password@host`.

use std::ops::Range;

use super::MASK_OPEN;

/// Longest `user:password` looked at.
const LONGEST: usize = 512;

/// The password of the URL whose `://` is at `hit`, if it has one.
pub(super) fn find(text: &[u8], hit: Range<usize>) -> Option<Range<usize>> {
    let scheme_end = text[..hit.start].last()?;
    if !scheme_end.is_ascii_alphanumeric() {
        return None;
    }
    let rest = &text[hit.end..text.len().min(hit.end + LONGEST)];
    let authority = rest
        .iter()
        .position(|byte| ends_authority(*byte))
        .unwrap_or(rest.len());
    let authority = &rest[..authority];
    let at = memchr::memrchr(b'@', authority)?;
    // A host must follow, or this is prose.
    let host = authority.get(at + 1)?;
    if !(host.is_ascii_alphanumeric() || matches!(host, b'[' | b'$' | b'{' | b'%' | b'_')) {
        return None;
    }
    let colon = memchr::memchr(b':', &authority[..at])?;
    let password = &authority[colon + 1..at];
    if password.is_empty() || is_template(password) {
        return None;
    }
    Some(hit.end + colon + 1..hit.end + at)
}

/// Bytes that cannot stand in `user:password@host`.
fn ends_authority(byte: u8) -> bool {
    byte <= b' '
        || matches!(
            byte,
            b'/' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'|' | 0x7f
        )
}

/// Whether a program or a person still has to fill the password in.
fn is_template(password: &[u8]) -> bool {
    let first = password[0];
    let variable = first == b'$' && password.get(1).is_some_and(|b| !b.is_ascii_digit());
    let filler = password
        .iter()
        .all(|byte| matches!(byte, b'x' | b'X' | b'*' | b'.'));
    variable
        || filler
        || matches!(first, b'{' | b'(')
        || (first == b'%' && matches!(password, b"%s" | b"%v" | b"%w"))
        || password
            .windows(2)
            .any(|pair| pair == b"${" || pair == b"{{")
        || memchr::memmem::find(password, MASK_OPEN.as_bytes()).is_some()
}
