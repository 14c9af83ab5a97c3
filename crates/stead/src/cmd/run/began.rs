//! What git knew of the tree before the agent began: afterwards this process sees the
//! agent's work in its place.

use std::path::{Path, PathBuf};

use stead_agent::place::Versions;
use stead_trace::repo::Git;

use crate::cmd::changes::Repository;

/// Version control of a tree as it was when the session began.
pub(super) struct Began {
    repository: Repository,
    /// Files that held what no commit held; or why that is not known.
    uncommitted: Result<Vec<PathBuf>, String>,
}

impl Began {
    /// Looks at a tree. Which files are not committed is asked only for who wants to apply.
    pub(super) fn at(tree: &Path, applies: bool) -> Self {
        let not_asked = Err("it was not asked for".to_owned());
        Self {
            repository: Repository::at(tree),
            uncommitted: if applies {
                uncommitted(tree)
            } else {
                not_asked
            },
        }
    }
}

fn uncommitted(tree: &Path) -> Result<Vec<PathBuf>, String> {
    // Where there is no repository, nothing is committed and nothing can be lost by git.
    let Ok(git) = Git::at(tree) else {
        return Ok(Vec::new());
    };
    let words = ["status", "--porcelain", "-z", "-uall", "--no-renames"];
    let told = git.bytes(words).map_err(|error| error.to_string())?;
    let lines = told.split(|byte| *byte == 0);
    Ok(lines.filter_map(|line| line.get(3..)).map(path).collect())
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

impl Versions for Began {
    fn kept_though_ignored(&self) -> Result<Vec<PathBuf>, String> {
        self.repository.kept_though_ignored()
    }

    fn uncommitted(&self, paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
        let known = self.uncommitted.clone()?;
        let paths = paths.iter().filter(|path| known.contains(path));
        Ok(paths.cloned().collect())
    }

    fn checked_out(&self) -> Option<String> {
        self.repository.checked_out()
    }

    fn held(&self, commit: &str, path: &Path) -> Option<Vec<u8>> {
        self.repository.held(commit, path)
    }

    fn merge(&self, base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
        self.repository.merge(base, ours, theirs)
    }
}
