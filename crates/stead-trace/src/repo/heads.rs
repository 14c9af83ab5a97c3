//! Facts of commits in the words of git's porcelain.

use rustc_hash::FxHashMap;

use super::{Git, GitError};

/// So many commits are asked for at once: command lines have an end.
const AT_ONCE: usize = 1000;

/// One commit: its id, then the rows of its head, ended by a zero.
const FORMAT: &str = "--format=%H%nauthor %an%nauthor-mail <%ae>%nauthor-time %at%nauthor-tz %ad%n\
                      committer %cn%ncommitter-mail <%ce>%ncommitter-time %ct%ncommitter-tz %cd%n\
                      summary %s%n%x00";

/// The heads of commits as `git blame --porcelain` writes them.
#[derive(Debug, Default)]
pub struct CommitHeads {
    by_id: FxHashMap<String, String>,
}

impl CommitHeads {
    /// Asks git for commits by their whole ids.
    pub fn of(git: &Git, ids: &[&str]) -> Result<Self, GitError> {
        let mut heads = Self::default();
        for ids in ids.chunks(AT_ONCE) {
            let fixed = ["show", "--no-patch", "--date=format:%z", FORMAT];
            let answer = git.ask(fixed.iter().chain(ids))?;
            for commit in answer.split('\0') {
                if let Some((id, head)) = commit.trim_start_matches('\n').split_once('\n') {
                    heads.by_id.insert(id.to_owned(), head.to_owned());
                }
            }
        }
        Ok(heads)
    }

    /// The rows of one commit, each with its end.
    pub fn of_commit(&self, id: &str) -> Option<&str> {
        self.by_id.get(id).map(String::as_str)
    }
}
