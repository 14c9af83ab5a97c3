//! What git knows of a tree that the agent works on.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};

use stead_agent::place::Versions;
use stead_trace::repo::{Git, GitError};

/// So many bytes of paths go into one call of git.
pub(super) const MOST_BYTES: usize = 64 << 10;

/// The repository around a tree, if it is in one.
pub(crate) struct Repository {
    tree: PathBuf,
    git: Option<Git>,
}

impl Repository {
    /// Of a tree, by its real path.
    pub(crate) fn at(tree: &Path) -> Self {
        Self {
            tree: tree.to_owned(),
            git: Git::at(tree).ok(),
        }
    }

    /// Git, if the tree is in a repository.
    pub(crate) const fn git(&self) -> Option<&Git> {
        self.git.as_ref()
    }

    /// The top of the repository around a folder.
    pub(crate) fn top(folder: &Path) -> Option<PathBuf> {
        let git = Git::at(folder).ok()?;
        git.root().canonicalize().ok()
    }

    /// A path of the tree as one of the repository.
    fn inside(&self, git: &Git, path: &Path) -> PathBuf {
        let full = self.tree.join(path);
        let root = git.root().canonicalize();
        let inside = root
            .ok()
            .and_then(|root| Some(full.strip_prefix(root).ok()?.to_owned()));
        inside.unwrap_or_else(|| path.to_owned())
    }

    /// Which repository inside the tree a path belongs to: its own top, from the tree's, or the
    /// empty path for the tree's.
    fn nested(&self, path: &Path) -> PathBuf {
        let mut folders = path.ancestors().skip(1);
        let own = folders.find(|folder| {
            let is_top = folder.as_os_str().is_empty();
            is_top || self.tree.join(folder).join(".git").exists()
        });
        own.unwrap_or(Path::new("")).to_owned()
    }
}

impl Versions for Repository {
    fn kept_though_ignored(&self) -> Result<Vec<PathBuf>, String> {
        let Some(git) = &self.git else {
            return Ok(Vec::new());
        };
        let arguments = [
            "ls-files",
            "-z",
            "--cached",
            "--ignored",
            "--exclude-standard",
        ];
        let told = git.bytes(arguments).map_err(|error| words(&error))?;
        let below = self.inside(git, Path::new(""));
        let paths = told
            .split(|byte| *byte == 0)
            .filter(|path| !path.is_empty());
        let paths =
            paths.filter_map(|path| Some(to_path(path).strip_prefix(&below).ok()?.to_owned()));
        Ok(paths.collect())
    }

    fn checked_out(&self) -> Option<String> {
        self.git.as_ref().map(|_| "HEAD".to_owned())
    }

    fn uncommitted(&self, paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
        let Some(git) = &self.git else {
            return Ok(Vec::new());
        };
        let mut by_repository: BTreeMap<PathBuf, Vec<&PathBuf>> = BTreeMap::new();
        for path in paths {
            by_repository
                .entry(self.nested(path))
                .or_default()
                .push(path);
        }
        let mut found = Vec::new();
        for (nested, paths) in by_repository {
            let own;
            let git = if nested.as_os_str().is_empty() {
                git
            } else {
                own = Git::at(&self.tree.join(&nested)).map_err(|error| words(&error))?;
                &own
            };
            let inside = paths.iter().map(|path| self.inside(git, path));
            let told = status_of(git, &inside.collect::<Vec<_>>())?;
            let all = paths.into_iter();
            found.extend(
                all.filter(|path| told.contains(&self.inside(git, path)))
                    .cloned(),
            );
        }
        Ok(found)
    }

    fn held(&self, commit: &str, path: &Path) -> Option<Vec<u8>> {
        let git = self.git.as_ref()?;
        let mut name = OsString::from(format!("{commit}:"));
        name.push(self.inside(git, path));
        git.bytes([OsStr::new("cat-file"), OsStr::new("blob"), &name])
            .ok()
    }

    fn merge(&self, base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
        let git = self.git.as_ref()?;
        let folder = tempfile::tempdir().ok()?;
        let mut files = Vec::new();
        for (name, bytes) in [("ours", ours), ("base", base), ("theirs", theirs)] {
            let path = folder.path().join(name);
            std::fs::File::create(&path).ok()?.write_all(bytes).ok()?;
            files.push(path);
        }
        let mut arguments: Vec<&OsStr> = ["merge-file", "-p", "-q"].map(OsStr::new).to_vec();
        arguments.extend(files.iter().map(|path| path.as_os_str()));
        let done = git.command(arguments).output().ok()?;
        // Any other code is the number of conflicts, or a failure.
        done.status.success().then_some(done.stdout)
    }
}

pub(super) fn words(error: &GitError) -> String {
    error.to_string()
}

/// The question what is not committed, without the paths.
pub(super) fn status(git: &Git) -> Result<Vec<String>, String> {
    // Words that stand before the subcommand.
    let mut arguments = vec!["--literal-pathspecs".to_owned()];
    arguments.extend(git.unfiltered().map_err(|error| words(&error))?);
    let question = [
        "status",
        "--porcelain=v1",
        "-z",
        "--untracked-files=all",
        "--ignore-submodules=all",
        "--no-renames",
    ];
    arguments.extend(question.map(str::to_owned));
    Ok(arguments)
}

/// Those of the paths that are not committed, from the repository's top.
fn status_of(git: &Git, paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let question = status(git)?;
    let mut found = Vec::new();
    let mut rest = paths;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = |path: &&PathBuf| {
            bytes += path.as_os_str().len() + 1;
            bytes <= MOST_BYTES
        };
        let count = rest.iter().take_while(fits).count().max(1);
        let (now, later) = rest.split_at(count);
        let mut arguments: Vec<&OsStr> = question.iter().map(OsStr::new).collect();
        arguments.push(OsStr::new("--"));
        arguments.extend(now.iter().map(|path| path.as_os_str()));
        found.extend(paths_of_status(
            &git.bytes(arguments).map_err(|error| words(&error))?,
        ));
        rest = later;
    }
    Ok(found)
}

/// The paths of `git status --porcelain=v1 -z --no-renames`: two letters, a space, the path.
pub(super) fn paths_of_status(told: &[u8]) -> Vec<PathBuf> {
    let rows = told.split(|byte| *byte == 0);
    rows.filter_map(|row| row.get(3..)).map(to_path).collect()
}

#[cfg(unix)]
pub(super) fn to_path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
pub(super) fn to_path(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}
