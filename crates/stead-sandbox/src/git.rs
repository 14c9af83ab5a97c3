//! Where the git data of a work tree lie: they are shown, but never for writing, as hooks and
//! configuration are run by the user's own git later. Git itself is not asked.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Folders with more entries than this in all are not searched further for repositories inside.
const MOST_ENTRIES: usize = 20_000;
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
pub(crate) fn find(tree: &Path) -> io::Result<GitData> {
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
    nested(tree, &mut data.inside);
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

/// The repositories inside the tree. Links are not followed.
fn nested(tree: &Path, found: &mut Vec<PathBuf>) {
    let mut folders = vec![tree.to_owned()];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            seen += 1;
            if seen > MOST_ENTRIES {
                return;
            }
            let (name, kind) = (entry.file_name(), entry.file_type());
            let Ok(kind) = kind else { continue };
            if name == ".git" && !kind.is_symlink() && folder != tree {
                found.push(entry.path());
            } else if kind.is_dir() && !NOT_SEARCHED.iter().any(|not| name == *not) {
                folders.push(entry.path());
            }
        }
    }
}
