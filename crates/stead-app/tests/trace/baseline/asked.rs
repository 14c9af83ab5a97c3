//! What git itself says of a file's lines, asked as a person asks.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use stead_app::trace::BlamedLine;

/// Where a line comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// The commit; none for lines of the working tree.
    pub(super) commit: Option<String>,
    /// The file's path there.
    pub(super) path: String,
    /// The line's number there.
    pub(super) line: usize,
    /// The history ends there.
    pub(super) boundary: bool,
}

impl Source {
    /// As stead tells it.
    pub(super) fn told(line: &BlamedLine) -> Self {
        Self {
            commit: line.line.commit.clone(),
            path: line.path.clone(),
            line: line.then,
            boundary: line.boundary,
        }
    }
}

/// What `git blame -w -M -C` answers in a folder; none if it refuses. `more` are
/// further options. Nothing of the configuration is set aside; names of files are
/// asked for without the quotes that only a terminal needs.
pub(super) fn by_git(
    folder: &Path,
    file: &str,
    revision: Option<&str>,
    more: &[&str],
) -> Option<Vec<Source>> {
    let mut command = Command::new("git");
    command
        .current_dir(folder)
        .args(["-c", "core.quotePath=false", "blame", "--porcelain"])
        .args(["-w", "-M", "-C"])
        .args(more)
        .args(revision)
        .args(["--", file])
        .env("LC_ALL", "C");
    let output = command.output().unwrap();
    output.status.success().then(|| read(&output.stdout))
}

/// Reads the porcelain format: a head for each line, the facts of a commit where
/// it comes first, and the line after a tab.
fn read(answer: &[u8]) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    let mut boundaries: BTreeMap<String, bool> = BTreeMap::new();
    let mut paths: BTreeMap<String, String> = BTreeMap::new();
    let mut rows = answer.split(|byte| *byte == b'\n');
    while let Some(head) = rows.next().filter(|head| !head.is_empty()) {
        let head = String::from_utf8(head.to_vec()).unwrap();
        let mut words = head.split(' ');
        let commit = words.next().unwrap().to_owned();
        let line = words.next().unwrap().parse().unwrap();
        loop {
            let row = rows.next().unwrap();
            if row.starts_with(b"\t") {
                break;
            }
            if row == b"boundary" {
                boundaries.insert(commit.clone(), true);
            } else if let Some(name) = row.strip_prefix(b"filename ") {
                paths.insert(commit.clone(), plain(name));
            }
        }
        let is_zero = commit.bytes().all(|byte| byte == b'0');
        sources.push(Source {
            path: paths[&commit].clone(),
            boundary: boundaries.contains_key(&commit),
            commit: (!is_zero).then_some(commit),
            line,
        });
    }
    sources
}

/// A name without git's quotes, whose escapes are those of JSON as far as the
/// names here need them.
fn plain(name: &[u8]) -> String {
    let name = String::from_utf8(name.to_vec()).unwrap();
    if name.starts_with('"') {
        serde_json::from_str(&name).unwrap()
    } else {
        name
    }
}
