//! Finds the writers of the lines that one commit brought into a file, by matching
//! what the file held in the commit with the states that sessions left.

mod changed;
mod exact;
mod human;
mod index;
mod marked;
mod moved;
mod trivial;

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::align::Part;
use crate::origin::Finding;
use crate::replay::Replayed;
use crate::step::Evidence;
use crate::text::{Key, Texts};

pub use human::Mark;
pub(crate) use human::{Activity, Maker};
pub(crate) use index::Index;

/// So much later than the commit a step may say it was: clocks differ.
const SKEW_MS: i64 = 5 * 60_000;

/// A step may even say that it was so much later, if nothing earlier explains a
/// line: a clock may be wrong by its zone.
const WRONG_CLOCK_MS: i64 = 26 * 3_600_000;

/// What a file held in a commit, and which of its lines the commit brought.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    /// The file's path in the commit.
    pub(crate) path: String,
    /// All lines.
    pub(crate) lines: Arc<[Key]>,
    /// Lines that the commit brought, counted from 0, rising.
    pub(crate) brought: Vec<usize>,
    /// Who made the commit, and when.
    pub(crate) maker: Maker,
}

/// Everything that is known beside the version.
pub(crate) struct Known<'a> {
    pub(crate) evidence: &'a Evidence,
    pub(crate) replayed: &'a Replayed,
    pub(crate) index: &'a Index,
    pub(crate) activity: &'a Activity,
    pub(crate) texts: &'a Texts,
    pub(crate) around: &'a dyn Around,
}

/// What else the repository held at certain times.
pub(crate) trait Around {
    /// Whether the version's commit has a line in another file.
    fn holds(&self, path: &str, line: Key) -> bool;

    /// Whether the version's commit does not have a file.
    fn lacks(&self, path: &str) -> bool;

    /// Whether a line of the version's file went with the version's commit: its
    /// parent has it, or no commit ever had it.
    fn gave_way(&self, path: &str, line: Key) -> bool;

    /// Whether any file had this text before a time (in milliseconds since 1970).
    fn had(&self, line: Key, before_ms: i64) -> bool;
}

/// The findings for the lines that the commit brought, in their order.
pub(crate) fn attribute(version: &Version, known: &Known<'_>) -> Vec<(usize, Finding)> {
    let mut open = Open::new(version);
    exact::match_states(&mut open, known);
    changed::match_changed(&mut open, known);
    moved::match_moved(&mut open, known);
    exact::match_later(&mut open, known);
    human::judge(&mut open, known);
    trivial::follow(&mut open, known.texts);
    let brought = version.brought.iter();
    brought
        .map(|line| {
            let found = open.found.remove(line);
            (
                *line,
                found.unwrap_or_else(|| marked::by_commit(&open, known, *line)),
            )
        })
        .collect()
}

/// The lines of a version that are not explained yet.
pub(crate) struct Open<'a> {
    version: &'a Version,
    /// Lines that are explained.
    found: FxHashMap<usize, Finding>,
    /// Lines that the commit brought.
    brought: Vec<bool>,
    /// Lines that stand in a state, but were there before any session.
    outside: Vec<bool>,
    /// The states that were laid beside the version; the best come first.
    beside: Vec<Beside>,
}

/// A state that was laid beside the version.
#[derive(Debug, Clone)]
struct Beside {
    lineage: usize,
    state: usize,
    /// How many of its lines the version has.
    shared: usize,
    parts: Rc<[Part]>,
}

impl<'a> Open<'a> {
    fn new(version: &'a Version) -> Self {
        let mut brought = vec![false; version.lines.len()];
        for line in &version.brought {
            brought[*line] = true;
        }
        Self {
            version,
            found: FxHashMap::default(),
            outside: vec![false; version.lines.len()],
            brought,
            beside: Vec::new(),
        }
    }

    fn is_open(&self, line: usize) -> bool {
        self.brought[line] && !self.found.contains_key(&line)
    }

    /// Open lines that say something by themselves.
    fn telling<'b>(&'b self, texts: &'b Texts) -> impl Iterator<Item = usize> + 'b {
        let lines = self.version.brought.iter().copied();
        lines.filter(|line| self.is_open(*line) && !texts.is_trivial(self.version.lines[*line]))
    }
}
