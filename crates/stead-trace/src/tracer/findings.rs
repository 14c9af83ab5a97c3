//! Who wrote lines that one commit, or the working tree, brought into a file.

use std::cell::RefCell;
use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Tracer;
use crate::attribute::{Around, Known, Maker, Version, attribute};
use crate::origin::Finding;
use crate::repo::{Blame, GitError};
use crate::text::{Key, decode, lines};

/// So many findings are remembered before the memory is emptied.
const REMEMBERED: usize = 100_000;

/// So many versions of a file are looked at for a line.
const VERSIONS: usize = 40;

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
        let known = Known {
            evidence: &self.known.evidence,
            replayed: &self.known.replayed,
            index: &self.known.index,
            activity: &self.known.activity,
            texts: &self.texts,
            around: &At {
                tracer: self,
                commit,
                held: RefCell::default(),
            },
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
                local: true,
                marked: None,
            };
        };
        Maker {
            commit: commit.id.clone(),
            at_ms: commit.committer_ms,
            parent_ms: history.parent_ms(commit),
            local: self.known.local.made(commit),
            marked: self.known.signs.mark(commit),
        }
    }
}

/// The repository as it was in a commit, or is in the working tree.
struct At<'a> {
    tracer: &'a Tracer,
    commit: &'a str,
    /// Lines of files, without white space; none if there is no such file.
    held: RefCell<FxHashMap<String, Option<FxHashSet<String>>>>,
}

impl At<'_> {
    fn is_working_tree(&self) -> bool {
        self.commit.bytes().all(|byte| byte == b'0')
    }

    /// Lets look at the lines of a file, if there is such a file.
    fn file(&self, path: &str, look: impl Fn(Option<&FxHashSet<String>>) -> bool) -> bool {
        let mut held = self.held.borrow_mut();
        if !held.contains_key(path) {
            held.insert(path.to_owned(), self.bare_lines(path));
        }
        look(held[path].as_ref())
    }

    fn bare_lines(&self, path: &str) -> Option<FxHashSet<String>> {
        let bytes = if self.is_working_tree() {
            std::fs::read(self.tracer.root().join(path)).ok()?
        } else {
            let name = format!("{}:{path}", self.commit);
            self.tracer.objects.borrow_mut().get(&name).ok()??
        };
        let text = decode(&bytes);
        let bare = |line: &str| line.chars().filter(|c| !c.is_whitespace()).collect();
        Some(lines(&text).map(bare).collect())
    }
}

impl Around for At<'_> {
    fn holds(&self, path: &str, line: Key) -> bool {
        let bare = self.tracer.texts.bare(line);
        self.file(path, |held| held.is_some_and(|held| held.contains(bare)))
    }

    fn lacks(&self, path: &str) -> bool {
        self.file(path, |held| held.is_none())
    }

    fn gave_way(&self, path: &str, line: Key) -> bool {
        let bare = self.tracer.texts.bare(line);
        let parent = if self.is_working_tree() {
            "HEAD".to_owned()
        } else {
            format!("{}^", self.commit)
        };
        let held = |name: String| {
            let bytes = self.tracer.objects.borrow_mut().get(&name).ok().flatten();
            let text = bytes.map(|bytes| decode(&bytes)).unwrap_or_default();
            lines(&text).any(|line| is_bare(line, bare))
        };
        if held(format!("{parent}:{path}")) {
            return true;
        }
        let changes = self.tracer.history().changes.get(path);
        let versions = changes.into_iter().flatten().take(VERSIONS);
        let mut objects = versions.filter_map(|(_, object)| object.clone());
        !objects.any(held)
    }

    fn had(&self, line: Key, before_ms: i64) -> bool {
        let Some(commit) = self.tracer.history().last_before(before_ms) else {
            return false;
        };
        let line = self.tracer.texts.line(line);
        // It fails where nothing is found.
        let found = ["grep", "--quiet", "--fixed-strings", "-e", line, commit];
        self.tracer.git().bytes(found).is_ok()
    }
}

/// Whether a line is this one without white space.
fn is_bare(line: &str, bare: &str) -> bool {
    line.chars().filter(|c| !c.is_whitespace()).eq(bare.chars())
}

fn modified_ms(path: &Path) -> Option<i64> {
    let modified = std::fs::metadata(path).ok()?.modified().ok()?;
    let age = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(age.as_millis()).ok()
}
