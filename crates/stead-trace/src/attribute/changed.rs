//! Lines that were written by a session and changed since: laid out anew by a
//! formatter, or edited.

use std::ops::Range;

use super::{Known, Open};
use crate::align::Part;
use crate::origin::{Finding, Origin};
use crate::replay::{Line, Writer};
use crate::text::{Key, words};

/// A line counts as a changed form of another from this likeness on.
const ALIKE: f64 = 0.65;

/// Only lines of so many letters and digits are compared.
const TELLING: u32 = 4;

/// States that fit the version best.
const MOST: usize = 3;

/// Explains open lines by those that gave way to them.
pub(super) fn match_changed(open: &mut Open<'_>, known: &Known<'_>) {
    let beside: Vec<_> = open.beside.iter().take(MOST).cloned().collect();
    for beside in beside {
        let state = &known.index.lineage(beside.lineage, known.replayed).states[beside.state];
        for part in &*beside.parts {
            if let Part::Changed { before, after } = part {
                let old: Vec<Line> = state.lines.within(before.clone()).collect();
                if !reformatted(open, known, &old, after.clone()) {
                    edited(open, known, &old, after.clone());
                }
            }
        }
    }
}

/// The same text in other lines: each line has the writer of its first letter.
fn reformatted(open: &mut Open<'_>, known: &Known<'_>, old: &[Line], new: Range<usize>) -> bool {
    let letters = |key: Key| {
        known
            .texts
            .bare(key)
            .chars()
            .filter(|c| c.is_alphanumeric())
    };
    let old_text = old.iter().flat_map(|line| letters(line.key));
    let new_text = new
        .clone()
        .flat_map(|line| letters(open.version.lines[line]));
    if old.is_empty() || new.is_empty() || !old_text.eq(new_text) {
        return false;
    }
    let writers: Vec<Writer> = old
        .iter()
        .flat_map(|line| letters(line.key).map(|_| line.writer))
        .collect();
    let mut at = 0;
    for line in new {
        let writer = writers.get(at.min(writers.len().saturating_sub(1)));
        if let (true, Some(Writer::Step(step))) = (open.is_open(line), writer) {
            let mut finding = super::exact::agent(known, *step, 0.93);
            finding
                .evidence
                .push("it was laid out anew since".to_owned());
            open.found.insert(line, finding);
        }
        at += letters(open.version.lines[line]).count();
    }
    true
}

/// Lines that are like those that gave way to them, in order.
fn edited(open: &mut Open<'_>, known: &Known<'_>, old: &[Line], new: Range<usize>) {
    let mut next = 0;
    for line in new {
        let key = open.version.lines[line];
        if !open.is_open(line) || known.texts.weight(key) < TELLING {
            continue;
        }
        let best = (next..old.len())
            .map(|at| (at, likeness(old[at].key, key, known)))
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        let Some((at, likeness)) = best.filter(|(_, likeness)| *likeness >= ALIKE) else {
            continue;
        };
        next = at + 1;
        if let Writer::Step(step) = old[at].writer
            && known.around.gave_way(&open.version.path, old[at].key)
        {
            let before = known.texts.line(old[at].key).to_owned();
            let words = format!(
                "a session wrote it, and it was changed since ({:.0} % alike)",
                likeness * 100.0
            );
            let finding = Finding::new(Origin::Mixed { step, before }, 0.7, words);
            open.found.insert(line, finding);
        }
    }
}

/// From 0 to 1: how much of both lines' words is the same, rare words counting
/// more (the coefficient of Sørensen and Dice, weighted).
fn likeness(a: Key, b: Key, known: &Known<'_>) -> f64 {
    let (a, b) = (words(known.texts.line(a)), words(known.texts.line(b)));
    let weight = |words: &[&str]| -> f64 {
        // A word that only the two lines have stands in two.
        let lines = words.iter().map(|word| known.index.lines_with(word).max(2));
        lines.map(|lines| 1.0 / f64::from(lines)).sum()
    };
    let shared: Vec<&str> = a.iter().filter(|word| b.contains(word)).copied().collect();
    let sum = weight(&a) + weight(&b);
    if sum > 0.0 {
        2.0 * weight(&shared) / sum
    } else {
        0.0
    }
}
