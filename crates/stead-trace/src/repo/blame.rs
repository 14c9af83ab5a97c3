//! Which commit brought each line, as `git blame -w -M -C` has it.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Git, GitError};

/// A file's lines with their commits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blame {
    /// In the order of the file.
    pub lines: Vec<BlamedLine>,
}

/// A line's commit, and where the line stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlamedLine {
    /// The commit's id; all zeros for lines of the working tree.
    pub commit: Arc<str>,
    /// The file's path in that commit.
    pub path: Arc<str>,
    /// The line in that file, counted from 1.
    pub line: usize,
    /// The history ends there (a shallow clone, the first commit); the line may
    /// be older.
    pub boundary: bool,
    /// The line, without its end.
    pub text: Vec<u8>,
}

impl BlamedLine {
    /// Whether it stands in the working tree only.
    pub fn is_uncommitted(&self) -> bool {
        self.commit.bytes().all(|byte| byte == b'0')
    }
}

impl Blame {
    /// Asks git for a file at a revision, or in the working tree.
    pub fn of(git: &Git, path: &str, revision: Option<&str>) -> Result<Self, GitError> {
        let settings = settings(git, revision)?;
        let fixed = ["blame", "--porcelain", "-w", "-M", "-C", "--no-textconv"];
        let mut arguments: Vec<&str> = settings.iter().map(String::as_str).collect();
        arguments.extend(fixed);
        arguments.extend(revision);
        arguments.extend(["--", path]);
        let answer = git.bytes(arguments)?;
        Self::parse(&answer).ok_or(GitError::Form { command: "blame" })
    }

    /// The numbers of the lines, counted from 1, that git means by ranges such as
    /// `/from/,/to/` and `:function`. No history is walked.
    pub fn lines_meant(
        git: &Git,
        path: &str,
        revision: Option<&str>,
        ranges: &[String],
    ) -> Result<FxHashSet<usize>, GitError> {
        let settings = settings(git, revision)?;
        let fixed = ["blame", "--porcelain", "--since=now", "--no-textconv"];
        let mut arguments: Vec<&str> = settings.iter().map(String::as_str).collect();
        arguments.extend(fixed);
        for range in ranges {
            arguments.extend(["-L", range]);
        }
        let id = revision.map(|revision| git.commit(revision));
        let id = id.flatten();
        arguments.extend(id.as_deref());
        arguments.extend(["--", path]);
        let answer = git.bytes(arguments)?;
        let mut rows = answer.split(|byte| *byte == b'\n');
        let mut meant = FxHashSet::default();
        while let Some(head) = rows.next().filter(|row| !row.is_empty()) {
            let head = String::from_utf8_lossy(head);
            let number = head.split(' ').nth(2).and_then(|word| word.parse().ok());
            meant.insert(number.ok_or(GitError::Form { command: "blame" })?);
            // The facts of its commit, then its text.
            rows.by_ref().find(|row| row.starts_with(b"\t"));
        }
        Ok(meant)
    }

    /// A file that git does not know: every line is of the working tree.
    pub fn uncommitted(path: &str, bytes: &[u8]) -> Self {
        let commit: Arc<str> = "0".repeat(40).into();
        let path: Arc<str> = path.into();
        let lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate();
        let line = |(at, text): (usize, &[u8])| BlamedLine {
            commit: commit.clone(),
            path: path.clone(),
            line: at + 1,
            boundary: false,
            text: text.strip_suffix(b"\n").unwrap_or(text).to_vec(),
        };
        Self {
            lines: lines.map(line).collect(),
        }
    }

    /// Reads git's porcelain format.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut lines = bytes.split(|byte| *byte == b'\n');
        let mut known: FxHashMap<Arc<str>, (Arc<str>, bool)> = FxHashMap::default();
        let mut blame = Self::default();
        while let Some(head) = lines.next() {
            if head.is_empty() {
                continue;
            }
            let head = std::str::from_utf8(head).ok()?;
            let mut words = head.split(' ');
            let commit: Arc<str> = words.next()?.into();
            let line = words.next()?.parse().ok()?;
            let text = loop {
                let fact = lines.next()?;
                if let Some(text) = fact.strip_prefix(b"\t") {
                    break text;
                }
                let of = known.entry(commit.clone()).or_default();
                if let Some(name) = fact.strip_prefix(b"filename ") {
                    of.0 = name_of(name).into();
                } else if fact == b"boundary" {
                    of.1 = true;
                }
            };
            let (path, boundary) = known.get(&commit)?.clone();
            let text = text.to_vec();
            blame.lines.push(BlamedLine {
                commit,
                path,
                line,
                boundary,
                text,
            });
        }
        Some(blame)
    }
}

/// The working tree is read as it is.
fn settings(git: &Git, revision: Option<&str>) -> Result<Vec<String>, GitError> {
    match revision {
        Some(_) => Ok(Vec::new()),
        None => git.unfiltered(),
    }
}

/// A file name as git writes it: quoted if it has signs that are not plain.
pub(super) fn name_of(name: &[u8]) -> String {
    let quoted = name
        .strip_prefix(b"\"")
        .and_then(|name| name.strip_suffix(b"\""));
    let Some(quoted) = quoted else {
        return String::from_utf8_lossy(name).into_owned();
    };
    let mut bytes = Vec::with_capacity(quoted.len());
    let mut rest = quoted.iter().copied();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(digit @ b'0'..=b'3') => {
                let more = [rest.next(), rest.next()];
                let digits = more
                    .iter()
                    .flatten()
                    .map(|digit| digit.wrapping_sub(b'0') & 7);
                bytes.push(digits.fold(digit - b'0', |sum, digit| (sum << 3) | digit));
            }
            Some(b'n') => bytes.push(b'\n'),
            Some(b't') => bytes.push(b'\t'),
            Some(b'r') => bytes.push(b'\r'),
            Some(b'a') => bytes.push(7),
            Some(b'b') => bytes.push(8),
            Some(b'v') => bytes.push(11),
            Some(b'f') => bytes.push(12),
            Some(plain) => bytes.push(plain),
            None => {}
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Blame, name_of};

    #[test]
    fn facts_of_a_commit_stand_at_its_first_line_only() {
        let answer = "1111111111111111111111111111111111111111 1 1 2\nauthor A\nboundary\n\
                      filename a.rs\n\tone\n1111111111111111111111111111111111111111 2 2\n\t\n";
        let blame = Blame::parse(answer.as_bytes()).unwrap();
        let lines: Vec<_> = blame
            .lines
            .iter()
            .map(|line| (&*line.path, line.line, line.boundary, line.text.as_slice()))
            .collect();
        assert_eq!(
            lines,
            [("a.rs", 1, true, &b"one"[..]), ("a.rs", 2, true, b"")]
        );
    }

    #[test]
    fn quoted_names_are_read() {
        assert_eq!(name_of(b"\"a\\tb\\\"\\303\\251\""), "a\tb\"\u{e9}");
        assert_eq!(name_of(b"plain name.rs"), "plain name.rs");
    }
}
