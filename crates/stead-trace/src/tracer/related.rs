//! Which sessions worked in this repository: by the folders that their paths lie
//! in, or, where those are gone, by what they say and what they wrote.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::alike::{Alike, Wrote};
use crate::digest::Digest;
use crate::keyed::Keyed;
use crate::repo::{Git, History, Kinship, Objects, Places};
use crate::step::{Action, Evidence, Step};
use crate::text::{Key, Texts, decode};

/// A line says something from so many letters and digits on.
const TELLING: u32 = 12;

pub(super) struct Related<'a> {
    git: &'a Git,
    history: &'a History,
    objects: &'a RefCell<Objects>,
    texts: &'a mut Texts,
    /// From when to when sessions worked on files with paths of this repository in
    /// folders that are gone: it may have been here. In milliseconds since 1970.
    doubtful: Vec<(i64, i64)>,
    /// All lines that files ever had, by path.
    held: FxHashMap<String, Rc<FxHashSet<Key>>>,
}

impl<'a> Related<'a> {
    pub(super) fn new(
        git: &'a Git,
        history: &'a History,
        objects: &'a RefCell<Objects>,
        texts: &'a mut Texts,
    ) -> Self {
        Self {
            git,
            history,
            objects,
            texts,
            doubtful: Vec::new(),
            held: FxHashMap::default(),
        }
    }

    /// When sessions may have worked here, in folders that are gone.
    pub(super) fn doubtful(self) -> Vec<(i64, i64)> {
        self.doubtful
    }

    /// The steps of this repository; checkouts that are found are added to the
    /// places.
    pub(super) fn evidence(&mut self, digests: Vec<Digest>, places: &mut Places) -> Evidence {
        let mut folders = FxHashMap::default();
        let mut alike = Alike::default();
        for digest in &digests {
            self.find_trees(digest, places, &mut folders, &mut alike);
        }
        if let Some(root) = alike.likeliest(self.git.root()) {
            places.add(root);
        }
        let mut evidence = Evidence::default();
        for digest in digests {
            let number = evidence.sessions.len() as u32;
            let here =
                |step: &Step| step.action == Action::Opaque || places.place(&step.path).is_some();
            let worked = digest
                .steps
                .iter()
                .any(|step| places.place(&step.path).is_some())
                || in_tree(digest.session.cwd.as_deref(), places);
            if !worked {
                continue;
            }
            let steps = digest.steps.into_iter().filter(here);
            evidence.steps.extend(steps.map(|step| Step {
                session: number,
                ..step
            }));
            evidence.sessions.push(digest.session);
        }
        evidence
    }

    fn find_trees(
        &mut self,
        digest: &Digest,
        places: &mut Places,
        folders: &mut FxHashMap<String, Kinship>,
        alike: &mut Alike,
    ) {
        let mut lost: Vec<&Step> = Vec::new();
        for step in &digest.steps {
            if places.place(&step.path).is_some() || step.action == Action::Opaque {
                continue;
            }
            let folder = step.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            if !folders.contains_key(folder) {
                let known = Kinship::of(Path::new(folder), self.git);
                folders.insert(folder.to_owned(), known);
            }
            match &folders[folder] {
                Kinship::Same(top) => places.add_folder(top),
                Kinship::Gone => lost.push(step),
                Kinship::Other => {}
            }
        }
        if lost.iter().any(|step| self.split(&step.path).is_some()) {
            self.doubtful
                .extend(digest.session.from_ms.zip(digest.session.to_ms));
        }
        if let Some(root) = self.root_of(&lost, digest, alike) {
            places.add(&root);
        }
    }

    /// The folder that a checkout lay in which is gone: that below which most of
    /// the paths are those of this repository.
    fn root_of(&mut self, lost: &[&Step], digest: &Digest, alike: &mut Alike) -> Option<String> {
        let mut roots: FxHashMap<&str, Vec<(&Step, &str)>> = FxHashMap::default();
        for step in lost {
            if let Some((root, inner)) = self.split(&step.path) {
                roots.entry(root).or_default().push((step, inner));
            }
        }
        let (root, steps) = roots
            .into_iter()
            .max_by_key(|(root, steps)| (steps.len(), *root))?;
        let commits = &digest.session.commits;
        let named = commits.iter().any(|name| self.history.find(name).is_some());
        if named || self.same_remote(digest) {
            return Some(root.to_owned());
        }
        // Who names commits that are not here worked somewhere else.
        if commits.is_empty() {
            let wrote = self.wrote(&steps);
            alike.add(root, wrote);
        }
        None
    }

    /// A path as a root and the longest rest that is a path of this repository.
    fn split<'b>(&self, path: &'b str) -> Option<(&'b str, &'b str)> {
        let slashes = path.match_indices('/').map(|(at, _)| at);
        let mut splits = slashes.map(|at| (&path[..at], &path[at + 1..]));
        splits.find(|(_, inner)| self.history.changes.contains_key(*inner))
    }

    fn same_remote(&self, digest: &Digest) -> bool {
        if digest.session.remotes.is_empty() {
            return false;
        }
        let own = self
            .git
            .ask(["config", "--get-regexp", r"^remote\..*\.url$"]);
        let own = own.unwrap_or_default();
        let own: FxHashSet<String> = own
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(_, url)| address(url))
            .collect();
        digest
            .session
            .remotes
            .iter()
            .any(|url| own.contains(&address(url)))
    }

    /// Lines that the session wrote, by whether they ever stood where it put them;
    /// nothing if most did not.
    fn wrote(&mut self, steps: &[(&Step, &str)]) -> Wrote {
        let mut wrote = Wrote::default();
        for (step, path) in steps {
            let held = self.ever_held(path);
            for key in self.written(&step.action) {
                if self.texts.weight(key) < TELLING {
                    continue;
                }
                if held.contains(&key) {
                    wrote.found.insert(key);
                } else {
                    wrote.missing.insert(key);
                }
            }
        }
        if wrote.found.len() < wrote.missing.len() {
            return Wrote::default();
        }
        wrote
    }

    fn written(&mut self, action: &Action) -> Vec<Key> {
        match action {
            Action::Write { after, .. } | Action::Append(after) => self.texts.keys(after),
            Action::Replace { before, after, .. } => {
                let before: FxHashSet<Key> = self.texts.keys(before).into_iter().collect();
                let after = self.texts.keys(after).into_iter();
                after.filter(|key| !before.contains(key)).collect()
            }
            Action::Patch(patch) => {
                let lines = patch.hunks.iter().flat_map(|hunk| &hunk.lines);
                let added = lines.filter_map(|line| line.strip_prefix('+'));
                added.map(|line| self.texts.key(line)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// All lines that any version of a file had, or the working tree has.
    fn ever_held(&mut self, path: &str) -> Rc<FxHashSet<Key>> {
        if let Some(known) = self.held.get(path) {
            return known.clone();
        }
        let mut held = FxHashSet::default();
        let changes = self
            .history
            .changes
            .get(path)
            .map_or(&[][..], Vec::as_slice);
        let mut last = Keyed::default();
        let mut add = |bytes: Option<Vec<u8>>, texts: &mut Texts| {
            let text = decode(&bytes.unwrap_or_default());
            last = last.turned(text.into(), texts);
            held.extend(last.keys.iter().copied());
        };
        for object in changes.iter().filter_map(|(_, object)| object.as_deref()) {
            let bytes = self.objects.borrow_mut().get(object).ok().flatten();
            add(bytes, self.texts);
        }
        add(std::fs::read(self.git.root().join(path)).ok(), self.texts);
        let held = Rc::new(held);
        self.held.insert(path.to_owned(), held.clone());
        held
    }
}

fn in_tree(cwd: Option<&str>, places: &Places) -> bool {
    let inside = |cwd: &str| format!("{}/.", crate::path::absolute(cwd, ""));
    cwd.is_some_and(|cwd| places.place(&inside(cwd)).is_some())
}

/// A remote's address without what differs between its forms.
fn address(url: &str) -> String {
    let url = url.trim().trim_end_matches('/').trim_end_matches(".git");
    let url = url.split_once("://").map_or(url, |(_, rest)| rest);
    let url = url.rsplit_once('@').map_or(url, |(_, rest)| rest);
    url.replacen(':', "/", 1).to_lowercase()
}
