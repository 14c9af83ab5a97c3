//! Plays the steps of all sessions in the order of time, and keeps what each left
//! of its file: a state, each line with its writer.
//!
//! A step says what it changed, seldom what else was in the file. So it is applied
//! to the last state of the file in its tree, or, where it does not fit that, to
//! the newest version in git that it does fit.

mod apply;
mod current;
mod fit;
mod hunk;
mod lines;
mod moves;
mod versions;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::keyed::Keyed;
use crate::step::{Action, Evidence, Step};
use crate::text::{Key, Texts};

pub(crate) use current::Current;
pub use lines::Lines;

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
type FileKey = (usize, String);

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

struct Replay<'a> {
    evidence: &'a Evidence,
    /// Steps without a time, with their sessions, that do not fit yet.
    waiting: FxHashMap<FileKey, Vec<(u32, u32)>>,
    ground: &'a dyn Ground,
    versions: versions::Versions<'a>,
    texts: &'a mut Texts,
    files: FxHashMap<FileKey, Current>,
    removed: moves::Removed,
    /// The session of the step that is played.
    session: u32,
    replayed: Replayed,
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

    /// A step without a time of its own was later than it stands here, if it does
    /// not fit the file yet.
    fn change_undated(&mut self, number: u32, at_ms: i64, key: FileKey, action: &Action) {
        let waiting = self.waiting.entry(key.clone()).or_default();
        let before = waiting.iter().any(|(_, session)| *session == self.session);
        if before || !self.fits(&key, at_ms, action) {
            let waiting = self.waiting.entry(key).or_default();
            return waiting.push((number, self.session));
        }
        self.change(number, at_ms, key, action);
    }

    fn fits(&mut self, key: &FileKey, at_ms: i64, action: &Action) -> bool {
        if let Some(known) = self.files.get(key)
            && fit::fits(action, &known.held, self.texts)
        {
            return true;
        }
        let versions = self.ground.versions(&key.1, at_ms);
        versions.iter().any(|version| {
            let held = self.versions.held(version, self.texts);
            fit::fits(action, &held, self.texts)
        })
    }

    /// Carries out what waited for the file to be as it is now.
    fn catch_up(&mut self, at_ms: i64, key: &FileKey) {
        while let Some(waiting) = self.waiting.get_mut(key)
            && let Some((number, session)) = waiting.first().copied()
        {
            let action = &self.evidence.steps[number as usize].action;
            if !self.fits(key, at_ms, action) {
                return;
            }
            self.waiting.entry(key.clone()).or_default().remove(0);
            let now = std::mem::replace(&mut self.session, session);
            self.change(number, at_ms, key.clone(), action);
            self.session = now;
        }
    }

    /// Carries out what never fitted.
    fn finish(mut self) -> Replayed {
        let mut waiting: Vec<_> = self.waiting.drain().collect();
        waiting.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        for (key, steps) in waiting {
            for (number, session) in steps {
                let step = &self.evidence.steps[number as usize];
                let last = self.files.get(&key).map(|known| known.at_ms);
                let at_ms = step.at_ms.max(last).unwrap_or(0);
                self.session = session;
                self.change(number, at_ms, key.clone(), &step.action);
            }
        }
        self.replayed
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

    fn change(&mut self, number: u32, at_ms: i64, key: FileKey, action: &Action) {
        let known = self.files.remove(&key);
        let version = self.version(known.as_ref(), at_ms, &key.1, action);
        let since = known.as_ref().map(|known| known.at_ms);
        let since = since.max(version.as_ref().map(|(at_ms, _)| *at_ms));
        // What was there before anything is known was not written in between.
        let unseen = since.is_none_or(|since| self.ran_opaque(key.0, since));
        let base = match (known, version) {
            (Some(known), Some((_, version))) => {
                known.turned(&version.text, Writer::Outside, self.texts)
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

    /// The version in git that the step was done to, if it was not the state that
    /// is known, with its time.
    fn version(
        &mut self,
        known: Option<&Current>,
        at_ms: i64,
        path: &str,
        action: &Action,
    ) -> Option<(i64, Keyed)> {
        let since = known.map_or(i64::MIN, |known| known.at_ms);
        let versions = self.ground.versions(path, at_ms);
        let versions = &versions[self.done(known, action, &versions)..];
        let newer = versions.partition_point(|version| version.at_ms > since);
        let (newer, older) = versions.split_at(newer);
        // A commit made since may be what the tree held, if the step fits it.
        if let Some(version) = self.fitting(newer, action) {
            return Some(version);
        }
        match known {
            Some(known) if fit::fits(action, &known.held, self.texts) => None,
            Some(_) => self.fitting(older, action),
            None => {
                let newest = versions.first()?;
                Some((newest.at_ms, self.versions.held(newest, self.texts)))
            }
        }
    }

    /// The first version that a step can have been done to.
    fn fitting(&mut self, versions: &[Version<'_>], action: &Action) -> Option<(i64, Keyed)> {
        versions.iter().find_map(|version| {
            let held = self.versions.held(version, self.texts);
            fit::fits(action, &held, self.texts).then_some((version.at_ms, held))
        })
    }

    /// How many versions, from the newest on, came after a step: times of commits
    /// are whole seconds, and clocks differ, but what holds the step's own lines
    /// has them from it.
    fn done(
        &mut self,
        known: Option<&Current>,
        action: &Action,
        versions: &[Version<'_>],
    ) -> usize {
        if let (Action::Write { after, .. } | Action::Append(after), None) = (action, known) {
            let after = self.texts.keys(after);
            return fit::written(&after, versions, &mut self.versions, self.texts);
        }
        let mut done = 0;
        while let Some(version) = versions.get(done) {
            let held = self.versions.held(version, self.texts);
            let before = match (known, versions.get(done + 1)) {
                (Some(known), _) => known.held.clone(),
                (None, Some(older)) => self.versions.held(older, self.texts),
                (None, None) => Keyed::default(),
            };
            if !fit::is_done(action, &held, &before, self.texts) {
                break;
            }
            done += 1;
        }
        done
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
