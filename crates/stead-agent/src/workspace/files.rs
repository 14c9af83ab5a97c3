//! Which files there are in a workspace, and what they are. Contents are opened below
//! the workspace's folder, so that no link leads out of it.

use std::io::{self, Read};
use std::path::Path;

use ignore::{DirEntry, WalkBuilder};

use super::{Workspace, absent};
use crate::task::Facts;

/// So many files are listed at most.
const MOST_FILES: usize = 1_000_000;
/// So many bytes of a file that tells how a repository is built are read.
const MOST_OF_TELLING: u64 = 256 * 1024;

/// What a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file, with so many bytes.
    File(u64),
    /// A folder.
    Folder,
    /// A pipe, a socket, a device.
    Other,
}

impl Workspace {
    /// The files that version control would keep, from the top, with `/`, sorted; below
    /// a folder, or `.` for all. Files that git ignores are left out, those that it
    /// keeps although they are ignored too. Links are not followed. Names that are no
    /// UTF-8 are left out: nobody could write them.
    pub fn files(&self, below: &str) -> Vec<String> {
        let top = self.root();
        let start = if below == "." {
            top.to_owned()
        } else {
            top.join(below)
        };
        let above = below != "." || is_in_repository(top);
        let files = walk(&start, above);
        let files = files.filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
        let files = files.filter_map(|entry| slashed(entry.path().strip_prefix(top).ok()?));
        let mut files: Vec<String> = files.take(MOST_FILES).collect();
        files.sort();
        files
    }

    /// What a task parser may know of the workspace.
    pub fn facts(&self) -> Facts {
        let read = |path: &&str| {
            let mut text = Vec::new();
            let file = self.file(path).ok()?;
            file.take(MOST_OF_TELLING).read_to_end(&mut text).ok()?;
            Some((
                (*path).to_owned(),
                String::from_utf8_lossy(&text).into_owned(),
            ))
        };
        let files = self.files(".");
        let there = |path: &&str| {
            files
                .binary_search_by(|file| file.as_str().cmp(path))
                .is_ok()
        };
        let texts = Facts::TELLING.iter().copied().filter(|path| there(path));
        let texts = texts.filter_map(|path| read(&path)).collect();
        Facts { files, texts }
    }

    /// What a path is, links followed; `None` if nothing is there. A link that leads
    /// out is an error.
    pub fn kind(&self, path: &str) -> io::Result<Option<Kind>> {
        match self.dir.metadata(path) {
            Ok(facts) if facts.is_file() => Ok(Some(Kind::File(facts.len()))),
            Ok(facts) if facts.is_dir() => Ok(Some(Kind::Folder)),
            Ok(_) => Ok(Some(Kind::Other)),
            Err(error) if absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens a file; nothing that is none, such as a pipe on which one would wait.
    pub fn file(&self, path: &str) -> io::Result<std::fs::File> {
        match self.kind(path)? {
            Some(Kind::File(_)) => Ok(self.dir.open(path)?.into_std()),
            Some(Kind::Folder) => Err(io::ErrorKind::IsADirectory.into()),
            Some(Kind::Other) => Err(io::Error::other("it is not a file")),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// What a file holds, if it is one and no larger than that.
    pub fn bytes(&self, path: &str, most: u64) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut file = self.file(path).ok()?.take(most + 1);
        file.read_to_end(&mut bytes).ok()?;
        (bytes.len() as u64 <= most).then_some(bytes)
    }

    /// The names in a folder, sorted, with what they are themselves: a link is
    /// [`Kind::Other`].
    pub fn entries(&self, folder: &str) -> io::Result<Vec<(String, Kind)>> {
        let mut entries = Vec::new();
        for entry in self.dir.read_dir(folder)? {
            let entry = entry?;
            let kind = match entry.metadata() {
                Ok(facts) if facts.is_file() => Kind::File(facts.len()),
                Ok(facts) if facts.is_dir() => Kind::Folder,
                _ => Kind::Other,
            };
            entries.push((entry.file_name().to_string_lossy().into_owned(), kind));
        }
        entries.sort_by(|a: &(String, Kind), b| a.0.cmp(&b.0));
        Ok(entries)
    }

    /// Where a path really is, links followed, also if it is not there yet; from the
    /// top, which is `.`. A link that leads out is an error.
    pub fn real(&self, path: &str) -> io::Result<String> {
        let mut at = Path::new(path);
        let mut rest = Vec::new();
        loop {
            let there = if at.as_os_str().is_empty() {
                Path::new(".")
            } else {
                at
            };
            match self.dir.canonicalize(there) {
                Ok(mut real) => {
                    real.extend(rest.iter().rev());
                    let real = slashed(&real).filter(|real| !real.is_empty());
                    return Ok(real.unwrap_or_else(|| ".".to_owned()));
                }
                Err(error) if absent(&error) => {
                    let (Some(name), Some(above)) = (at.file_name(), at.parent()) else {
                        return Err(error);
                    };
                    rest.push(name);
                    at = above;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// The files and links below a folder that version control would keep.
pub(crate) fn files_and_links(top: &Path) -> impl Iterator<Item = DirEntry> {
    walk(top, is_in_repository(top)).filter(|entry| {
        entry
            .file_type()
            .is_some_and(|kind| kind.is_file() || kind.is_symlink())
    })
}

/// All that version control would keep, from a folder on. Rules of folders above it count
/// if it is wanted.
fn walk(start: &Path, above: bool) -> impl Iterator<Item = DirEntry> {
    let mut walk = WalkBuilder::new(start);
    walk.hidden(false)
        .ignore(false)
        // Those of a person's home say nothing about the project.
        .git_global(false)
        .require_git(false)
        .parents(above)
        .filter_entry(|entry| entry.file_name() != ".git");
    walk.build().filter_map(Result::ok)
}

/// Whether a folder is a git repository's, or lies in one: only then do the rules of
/// folders above it count.
fn is_in_repository(top: &Path) -> bool {
    top.ancestors().any(|folder| folder.join(".git").exists())
}

/// A path with `/`; `None` if it is no UTF-8.
fn slashed(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
    let parts = parts?.into_iter().filter(|part| *part != ".");
    Some(parts.collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{Kind, Workspace};

    fn put(top: &Path, files: &[(&str, &str)]) {
        for (path, text) in files {
            let path = top.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    #[test]
    fn files_are_those_that_version_control_would_keep() {
        let folder = tempfile::tempdir().unwrap();
        put(
            folder.path(),
            &[
                (".gitignore", "*.log\n/target\n"),
                (".ignore", "a.py\n"),
                ("a.py", ""),
                ("a/z", ""),
                ("a.log", ""),
                ("target/x", ""),
                (".github/ci.yml", ""),
                ("sub/.gitignore", "!keep.log\n"),
                ("sub/keep.log", ""),
                (".git/config", ""),
                ("worktree/.git", "gitdir: x"),
            ],
        );
        let workspace = Workspace::open(folder.path()).unwrap();
        let all = [
            ".github/ci.yml",
            ".gitignore",
            ".ignore",
            "a.py",
            "a/z",
            "sub/.gitignore",
            "sub/keep.log",
        ];
        assert_eq!(workspace.files("."), all);
        assert_eq!(workspace.files("sub"), ["sub/.gitignore", "sub/keep.log"]);
        // The rules of the repository hold in a folder of it.
        put(folder.path(), &[("sub/b.log", ""), ("sub/target/y", "")]);
        fs::remove_file(folder.path().join("sub/.gitignore")).unwrap();
        let inner = Workspace::open(&folder.path().join("sub")).unwrap();
        assert_eq!(inner.files("."), ["target/y"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed_and_what_they_are_is_told() {
        use std::os::unix::fs::symlink;
        let outside = tempfile::tempdir().unwrap();
        put(outside.path(), &[("x", "")]);
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), &[("d/a", "12")]);
        symlink(outside.path(), folder.path().join("out")).unwrap();
        symlink("d", folder.path().join("in")).unwrap();
        symlink("nowhere", folder.path().join("dead")).unwrap();
        let workspace = Workspace::open(folder.path()).unwrap();
        assert_eq!(workspace.files("."), ["d/a"]);
        assert_eq!(workspace.kind("in/a").unwrap(), Some(Kind::File(2)));
        assert_eq!(workspace.kind("in").unwrap(), Some(Kind::Folder));
        assert_eq!(workspace.kind("d/a/b").unwrap(), None);
        assert!(workspace.kind("out").is_err() && workspace.file("out/x").is_err());
        assert_eq!(workspace.real("in/new/b").unwrap(), "d/new/b");
        assert_eq!(workspace.real(".").unwrap(), ".");
        assert!(workspace.real("out/new").is_err());
        let names: Vec<String> = workspace
            .entries(".")
            .unwrap()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["d", "dead", "in", "out"]);
    }

    #[test]
    fn facts_hold_what_tells_how_it_is_tested() {
        let folder = tempfile::tempdir().unwrap();
        put(
            folder.path(),
            &[
                ("Makefile", "test:\n\ttrue\n"),
                ("src/a.c", "x"),
                ("README.md", "x"),
            ],
        );
        let facts = Workspace::open(folder.path()).unwrap().facts();
        assert_eq!(facts.files, ["Makefile", "README.md", "src/a.c"]);
        assert_eq!(facts.texts.len(), 1);
        assert_eq!(crate::task::checks(&facts), ["make test"]);
    }
}
