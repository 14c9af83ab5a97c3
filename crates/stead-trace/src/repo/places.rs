//! Where a repository's files lie on this machine, and which folders of sessions
//! are other checkouts of it.

use std::path::Path;

use super::{Git, GitError};
use crate::path::below;

/// A checkout: its folder as sessions may name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// The folder, with `/`.
    pub root: String,
    /// Folders in it that are other repositories.
    pub holes: Vec<String>,
}

/// All checkouts of one repository that are known.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The first is the one that was asked about.
    pub trees: Vec<Tree>,
}

impl Places {
    /// The work tree, with links and without, and all other work trees that git
    /// knows of.
    pub fn of(git: &Git) -> Result<Self, GitError> {
        let mut places = Self::default();
        places.add_folder(git.root());
        let listed = git.ask(["worktree", "list", "--porcelain"])?;
        for line in listed.lines() {
            if let Some(folder) = line.strip_prefix("worktree ") {
                places.add_folder(Path::new(folder));
            }
        }
        Ok(places)
    }

    /// Adds a checkout.
    pub fn add_folder(&mut self, folder: &Path) {
        let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        for folder in [folder.to_owned(), real] {
            self.add(&text_of(&folder));
        }
    }

    /// Adds a checkout by the name that sessions have for it.
    pub fn add(&mut self, root: &str) {
        let root = root.trim_end_matches('/');
        if !self.trees.iter().any(|tree| tree.root == root) {
            self.trees.push(Tree {
                root: root.to_owned(),
                holes: holes(Path::new(root)),
            });
        }
    }

    /// The tree that a path lies in, the innermost, and the path in it.
    pub fn place<'a>(&self, path: &'a str) -> Option<(usize, &'a str)> {
        let within = self.trees.iter().enumerate().filter_map(|(number, tree)| {
            let inner = below(path, &tree.root)?;
            let in_hole = tree
                .holes
                .iter()
                .any(|hole| inner == hole || below(inner, hole).is_some());
            (!in_hole).then_some((number, inner))
        });
        within.min_by_key(|(_, inner)| inner.len())
    }
}

/// Submodules: their files are of another repository.
fn holes(root: &Path) -> Vec<String> {
    let Ok(text) = std::fs::read_to_string(root.join(".gitmodules")) else {
        return Vec::new();
    };
    let paths = text.lines().filter_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == "path").then(|| value.trim().trim_matches('"').to_owned())
    });
    paths.collect()
}

/// A path as sessions write it.
fn text_of(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
