//! Lines that a session wrote in another file, or that came back from an older
//! state, in runs that are long enough to be no chance.

use rustc_hash::FxHashMap;

use super::index::Stand;
use super::{Known, Open};
use crate::align::{Part, parts};
use crate::replay::{State, Writer};
use crate::text::Key;

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
    let mut places = Places::default();
    let mut next = 0;
    for line in open.version.brought.clone() {
        if line >= next {
            next = line + match_run(open, known, line, &mut places);
        }
    }
}

/// The longest run that begins here; how many lines it explained.
fn match_run(open: &mut Open<'_>, known: &Known<'_>, first: usize, places: &mut Places) -> usize {
    let key = open.version.lines[first];
    if !open.is_open(first) || known.texts.is_trivial(key) {
        return 0;
    }
    let until = open.version.maker.at_ms.saturating_add(SECOND_MS);
    let mut best: Option<(i64, Vec<u32>)> = None;
    for stand in known.index.stands(key) {
        let lineage = known.index.lineage(stand.lineage, known.replayed);
        let states = &lineage.states[stand.first..=stand.last];
        let Some(number) = states.iter().rposition(|state| state.at_ms <= until) else {
            continue;
        };
        let number = stand.first + number;
        let state = &lineage.states[number];
        let same_file = lineage.path == open.version.path;
        for place in places.free((stand.lineage, number), state, key, open, same_file) {
            let run = run(open, first, state, place);
            let longer =
                |(at, known): &(i64, Vec<u32>)| (known.len(), *at) < (run.len(), state.at_ms);
            if !run.is_empty()
                && best.as_ref().is_none_or(longer)
                && is_from_there(open, known, first, run.len(), stand)
            {
                best = Some((state.at_ms, run));
            }
        }
    }
    let Some((_, run)) = best else { return 0 };
    for (offset, step) in run.iter().enumerate() {
        let mut finding = super::exact::agent(known, *step, 0.9);
        finding.evidence.push("it stood elsewhere then".to_owned());
        open.found.insert(first + offset, finding);
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
    stand: &Stand,
) -> bool {
    let keys = &open.version.lines[first..first + length];
    let weight: u32 = keys.iter().map(|key| known.texts.weight(*key)).sum();
    if weight < if length > 1 { RUN } else { SINGLE } {
        return false;
    }
    let lineage = known.index.lineage(stand.lineage, known.replayed);
    if lineage.path == open.version.path || !known.around.holds(&lineage.path, keys[0]) {
        return true;
    }
    let telling = keys.iter().max_by_key(|key| known.texts.weight(**key));
    let stands = known.index.stands(keys[0]).iter();
    let mut begun = stands
        .filter(|of| of.lineage == stand.lineage)
        .map(|of| &lineage.states[of.first]);
    let written = begun.find(|state| {
        let mut lines = state.lines.iter();
        lines.any(|line| line.key == keys[0] && matches!(line.writer, Writer::Step(_)))
    });
    let (Some(telling), Some(written)) = (telling, written) else {
        return false;
    };
    weight >= COPY && !known.around.had(*telling, written.at_ms)
}

/// Where the lines of states stand, told once for each state.
#[derive(Default)]
struct Places {
    of_state: FxHashMap<(usize, usize), FxHashMap<Key, Vec<usize>>>,
}

impl Places {
    /// Where a line stands in a state; of the version's own file, only where it
    /// does not stand in the version too.
    fn free(
        &mut self,
        number: (usize, usize),
        state: &State,
        key: Key,
        open: &Open<'_>,
        same_file: bool,
    ) -> Vec<usize> {
        let of_state = self.of_state.entry(number).or_insert_with(|| {
            let mut places: FxHashMap<Key, Vec<usize>> = FxHashMap::default();
            let keys = state.lines.keys();
            let parts = if same_file {
                parts(&keys, &open.version.lines)
            } else {
                vec![Part::Changed {
                    before: 0..keys.len(),
                    after: 0..0,
                }]
            };
            for part in parts {
                if let Part::Changed { before, .. } = part {
                    for place in before {
                        places.entry(keys[place]).or_default().push(place);
                    }
                }
            }
            places
        });
        of_state.get(&key).cloned().unwrap_or_default()
    }
}

/// The steps of the lines of a state that are the same from a place on, as long as
/// they are open and written by steps.
fn run(open: &Open<'_>, first: usize, state: &State, place: usize) -> Vec<u32> {
    let mut run = Vec::new();
    for (offset, line) in state.lines.within(place..state.lines.len()).enumerate() {
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
