//! The files of the repository, read once for all checks.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The repository as git sees it: tracked files, and new ones not ignored.
pub(super) struct Tree {
    pub(super) root: PathBuf,
    pub(super) files: Vec<File>,
}

/// One file.
pub(super) struct File {
    /// Path from the root, with `/`.
    pub(super) path: String,
    pub(super) bytes: Vec<u8>,
}

impl Tree {
    /// Reads every file of the repository.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let output = Command::new("git")
            .args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ])
            .current_dir(root)
            .output()
            .context("failed to run git")?;
        if !output.status.success() {
            bail!("git ls-files: {}", String::from_utf8_lossy(&output.stderr));
        }
        let list = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
        let mut files = Vec::new();
        for path in list.split('\0').filter(|path| !path.is_empty()) {
            match fs_err::read(root.join(path)) {
                Ok(bytes) => files.push(File {
                    path: path.to_owned(),
                    bytes,
                }),
                // Deleted but not yet committed.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        let root = root.to_owned();
        Ok(Self { root, files })
    }

    /// A made-up repository, for tests.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File {
            path: (*path).to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        Self {
            root: PathBuf::new(),
            files: files.iter().map(file).collect(),
        }
    }

    /// The Rust files, with their text.
    pub(super) fn rust(&self) -> impl Iterator<Item = (&File, &str)> {
        self.files
            .iter()
            .filter(|file| {
                file.path
                    .rsplit_once('.')
                    .is_some_and(|(_, end)| end == "rs")
            })
            .filter_map(|file| Some((file, file.text()?)))
    }

    /// The text of the file at `path`.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path)?.text()
    }

    /// Whether there is a file at `path`, or below it.
    pub(super) fn has(&self, path: &str) -> bool {
        let below = format!("{path}/");
        self.files
            .iter()
            .any(|file| file.path == path || file.path.starts_with(&below))
    }

    /// The names directly below a folder, each once, in order; with a `/` at
    /// the end where it is a folder itself.
    pub(super) fn children(&self, folder: &str) -> Vec<String> {
        let below = format!("{folder}/");
        let mut names: Vec<_> = self
            .files
            .iter()
            .filter_map(|file| file.path.strip_prefix(&below))
            .map(|rest| match rest.split_once('/') {
                Some((name, _)) => format!("{name}/"),
                None => rest.to_owned(),
            })
            .collect();
        names.sort();
        names.dedup();
        names
    }
}

impl File {
    /// The text, if it is text.
    pub(super) fn text(&self) -> Option<&str> {
        let text = std::str::from_utf8(&self.bytes).ok()?;
        (!text.contains('\0')).then_some(text)
    }

    /// Whether it holds tests, or what only tests read.
    pub(super) fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name == "tests.rs"
            || name.ends_with("_tests.rs")
            || name.starts_with("tests_")
            || self.path.contains("/tests/")
            || self.path.contains("/testdata/")
    }
}
