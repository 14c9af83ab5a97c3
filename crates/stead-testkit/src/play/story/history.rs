//! Git within one folder. Other folders and machines are in `far`.
#![expect(
    clippy::missing_panics_doc,
    reason = "a story that git refuses is a mistake in the story"
)]

use super::super::git::{FORGE, OWNER};
use super::Story;

impl Story {
    /// Runs git as the owner of the folder, then looks what it did.
    pub fn run_git(&mut self, arguments: &[&str]) -> String {
        self.tick();
        let said = self.git().run(arguments);
        self.settle(self.here);
        said
    }

    /// Runs git; whether it succeeded.
    fn try_git(&mut self, arguments: &[&str]) -> bool {
        self.tick();
        let output = self.git().attempt(arguments);
        self.settle(self.here);
        output.status.success()
    }

    /// Runs git where no file of the folder changes.
    fn quiet_git(&mut self, arguments: &[&str]) -> String {
        self.tick();
        self.git().run(arguments)
    }

    /// Commits all that there is.
    pub fn commit(&mut self, subject: &str) {
        self.git().run(&["add", "-A"]);
        self.quiet_git(&["commit", "-q", "--allow-empty", "-m", subject]);
    }

    /// Commits some files.
    pub fn commit_files(&mut self, subject: &str, paths: &[&str]) {
        self.git().run(&[&["add", "--"], paths].concat());
        self.quiet_git(&[&["commit", "-q", "-m", subject, "--"], paths].concat());
    }

    /// Commits a file without some of its lines, as `git add -p` does.
    pub fn commit_without(&mut self, subject: &str, path: &str, first: usize, last: usize) {
        let mut file = self.places[self.here.0].files[path].clone();
        file.lines.drain(first - 1..last);
        let git = self.git();
        let id = git.feed(&["hash-object", "-w", "--stdin"], &file.bytes());
        let id = String::from_utf8_lossy(&id).trim().to_owned();
        let entry = format!("100644,{id},{path}");
        git.run(&["update-index", "--add", "--cacheinfo", &entry]);
        let repository = self.places[self.here.0].repository;
        self.ledgers[repository].remember(path, &file);
        self.quiet_git(&["commit", "-q", "-m", subject]);
    }

    /// Puts all that there is into the last commit.
    pub fn amend(&mut self) {
        self.git().run(&["add", "-A"]);
        self.quiet_git(&["commit", "-q", "--amend", "--no-edit"]);
    }

    /// Begins a branch here.
    pub fn branch(&mut self, name: &str) {
        self.quiet_git(&["checkout", "-q", "-b", name]);
    }

    /// Goes to a branch or commit.
    pub fn checkout(&mut self, name: &str) {
        self.run_git(&["checkout", "-q", name]);
    }

    /// Takes back what was done to a file since the last commit.
    pub fn discard(&mut self, path: &str) {
        self.run_git(&["checkout", "-q", "--", path]);
    }

    /// Merges a branch, forward only.
    pub fn merge_forward(&mut self, name: &str) {
        self.run_git(&["merge", "-q", "--ff-only", name]);
    }

    /// Merges a branch with a commit of its own; false if there is a conflict.
    pub fn merge(&mut self, name: &str) -> bool {
        let message = format!("Merge {name}");
        self.try_git(&["merge", "-q", "--no-ff", "-m", &message, name])
    }

    /// Ends a merge, once its conflicts are solved.
    pub fn conclude_merge(&mut self) {
        self.git().run(&["add", "-A"]);
        self.quiet_git(&["commit", "-q", "--no-edit"]);
    }

    /// Puts the branch upon another; false if there is a conflict.
    pub fn rebase(&mut self, onto: &str) -> bool {
        self.try_git(&["rebase", "-q", onto])
    }

    /// Goes on with a rebase, once its conflicts are solved.
    pub fn continue_rebase(&mut self) -> bool {
        self.git().run(&["add", "-A"]);
        self.try_git(&["rebase", "--continue"])
    }

    /// Takes a commit from elsewhere; false if there is a conflict.
    pub fn cherry_pick(&mut self, commit: &str) -> bool {
        self.try_git(&["cherry-pick", "--allow-empty", commit])
    }

    /// Merges a branch as one commit.
    pub fn squash(&mut self, name: &str, subject: &str) {
        self.run_git(&["merge", "-q", "--squash", name]);
        self.quiet_git(&["commit", "-q", "-m", subject]);
    }

    /// Merges a branch as a server does: one commit with another committer and
    /// the branch deleted, here and there.
    pub fn squash_by_forge(&mut self, name: &str, subject: &str) {
        self.wait(90);
        let git = self.git().by(OWNER, FORGE);
        let base = git.run(&["merge-base", "HEAD", name]);
        assert_eq!(base, git.run(&["rev-parse", "HEAD"]), "main stood still");
        let tree = format!("{name}^{{tree}}");
        let commit = git.run(&["commit-tree", &tree, "-p", "HEAD", "-m", subject]);
        self.run_git(&["merge", "-q", "--ff-only", &commit]);
        self.quiet_git(&["branch", "-q", "-D", name]);
    }

    /// Takes back what a commit did.
    pub fn revert(&mut self, commit: &str) -> bool {
        self.try_git(&["revert", "--no-edit", commit])
    }

    /// Puts changes aside, new files too.
    pub fn stash(&mut self) {
        self.run_git(&["stash", "push", "-q", "--include-untracked"]);
    }

    /// Takes them up again.
    pub fn unstash(&mut self) {
        self.run_git(&["stash", "pop", "-q"]);
    }

    /// Moves the branch to a commit, with the files.
    pub fn reset_hard(&mut self, commit: &str) {
        self.run_git(&["reset", "-q", "--hard", commit]);
    }

    /// Moves the branch to a commit, without the files.
    pub fn reset_soft(&mut self, commit: &str) {
        self.quiet_git(&["reset", "-q", "--soft", commit]);
    }

    /// Names the current commit.
    pub fn tag(&mut self, name: &str) {
        self.quiet_git(&["tag", name]);
    }

    /// The id of a commit.
    pub fn id(&self, commit: &str) -> String {
        self.git().run(&["rev-parse", commit])
    }

    /// Merges a branch as one commit; false if there is a conflict.
    pub fn try_squash(&mut self, name: &str, subject: &str) -> bool {
        let merged = self.try_git(&["merge", "-q", "--squash", name]);
        if merged {
            self.quiet_git(&["commit", "-q", "--allow-empty", "-m", subject]);
        }
        merged
    }

    /// The files with conflicts, if all of them are of lines.
    pub fn conflicts(&self) -> Option<Vec<String>> {
        let status = self.git().run(&["status", "--porcelain"]);
        let lines = status.lines().map(|line| line.split_at(2));
        let open = lines.filter(|(state, _)| state.contains('U') || matches!(*state, "AA" | "DD"));
        let mut paths = Vec::new();
        for (state, path) in open {
            if !matches!(state, "UU" | "AA") {
                return None;
            }
            paths.push(path.trim().to_owned());
        }
        (!paths.is_empty()).then_some(paths)
    }

    /// Stages all and goes on with what a conflict had stopped.
    pub fn go_on(&mut self, arguments: &[&str]) -> bool {
        self.git().run(&["add", "-A"]);
        self.try_git(arguments)
    }

    /// Gives up what is on the way, if anything is: all is as in the last commit.
    pub fn give_up(&mut self, arguments: &[&str]) {
        // Git has ended by itself where nothing was left to be done.
        self.try_git(arguments);
        self.reset_hard("HEAD");
    }

    /// Whether this branch is the current one.
    pub fn is_on(&self, branch: &str) -> bool {
        self.git().run(&["rev-parse", "--abbrev-ref", "HEAD"]) == branch
    }

    /// Whether a file is not as in the last commit.
    pub fn is_changed(&self, path: &str) -> bool {
        !self
            .git()
            .run(&["status", "--porcelain", "--", path])
            .is_empty()
    }

    /// Whether git knows a file.
    pub fn is_tracked(&self, path: &str) -> bool {
        !self.git().run(&["ls-files", "--", path]).is_empty()
    }

    /// Whether a commit is there and has exactly one parent.
    pub fn has_one_parent(&self, commit: &str) -> bool {
        let one = format!("{commit}^1");
        let two = format!("{commit}^2");
        let is = |name: &str| self.git().attempt(&["rev-parse", "-q", "--verify", name]);
        is(&one).status.success() && !is(&two).status.success()
    }

    /// Whether git sees changes that are not committed.
    pub fn is_dirty(&self) -> bool {
        !self.git().run(&["status", "--porcelain"]).is_empty()
    }

    /// Writes the history anew, as filters do: other ids, the same dates, and
    /// all that named the old commits gone.
    pub fn filter_history(&mut self) {
        self.tick();
        let git = self.git();
        let stream = git.feed(&["fast-export", "--all", "--reencode=no"], b"");
        let stream = with_other_address(&stream);
        git.feed(&["fast-import", "--quiet", "--force"], &stream);
        git.run(&["reset", "-q", "--hard"]);
        git.run(&["reflog", "expire", "--expire=now", "--all"]);
        git.run(&["gc", "-q", "--prune=now"]);
        self.settle(self.here);
    }
}

/// The stream with the owner's address changed: every commit gets another id.
fn with_other_address(stream: &[u8]) -> Vec<u8> {
    let (old, new) = (format!("<{}>", OWNER.email), b"<dana@example.net>");
    let mut rest = stream;
    let mut changed = Vec::with_capacity(stream.len());
    while let Some(at) = rest
        .windows(old.len())
        .position(|part| part == old.as_bytes())
    {
        changed.extend_from_slice(&rest[..at]);
        changed.extend_from_slice(new);
        rest = &rest[at + old.len()..];
    }
    changed.extend_from_slice(rest);
    changed
}
