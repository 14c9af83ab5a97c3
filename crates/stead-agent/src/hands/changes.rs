//! What commands did to files: found by comparing, as a command says nothing of it.

use std::collections::{BTreeMap, HashMap};

use stead_edit::FilePlan;

use super::snapshot::Snapshot;
use crate::workspace::Workspace;

/// Larger files are named, and their content is not kept.
const LARGEST: u64 = 4 << 20;
/// So many bytes are kept in memory of a tree that has no other one to compare with.
const MOST_KEPT: u64 = 64 << 20;

/// What files held before: those that the session changed as it left them, all others as
/// they are in the user's own tree.
#[derive(Debug)]
pub struct Contents {
    from: Source,
    /// As the session left them; `None` for those that are gone.
    written: HashMap<String, Option<Vec<u8>>>,
    /// What these files held before the session changed them first; `None` for new ones.
    began: BTreeMap<String, Option<Vec<u8>>>,
}

/// Where the content of files that nobody changed is.
#[derive(Debug)]
enum Source {
    /// In another tree, which stays as it is.
    Base(Workspace),
    /// Read from the tree itself before the first command.
    Kept(Option<HashMap<String, Vec<u8>>>),
}

/// What a command changed.
#[derive(Debug, Default)]
pub(super) struct Changed {
    /// Files with what they held before and hold now.
    pub(super) plans: Vec<FilePlan>,
    /// Files of which one of the two is not known.
    pub(super) unkept: Vec<String>,
}

impl Contents {
    /// The session works in a tree of its own, made of this one.
    pub fn beside(base: Workspace) -> Self {
        Self {
            from: Source::Base(base),
            written: HashMap::new(),
            began: BTreeMap::new(),
        }
    }

    /// The session works in the user's own tree.
    pub fn in_place() -> Self {
        Self {
            from: Source::Kept(None),
            written: HashMap::new(),
            began: BTreeMap::new(),
        }
    }

    /// A file is not what the base has, as an earlier task of the session changed it.
    pub fn left(&mut self, path: &str, workspace: &Workspace) {
        let is = workspace
            .kind(path)
            .ok()
            .flatten()
            .map(|_| workspace.bytes(path, LARGEST));
        match is {
            // Too large to be known; it will be told as such if it changes again.
            Some(None) => {}
            is => drop(self.written.insert(path.to_owned(), is.flatten())),
        }
    }

    /// Files as they are before a command.
    pub(super) fn snapshot(&mut self, workspace: &Workspace) -> Snapshot {
        let snapshot = Snapshot::of(workspace);
        if let Source::Kept(kept @ None) = &mut self.from {
            *kept = Some(keep(workspace, &snapshot));
        }
        snapshot
    }

    /// What was changed since.
    pub(super) fn changed(&self, before: &Snapshot, workspace: &Workspace) -> Changed {
        let after = Snapshot::of(workspace);
        let mut changed = Changed::default();
        for path in before.differences(&after) {
            let was = before.has(&path).then(|| self.held(&path));
            let large = after.length(&path).is_some_and(|length| length > LARGEST);
            let is = after.has(&path).then(|| {
                let held = (!large).then(|| workspace.bytes(&path, LARGEST));
                held.flatten()
            });
            match (was, is) {
                (Some(None), _) | (_, Some(None)) => changed.unkept.push(path),
                (was, is) if was == is => {}
                (was, is) => changed.plans.push(FilePlan {
                    path,
                    before: was.flatten(),
                    after: is.flatten(),
                    moved_from: None,
                }),
            }
        }
        changed
    }

    /// Takes in changes, whoever made them.
    pub(crate) fn note(&mut self, changes: &[FilePlan]) {
        for change in changes {
            let began = self.began.entry(change.path.clone());
            began.or_insert_with(|| change.before.clone());
            let after = change.after.clone();
            self.written.insert(change.path.clone(), after);
        }
    }

    /// All that the session changed so far, by path; what is as it was before is left out.
    pub fn changes(&self) -> Vec<FilePlan> {
        let changed = self.began.iter().filter_map(|(path, before)| {
            let after = self.written.get(path)?;
            (before != after).then(|| FilePlan {
                path: path.clone(),
                before: before.clone(),
                after: after.clone(),
                moved_from: None,
            })
        });
        changed.collect()
    }

    /// What a file held that was there; nothing if it is not known.
    fn held(&self, path: &str) -> Option<Vec<u8>> {
        if let Some(written) = self.written.get(path) {
            return written.clone();
        }
        match &self.from {
            Source::Base(base) => base.bytes(path, LARGEST),
            Source::Kept(kept) => kept.as_ref()?.get(path).cloned(),
        }
    }
}

/// The files of a tree, as far as there is room for them.
fn keep(workspace: &Workspace, snapshot: &Snapshot) -> HashMap<String, Vec<u8>> {
    let mut room = MOST_KEPT;
    let mut kept = HashMap::new();
    for path in snapshot.files() {
        let length = snapshot.length(path).unwrap_or(0);
        if length > LARGEST || length > room {
            continue;
        }
        if let Some(bytes) = workspace.bytes(path, LARGEST) {
            room -= length;
            kept.insert(path.to_owned(), bytes);
        }
    }
    kept
}
