//! Which paths version control ignores, by the rules of each folder on the way. Files that it keeps
//! although they are ignored count as not ignored.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The rules of the folders around the one that is looked at.
pub(super) struct Rules {
    tree: PathBuf,
    /// The innermost last.
    stack: Vec<Gitignore>,
    /// Paths, from the tree's top, that no rule ignores.
    kept: BTreeSet<PathBuf>,
}

impl Rules {
    /// The rules that hold in the whole tree: those of the repository around it.
    pub(super) fn around(tree: &Path, kept: Vec<PathBuf>) -> Self {
        let mut rules = Self {
            tree: tree.to_owned(),
            stack: Vec::new(),
            kept: kept.into_iter().collect(),
        };
        let Some(top) = tree.ancestors().find(|folder| folder.join(".git").exists()) else {
            return rules;
        };
        let exclude = fs::read(top.join(".git/info/exclude")).unwrap_or_default();
        rules.push_at(top, &exclude);
        let mut above: Vec<&Path> = tree.ancestors().skip(1).collect();
        above.retain(|folder| folder.starts_with(top));
        for folder in above.into_iter().rev() {
            let text = fs::read(folder.join(".gitignore")).unwrap_or_default();
            rules.push_at(folder, &text);
        }
        rules
    }

    /// Goes into a folder, by its path from the tree's top, with what its `.gitignore` holds.
    pub(super) fn enter(&mut self, folder: &Path, text: &[u8]) {
        let folder = self.tree.join(folder);
        self.push_at(&folder, text);
    }

    pub(super) fn leave(&mut self) {
        self.stack.pop();
    }

    fn push_at(&mut self, folder: &Path, text: &[u8]) {
        let mut builder = GitignoreBuilder::new(folder);
        for line in String::from_utf8_lossy(text).lines() {
            // Git passes over lines that it cannot read, too.
            let _ = builder.add_line(None, line);
        }
        self.stack
            .push(builder.build().unwrap_or(Gitignore::empty()));
    }

    /// Whether a path in the folder that was entered last is ignored.
    pub(super) fn ignore(&self, path: &Path, is_folder: bool) -> bool {
        let full = self.tree.join(path);
        for rules in self.stack.iter().rev() {
            match rules.matched(&full, is_folder) {
                Match::Ignore(_) => return !self.kept.contains(path),
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
        }
        false
    }

    /// Whether a path is kept whatever is ignored.
    pub(super) fn keep(&self, path: &Path) -> bool {
        self.kept.contains(path)
    }

    /// Whether something below a folder is.
    pub(super) fn keep_below(&self, folder: &Path) -> bool {
        let mut from = self.kept.range(folder.to_owned()..);
        from.next().is_some_and(|path| path.starts_with(folder))
    }
}

/// Whether a name is that of a repository's own folder.
pub(super) fn is_git(name: &std::ffi::OsStr) -> bool {
    name.eq_ignore_ascii_case(".git")
}
