//! Plays the steps in the order of time.

use rustc_hash::FxHashMap;

use super::current::Current;
use super::waiting::Waiting;
use super::{Ground, Lineage, Lines, Opaque, Replayed, State, Writer, apply, moves, versions};
use crate::step::{Action, Evidence, Step};
use crate::text::Texts;

/// Plays all steps.
pub fn replay(evidence: &Evidence, ground: &dyn Ground, texts: &mut Texts) -> Replayed {
    let mut replay = Replay {
        evidence,
        waiting: FxHashMap::default(),
        ground,
        versions: versions::Versions::new(ground),
        texts,
        files: FxHashMap::default(),
        removed: moves::Removed::default(),
        session: 0,
        replayed: Replayed::default(),
    };
    for (number, at_ms) in order(evidence) {
        replay.step(number, at_ms, &evidence.steps[number as usize]);
    }
    replay.finish()
}

/// A file: the tree that it lies in, and its path there.
pub(super) type FileKey = (usize, String);

/// The steps in the order of time, with their times: one without a time comes
/// right after the one before it in its session.
fn order(evidence: &Evidence) -> Vec<(u32, i64)> {
    let mut last: FxHashMap<u32, i64> = FxHashMap::default();
    let mut order: Vec<(u32, i64)> = Vec::with_capacity(evidence.steps.len());
    for (number, step) in evidence.steps.iter().enumerate() {
        let start = evidence.sessions[step.session as usize].from_ms;
        let before = last.entry(step.session).or_insert(start.unwrap_or(0));
        *before = step.at_ms.unwrap_or(*before);
        order.push((number as u32, *before));
    }
    order.sort_by_key(|(_, at_ms)| *at_ms);
    order
}

pub(super) struct Replay<'a> {
    pub(super) evidence: &'a Evidence,
    /// Steps without a time that were not done yet.
    pub(super) waiting: FxHashMap<FileKey, Vec<Waiting>>,
    pub(super) ground: &'a dyn Ground,
    pub(super) versions: versions::Versions<'a>,
    pub(super) texts: &'a mut Texts,
    pub(super) files: FxHashMap<FileKey, Current>,
    pub(super) removed: moves::Removed,
    /// The session of the step that is played.
    pub(super) session: u32,
    pub(super) replayed: Replayed,
}

impl Replay<'_> {
    fn step(&mut self, number: u32, at_ms: i64, step: &Step) {
        self.session = step.session;
        if step.action == Action::Opaque {
            return self.opaque(number, at_ms, &step.path);
        }
        let Some((tree, path)) = self.ground.place(&step.path) else {
            return;
        };
        let key = (tree, path);
        if step.dated {
            self.come_before(at_ms, &key, &step.action);
        }
        match &step.action {
            Action::Delete => {
                if let Some(gone) = self.files.remove(&key) {
                    self.removed.add(number, step.session, gone.lines());
                }
            }
            Action::Move(to) | Action::Copy(to) => self.carry(number, at_ms, step, &key, to),
            // What comes next is found in git.
            Action::Restore => drop(self.files.remove(&key)),
            Action::Opaque | Action::Format => {}
            action if step.dated => {
                self.change(number, at_ms, key.clone(), action);
                self.catch_up(at_ms, &key);
            }
            action => self.change_undated(number, at_ms, key, action),
        }
    }

    fn opaque(&mut self, number: u32, at_ms: i64, path: &str) {
        // A folder that is the tree itself has no path in it.
        let inside = format!("{}/.", path.trim_end_matches('/'));
        let place = self
            .ground
            .place(&inside)
            .or_else(|| self.ground.place(path));
        if let Some((tree, _)) = place {
            self.replayed.opaque.push(Opaque {
                tree,
                step: number,
                at_ms,
            });
        }
    }

    /// A file moves or is copied, with the writers of its lines.
    fn carry(&mut self, number: u32, at_ms: i64, step: &Step, from: &FileKey, to: &str) {
        let Some(to) = self.ground.place(to) else {
            return;
        };
        let current = match self.files.get(from) {
            Some(current) => current.clone(),
            None => match self.ground.versions(&from.1, at_ms).first() {
                Some(version) => Current::outside(self.versions.held(version, self.texts)),
                None => return,
            },
        };
        if matches!(step.action, Action::Move(_)) {
            self.files.remove(from);
        }
        self.keep(number, at_ms, to, current);
    }

    pub(super) fn change(&mut self, number: u32, at_ms: i64, key: FileKey, action: &Action) {
        let known = self.files.remove(&key);
        let version = self.version(known.as_ref(), at_ms, &key.1, action);
        let since = known.as_ref().map(|known| known.at_ms);
        let since = since.max(version.as_ref().map(|(at_ms, _)| *at_ms));
        // What was there before anything is known was not written in between.
        let unseen = since.is_none_or(|since| self.ran_opaque(key.0, since));
        let base = match (known, version) {
            (Some(known), Some((_, version))) => {
                known.found(&version.text, Writer::Outside, self.texts)
            }
            (None, Some((_, version))) => Current::outside(version),
            (Some(known), None) => known,
            (None, None) if matches!(action, Action::Substitute { .. }) => return,
            (None, None) => Current::default(),
        };
        let change = apply::Change {
            number,
            unseen,
            session: self.session,
            texts: self.texts,
            removed: &mut self.removed,
        };
        let current = change.apply(base, action);
        self.keep(number, at_ms, key, current);
    }

    fn ran_opaque(&self, tree: usize, since_ms: i64) -> bool {
        let runs = self.replayed.opaque.iter().rev();
        runs.take_while(|run| run.at_ms >= since_ms)
            .any(|run| run.tree == tree)
    }

    fn keep(&mut self, number: u32, at_ms: i64, key: FileKey, mut current: Current) {
        current.at_ms = at_ms;
        let of_path = self.replayed.lineages.entry(key.1.clone()).or_default();
        let place = of_path.iter().position(|lineage| lineage.tree == key.0);
        let place = place.unwrap_or_else(|| {
            of_path.push(Lineage {
                tree: key.0,
                path: key.1.clone(),
                states: Vec::new(),
            });
            of_path.len() - 1
        });
        let states = &mut of_path[place].states;
        let none = Lines::default();
        let last = states.last().map(|last| &last.lines);
        let lines = Lines::of(&current.held.keys, &current.writers, last.unwrap_or(&none));
        if last.is_none_or(|last| *last != lines) {
            states.push(State {
                step: number,
                at_ms,
                lines,
                whole: current.whole,
            });
        }
        self.files.insert(key, current);
    }
}
