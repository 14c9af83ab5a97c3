//! Lines that stand in a state as they stand in the version, in the same order.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Beside, Known, Open, SKEW_MS, WRONG_CLOCK_MS};
use crate::align::{Part, parts};
use crate::origin::{Finding, Origin};
use crate::replay::Writer;
use crate::text::Key;

/// So many states are laid beside a version at most.
const MOST: usize = 24;

/// A file that has so many lines of one that is gone may be that one renamed.
const RENAMED: usize = 2;

/// A line of so many letters and digits is hardly written twice by chance.
const DISTINCT: u32 = 12;

/// Matches the states of the file that came before the commit, the latest first.
pub(super) fn match_states(open: &mut Open<'_>, known: &Known<'_>) {
    let until = open.version.maker.at_ms.saturating_add(SKEW_MS);
    for (lineage, state) in candidates(open, known, i64::MIN, until) {
        if open.telling(known.texts).next().is_none() && !open.beside.is_empty() {
            break;
        }
        lay_beside(open, known, lineage, state, 1.0);
    }
    open.beside.sort_by_key(|beside| usize::MAX - beside.shared);
}

/// What is still open may have been written by a session whose clock, or whose
/// committer's, was wrong.
pub(super) fn match_later(open: &mut Open<'_>, known: &Known<'_>) {
    let at = open.version.maker.at_ms;
    let (from, until) = (
        at.saturating_add(SKEW_MS),
        at.saturating_add(WRONG_CLOCK_MS),
    );
    for (lineage, state) in candidates(open, known, from, until) {
        if open.telling(known.texts).next().is_none() {
            break;
        }
        let was_there = |line: &usize| {
            let key = open.version.lines[*line];
            known.index.was_outside(lineage, key, state)
        };
        let brought = open.version.brought.iter().copied();
        let closed: Vec<usize> = brought
            .filter(|line| open.brought[*line] && was_there(line))
            .collect();
        for line in &closed {
            open.brought[*line] = false;
        }
        lay_beside(open, known, lineage, state, 0.6);
        for line in closed {
            open.brought[line] = true;
        }
    }
}

/// States of the version's path that have an open line, within a span of time:
/// the latest first.
fn candidates(open: &Open<'_>, known: &Known<'_>, from: i64, until: i64) -> Vec<(usize, usize)> {
    let of_path = &lineages(open, known);
    let mut found: Vec<(i64, usize, usize)> = Vec::new();
    for line in open.telling(known.texts) {
        let stands = known.index.stands(open.version.lines[line]).iter();
        for stand in stands.filter(|stand| of_path.contains(&stand.lineage)) {
            let states = &known.index.lineage(stand.lineage, known.replayed).states;
            let within = (stand.first..=stand.last)
                .rev()
                .find(|state| (from..=until).contains(&states[*state].at_ms));
            if let Some(state) = within {
                found.push((states[state].at_ms, stand.lineage, state));
            }
        }
    }
    // The last state before the commit shows what the commit changed, whether it
    // has any of its lines or not.
    for lineage in of_path {
        let states = &known.index.lineage(*lineage, known.replayed).states;
        let last = states
            .iter()
            .rposition(|state| (from..=until).contains(&state.at_ms));
        if let Some(state) = last {
            found.push((states[state].at_ms, *lineage, state));
        }
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.dedup();
    found.truncate(MOST);
    found
        .into_iter()
        .map(|(_, lineage, state)| (lineage, state))
        .collect()
}

/// The lineages of the version's path, and of the files that it was renamed from:
/// those that the commit does not have any more, if they share lines with it.
fn lineages(open: &Open<'_>, known: &Known<'_>) -> Vec<usize> {
    let mut numbers = known.index.of_path(&open.version.path).to_vec();
    let mut shared: FxHashMap<usize, usize> = FxHashMap::default();
    let at = open.version.maker.at_ms;
    let known_here = numbers.iter().any(|number| {
        let first = known.index.lineage(*number, known.replayed).states.first();
        first.is_some_and(|state| state.at_ms <= at)
    });
    // A file with a new name shows by all its lines which one it was.
    let all = if known_here {
        0
    } else {
        open.version.lines.len()
    };
    let telling = |line: &usize| !known.texts.is_trivial(open.version.lines[*line]);
    let lines: Vec<usize> = match all {
        0 => open.telling(known.texts).collect(),
        all => (0..all).filter(telling).collect(),
    };
    for line in lines {
        let stands = known.index.stands(open.version.lines[line]).iter();
        let lineages: FxHashSet<usize> = stands.map(|stand| stand.lineage).collect();
        for lineage in lineages {
            *shared.entry(lineage).or_default() += 1;
        }
    }
    let mut gone: Vec<usize> = shared
        .into_iter()
        .filter(|(number, lines)| *lines >= RENAMED && !numbers.contains(number))
        .map(|(number, _)| number)
        .filter(|number| {
            let lineage = known.index.lineage(*number, known.replayed);
            let begun = lineage.states.first().map(|state| state.at_ms);
            let before = begun.is_some_and(|begun| begun <= open.version.maker.at_ms);
            before && known.around.lacks(&lineage.path)
        })
        .collect();
    gone.sort_unstable();
    numbers.extend(gone);
    numbers
}

/// Lays a state beside the version: its lines that are open there are explained.
fn lay_beside(open: &mut Open<'_>, known: &Known<'_>, lineage: usize, place: usize, trust: f32) {
    let state = &known.index.lineage(lineage, known.replayed).states[place];
    let parts = parts(&state.lines.keys(), &open.version.lines);
    let shared = parts.iter().map(Part::same).sum();
    let same = shared == state.lines.len() && shared == open.version.lines.len();
    for (of_state, line) in paired(&parts, &open.version.brought) {
        let of_state = state.lines.get(of_state).filter(|_| open.is_open(line));
        let Some(of_state) = of_state else { continue };
        let finding = match of_state.writer {
            Writer::Step(step) => agent(known, step, trust * sure(known, of_state.key, same)),
            Writer::Between(step) => between(known, step),
            Writer::Outside => {
                open.outside[line] = true;
                continue;
            }
        };
        open.found.insert(line, finding);
    }
    open.beside.push(Beside {
        lineage,
        state: place,
        shared,
        parts: parts.into(),
    });
}

/// The lines of a state that stand beside some lines of the version (rising), with
/// these.
fn paired(parts: &[Part], brought: &[usize]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for part in parts {
        if let Part::Same {
            before,
            after,
            lines,
        } = *part
        {
            let first = brought.partition_point(|line| *line < after);
            let within = brought[first..].iter();
            let within = within.take_while(|line| **line < after + lines);
            pairs.extend(within.map(|line| (before + line - after, *line)));
        }
    }
    pairs
}

/// How sure a match is by its text.
fn sure(known: &Known<'_>, key: Key, same: bool) -> f32 {
    if same {
        0.99
    } else if known.texts.weight(key) >= DISTINCT {
        0.97
    } else {
        0.9
    }
}

pub(super) fn agent(known: &Known<'_>, step: u32, confidence: f32) -> Finding {
    let of = &known.evidence.steps[step as usize];
    let session = &known.evidence.sessions[of.session as usize];
    let (words, weight) = if of.confirmed {
        ("wrote this line", 1.0)
    } else {
        (
            "asked for this line; whether it was carried out is not recorded",
            0.85,
        )
    };
    let words = format!("{} {words} in {}", session.agent, of.event);
    Finding::new(Origin::Agent { step }, confidence * weight, words)
}

fn between(known: &Known<'_>, step: u32) -> Finding {
    let of = &known.evidence.steps[step as usize];
    let session = &known.evidence.sessions[of.session as usize];
    let words = format!(
        "it was not in what the last step left, and {} found it in {}: somebody typed it in between",
        session.agent, of.event
    );
    Finding::new(Origin::Human, 0.8, words)
}
