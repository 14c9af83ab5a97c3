//! Which file of which repository a path on the command line means.

use std::path::{Component, Path, PathBuf};

/// A file as somebody named it: its real place, whether or not it exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePlace {
    /// The nearest folder above it that exists; the repository is looked for there.
    pub folder: PathBuf,
    /// The file's real path.
    whole: PathBuf,
}

impl FilePlace {
    /// Follows links; a path that does not exist (in the working tree it may be
    /// gone) is followed as far as it does.
    pub fn of(file: &Path, current: &Path) -> std::io::Result<Self> {
        let whole = plain(&current.join(file));
        if let Ok(real) = whole.canonicalize() {
            let folder = if real.is_dir() {
                Some(real.as_path())
            } else {
                real.parent()
            };
            return Ok(Self {
                folder: folder.unwrap_or(&real).to_owned(),
                whole: real,
            });
        }
        let existing = whole.ancestors().skip(1).find(|folder| folder.is_dir());
        let existing = existing.unwrap_or(Path::new("/"));
        let folder = existing.canonicalize()?;
        let rest = whole.strip_prefix(existing).unwrap_or(&whole);
        Ok(Self {
            whole: folder.join(rest),
            folder,
        })
    }

    /// The path from the top of a repository, with `/`; `None` if it lies
    /// elsewhere.
    pub fn inside(&self, root: &Path) -> Option<String> {
        let root = root.canonicalize().ok()?;
        let inner = self.whole.strip_prefix(root).ok()?;
        let inner = inner.to_string_lossy().into_owned();
        // Elsewhere a name may hold one.
        Some(if cfg!(windows) {
            inner.replace('\\', "/")
        } else {
            inner
        })
    }
}

/// The path without `.` and `..`, which the file system may not know of a file
/// that is gone. Through a link, `..` means the folder that holds the link.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::FilePlace;

    #[test]
    fn files_are_found_by_any_name_and_when_they_are_gone() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs_err::create_dir_all(root.join("repo/src")).unwrap();
        fs_err::write(root.join("repo/src/a.rs"), "").unwrap();
        let at = |file: &str, current: &str| {
            let place = FilePlace::of(Path::new(file), &root.join(current)).unwrap();
            place.inside(&root.join("repo"))
        };
        let absolute = root.join("repo/src/a.rs");
        for (file, current, inside) in [
            ("src/a.rs", "repo", Some("src/a.rs")),
            ("./a.rs", "repo/src", Some("src/a.rs")),
            ("../src/a.rs", "repo/src", Some("src/a.rs")),
            ("gone/b.rs", "repo/src", Some("src/gone/b.rs")),
            ("gone/../a.rs", "repo/src", Some("src/a.rs")),
            (absolute.to_str().unwrap(), "", Some("src/a.rs")),
            ("../elsewhere", "repo", None),
        ] {
            assert_eq!(at(file, current).as_deref(), inside, "{file}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(root.join("repo/src"), root.join("link")).unwrap();
            std::os::unix::fs::symlink(absolute, root.join("repo/b.rs")).unwrap();
            assert_eq!(at("a.rs", "link").as_deref(), Some("src/a.rs"));
            assert_eq!(at("link/gone.rs", "").as_deref(), Some("src/gone.rs"));
            assert_eq!(at("b.rs", "repo").as_deref(), Some("src/a.rs"));
        }
    }
}
