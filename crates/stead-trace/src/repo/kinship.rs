//! Whether a folder is a checkout of the same repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::place::Place;
use super::{Git, Objects};

/// What lies in a folder today, seen from a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kinship {
    /// A clone of the repository, with the top of its work tree.
    Same(PathBuf),
    /// Another repository, or none.
    Other,
    /// The folder is gone, or holds a repository without a commit: what was there
    /// cannot be told.
    Gone,
}

impl Kinship {
    /// Looks into a folder. Clones are known by a commit that both have.
    pub fn of(folder: &Path, git: &Git) -> Self {
        Kin::of(git, Acquaintances::default()).kinship(folder)
    }
}

/// What is known of repositories, each with the state that it is known of: git is
/// asked again only about those that changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acquaintances {
    by_top: BTreeMap<PathBuf, Facts>,
}

/// What a repository was found to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Facts {
    state: String,
    /// The commit that is checked out.
    head: Option<String>,
    /// Where its history begins: the first commits, or those at which a shallow
    /// clone is cut off.
    roots: Vec<String>,
    /// Commits of others that were looked for here, and whether they are here.
    has: BTreeMap<String, bool>,
}

/// Tells which folders are checkouts of one repository.
#[derive(Debug)]
pub struct Kin<'a> {
    git: &'a Git,
    place: Option<Place>,
    objects: Option<Objects>,
    known: Acquaintances,
    changed: bool,
}

impl<'a> Kin<'a> {
    /// Of this repository, with what is known of others.
    pub fn of(git: &'a Git, known: Acquaintances) -> Self {
        Self {
            place: Place::of(git.root()),
            git,
            objects: None,
            known,
            changed: false,
        }
    }

    /// What is known now; none if nothing was learnt. Repositories that are gone
    /// are forgotten.
    pub fn learnt(mut self) -> Option<Acquaintances> {
        self.known.by_top.retain(|top, _| top.is_dir());
        self.changed.then_some(self.known)
    }

    /// Looks into a folder. Clones are known by a commit that both have: the head of
    /// the one, or one that a history begins with.
    pub fn kinship(&mut self, folder: &Path) -> Kinship {
        if !folder.is_dir() {
            return Kinship::Gone;
        }
        let (Some(place), Some(own)) = (Place::of(folder), self.place.clone()) else {
            return Kinship::Other;
        };
        if own.common == place.common {
            return Kinship::Same(place.top);
        }
        let (Some(theirs), Some(ours)) = (self.facts(&place), self.facts(&own)) else {
            return Kinship::Other;
        };
        let (Some(head), Some(_)) = (&theirs.head, &ours.head) else {
            return Kinship::Gone;
        };
        let mut commits = theirs.roots.iter().chain([head]);
        if commits.any(|id| self.has(id)) || ours.roots.iter().any(|id| self.is_in(&place, id)) {
            return Kinship::Same(place.top);
        }
        Kinship::Other
    }

    /// What is known of a repository, or git says of it; none if git does not take
    /// it for one.
    fn facts(&mut self, place: &Place) -> Option<Facts> {
        let state = place.state();
        if let Some(known) = self.known.by_top.get(&place.top)
            && known.state == state
        {
            return Some(known.clone());
        }
        let git = Git::at(&place.top).ok()?;
        let facts = Facts {
            state,
            head: git.commit("HEAD"),
            roots: roots(&git),
            has: BTreeMap::new(),
        };
        self.changed = true;
        self.known.by_top.insert(place.top.clone(), facts.clone());
        Some(facts)
    }

    /// Whether this repository has a commit.
    fn has(&mut self, commit: &str) -> bool {
        if self.objects.is_none() {
            self.objects = Objects::open(self.git).ok();
        }
        let objects = self.objects.as_mut();
        let found = objects.and_then(|objects| objects.get(commit).ok());
        found.flatten().is_some()
    }

    /// Whether another repository has a commit.
    fn is_in(&mut self, place: &Place, commit: &str) -> bool {
        let Some(facts) = self.known.by_top.get_mut(&place.top) else {
            return false;
        };
        if let Some(known) = facts.has.get(commit) {
            return *known;
        }
        let git = Git::at(&place.top);
        let found = git.is_ok_and(|git| git.ask(["cat-file", "-e", commit]).is_ok());
        facts.has.insert(commit.to_owned(), found);
        self.changed = true;
        found
    }
}

fn roots(git: &Git) -> Vec<String> {
    let roots = git.ask(["rev-list", "--max-parents=0", "HEAD"]);
    let roots = roots.unwrap_or_default();
    roots.lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::{Acquaintances, Kin, Kinship};
    use crate::repo::Git;

    fn git(folder: &Path, arguments: &[&str]) {
        let names = ["-c", "user.name=A", "-c", "user.email=a@example.com"];
        let status = Command::new("git")
            .args(names)
            .args(arguments)
            .current_dir(folder)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        assert!(status.status.success(), "{arguments:?}");
    }

    fn repository(folder: &Path, words: &str) {
        std::fs::create_dir_all(folder).unwrap();
        git(folder, &["init", "--quiet"]);
        git(folder, &["commit", "--quiet", "--allow-empty", "-m", words]);
    }

    fn word(kinship: &Kinship) -> &'static str {
        match kinship {
            Kinship::Same(_) => "same",
            Kinship::Other => "other",
            Kinship::Gone => "gone",
        }
    }

    #[test]
    fn clones_and_work_trees_are_told_from_others() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().canonicalize().unwrap().join(name);
        repository(&at("own"), "one");
        git(
            &at("own"),
            &["commit", "--quiet", "--allow-empty", "-m", "two"],
        );
        repository(&at("foreign"), "other");
        git(dir.path(), &["clone", "--quiet", "own", "ahead"]);
        git(
            &at("ahead"),
            &["commit", "--quiet", "--allow-empty", "-m", "more"],
        );
        let url = format!("file://{}", at("own").display());
        git(
            dir.path(),
            &["clone", "--quiet", "--depth=1", &url, "shallow"],
        );
        git(
            &at("own"),
            &["worktree", "add", "--quiet", "--detach", "../tree"],
        );
        for folder in ["plain", "foreign/src", "ahead/src"] {
            std::fs::create_dir_all(at(folder)).unwrap();
        }
        std::fs::create_dir_all(at("empty")).unwrap();
        git(&at("empty"), &["init", "--quiet"]);
        let expected = [
            ("own", "same"),
            ("ahead", "same"),
            ("ahead/src", "same"),
            ("shallow", "same"),
            ("tree", "same"),
            ("foreign", "other"),
            ("foreign/src", "other"),
            ("plain", "other"),
            ("empty", "gone"),
            ("none", "gone"),
        ];
        for from in ["own", "shallow", "tree"] {
            let own = Git::at(&at(from)).unwrap();
            let mut kin = Kin::of(&own, Acquaintances::default());
            for (folder, kinship) in expected {
                let found = kin.kinship(&at(folder));
                assert_eq!(word(&found), kinship, "{folder} seen from {from}");
            }
        }
    }

    #[test]
    fn what_is_remembered_counts_until_a_repository_changes() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().canonicalize().unwrap().join(name);
        repository(&at("own"), "one");
        repository(&at("foreign"), "other");
        let own = Git::at(&at("own")).unwrap();
        let mut kin = Kin::of(&own, Acquaintances::default());
        assert_eq!(kin.kinship(&at("foreign")), Kinship::Other);
        let known = kin.learnt().unwrap();
        let mut kin = Kin::of(&own, known.clone());
        assert_eq!(kin.kinship(&at("foreign")), Kinship::Other);
        assert_eq!(kin.learnt(), None);
        // Now the folder holds a clone.
        std::fs::remove_dir_all(at("foreign")).unwrap();
        git(dir.path(), &["clone", "--quiet", "own", "foreign"]);
        let mut kin = Kin::of(&own, known);
        assert_eq!(word(&kin.kinship(&at("foreign"))), "same");
        assert!(kin.learnt().is_some());
    }
}
