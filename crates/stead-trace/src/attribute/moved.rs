//! Lines that a session wrote in another file, or that came back from an older
//! state, in runs that are long enough to be no chance.

use rustc_hash::FxHashSet;

use super::{Known, Open};
use crate::align::pairs;
use crate::replay::{Line, Lineage, State, Writer};

/// A run of lines needs so many letters and digits, as git has it for `-M`.
const RUN: u32 = 20;

/// One line alone needs more.
const SINGLE: u32 = 30;

/// So much a copy needs, as git has it for `-C`.
const COPY: u32 = 40;

/// Times of commits are whole seconds.
const SECOND_MS: i64 = 1_000;

/// Explains open lines by runs of written lines anywhere in the repository.
pub(super) fn match_moved(open: &mut Open<'_>, known: &Known<'_>) {
    let mut line = 0;
    while line < open.version.lines.len() {
        line += match_run(open, known, line).max(1);
    }
}

/// The longest run that begins here; how many lines it explained.
fn match_run(open: &mut Open<'_>, known: &Known<'_>, first: usize) -> usize {
    let key = open.version.lines[first];
    if !open.is_open(first) || known.texts.is_trivial(key) {
        return 0;
    }
    let until = open.version.maker.at_ms.saturating_add(SECOND_MS);
    let mut best: Option<(i64, Vec<u32>)> = None;
    for stand in known.index.stands(key) {
        let lineage = known.index.lineage(stand.lineage, known.replayed);
        let states = &lineage.states;
        let state = states[stand.first..=stand.last]
            .iter()
            .rfind(|state| state.at_ms <= until);
        let Some(state) = state else { continue };
        let paired = if lineage.path == open.version.path {
            paired(open, state)
        } else {
            FxHashSet::default()
        };
        let places = state.lines.iter().enumerate();
        let free = |(place, line): &(usize, &Line)| line.key == key && !paired.contains(place);
        for (place, _) in places.filter(free) {
            let run = run(open, first, &state.lines[place..]);
            let longer =
                |(at, known): &(i64, Vec<u32>)| (known.len(), *at) < (run.len(), state.at_ms);
            if !run.is_empty()
                && best.as_ref().is_none_or(longer)
                && is_from_there(open, known, first, run.len(), lineage)
            {
                best = Some((state.at_ms, run));
            }
        }
    }
    let Some((_, run)) = best else { return 0 };
    for (offset, step) in run.iter().enumerate() {
        let mut finding = super::exact::agent(known, *step, 0.9);
        finding.evidence.push("it stood elsewhere then".to_owned());
        open.found[first + offset] = Some(finding);
    }
    run.len()
}

/// Whether a run of lines comes from where a session wrote them, and is not the
/// same words by chance. What went there was moved here; what still stands there
/// was copied, if nobody had such a line before the session.
fn is_from_there(
    open: &Open<'_>,
    known: &Known<'_>,
    first: usize,
    length: usize,
    lineage: &Lineage,
) -> bool {
    let keys = &open.version.lines[first..first + length];
    let weight: u32 = keys.iter().map(|key| known.texts.weight(*key)).sum();
    if weight < if length > 1 { RUN } else { SINGLE } {
        return false;
    }
    let same_file = lineage.path == open.version.path;
    if same_file || !known.around.holds(&lineage.path, keys[0]) {
        return true;
    }
    let telling = keys.iter().max_by_key(|key| known.texts.weight(**key));
    let written = lineage.states.iter().find(|state| {
        let mut lines = state.lines.iter();
        lines.any(|line| line.key == keys[0] && matches!(line.writer, Writer::Step(_)))
    });
    let (Some(telling), Some(written)) = (telling, written) else {
        return false;
    };
    weight >= COPY && !known.around.had(*telling, written.at_ms)
}

/// Lines of a state that stand in the version where they stood.
fn paired(open: &Open<'_>, state: &State) -> FxHashSet<usize> {
    let keys: Vec<_> = state.lines.iter().map(|line| line.key).collect();
    let pairs = pairs(&keys, &open.version.lines);
    pairs.into_iter().map(|(of_state, _)| of_state).collect()
}

/// The steps of the lines that are the same from here on, as long as they are open
/// and written by steps.
fn run(open: &Open<'_>, first: usize, lines: &[Line]) -> Vec<u32> {
    let mut run = Vec::new();
    for (offset, line) in lines.iter().enumerate() {
        let at = first + offset;
        let Writer::Step(step) = line.writer else {
            break;
        };
        if at >= open.version.lines.len() || !open.is_open(at) || open.version.lines[at] != line.key
        {
            break;
        }
        run.push(step);
    }
    run
}
