//! Text as lines, and lines as small numbers that are equal if the lines are equal
//! but for white space.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

/// A line's text without white space, as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(pub(crate) u32);

/// All line texts met so far, each once.
#[derive(Debug, Default)]
pub struct Texts {
    /// Texts that others met before, shared with them; their keys come first.
    shared: Option<Arc<Self>>,
    keys: FxHashMap<Arc<str>, Key>,
    /// By key.
    entries: Vec<Entry>,
    /// A line without white space while it is looked up.
    bare: String,
}

#[derive(Debug)]
struct Entry {
    /// The text without white space.
    bare: Arc<str>,
    /// The first line that had it, without the white space around it.
    line: Box<str>,
    /// Letters and digits in it.
    weight: u32,
}

impl Texts {
    /// Goes on from texts that are shared: what is met from now on is known here
    /// alone.
    pub fn over(shared: Arc<Self>) -> Self {
        Self {
            shared: Some(shared),
            ..Self::default()
        }
    }

    /// The key of a line.
    pub fn key(&mut self, line: &str) -> Key {
        let mut bare = std::mem::take(&mut self.bare);
        strip(line, &mut bare);
        let key = match self.known(&bare) {
            Some(known) => known,
            None => self.add(&bare, line),
        };
        self.bare = bare;
        key
    }

    fn add(&mut self, bare: &str, line: &str) -> Key {
        let next = Key(self.len() as u32);
        let bare: Arc<str> = bare.into();
        self.entries.push(Entry {
            bare: bare.clone(),
            line: line.trim().into(),
            weight: weight(&bare),
        });
        self.keys.insert(bare, next);
        next
    }

    /// The key of a line that was met before.
    pub fn find(&self, line: &str) -> Option<Key> {
        let mut bare = String::new();
        strip(line, &mut bare);
        self.known(&bare)
    }

    /// The keys of those lines of a text that were met before.
    pub(crate) fn known_lines(&self, text: &str) -> FxHashSet<Key> {
        let mut bare = String::new();
        let known = lines(text).filter_map(|line| {
            strip(line, &mut bare);
            self.known(&bare)
        });
        known.collect()
    }

    /// The keys of all lines.
    pub fn keys(&mut self, text: &str) -> Vec<Key> {
        let mut keys = Vec::new();
        self.add_keys(text, &mut keys);
        keys
    }

    /// Adds the keys of all lines to others.
    pub(crate) fn add_keys(&mut self, text: &str, keys: &mut Vec<Key>) {
        keys.extend(lines(text).map(|line| self.key(line)));
    }

    fn known(&self, bare: &str) -> Option<Key> {
        let shared = self.shared.as_ref().and_then(|shared| shared.known(bare));
        shared.or_else(|| self.keys.get(bare).copied())
    }

    fn entry(&self, key: Key) -> &Entry {
        let place = key.0 as usize;
        match &self.shared {
            Some(shared) if place < shared.len() => shared.entry(key),
            Some(shared) => &self.entries[place - shared.len()],
            None => &self.entries[place],
        }
    }

    /// How much a line says: its letters and digits.
    pub fn weight(&self, key: Key) -> u32 {
        self.entry(key).weight
    }

    /// The line without white space.
    pub fn bare(&self, key: Key) -> &str {
        &self.entry(key).bare
    }

    /// The line as it was first met, without the white space around it.
    pub fn line(&self, key: Key) -> &str {
        &self.entry(key).line
    }

    /// Words, and how many different lines have each.
    pub fn words(&self) -> FxHashMap<Box<str>, u32> {
        let mut counts: FxHashMap<Box<str>, u32> = FxHashMap::default();
        for entry in &self.entries {
            for word in words(&entry.line) {
                match counts.get_mut(word) {
                    Some(count) => *count += 1,
                    None => drop(counts.insert(word.into(), 1)),
                }
            }
        }
        counts
    }

    /// Whether a line says nothing by itself: it is blank, or nothing but signs.
    pub fn is_trivial(&self, key: Key) -> bool {
        self.weight(key) == 0
    }

    /// So many texts are known.
    pub fn len(&self) -> usize {
        self.entries.len() + self.shared.as_ref().map_or(0, |shared| shared.len())
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Takes the white space out of a line.
fn strip(line: &str, bare: &mut String) {
    bare.clear();
    if line.is_ascii() {
        let parts = line.split(|c: char| c.is_ascii_whitespace() || c == '\x0b');
        parts.for_each(|part| bare.push_str(part));
    } else {
        bare.extend(line.chars().filter(|c| !c.is_whitespace()));
    }
}

/// Letters and digits; a sign of a script without spaces says as much as a word.
fn weight(text: &str) -> u32 {
    let worth = |c: char| match c {
        c if c.is_ascii_alphanumeric() => 1,
        c if c.is_alphanumeric() => 2,
        _ => 0,
    };
    text.chars().map(worth).sum()
}

/// The words of a line, each once.
pub(crate) fn words(line: &str) -> Vec<&str> {
    let mut words: Vec<&str> = line
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// The lines of a text as git counts them, without their ends.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n').map(|line| {
        let line = line.strip_suffix('\n').unwrap_or(line);
        line.strip_suffix('\r').unwrap_or(line)
    })
}

/// Bytes as text: UTF-8, or else each byte as the character of that number
/// (ISO 8859-1), so that every line can be shown and compared.
pub fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Whether git would call it binary: there is a zero among the first bytes.
pub fn is_binary(bytes: &[u8]) -> bool {
    bytes.iter().take(8000).any(|byte| *byte == 0)
}

#[cfg(test)]
mod tests {
    use super::{Texts, decode, lines};

    #[test]
    fn lines_are_counted_as_git_does() {
        assert_eq!(lines("").count(), 0);
        assert_eq!(lines("a").collect::<Vec<_>>(), ["a"]);
        assert_eq!(lines("a\r\n\nb\n").collect::<Vec<_>>(), ["a", "", "b"]);
    }

    #[test]
    fn white_space_makes_no_difference() {
        let mut texts = Texts::default();
        let a = texts.key("    if (a) {");
        assert_eq!(a, texts.key("\tif ( a ){"));
        assert_ne!(a, texts.key("if (b) {"));
        let brace = texts.key("  }");
        assert!(texts.is_trivial(brace) && !texts.is_trivial(a));
    }

    #[test]
    fn shared_texts_keep_their_keys_and_new_ones_follow() {
        let mut first = Texts::default();
        let a = first.key("let a = 1;");
        let shared = std::sync::Arc::new(first);
        let (mut one, mut other) = (Texts::over(shared.clone()), Texts::over(shared));
        assert_eq!((one.key("let a=1;"), other.key("let a = 1;")), (a, a));
        let b = one.key("let b = 22;");
        assert_ne!(a, b);
        assert_eq!(
            (one.bare(b), one.weight(b), one.bare(a)),
            ("letb=22;", 6, "leta=1;")
        );
        assert_eq!((one.len(), other.len()), (2, 1));
    }

    #[test]
    fn bytes_that_are_no_unicode_keep_their_lines() {
        assert_eq!(decode(b"a\xe9\nb\n"), "a\u{e9}\nb\n");
    }
}
