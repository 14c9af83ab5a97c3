//! Which states hold a line that a session wrote.

use rustc_hash::FxHashMap;

use crate::replay::{Line, Lineage, Lines, Replayed, State, Writer};
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
        // How often each written line stands in the state.
        let mut standing: FxHashMap<Key, usize> = FxHashMap::default();
        let written = |line: &Line| line.writer != Writer::Outside && !texts.is_trivial(line.key);
        let none = Lines::default();
        let mut before = &none;
        for (state, State { lines, .. }) in lineage.states.iter().enumerate() {
            let (gone, come) = lines.changed(before);
            for line in lines.within(come) {
                if line.writer == Writer::Outside {
                    outside.entry(line.key).or_insert(state);
                } else if written(&line) {
                    let count = standing.entry(line.key).or_default();
                    *count += 1;
                    if *count == 1 {
                        self.begin(line.key, number, state);
                    }
                }
            }
            for line in before.within(gone).filter(written) {
                let count = standing.entry(line.key).or_default();
                *count -= 1;
                if *count == 0 {
                    self.end(line.key, state - 1);
                }
            }
            before = lines;
        }
        let still = standing.into_iter().filter(|(_, count)| *count > 0);
        for (key, _) in still {
            self.end(key, lineage.states.len() - 1);
        }
        self.outside.push(outside);
    }

    fn begin(&mut self, key: Key, lineage: usize, state: usize) {
        self.stands.entry(key).or_default().push(Stand {
            lineage,
            first: state,
            last: state,
        });
    }

    fn end(&mut self, key: Key, state: usize) {
        let stands = self.stands.get_mut(&key);
        if let Some(stand) = stands.and_then(|stands| stands.last_mut()) {
            stand.last = state;
        }
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
