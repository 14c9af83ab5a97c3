//! Who wrote lines that one commit, or the working tree, brought into a file.

use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Tracer;
use super::around::At;
use crate::attribute::{Known, Maker, Version, attribute};
use crate::origin::Finding;
use crate::repo::{Blame, GitError};
use crate::text::{Key, decode};

/// So many findings are remembered before the memory is emptied.
const REMEMBERED: usize = 100_000;

/// A commit and a file's path in it, with the lines that it brought, counted from 0.
type Group = ((Arc<str>, Arc<str>), Vec<usize>);

impl Tracer {
    /// Who wrote the lines (counted from 1) that a commit brought into a file,
    /// with the lines.
    pub fn brought(
        &mut self,
        commit: &str,
        path: &str,
        brought: &[usize],
    ) -> Result<Vec<(usize, Finding)>, GitError> {
        let lines = self.version(commit, path, None)?;
        let brought = brought.iter().filter_map(|line| line.checked_sub(1));
        let found = self.findings(commit, path, lines, brought.collect());
        Ok(found.into_iter().map(|(line, of)| (line + 1, of)).collect())
    }

    /// Finds the writers of a blamed file's lines, and remembers them.
    pub(super) fn find(&mut self, blame: &Blame) -> Result<(), GitError> {
        if self.found.values().map(FxHashMap::len).sum::<usize>() > REMEMBERED {
            self.found.clear();
        }
        let groups = self.groups(blame);
        for (number, ((commit, path), brought)) in groups.iter().enumerate() {
            let lines = if is_uncommitted(commit) {
                // The working tree, as git read it.
                let held = blame.lines.iter();
                held.map(|line| self.texts.key(&decode(&line.text)))
                    .collect()
            } else {
                let next = groups.get(number + 1).map(|(next, _)| next);
                let next = next.filter(|(commit, _)| !is_uncommitted(commit));
                let next = next.map(|(commit, path)| format!("{commit}:{path}"));
                self.version(commit, path, next.as_deref())?
            };
            let findings = self.findings(commit, path, lines, brought.clone());
            let of_version = self.found.entry((commit.clone(), path.clone()));
            of_version.or_default().extend(findings);
        }
        Ok(())
    }

    /// What each commit brought that is not known yet: lines counted from 0,
    /// rising. Versions of a file follow each other as they were made.
    fn groups(&self, blame: &Blame) -> Vec<Group> {
        let mut groups: FxHashMap<_, Vec<usize>> = FxHashMap::default();
        for line in &blame.lines {
            let key = (line.commit.clone(), line.path.clone());
            groups.entry(key).or_default().push(line.line - 1);
        }
        groups.retain(|key, brought| {
            brought.sort_unstable();
            brought.dedup();
            let known = self.found.get(key);
            !known.is_some_and(|known| brought.iter().all(|line| known.contains_key(line)))
        });
        let made = |commit: &str| {
            let commit = self.history().commits.get(commit);
            commit.map_or(i64::MAX, |commit| commit.committer_ms)
        };
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups
            .sort_by_cached_key(|((commit, path), _)| (path.clone(), made(commit), commit.clone()));
        groups
    }

    /// The lines that a file had in a commit. The one to be asked for `next` is read
    /// by git meanwhile.
    fn version(
        &mut self,
        commit: &str,
        path: &str,
        next: Option<&str>,
    ) -> Result<Arc<[Key]>, GitError> {
        let bytes = {
            let objects = &mut self.objects.borrow_mut();
            objects.get_before(&format!("{commit}:{path}"), next)?
        };
        let text = decode(&bytes.unwrap_or_default());
        self.last = self.last.turned(text.into(), &mut self.texts);
        Ok(self.last.keys.clone())
    }

    fn findings(
        &self,
        commit: &str,
        path: &str,
        lines: Arc<[Key]>,
        brought: Vec<usize>,
    ) -> Vec<(usize, Finding)> {
        let brought = brought.into_iter();
        let brought = brought.filter(|line| *line < lines.len()).collect();
        let version = Version {
            path: path.to_owned(),
            lines,
            brought,
            maker: self.maker(commit, path),
        };
        let known = Known {
            evidence: &self.known.evidence,
            replayed: &self.known.replayed,
            index: &self.known.index,
            activity: &self.known.activity,
            texts: &self.texts,
            around: &At::new(self, commit),
        };
        let mut found = attribute(&version, &known);
        self.ask_notes(commit, path, &mut found);
        found
    }

    /// Lets what other tools noted have its say: it answers where nothing else
    /// does, and stands beside what sessions show.
    fn ask_notes(&self, commit: &str, path: &str, found: &mut [(usize, Finding)]) {
        let mut notes = self.notes.borrow_mut();
        let Some(commit) = self.history().commits.get(commit) else {
            return;
        };
        if notes.is_empty() {
            return;
        }
        let objects = &mut self.objects.borrow_mut();
        for (line, finding) in found {
            if let Some(mut note) = notes.line(objects, commit, path, *line + 1) {
                // Tools have words of their own for agents that are known here.
                let named = note.agent.as_deref();
                let id = named.and_then(|tool| self.known.signs.agent_named(tool));
                note.agent = id.map(str::to_owned).or(note.agent);
                finding.hear(note);
            }
        }
    }

    fn maker(&self, commit: &str, path: &str) -> Maker {
        let history = self.history();
        let Some(commit) = history.commits.get(commit) else {
            return Maker {
                commit: String::new(),
                at_ms: modified_ms(&self.root().join(path)).unwrap_or(i64::MAX),
                parent_ms: history.newest_ms(),
                file_ms: history.changed_before(path, i64::MAX),
                local: true,
                marked: None,
            };
        };
        Maker {
            commit: commit.id.clone(),
            at_ms: commit.committer_ms,
            parent_ms: history.parent_ms(commit),
            file_ms: history.changed_before(path, commit.committer_ms),
            local: self.known.local.made(commit),
            marked: self.known.signs.mark(commit),
        }
    }
}

/// Whether git names no commit, but the working tree.
fn is_uncommitted(commit: &str) -> bool {
    commit.bytes().all(|byte| byte == b'0')
}

fn modified_ms(path: &Path) -> Option<i64> {
    let modified = std::fs::metadata(path).ok()?.modified().ok()?;
    let age = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(age.as_millis()).ok()
}
