//! Who wrote lines that one commit, or the working tree, brought into a file.

use std::cell::RefCell;
use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Tracer;
use crate::attribute::{Known, Maker, Version, attribute};
use crate::origin::Finding;
use crate::repo::{Blame, GitError};
use crate::text::{Key, decode, lines};

/// So many findings are remembered before the memory is emptied.
const REMEMBERED: usize = 400_000;

impl Tracer {
    /// Who wrote the lines (counted from 1) that a commit brought into a file,
    /// with the lines.
    pub fn brought(
        &mut self,
        commit: &str,
        path: &str,
        brought: &[usize],
    ) -> Result<Vec<(usize, Finding)>, GitError> {
        let lines = self.version(commit, path)?;
        let brought = brought.iter().filter_map(|line| line.checked_sub(1));
        let found = self.findings(commit, path, lines, brought.collect());
        Ok(found.into_iter().map(|(line, of)| (line + 1, of)).collect())
    }

    /// Finds the writers of a blamed file's lines, and remembers them.
    pub(super) fn find(&mut self, blame: &Blame) -> Result<(), GitError> {
        if self.found.values().map(FxHashMap::len).sum::<usize>() > REMEMBERED {
            self.found.clear();
        }
        let mut groups: FxHashMap<_, Vec<usize>> = FxHashMap::default();
        for line in &blame.lines {
            let key = (line.commit.clone(), line.path.clone());
            groups.entry(key).or_default().push(line.line - 1);
        }
        for (key, mut brought) in groups {
            let known = self.found.get(&key);
            brought.sort_unstable();
            brought.dedup();
            if known.is_some_and(|known| brought.iter().all(|line| known.contains_key(line))) {
                continue;
            }
            let (commit, path) = (&*key.0, &*key.1);
            let uncommitted = commit.bytes().all(|byte| byte == b'0');
            let lines = if uncommitted {
                // The working tree, as git read it.
                let held = blame.lines.iter();
                held.map(|line| self.texts.key(&decode(&line.text)))
                    .collect()
            } else {
                self.version(commit, path)?
            };
            let findings = self.findings(commit, path, lines, brought);
            self.found.entry(key).or_default().extend(findings);
        }
        Ok(())
    }

    /// The lines that a file had in a commit.
    fn version(&mut self, commit: &str, path: &str) -> Result<Vec<Key>, GitError> {
        let name = format!("{commit}:{path}");
        let bytes = self.objects.borrow_mut().get(&name)?;
        let text = decode(&bytes.unwrap_or_default());
        Ok(lines(&text).map(|line| self.texts.key(line)).collect())
    }

    fn findings(
        &self,
        commit: &str,
        path: &str,
        lines: Vec<Key>,
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
        let held = RefCell::new(FxHashMap::default());
        let known = Known {
            evidence: &self.known.evidence,
            replayed: &self.known.replayed,
            index: &self.known.index,
            activity: &self.known.activity,
            texts: &self.texts,
            holds: &|path, key| {
                let mut held = held.borrow_mut();
                if !held.contains_key(path) {
                    held.insert(path.to_owned(), self.bare_lines(commit, path));
                }
                held[path].contains(self.texts.bare(key))
            },
        };
        attribute(&version, &known)
    }

    /// The lines that a file has in a commit or in the working tree, without
    /// white space.
    fn bare_lines(&self, commit: &str, path: &str) -> FxHashSet<String> {
        let bytes = if commit.bytes().all(|byte| byte == b'0') {
            std::fs::read(self.root().join(path)).ok()
        } else {
            let name = format!("{commit}:{path}");
            self.objects.borrow_mut().get(&name).ok().flatten()
        };
        let text = decode(&bytes.unwrap_or_default());
        let bare = |line: &str| line.chars().filter(|c| !c.is_whitespace()).collect();
        lines(&text).map(bare).collect()
    }

    fn maker(&self, commit: &str, path: &str) -> Maker {
        let history = self.history();
        let Some(commit) = history.commits.get(commit) else {
            return Maker {
                at_ms: modified_ms(&self.root().join(path)).unwrap_or(i64::MAX),
                parent_ms: history.newest_ms(),
                local: true,
                marked: None,
            };
        };
        Maker {
            at_ms: commit.committer_ms,
            parent_ms: history.parent_ms(commit),
            local: self.known.local.made(commit),
            marked: self.known.signs.mark(commit),
        }
    }
}

fn modified_ms(path: &Path) -> Option<i64> {
    let modified = std::fs::metadata(path).ok()?.modified().ok()?;
    let age = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(age.as_millis()).ok()
}
