//! Ids that are made of what they stand for.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The first hexadecimal digits of the SHA-256 of a text.
pub(super) fn short(text: &str, digits: usize) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex.truncate(digits);
    hex
}

/// A UUID that is made of a text (version 8, as RFC 9562 has it for own schemes).
pub(super) fn uuid(text: &str) -> String {
    let hex = short(text, 32);
    format!(
        "{}-{}-8{}-8{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..32]
    )
}

#[cfg(test)]
mod tests {
    use super::{short, uuid};

    #[test]
    fn digests_are_those_of_the_standard() {
        // FIPS 180-4, appendix: the digest of "abc".
        assert_eq!(short("abc", 16), "ba7816bf8f01cfea");
        assert_eq!(uuid("abc"), "ba7816bf-8f01-8fea-8141-40de5dae2223");
    }
}
