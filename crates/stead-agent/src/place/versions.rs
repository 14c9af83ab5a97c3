//! What version control knows of the tree, asked for by whoever may run it.

use std::path::{Path, PathBuf};

/// Version control of a tree. Paths are from the tree's top.
pub trait Versions {
    /// The paths below it that are kept although rules ignore them.
    fn kept_though_ignored(&self) -> Result<Vec<PathBuf>, String>;

    /// The name of the commit that is checked out, for [`Versions::held`]; also where there is none
    /// yet. `None` if the tree is under no version control.
    fn checked_out(&self) -> Option<String>;

    /// Those of the paths whose files hold what no commit holds; new files too. Not asked by a
    /// process that has an overlay over the tree, as it would see the agent's files.
    fn uncommitted(&self, paths: &[PathBuf]) -> Result<Vec<PathBuf>, String>;

    /// What a file held in a commit; `None` if it was not there.
    fn held(&self, commit: &str, path: &Path) -> Option<Vec<u8>>;

    /// One text from two that were made of a base; `None` if both changed the same lines.
    fn merge(&self, base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>>;
}

/// A tree that is under no version control.
#[derive(Debug, Clone, Copy)]
pub struct NoVersions;

impl Versions for NoVersions {
    fn kept_though_ignored(&self) -> Result<Vec<PathBuf>, String> {
        Ok(Vec::new())
    }

    fn checked_out(&self) -> Option<String> {
        None
    }

    fn uncommitted(&self, _: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
        Ok(Vec::new())
    }

    fn held(&self, _: &str, _: &Path) -> Option<Vec<u8>> {
        None
    }

    fn merge(&self, _: &[u8], _: &[u8], _: &[u8]) -> Option<Vec<u8>> {
        None
    }
}
