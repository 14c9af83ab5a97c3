//! Whether a folder is a checkout of the same repository.

use std::path::{Path, PathBuf};

use super::Git;

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
        if !folder.is_dir() {
            return Self::Gone;
        }
        let Ok(other) = Git::at(folder) else {
            return Self::Other;
        };
        if other.root() == git.root() {
            return Self::Same(other.root().to_owned());
        }
        let (Some(theirs), Some(ours)) = (head(&other), head(git)) else {
            return Self::Gone;
        };
        if has(git, &theirs) || has(&other, &ours) || begins_alike(git, &other) {
            return Self::Same(other.root().to_owned());
        }
        Self::Other
    }
}

fn head(git: &Git) -> Option<String> {
    let id = git.ask(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
    id.ok().map(|id| id.trim_end().to_owned())
}

fn has(git: &Git, commit: &str) -> bool {
    git.ask(["cat-file", "-e", commit]).is_ok()
}

/// Both have the same first commit, and have parted since.
fn begins_alike(git: &Git, other: &Git) -> bool {
    let roots = other.ask(["rev-list", "--max-parents=0", "HEAD"]);
    roots.is_ok_and(|roots| roots.lines().any(|root| has(git, root)))
}
