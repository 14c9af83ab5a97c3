//! Which states hold a line that a session wrote.

use rustc_hash::FxHashMap;

use crate::replay::{Lineage, Replayed, Writer};
use crate::text::{Key, Texts};

/// Where a written line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stand {
    /// The lineage, by its number.
    pub(crate) lineage: usize,
    /// The last state in an unbroken row that has it.
    pub(crate) last: usize,
    /// The first of them.
    pub(crate) first: usize,
}

/// Written lines by their text.
#[derive(Debug, Default)]
pub(crate) struct Index {
    stands: FxHashMap<Key, Vec<Stand>>,
    /// Lineages by number: path and place among those of the path.
    lineages: Vec<(String, usize)>,
    by_path: FxHashMap<String, Vec<usize>>,
    /// By lineage: lines that were there before any session, with the first state
    /// that has each.
    outside: Vec<FxHashMap<Key, usize>>,
    /// How many of all lines that were met have a word.
    words: FxHashMap<Box<str>, u32>,
}

impl Index {
    pub(crate) fn of(replayed: &Replayed, texts: &Texts) -> Self {
        let mut index = Self {
            words: texts.words(),
            ..Self::default()
        };
        let mut paths: Vec<&String> = replayed.lineages.keys().collect();
        paths.sort_unstable();
        for path in paths {
            for (place, lineage) in replayed.lineages[path].iter().enumerate() {
                let number = index.lineages.len();
                index.lineages.push((path.clone(), place));
                index.by_path.entry(path.clone()).or_default().push(number);
                index.add(number, lineage, texts);
            }
        }
        index
    }

    fn add(&mut self, number: usize, lineage: &Lineage, texts: &Texts) {
        let mut outside = FxHashMap::default();
        for (state, held) in lineage.states.iter().enumerate() {
            for line in held.lines.iter() {
                if line.writer == Writer::Outside {
                    outside.entry(line.key).or_insert(state);
                }
                if line.writer == Writer::Outside || texts.is_trivial(line.key) {
                    continue;
                }
                let stands = self.stands.entry(line.key).or_default();
                match stands.last_mut() {
                    Some(stand) if stand.lineage == number && stand.last + 1 >= state => {
                        stand.last = state;
                    }
                    _ => stands.push(Stand {
                        lineage: number,
                        first: state,
                        last: state,
                    }),
                }
            }
        }
        self.outside.push(outside);
    }

    /// Whether a line was there before any session, in a state before this one.
    pub(crate) fn was_outside(&self, lineage: usize, key: Key, state: usize) -> bool {
        let first = self.outside[lineage].get(&key);
        first.is_some_and(|first| *first < state)
    }

    /// Where lines with this text stand.
    pub(crate) fn stands(&self, key: Key) -> &[Stand] {
        self.stands.get(&key).map_or(&[], Vec::as_slice)
    }

    /// How many of the lines that sessions met have a word.
    pub(crate) fn lines_with(&self, word: &str) -> u32 {
        self.words.get(word).copied().unwrap_or(0)
    }

    /// The lineages of a path, by their numbers.
    pub(crate) fn of_path(&self, path: &str) -> &[usize] {
        self.by_path.get(path).map_or(&[], Vec::as_slice)
    }

    /// The lineage of a number.
    pub(crate) fn lineage<'a>(&self, number: usize, replayed: &'a Replayed) -> &'a Lineage {
        let (path, place) = &self.lineages[number];
        &replayed.lineages[path][*place]
    }
}
