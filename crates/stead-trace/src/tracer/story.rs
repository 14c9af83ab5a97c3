//! What became of a line before and after its last writer, as sessions show it.

use super::Tracer;
use crate::align::{Part, parts};
use crate::origin::{Finding, Origin};
use crate::replay::{Lineage, State, Writer};
use crate::step::Action;
use crate::text::{Key, lines};

/// So many earlier forms are told.
const MOST: usize = 8;

/// The other changes of a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Story {
    /// What stood in its place before, the latest first.
    pub earlier: Vec<Earlier>,
    /// So many later steps changed the file and left the line as it was.
    pub kept: usize,
    /// The step after which the file no longer had the line, if it came back or
    /// stayed on another branch.
    pub removed: Option<u32>,
}

/// An earlier form of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// The step that wrote it; none if it was no session's.
    pub step: Option<u32>,
    /// The form; without its white space where no step shows that.
    pub text: String,
}

impl Tracer {
    /// The other changes of a line that a step wrote.
    pub fn story(&mut self, line: &str, finding: &Finding) -> Story {
        let Some(step) = finding.step() else {
            return Story::default();
        };
        let key = match &finding.origin {
            Origin::Mixed { before, .. } => self.texts.key(before),
            _ => self.texts.key(line),
        };
        let lineages = self.known.replayed.lineages.values().flatten();
        let told = lineages.filter_map(|lineage| self.told(lineage, step, key));
        // A line that was carried elsewhere is in more than one: the one that tells
        // the most.
        told.max_by_key(|story| (story.earlier.len(), story.kept))
            .unwrap_or_default()
    }

    fn told(&self, lineage: &Lineage, step: u32, key: Key) -> Option<Story> {
        let own = |state: &State| {
            let mut lines = state.lines.iter();
            lines.position(|line| line.key == key && line.writer == Writer::Step(step))
        };
        let first = lineage
            .states
            .iter()
            .position(|state| own(state).is_some())?;
        let later = &lineage.states[first + 1..];
        let kept = later
            .iter()
            .take_while(|state| own(state).is_some())
            .count();
        Some(Story {
            earlier: self.earlier(&lineage.states[..=first], own(&lineage.states[first])?),
            kept,
            removed: later.get(kept).map(|state| state.step),
        })
    }

    /// A line with the white space that a step gave it.
    pub fn as_written(&self, step: u32, bare: &str) -> Option<String> {
        let step = self.known.evidence.steps.get(step as usize)?;
        let same = |line: &&str| {
            let letters = line.chars().filter(|sign| !sign.is_whitespace());
            letters.eq(bare.chars())
        };
        let found = match &step.action {
            Action::Write { after, .. } | Action::Replace { after, .. } | Action::Append(after) => {
                lines(after).find(same)
            }
            Action::Patch(patch) => {
                let rows = patch.hunks.iter().flat_map(|hunk| &hunk.lines);
                rows.filter_map(|row| row.strip_prefix('+')).find(same)
            }
            _ => None,
        };
        found.map(|line| line.trim().to_owned())
    }

    /// Goes back from a line of the last state.
    fn earlier(&self, states: &[State], mut place: usize) -> Vec<Earlier> {
        let mut earlier = Vec::new();
        for pair in states.windows(2).rev() {
            let [before, after] = pair else { break };
            let Some((at, same)) = came_from(before, after, place) else {
                break;
            };
            place = at;
            if same {
                continue;
            }
            let Some(line) = before.lines.get(at) else {
                break;
            };
            let step = match line.writer {
                Writer::Step(step) => Some(step),
                Writer::Outside | Writer::Between(_) => None,
            };
            let bare = self.texts.bare(line.key);
            let shown = step.and_then(|step| self.as_written(step, bare));
            let text = shown.unwrap_or_else(|| bare.to_owned());
            earlier.push(Earlier { step, text });
            if step.is_none() || earlier.len() == MOST {
                break;
            }
        }
        earlier
    }
}

/// Which line of the state before became this one, and whether it is the same.
fn came_from(before: &State, after: &State, place: usize) -> Option<(usize, bool)> {
    for part in parts(&before.lines.keys(), &after.lines.keys()) {
        match part {
            Part::Same {
                before,
                after,
                lines,
            } if (after..after + lines).contains(&place) => {
                return Some((before + place - after, true));
            }
            Part::Changed { before, after } if after.contains(&place) => {
                let at = before.start + (place - after.start);
                return (at < before.end).then_some((at, false));
            }
            _ => {}
        }
    }
    None
}
