//! All notes of a repository: what there is is asked once, each is read when a line
//! of its commit is asked for.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::agent_trace::{Reading, Record};
use super::authorship::Log;
use super::entire::{self, Checkpoint};
use super::evidence::NoteEvidence;
use super::keep;
use crate::repo::{Commit, Git, GitError, Objects};

/// A longer note is not read: nobody wrote so much about one commit.
const MOST: usize = 16 << 20;

/// The notes of a repository.
#[derive(Debug, Clone, Default)]
pub struct Notes {
    /// git-ai's logs: the note's object by commit.
    logs: Arc<FxHashMap<String, String>>,
    /// Agent Trace's records by the commit that they are about.
    records: Arc<FxHashMap<String, Vec<Record>>>,
    /// The ref that Entire's checkpoints lie on.
    checkpoints: Option<Arc<str>>,
    read_logs: FxHashMap<String, Option<Arc<Log>>>,
    read_checkpoints: FxHashMap<String, Arc<[Checkpoint]>>,
    problems: Vec<String>,
}

impl Notes {
    /// Asks what notes there are.
    pub fn of(git: &Git) -> Result<Self, GitError> {
        let refs = git.ask(["for-each-ref", "--format=%(refname)"])?;
        let mut notes = Self::default();
        if refs.lines().any(|name| name == keep::AI_NOTES) {
            notes.logs = Arc::new(keep::logs(git)?.into_iter().collect());
        }
        let (records, bad) = keep::records(git.root());
        if bad > 0 {
            notes.problems.push(format!(
                "{}: {bad} lines are no records of Agent Trace",
                keep::TRACES
            ));
        }
        let mut by_commit: FxHashMap<String, Vec<Record>> = FxHashMap::default();
        for record in records {
            if let Some(commit) = record.commit() {
                by_commit.entry(commit.to_owned()).or_default().push(record);
            }
        }
        notes.records = Arc::new(by_commit);
        let own = format!("refs/heads/{}", entire::BRANCH);
        let branch = refs.lines().find(|name| *name == own).or_else(|| {
            let remote =
                |name: &&str| name.starts_with("refs/remotes/") && name.ends_with(entire::BRANCH);
            refs.lines().find(remote)
        });
        notes.checkpoints = branch.map(Arc::from);
        Ok(notes)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.logs.is_empty() && self.records.is_empty() && self.checkpoints.is_none()
    }

    /// What is said of a line: by the commit that brought it, the file's path in
    /// that commit, and the line there, counted from 1. Of several, the weightiest.
    pub fn line(
        &mut self,
        objects: &mut Objects,
        commit: &Commit,
        path: &str,
        line: usize,
    ) -> Option<NoteEvidence> {
        let line = line as u64;
        let log = self.log(objects, &commit.id);
        let log = log.and_then(|log| log.line(&commit.id, path, line));
        let record = self.record(&commit.id, path, line, Reading::Same);
        let mut found: Vec<NoteEvidence> = log.into_iter().chain(record).collect();
        if found.is_empty() {
            let parents = commit.parents.iter();
            found.extend(
                parents.filter_map(|parent| self.record(parent, path, line, Reading::Before)),
            );
            found.extend(self.checkpoint(objects, commit, path));
        }
        found
            .into_iter()
            .max_by(|a, b| a.weight.total_cmp(&b.weight))
    }

    /// The commits that notes hang on or are about, in no order. Commits that name a
    /// checkpoint of Entire are not among them.
    pub fn commits(&self) -> impl Iterator<Item = &str> {
        let records = self.records.keys();
        let records = records.filter(|commit| !self.logs.contains_key(*commit));
        self.logs.keys().chain(records).map(String::as_str)
    }

    /// The records that are about a commit.
    pub(super) fn records_of(&self, commit: &str) -> &[Record] {
        self.records.get(commit).map_or(&[], Vec::as_slice)
    }

    /// What could not be read so far, in words.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The log on a commit, read once.
    pub fn log(&mut self, objects: &mut Objects, commit: &str) -> Option<Arc<Log>> {
        let object = self.logs.get(commit)?;
        if let Some(known) = self.read_logs.get(commit) {
            return known.clone();
        }
        let bytes = objects.get(object).ok().flatten().unwrap_or_default();
        let log = if bytes.len() > MOST {
            Err(format!("it has {} bytes", bytes.len()))
        } else {
            Log::parse(&bytes).map_err(|error| error.to_string())
        };
        let short = commit.get(..8).unwrap_or(commit);
        match &log {
            Err(why) => self
                .problems
                .push(format!("the git-ai note on {short} is left out: {why}")),
            Ok(log) if log.skipped > 0 => self.problems.push(format!(
                "the git-ai note on {short} has {} lines that cannot be read",
                log.skipped
            )),
            Ok(_) => {}
        }
        let log = log.ok().map(Arc::new);
        self.read_logs.insert(commit.to_owned(), log.clone());
        log
    }

    fn record(
        &self,
        commit: &str,
        path: &str,
        line: u64,
        reading: Reading,
    ) -> Option<NoteEvidence> {
        let records = self.records.get(commit)?;
        // Later records were made knowing of earlier ones.
        let mut said = records.iter().rev();
        said.find_map(|record| record.line(path, line, reading))
    }

    fn checkpoint(
        &mut self,
        objects: &mut Objects,
        commit: &Commit,
        path: &str,
    ) -> Option<NoteEvidence> {
        entire::said(&self.sessions(objects, commit)?, path)
    }

    /// The sessions of the checkpoint that a commit names.
    pub(super) fn sessions(
        &mut self,
        objects: &mut Objects,
        commit: &Commit,
    ) -> Option<Arc<[Checkpoint]>> {
        let branch = self.checkpoints.clone()?;
        let id = Checkpoint::named(&commit.trailers)?;
        if let Some(known) = self.read_checkpoints.get(&id) {
            return Some(known.clone());
        }
        let mut read = |session| {
            let path = Checkpoint::path(&id, session)?;
            let bytes = objects.get(&format!("{branch}:{path}")).ok().flatten()?;
            Checkpoint::parse(&bytes)
        };
        let whole = read(None);
        let sessions = whole.as_ref().map_or(0, Checkpoint::sessions);
        let mut all: Vec<Checkpoint> = (0..sessions).filter_map(|at| read(Some(at))).collect();
        if all.is_empty() {
            all.extend(whole);
        }
        if all.is_empty() {
            self.problems
                .push(format!("the checkpoint {id} of Entire cannot be read"));
        }
        let all: Arc<[Checkpoint]> = all.into();
        self.read_checkpoints.insert(id, all.clone());
        Some(all)
    }
}
