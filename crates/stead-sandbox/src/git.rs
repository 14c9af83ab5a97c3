//! Where the git data of a work tree lie: they are shown, but never for writing, as hooks and
//! configuration are run by the user's own git later. Git itself is not asked.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How many entries are looked at when a command starts: some milliseconds' worth.
const MOST_ENTRIES: usize = 5_000;
/// Folders that hold other people's packages, and many of them.
const NOT_SEARCHED: &[&str] = &[
    "node_modules",
    "target",
    ".venv",
    "venv",
    "__pycache__",
    ".git",
];

/// What git has for a work tree.
#[derive(Debug, Default)]
pub(crate) struct GitData {
    /// Every `.git` in the work tree, file or folder, the tree's own first.
    pub(crate) inside: Vec<PathBuf>,
    /// The folders elsewhere that the tree's own `.git` leads to.
    pub(crate) outside: Vec<PathBuf>,
}

/// Looks for git's data. A `.git` that is a symbolic link is an error: it cannot be kept from being
/// replaced.
pub(crate) fn find(tree: &Path, known: Option<&[PathBuf]>) -> io::Result<GitData> {
    let mut data = GitData::default();
    let own = tree.join(".git");
    match fs::symlink_metadata(&own) {
        Ok(found) if found.is_symlink() => {
            let message =
                "`.git` is a symbolic link, which cannot be protected; make it a file or a folder";
            return Err(io::Error::other(message));
        }
        Ok(found) => {
            if found.is_file() {
                data.outside = elsewhere(tree, &own).unwrap_or_default();
            }
            data.inside.push(own);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    match known {
        Some(known) => data
            .inside
            .extend(known.iter().filter(|path| is_nested(tree, path)).cloned()),
        None => nested(tree, MOST_ENTRIES, &mut data.inside),
    }
    Ok(data)
}

/// The folders that a linked work tree's `.git` file leads to. They are believed only if they lead
/// back: the file may have been written by somebody who wants to be shown another folder.
fn elsewhere(tree: &Path, file: &Path) -> Option<Vec<PathBuf>> {
    let text = fs::read_to_string(file).ok()?;
    let to = tree.join(text.strip_prefix("gitdir: ")?.trim_end_matches('\n'));
    let folder = fs::canonicalize(to).ok()?;
    if folder.starts_with(tree) {
        return None;
    }
    let back = fs::read_to_string(folder.join("gitdir")).ok()?;
    let back = fs::canonicalize(folder.join(back.trim_end_matches('\n'))).ok()?;
    if back != fs::canonicalize(file).ok()? {
        return None;
    }
    let common = fs::read_to_string(folder.join("commondir")).ok()?;
    let common = fs::canonicalize(folder.join(common.trim_end_matches('\n'))).ok()?;
    // A common folder holds the one of the work tree, and looks like a repository.
    let is_one = folder.starts_with(common.join("worktrees")) && common.join("HEAD").is_file();
    is_one.then(|| vec![common])
}

/// Every `.git`, file or folder, of the repositories inside a work tree, at any depth; not its own, and
/// not those in folders of packages (`node_modules`, `target`, …). For [`crate::Policy::repositories`].
#[must_use]
pub fn repositories(tree: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    if let Ok(tree) = fs::canonicalize(tree) {
        nested(&tree, usize::MAX, &mut found);
    }
    found
}

fn is_nested(tree: &Path, path: &Path) -> bool {
    let there = fs::symlink_metadata(path).is_ok_and(|found| !found.is_symlink());
    there && path.file_name().is_some_and(|name| name == ".git") && path.starts_with(tree)
}

/// The repositories inside the tree, the upper ones first. Links are not followed.
fn nested(tree: &Path, most: usize, found: &mut Vec<PathBuf>) {
    let mut folders = VecDeque::from([tree.to_owned()]);
    let mut seen = 0;
    while let Some(folder) = folders.pop_front() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            seen += 1;
            if seen > most {
                return;
            }
            let name = entry.file_name();
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if name == ".git" && !kind.is_symlink() && folder != tree {
                found.push(entry.path());
            } else if kind.is_dir() && !NOT_SEARCHED.iter().any(|not| name == *not) {
                folders.push_back(entry.path());
            }
        }
    }
}
