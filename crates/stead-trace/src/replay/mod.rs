//! Plays the steps of all sessions in the order of time, and keeps what each left
//! of its file: a state, each line with its writer.
//!
//! A step says what it changed, seldom what else was in the file. So it is applied
//! to the last state of the file in its tree, or, where it does not fit that, to
//! the newest version in git that it does fit.

mod apply;
mod choose;
mod current;
mod fit;
mod hunk;
mod lines;
mod moves;
mod play;
mod stream;
mod versions;
mod waiting;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::text::Key;

pub use lines::Lines;
pub use play::replay;
#[cfg(test)]
pub(crate) use stream::streamed;

/// Who wrote a line of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Writer {
    /// It was there when a session first met it.
    Outside,
    /// A step, by its number in the evidence.
    Step(u32),
    /// It was not in what the last step left, and the step of this number found
    /// it: it was written in between, and no session ran a command that could have.
    Between(u32),
}

/// A line of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Its text.
    pub key: Key,
    /// Who wrote it.
    pub writer: Writer,
}

/// What a file held after a step, as far as it can be told.
#[derive(Debug, Clone)]
pub struct State {
    /// The step, by its number in the evidence.
    pub step: u32,
    /// When, in milliseconds since 1970; 0 if no time is known.
    pub at_ms: i64,
    /// Its lines.
    pub lines: Lines,
    /// The whole file is known, not a part of it.
    pub whole: bool,
}

/// The states of one file in one tree, the oldest first.
#[derive(Debug, Clone, Default)]
pub struct Lineage {
    /// The tree, by its number.
    pub tree: usize,
    /// The file's path in the tree.
    pub path: String,
    /// Its states.
    pub states: Vec<State>,
}

/// When a command ran that may have changed files in a way that nothing shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opaque {
    /// The tree that it ran in.
    pub tree: usize,
    /// The step, by its number in the evidence.
    pub step: u32,
    /// When, in milliseconds since 1970; 0 if no time is known.
    pub at_ms: i64,
}

/// The states that sessions left.
#[derive(Debug, Default)]
pub struct Replayed {
    /// By path in the tree: one for each tree in which the file was touched.
    pub lineages: FxHashMap<String, Vec<Lineage>>,
    /// Commands that may have changed anything, by time.
    pub opaque: Vec<Opaque>,
}

/// What replaying asks of the world around it.
pub trait Ground {
    /// The tree that an absolute path lies in, and the path in it; `None` if it
    /// is of no tree of this repository.
    fn place(&self, path: &str) -> Option<(usize, String)>;

    /// The versions of a file in commits made before a time (in milliseconds since
    /// 1970), the newest first.
    fn versions(&self, path: &str, before_ms: i64) -> Vec<Version<'_>>;

    /// What a version holds; `None` if the repository does not have it.
    fn text(&self, object: &str) -> Option<Arc<str>>;
}

/// A version of a file in a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version<'a> {
    /// When the commit was made, in milliseconds since 1970.
    pub at_ms: i64,
    /// The name of its content.
    pub object: &'a str,
}
