//! git's blame of a file, begun before it is needed: it takes git as long as it takes to
//! read and replay sessions, and neither needs the other.

use std::thread::JoinHandle;

use crate::repo::{Blame, Git, GitError};

/// A blame that git works on.
#[derive(Debug)]
pub struct Ahead {
    path: String,
    /// The id of the commit; none for the working tree.
    commit: Option<String>,
    work: JoinHandle<Result<Blame, GitError>>,
}

impl Ahead {
    /// Lets git begin with a file, by its path from the top, in a commit or in the working
    /// tree, where it has to be a file. An answer that is not asked for is lost.
    pub fn begin(git: &Git, path: &str, commit: Option<&str>) -> Self {
        let (git, path) = (git.clone(), path.to_owned());
        let commit = commit.map(str::to_owned);
        Self {
            work: std::thread::spawn({
                let (path, commit) = (path.clone(), commit.clone());
                move || Blame::of(&git, &path, commit.as_deref())
            }),
            path,
            commit,
        }
    }

    /// The answer, if it is one to this question; else none, at once.
    pub(super) fn answer(
        self,
        path: &str,
        commit: Option<&str>,
    ) -> Option<Result<Blame, GitError>> {
        let same = self.path == path && self.commit.as_deref() == commit;
        // A thread that broke down gave no answer: git is asked again.
        same.then(|| self.work.join().ok()).flatten()
    }
}
