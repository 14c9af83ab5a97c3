//! Finds lines among others, by ever more lenient likeness.

use std::collections::HashMap;

/// How alike lines are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// The same.
    Same,
    /// The same but for white space at their ends.
    TrailingSpace,
    /// The same but for white space at their ends and beginnings.
    Indentation,
    /// The same but for that, and for quotes, dashes and blanks that Unicode has in
    /// several forms.
    Signs,
}

impl Likeness {
    /// All, the strictest first.
    pub(crate) const ALL: [Self; 4] = [
        Self::Same,
        Self::TrailingSpace,
        Self::Indentation,
        Self::Signs,
    ];

    /// A line as it is compared.
    fn form(self, line: &str) -> String {
        match self {
            Self::Same => line.to_owned(),
            Self::TrailingSpace => line.trim_end().to_owned(),
            Self::Indentation => line.trim().to_owned(),
            Self::Signs => line
                .chars()
                .map(plain)
                .collect::<String>()
                .trim()
                .to_owned(),
        }
    }

    /// In words.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Same => "as they are",
            Self::TrailingSpace => "but for white space at their ends",
            Self::Indentation => "but for their indentation",
            Self::Signs => "but for quotes, dashes and white space",
        }
    }
}

/// Signs that keyboards have, for those that typesetting has.
const fn plain(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2018}'..='\u{201b}' => '\'',
        '\u{201c}'..='\u{201f}' => '"',
        '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        c => c,
    }
}

/// Lines that are looked through at one likeness, as numbers.
pub(crate) struct Haystack {
    likeness: Likeness,
    numbers: HashMap<String, u32>,
    lines: Vec<u32>,
}

impl Haystack {
    pub(crate) fn new(lines: &[&str], likeness: Likeness) -> Self {
        let mut numbers = HashMap::new();
        let lines = lines.iter().map(|line| {
            let next = numbers.len() as u32;
            *numbers.entry(likeness.form(line)).or_insert(next)
        });
        Self {
            likeness,
            lines: lines.collect(),
            numbers,
        }
    }

    /// Where these lines stand, from a line on.
    pub(crate) fn places(&self, wanted: &[&str], from: usize) -> Vec<usize> {
        let numbers = wanted.iter().map(|line| {
            let form = self.likeness.form(line);
            self.numbers.get(&form).copied()
        });
        let Some(wanted) = numbers.collect::<Option<Vec<u32>>>() else {
            return Vec::new();
        };
        if wanted.is_empty() || wanted.len() > self.lines.len() {
            return Vec::new();
        }
        (from..=self.lines.len() - wanted.len())
            .filter(|place| self.lines[*place..].starts_with(&wanted))
            .collect()
    }
}

/// The lines that have the most in common with others: where they begin. A third of
/// them has to be there.
pub(crate) fn nearest(lines: &[&str], wanted: &[&str]) -> Option<usize> {
    let wanted: Vec<&str> = wanted.iter().map(|line| line.trim()).collect();
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    let telling = wanted.iter().filter(|line| !line.is_empty()).count();
    let mut votes: HashMap<usize, usize> = HashMap::new();
    for (offset, wanted) in wanted
        .iter()
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
    {
        let same = lines.iter().enumerate().filter(|(_, line)| *line == wanted);
        for (place, _) in same.take(64) {
            *votes.entry(place.saturating_sub(offset)).or_default() += 1;
        }
    }
    let best = votes
        .into_iter()
        .max_by_key(|(place, votes)| (*votes, usize::MAX - place));
    best.filter(|(_, votes)| votes * 3 >= telling)
        .map(|(place, _)| place)
}
