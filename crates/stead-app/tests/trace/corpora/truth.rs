//! Who wrote each line of a corpus' repository: the edits that `EXPECTED.json`
//! tells of, done one after the other to what people committed before.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use similar::{Algorithm, DiffOp, capture_diff_slices};
use stead_testkit::truth::{Truth, Turn};

use super::edit::{Edit, edits};
use crate::machine::ask;

/// A line and the session that wrote it, by its place in `EXPECTED.json`; none for
/// what was there before.
pub(super) type TrueLine = (String, Option<usize>);

/// Files by their paths in the repository.
pub(super) type Files = BTreeMap<String, Vec<TrueLine>>;

/// A repository as its sessions left it.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// What lies on the disk in the end.
    pub(super) working: Files,
    /// What the last commit has.
    pub(super) head: Files,
}

/// Does all edits of a corpus' sessions that worked in the folder `cwd`.
pub(super) fn left(truth: &Truth, cwd: &str, clone: &Path) -> Left {
    let mut turns: Vec<(&str, usize, &Turn)> = Vec::new();
    for (number, session) in truth.sessions.iter().enumerate() {
        let own = session.turns.iter().filter(|_| session.cwd == cwd);
        turns.extend(own.filter_map(|turn| Some((turn.started.as_deref()?, number, turn))));
    }
    turns.sort_by_key(|(started, number, _)| (*started, *number));
    let mut play = Play::new(clone, turns.first().map(|(started, ..)| *started));
    for (started, number, turn) in turns {
        play.forget_deleted(started);
        // Calls without an outcome were refused or cut off.
        let calls = turn.steps.iter().flat_map(|step| &step.calls);
        for call in calls.filter(|call| call.ok == Some(true)) {
            for (path, edit) in edits(&call.args) {
                let path = path.strip_prefix(cwd).unwrap_or(&path);
                play.edit(path.trim_start_matches('/'), &edit, number);
            }
        }
    }
    play.end()
}

struct Play<'a> {
    clone: &'a Path,
    files: Files,
    /// Everything that each file ever held.
    past: BTreeMap<String, Vec<Vec<TrueLine>>>,
    /// Files that commits took away, and when, in seconds; the newest comes first.
    deleted: Vec<(i64, String)>,
}

impl<'a> Play<'a> {
    /// Begins with what was committed before the first turn.
    fn new(clone: &'a Path, first: Option<&str>) -> Self {
        let log = ask(clone, &["log", "--format=%ct %H", "HEAD"]);
        let commits: Vec<(i64, &str)> = log
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(time, id)| (time.parse().unwrap(), id))
            .collect();
        let first = first.map_or(i64::MAX, seconds);
        let mut play = Self {
            clone,
            files: Files::new(),
            past: BTreeMap::new(),
            deleted: Vec::new(),
        };
        let start = commits.iter().find(|(time, _)| *time <= first);
        let start = start.expect("people began it").1;
        for path in ask(clone, &["ls-tree", "-r", "--name-only", start]).lines() {
            let text = ask(clone, &["show", &format!("{start}:{path}")]);
            let lines = text.split_inclusive('\n');
            play.put(path, lines.map(|line| (line.to_owned(), None)).collect());
        }
        for (time, id) in &commits {
            let gone = ["show", "--format=", "--name-only", "--diff-filter=D", id];
            let gone = ask(clone, &gone);
            let gone = gone.lines().map(|path| (*time, path.to_owned()));
            play.deleted.extend(gone);
        }
        play
    }

    fn put(&mut self, path: &str, lines: Vec<TrueLine>) {
        let past = self.past.entry(path.to_owned()).or_default();
        past.push(lines.clone());
        self.files.insert(path.to_owned(), lines);
    }

    fn forget_deleted(&mut self, before: &str) {
        // Times of commits are whole seconds: a turn that began in the same one came
        // before the commit.
        let before = seconds(before);
        while let Some((_, path)) = self.deleted.pop_if(|(time, _)| *time < before) {
            self.files.remove(&path);
        }
    }

    fn edit(&mut self, path: &str, edit: &Edit, session: usize) {
        let old = self.files.get(path).cloned().unwrap_or_default();
        let text: String = old.iter().map(|(line, _)| line.as_str()).collect();
        let new = match edit {
            Edit::Whole(new) => new.clone(),
            Edit::Replace(before, after) => {
                assert!(text.contains(before), "{path} does not hold {before:?}");
                text.replacen(before, after, 1)
            }
        };
        let new: Vec<&str> = new.split_inclusive('\n').collect();
        let before: Vec<&str> = old.iter().map(|(line, _)| line.as_str()).collect();
        let fresh = new.iter().map(|line| ((*line).to_owned(), Some(session)));
        let mut lines: Vec<TrueLine> = fresh.collect();
        for part in capture_diff_slices(Algorithm::Myers, &before, &new) {
            if let DiffOp::Equal {
                old_index,
                new_index,
                len,
            } = part
            {
                lines[new_index..new_index + len]
                    .clone_from_slice(&old[old_index..old_index + len]);
            }
        }
        self.put(path, lines);
    }

    /// The last commit holds what the sessions left at some time, or the truth is
    /// none.
    fn end(self) -> Left {
        let mut head = Files::new();
        let paths = ask(self.clone, &["ls-tree", "-r", "--name-only", "HEAD"]);
        for path in paths.lines() {
            let text = ask(self.clone, &["show", &format!("HEAD:{path}")]);
            let same = |lines: &&Vec<TrueLine>| {
                let text_then: String = lines.iter().map(|(line, _)| line.as_str()).collect();
                text_then == text
            };
            let past = self.past.get(path).into_iter().flatten();
            let lines = past.rev().find(same);
            let lines = lines.unwrap_or_else(|| panic!("nothing explains {path}:\n{text}"));
            head.insert(path.to_owned(), lines.clone());
        }
        Left {
            working: self.files,
            head,
        }
    }
}

fn seconds(time: &str) -> i64 {
    let time: Timestamp = time.parse().unwrap();
    time.as_second()
}
