//! The files of a repository, and which of them nobody in it wrote.

use std::io::Write;
use std::process::Stdio;

use rustc_hash::FxHashMap;

use super::{Git, GitError};

/// A file that a repository has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracked {
    /// Its path from the top.
    pub path: String,
    /// What `.gitattributes` says of where it comes from.
    pub foreign: Option<Foreign>,
}

/// Files that were not written in the repository, by their attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// `linguist-vendored`: somebody else's.
    Vendored,
    /// `linguist-generated`: a program's.
    Generated,
}

const ATTRIBUTES: [(&str, Foreign); 2] = [
    ("linguist-vendored", Foreign::Vendored),
    ("linguist-generated", Foreign::Generated),
];

impl Tracked {
    /// The files at a commit; without one, those of the working tree that are not
    /// ignored. Links and submodules are left out: they have no lines.
    pub fn of(git: &Git, commit: Option<&str>) -> Result<Vec<Self>, GitError> {
        let paths = match commit {
            Some(commit) => at(git, commit)?,
            None => working(git)?,
        };
        let foreign = foreign(git, &paths)?;
        let file = |path: String| Self {
            foreign: foreign.get(&path).copied(),
            path,
        };
        Ok(paths.into_iter().map(file).collect())
    }
}

fn at(git: &Git, commit: &str) -> Result<Vec<String>, GitError> {
    let answer = git.ask(["ls-tree", "-r", "-z", "--full-tree", commit])?;
    let entries = answer
        .split('\0')
        .filter_map(|entry| entry.split_once('\t'));
    let files = entries.filter(|(facts, _)| facts.starts_with("100"));
    Ok(files.map(|(_, path)| path.to_owned()).collect())
}

fn working(git: &Git) -> Result<Vec<String>, GitError> {
    let listed = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let answer = git.ask(listed)?;
    let is_file = |path: &&str| {
        let facts = std::fs::symlink_metadata(git.root().join(path));
        facts.is_ok_and(|facts| facts.is_file())
    };
    let mut paths: Vec<String> = answer
        .split('\0')
        .filter(|path| !path.is_empty())
        .filter(is_file)
        .map(str::to_owned)
        .collect();
    // Files with a conflict are listed once for each side.
    paths.dedup();
    Ok(paths)
}

fn foreign(git: &Git, paths: &[String]) -> Result<FxHashMap<String, Foreign>, GitError> {
    let form = || GitError::Form {
        command: "check-attr",
    };
    let names = ATTRIBUTES.iter().map(|(name, _)| *name);
    let mut command = git.command(["check-attr", "-z", "--stdin"].into_iter().chain(names));
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().map_err(GitError::Missing)?;
    let mut asks = child.stdin.take().ok_or_else(form)?;
    let asked = paths.join("\0");
    // It answers while it is asked: who writes cannot wait to read.
    let output = std::thread::scope(|scope| {
        scope.spawn(move || {
            // What it does not take is missed below.
            let _ = asks.write_all(asked.as_bytes());
        });
        child.wait_with_output()
    });
    let output = output.map_err(GitError::Missing)?;
    let answer = String::from_utf8_lossy(&output.stdout);
    let fields: Vec<&str> = answer.split('\0').collect();
    let mut foreign = FxHashMap::default();
    for entry in fields.chunks_exact(3) {
        let [path, name, value] = entry else { continue };
        let attribute = ATTRIBUTES.iter().find(|(known, _)| known == name);
        let is_set = !matches!(*value, "unspecified" | "unset" | "false");
        if let Some((_, what)) = attribute.filter(|_| is_set) {
            foreign.entry((*path).to_owned()).or_insert(*what);
        }
    }
    Ok(foreign)
}
