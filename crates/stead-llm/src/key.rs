//! Keys to providers: a type that never prints, and the mask that keeps them out of
//! records. Where keys come from is the caller's business.

use std::fmt;

/// What stands in records where a key stood.
pub const MASK: &str = "[key]";

/// Shorter texts are no secrets: local servers are given words such as `ollama` for a key,
/// and an answer that holds the word has to be recorded as it is. Headers and parameters
/// that carry keys are masked by their names, however short.
const SHORTEST: usize = 12;

/// A secret that opens a provider. Neither `Debug` nor anything else prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// Takes a key; white space around it, left by files and commands, goes. Nothing if
    /// nothing is left.
    pub fn new(key: &str) -> Option<Self> {
        let key = key.trim();
        (!key.is_empty()).then(|| Self(key.to_owned()))
    }

    /// The key itself, for the one place that sends it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// Takes keys out of what is recorded or shown.
#[derive(Clone, Default)]
pub(crate) struct Mask(Vec<String>);

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mask({})", self.0.len())
    }
}

impl Mask {
    /// Masks these secrets, the longest first, so that none hides a part of another.
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut secrets: Vec<String> = secrets
            .into_iter()
            .filter(|secret| secret.len() >= SHORTEST)
            .map(str::to_owned)
            .collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        Self(secrets)
    }

    /// The text without secrets.
    pub(crate) fn text(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| {
            if text.contains(secret) {
                text.replace(secret, MASK)
            } else {
                text
            }
        })
    }

    /// The bytes without secrets.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.stream();
        let mut out = stream.push(bytes);
        out.extend(stream.end());
        out
    }

    /// A mask for bytes that come piece by piece.
    pub(crate) fn stream(&self) -> MaskStream {
        MaskStream {
            mask: self.clone(),
            held: Vec::new(),
        }
    }
}

/// Masks a stream. A piece that may be the beginning of a secret is held back until
/// more has come, so that a secret cut in two is found.
#[derive(Debug)]
pub(crate) struct MaskStream {
    mask: Mask,
    held: Vec<u8>,
}

impl MaskStream {
    /// Takes in bytes and gives out what is safe.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        if self.mask.0.is_empty() {
            return bytes.to_vec();
        }
        self.held.extend_from_slice(bytes);
        let keep = self.beginning();
        self.give(self.held.len() - keep)
    }

    /// What was still held back.
    pub(crate) fn end(&mut self) -> Vec<u8> {
        self.give(self.held.len())
    }

    /// How many bytes at the end may be the beginning of a secret.
    fn beginning(&self) -> usize {
        let longest = |secret: &String| {
            let secret = secret.as_bytes();
            let most = (secret.len() - 1).min(self.held.len());
            (1..=most)
                .rev()
                .find(|count| self.held.ends_with(&secret[..*count]))
                .unwrap_or(0)
        };
        self.mask.0.iter().map(longest).max().unwrap_or(0)
    }

    fn give(&mut self, count: usize) -> Vec<u8> {
        let mut out: Vec<u8> = Vec::with_capacity(count);
        let mut at = 0;
        while at < count {
            let rest = &self.held[at..];
            if let Some(secret) = self
                .mask
                .0
                .iter()
                .find(|one| rest.starts_with(one.as_bytes()))
            {
                out.extend_from_slice(MASK.as_bytes());
                at += secret.len();
            } else {
                out.push(rest[0]);
                at += 1;
            }
        }
        self.held.drain(..at);
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Key, Mask};

    #[test]
    fn a_key_does_not_print() {
        let key = Key::new(" swordfish-1\n").unwrap();
        assert_eq!(format!("{key:?}"), "Key(…)");
        assert_eq!(key.expose(), "swordfish-1");
        assert_eq!(Key::new(" \n"), None);
        assert!(!format!("{:?}", Mask::new(["swordfish-12"])).contains("sword"));
    }

    #[test]
    fn a_key_within_another_leaves_nothing() {
        let mask = Mask::new(["abcdefabcdef", "abcdefabcdef-ghi"]);
        assert_eq!(
            mask.text("x abcdefabcdef-ghi abcdefabcdef y"),
            "x [key] [key] y"
        );
        assert_eq!(mask.bytes(b"abcdefabcdef-gh!"), b"[key]-gh!");
    }

    proptest! {
        #[test]
        fn cuts_hide_no_key(cuts in prop::collection::vec(0_usize..60, 0..9)) {
            let text = b"aaswordfish-12 swordfish-swordfish-12\xff sword swordfish-12";
            let mask = Mask::new(["swordfish-12"]);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.sort_unstable();
            let mut stream = mask.stream();
            let (mut out, mut last) = (Vec::new(), 0);
            for cut in cuts.into_iter().chain([text.len()]) {
                out.extend(stream.push(&text[last..cut]));
                last = cut;
            }
            out.extend(stream.end());
            prop_assert_eq!(out, b"aa[key] swordfish-[key]\xff sword [key]".to_vec());
        }
    }
}
