//! All commits of a repository, and which files each changed.

use rustc_hash::{FxHashMap, FxHashSet};

use super::blame::name_of;
use super::{Git, GitError};

/// A commit's facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: String,
    /// Ids of its parents.
    pub parents: Vec<String>,
    /// When it was written, in milliseconds since 1970.
    pub author_ms: i64,
    /// When it was committed (rebased, merged by a forge, …), in milliseconds
    /// since 1970.
    pub committer_ms: i64,
    /// The author's name and address.
    pub author: (String, String),
    /// The committer's name and address.
    pub committer: (String, String),
    /// The message's first line.
    pub subject: String,
    /// The message's trailers, one a line.
    pub trailers: String,
}

/// Everything that refs lead to.
#[derive(Debug, Default)]
pub struct History {
    /// By id.
    pub commits: FxHashMap<String, Commit>,
    /// By path: when commits changed the file and to which object, the newest
    /// first. Deletions have no object.
    pub changes: FxHashMap<String, Vec<(i64, Option<String>)>>,
    /// Commits at which the history is cut off.
    shallow: FxHashSet<String>,
}

/// Fields of one commit, each ended by a zero.
const FORMAT: &str = "--format=%x01%H%x00%P%x00%at%x00%ct%x00%an%x00%ae%x00%cn%x00%ce%x00%s%x00%(trailers:only,unfold)%x00";

impl History {
    /// Asks git once for all commits of all refs and the working tree's head.
    pub fn of(git: &Git) -> Result<Self, GitError> {
        let answer = git.bytes([
            "log",
            "--all",
            "--reflog",
            "HEAD",
            "--date-order",
            "--raw",
            "-z",
            "-m",
            "--first-parent",
            "--no-renames",
            "--no-abbrev",
            "--no-show-signature",
            FORMAT,
        ]);
        let answer = match answer {
            // A repository without a commit has no head.
            Err(GitError::Refused { .. }) => return Ok(Self::default()),
            answer => answer?,
        };
        let mut history = Self::parse(&answer).ok_or(GitError::Form { command: "log" })?;
        let shallow = git.ask(["rev-parse", "--git-path", "shallow"])?;
        let shallow = std::fs::read_to_string(git.root().join(shallow.trim_end()));
        history.shallow = shallow
            .unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect();
        Ok(history)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut history = Self::default();
        for commit in bytes.split(|byte| *byte == 1).skip(1) {
            let mut fields = commit.split(|byte| *byte == 0);
            let mut text = || Some(String::from_utf8_lossy(fields.next()?).into_owned());
            let commit = Commit {
                id: text()?,
                parents: text()?.split_whitespace().map(str::to_owned).collect(),
                author_ms: text()?.parse::<i64>().ok()?.saturating_mul(1000),
                committer_ms: text()?.parse::<i64>().ok()?.saturating_mul(1000),
                author: (text()?, text()?),
                committer: (text()?, text()?),
                subject: text()?,
                trailers: text()?,
            };
            history.changed(commit.committer_ms, fields);
            history.commits.insert(commit.id.clone(), commit);
        }
        for changes in history.changes.values_mut() {
            changes.sort_by_key(|(at_ms, _)| std::cmp::Reverse(*at_ms));
        }
        Some(history)
    }

    /// Reads raw entries: `:mode mode id id status`, then the path.
    fn changed<'a>(&mut self, at_ms: i64, mut fields: impl Iterator<Item = &'a [u8]>) {
        while let Some(field) = fields.next() {
            let Some(start) = field.iter().position(|byte| *byte == b':') else {
                continue;
            };
            let entry = String::from_utf8_lossy(&field[start + 1..]).into_owned();
            let words: Vec<&str> = entry.split(' ').collect();
            let (Some(path), [_, mode, _, id, ..]) = (fields.next(), words.as_slice()) else {
                continue;
            };
            // Links and submodules are no files with lines.
            let is_file = mode.starts_with("100");
            let gone = *mode == "000000";
            if is_file || gone {
                let id = is_file.then(|| (*id).to_owned());
                let path = name_of(path);
                self.changes.entry(path).or_default().push((at_ms, id));
            }
        }
    }

    /// The commit whose id begins so, if only one does.
    pub fn find(&self, name: &str) -> Option<&Commit> {
        if let Some(commit) = self.commits.get(name) {
            return Some(commit);
        }
        let mut fitting = self
            .commits
            .values()
            .filter(|commit| commit.id.starts_with(name));
        let first = fitting.next().filter(|_| name.len() >= 7)?;
        fitting.next().is_none().then_some(first)
    }

    /// Whether a commit has parents that are not there, as in a shallow clone.
    pub fn is_cut(&self, id: &str) -> bool {
        self.shallow.contains(id)
    }

    /// The id of the newest commit before a time, in milliseconds since 1970.
    pub fn last_before(&self, at_ms: i64) -> Option<&str> {
        let earlier = self
            .commits
            .values()
            .filter(|commit| commit.committer_ms < at_ms);
        let newest = earlier.max_by_key(|commit| (commit.committer_ms, &commit.id));
        newest.map(|commit| commit.id.as_str())
    }

    /// When the newest commit was made, in milliseconds since 1970.
    pub fn newest_ms(&self) -> i64 {
        let times = self.commits.values().map(|commit| commit.committer_ms);
        times.max().unwrap_or(0)
    }

    /// When a file was last changed by a commit before a time, in milliseconds since
    /// 1970; none if it was not there then.
    pub fn changed_before(&self, path: &str, at_ms: i64) -> Option<i64> {
        let changes = self.changes.get(path)?;
        let earlier = changes.iter().find(|(changed_ms, _)| *changed_ms < at_ms)?;
        earlier.1.is_some().then_some(earlier.0)
    }

    /// When the first parent was committed, in milliseconds since 1970; the
    /// commit's own time if it has none.
    pub fn parent_ms(&self, commit: &Commit) -> i64 {
        let parent = commit.parents.first().and_then(|id| self.commits.get(id));
        parent.map_or(commit.committer_ms, |parent| parent.committer_ms)
    }
}
