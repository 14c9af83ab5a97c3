//! Lines that a session takes away in one place and puts back in another keep
//! their writer.

use std::collections::VecDeque;

use super::{Line, Writer};
use crate::align::{Part, parts};
use crate::text::{Key, Texts};

/// So many steps back lines that went are looked for.
const STEPS: u32 = 60;

/// So many lines are remembered.
const MOST: usize = 20_000;

/// A run of lines counts as moved from so many letters and digits on, as git has
/// it for `-M`.
const RUN: u32 = 20;

/// One line alone needs more.
const SINGLE: u32 = 30;

/// More lines that went and came are not compared each with each.
const MOST_PAIRS: usize = 4_000_000;

/// Lines that went lately.
#[derive(Debug, Default)]
pub(crate) struct Removed {
    lines: VecDeque<Gone>,
}

#[derive(Debug, Clone, Copy)]
struct Gone {
    step: u32,
    session: u32,
    line: Line,
}

impl Removed {
    /// Remembers lines that a step took away.
    pub(crate) fn add(&mut self, step: u32, session: u32, lines: impl Iterator<Item = Line>) {
        self.lines.extend(lines.map(|line| Gone {
            step,
            session,
            line,
        }));
        while self.lines.len() > MOST {
            self.lines.pop_front();
        }
    }

    /// Gives new lines the writers of those that went and are the same.
    pub(crate) fn put_back(
        &self,
        (step, session): (u32, u32),
        keys: &[Key],
        writers: &mut [Writer],
        texts: &Texts,
    ) {
        let recent = self
            .lines
            .iter()
            .filter(|gone| gone.session == session && gone.step + STEPS > step);
        let gone: Vec<Line> = recent.map(|gone| gone.line).collect();
        let new = (keys, writers);
        put_back(&gone, new, Writer::Step(step), SINGLE, texts);
    }
}

/// Lines that somebody only moved keep their writers: those of one state that went,
/// and stand at another place of the next as if `writer` had written them.
pub(super) fn moved(
    (old, writers): (&[Key], &[Writer]),
    new: (&[Key], &mut [Writer]),
    writer: Writer,
    texts: &Texts,
) {
    let is_new = new.1.contains(&writer);
    let mut gone = Vec::new();
    for part in if is_new {
        parts(old, new.0)
    } else {
        Vec::new()
    } {
        if let Part::Changed { before, .. } = part {
            gone.extend(before.map(|at| Line {
                key: old[at],
                writer: writers[at],
            }));
        }
    }
    if gone.len().saturating_mul(new.0.len()) < MOST_PAIRS {
        put_back(&gone, new, writer, RUN, texts);
    }
}

/// Gives lines that `writer` has the writers of those that went and are the same.
fn put_back(
    gone: &[Line],
    (keys, writers): (&[Key], &mut [Writer]),
    writer: Writer,
    single: u32,
    texts: &Texts,
) {
    let is_new = |at: &usize| writers[*at] == writer;
    let new: Vec<usize> = (0..keys.len()).filter(is_new).collect();
    let mut at = 0;
    while at < new.len() {
        let (from, length) = longest(gone, &new[at..], keys);
        let weight: u32 = (0..length).map(|i| texts.weight(gone[from + i].key)).sum();
        if weight >= if length > 1 { RUN } else { single } {
            for i in 0..length {
                writers[new[at + i]] = gone[from + i].writer;
            }
        }
        at += length.max(1);
    }
}

/// Where the longest run of lines that went equals the new ones from their first
/// on: its place and length.
fn longest(gone: &[Line], new: &[usize], keys: &[Key]) -> (usize, usize) {
    let mut best = (0, 0);
    for from in 0..gone.len() {
        let follows = |i: &usize| *i == 0 || new[*i] == new[*i - 1] + 1;
        let length = (0..new.len().min(gone.len() - from))
            .take_while(|i| follows(i) && gone[from + i].key == keys[new[*i]])
            .count();
        if length > best.1 {
            best = (from, length);
        }
    }
    best
}
