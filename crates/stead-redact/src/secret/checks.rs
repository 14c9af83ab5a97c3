//! Last looks at a value that a pattern found.

use super::value::{Shape, is_wordy};

/// At least one letter and one digit: prose and names rarely have both.
pub(super) fn has_letter_and_digit(value: &[u8]) -> bool {
    let shape = Shape::of(value);
    shape.letters() > 0 && shape.digits > 0
}

/// Looks drawn at random rather than written by a person.
pub(super) fn is_opaque(value: &[u8]) -> bool {
    let shape = Shape::of(value);
    shape.letters() > 0 && shape.digits > 0 && shape.entropy >= 2.8 && !is_wordy(value)
}

/// A base64 signature of 32 bytes, plain or percent-coded, ends in padding.
pub(super) fn is_sas_signature(value: &[u8]) -> bool {
    let padded = value.ends_with(b"=") || value.to_ascii_lowercase().ends_with(b"%3d");
    padded && value.len() <= 140
}

/// Whether base64 decodes to printable `user:password`.
pub(super) fn is_basic_credentials(value: &[u8]) -> bool {
    let Some(decoded) = decode_base64(value) else {
        return false;
    };
    decoded.contains(&b':')
        && std::str::from_utf8(&decoded).is_ok_and(|text| !text.chars().any(char::is_control))
}

/// Standard base64 with or without padding; `None` if it cannot be one.
fn decode_base64(value: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(value.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for &byte in value.iter().take_while(|byte| **byte != b'=') {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(six)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held & 0xff) as u8);
        }
    }
    Some(out)
}
