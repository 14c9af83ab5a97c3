//! The repository as it was in a commit, or is in the working tree.

use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Tracer;
use crate::attribute::Around;
use crate::text::{Key, decode};

/// So many versions of a file are looked at for a line.
const VERSIONS: usize = 40;

/// A commit, or the working tree, to be looked around in.
pub(super) struct At<'a> {
    tracer: &'a Tracer,
    commit: &'a str,
    /// The lines of files, by how git names what they hold (of the working tree:
    /// by path); none if there is no such file.
    held: RefCell<FxHashMap<String, Option<FxHashSet<Key>>>>,
}

impl<'a> At<'a> {
    pub(super) fn new(tracer: &'a Tracer, commit: &'a str) -> Self {
        Self {
            tracer,
            commit,
            held: RefCell::default(),
        }
    }

    fn is_working_tree(&self) -> bool {
        self.commit.bytes().all(|byte| byte == b'0')
    }

    /// Lets look at the lines of a file of the commit, if there is such a file.
    fn file(&self, path: &str, look: impl Fn(Option<&FxHashSet<Key>>) -> bool) -> bool {
        if self.is_working_tree() {
            return self.look(path, look, || {
                std::fs::read(self.tracer.root().join(path)).ok()
            });
        }
        self.object(&format!("{}:{path}", self.commit), look)
    }

    /// Lets look at the lines of an object, if there is such an object.
    fn object(&self, name: &str, look: impl Fn(Option<&FxHashSet<Key>>) -> bool) -> bool {
        self.look(name, look, || {
            self.tracer.objects.borrow_mut().get(name).ok().flatten()
        })
    }

    fn look(
        &self,
        name: &str,
        look: impl Fn(Option<&FxHashSet<Key>>) -> bool,
        read: impl FnOnce() -> Option<Vec<u8>>,
    ) -> bool {
        let mut held = self.held.borrow_mut();
        if !held.contains_key(name) {
            let lines = read().map(|bytes| self.tracer.texts.known_lines(&decode(&bytes)));
            held.insert(name.to_owned(), lines);
        }
        look(held[name].as_ref())
    }
}

impl Around for At<'_> {
    fn holds(&self, path: &str, line: Key) -> bool {
        self.file(path, |held| held.is_some_and(|held| held.contains(&line)))
    }

    fn lacks(&self, path: &str) -> bool {
        self.file(path, |held| held.is_none())
    }

    fn gave_way(&self, path: &str, line: Key) -> bool {
        let parent = if self.is_working_tree() {
            format!("HEAD:{path}")
        } else {
            format!("{}^:{path}", self.commit)
        };
        let has = |held: Option<&FxHashSet<Key>>| held.is_some_and(|held| held.contains(&line));
        if self.object(&parent, has) {
            return true;
        }
        let changes = self.tracer.history().changes.get(path);
        let versions = changes.into_iter().flatten().take(VERSIONS);
        let mut objects = versions.filter_map(|(_, object)| object.as_deref());
        !objects.any(|object| self.object(object, has))
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
