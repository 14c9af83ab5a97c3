//! The pass over every byte: a vectorised search for the rules' literals.
//!
//! `aho_corasick::packed` (Teddy) compares the first three or four bytes of all
//! literals at once. Literals of three bytes are searched apart from the longer
//! ones, because the shortest decides how much the first comparison can rule
//! out.

use std::ops::Range;

use aho_corasick::{AhoCorasick, Input, MatchKind, packed};

use super::rule::Rule;

/// Literals of this length or more go into the second searcher.
const LONG: usize = 4;

/// Finds the rules' literals in text.
pub(super) struct Prefilter {
    groups: Vec<Group>,
}

/// Some literals with one searcher.
struct Group {
    engine: Engine,
    /// For each literal the rules it wakes.
    rules: Vec<Vec<usize>>,
}

/// The vectorised searcher, or the automaton where the machine has no vectors.
enum Engine {
    Packed(packed::Searcher),
    Automaton(Box<AhoCorasick>),
    None,
}

impl Prefilter {
    /// Collects the literals of all rules.
    pub(super) fn new(table: &[Rule]) -> Self {
        Self::with(table, Engine::new)
    }

    /// The same with the searcher of machines that have no vectors.
    #[cfg(test)]
    pub(super) fn without_vectors(table: &[Rule]) -> Self {
        Self::with(table, Engine::automaton)
    }

    fn with(table: &[Rule], engine: fn(&[&str]) -> Engine) -> Self {
        let mut short: Vec<(&'static str, Vec<usize>)> = Vec::new();
        let mut long: Vec<(&'static str, Vec<usize>)> = Vec::new();
        for (index, rule) in table.iter().enumerate() {
            for &keyword in rule.keywords {
                let list = if keyword.len() < LONG {
                    &mut short
                } else {
                    &mut long
                };
                match list.iter_mut().find(|(known, _)| *known == keyword) {
                    Some((_, rules)) => rules.push(index),
                    None => list.push((keyword, vec![index])),
                }
            }
        }
        Self {
            groups: vec![Group::new(short, engine), Group::new(long, engine)],
        }
    }

    /// Calls `on_hit` for each literal found, with the rules that want it. What
    /// it returns is where the search for that group goes on, if later.
    pub(super) fn for_each_hit(
        &self,
        text: &[u8],
        mut on_hit: impl FnMut(Range<usize>, &[usize]) -> Option<usize>,
    ) {
        for group in &self.groups {
            group.run(text, &mut on_hit);
        }
    }
}

impl Group {
    fn new(literals: Vec<(&'static str, Vec<usize>)>, engine: fn(&[&str]) -> Engine) -> Self {
        let (literals, rules): (Vec<_>, Vec<_>) = literals.into_iter().unzip();
        Self {
            engine: engine(&literals),
            rules,
        }
    }

    fn run(&self, text: &[u8], on_hit: &mut impl FnMut(Range<usize>, &[usize]) -> Option<usize>) {
        let mut at = 0;
        while let Some((literal, hit)) = self.engine.find(text, at..text.len()) {
            let next = hit.start + 1;
            let rules = self.rules.get(literal).map_or(&[][..], Vec::as_slice);
            at = on_hit(hit, rules).map_or(next, |resume| resume.max(next));
        }
    }
}

impl Engine {
    fn new(literals: &[&str]) -> Self {
        let mut builder = packed::Config::new()
            .heuristic_pattern_limits(false)
            .builder();
        builder.extend(literals);
        if let Some(searcher) = builder.build() {
            return Self::Packed(searcher);
        }
        Self::automaton(literals)
    }

    fn automaton(literals: &[&str]) -> Self {
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(literals)
            .map_or(Self::None, |automaton| Self::Automaton(Box::new(automaton)))
    }

    /// The first literal within `span`: its number and its range.
    #[inline]
    fn find(&self, text: &[u8], span: Range<usize>) -> Option<(usize, Range<usize>)> {
        let hit = match self {
            Self::Packed(searcher) => searcher.find_in(text, span.into())?,
            Self::Automaton(automaton) => automaton.find(Input::new(text).span(span))?,
            Self::None => return None,
        };
        Some((hit.pattern().as_usize(), hit.range()))
    }
}
