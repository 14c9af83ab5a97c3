//! Keeps a beginning: what the tree holds that no commit holds.

use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::listing::{self, Found, look};
use super::manifest::{Entry, LeftOut, Manifest, What};
use super::{BeginningError, Held, Store, at};

/// How much is kept of a beginning.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a file.
    pub file: u64,
    /// Bytes of all files.
    pub all: u64,
    /// Files, those that are left out too.
    pub files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // Of larger files no record holds the content either.
            file: 4 << 20,
            all: 64 << 20,
            files: 10_000,
        }
    }
}

/// Keeps what the tree below `root` holds, and gives the digest of its manifest.
/// `uncommitted` are the paths that are not as in the commit; without a commit they are of no
/// use, and all files count.
pub fn keep(
    root: &Path,
    commit: Option<&str>,
    uncommitted: Vec<PathBuf>,
    store: &Store,
    limits: Limits,
) -> Result<(String, Manifest), BeginningError> {
    let dir = Dir::open_ambient_dir(root, ambient_authority()).map_err(at(root))?;
    let mut keeping = Keeping {
        dir,
        store,
        limits,
        room: limits.all,
        manifest: Manifest::new(commit.map(str::to_owned)),
    };
    let paths = match commit {
        Some(_) => uncommitted,
        None => listing::all(root),
    };
    let most = limits.files.min(paths.len());
    let (paths, more) = paths.split_at(most);
    for path in paths {
        keeping.take(path)?;
    }
    let mut manifest = keeping.manifest;
    if !more.is_empty() {
        manifest.left_out.push(LeftOut::more(more.len()));
    }
    Ok((store.put_manifest(&manifest)?, manifest))
}

struct Keeping<'a> {
    dir: Dir,
    store: &'a Store,
    limits: Limits,
    /// Bytes that may still be kept.
    room: u64,
    manifest: Manifest,
}

impl Keeping<'_> {
    fn take(&mut self, path: &Path) -> Result<(), BeginningError> {
        let Some(name) = path.to_str() else {
            self.leave_out(path, "its name is no text");
            return Ok(());
        };
        if name.ends_with('/') {
            self.leave_out(path, "it is a repository of its own");
            return Ok(());
        }
        let what = match look(&self.dir, path, self.limits.file.min(self.room)) {
            Ok(Found::Held(held)) => self.held(held)?,
            Ok(Found::Large(length)) => {
                let why = if length > self.limits.file {
                    format!("it has {length} bytes, too many to keep")
                } else {
                    "there is too much to keep".to_owned()
                };
                self.leave_out(path, &why);
                return Ok(());
            }
            Ok(Found::Nothing) => Some(What::Gone),
            Ok(Found::Other) => None,
            Err(error) => {
                self.leave_out(path, &format!("it cannot be read: {error}"));
                return Ok(());
            }
        };
        match what {
            Some(what) => self.manifest.files.push(Entry {
                path: name.to_owned(),
                what,
            }),
            None => self.leave_out(path, "it is no plain file"),
        }
        Ok(())
    }

    fn held(&mut self, held: Held) -> Result<Option<What>, BeginningError> {
        if held.link {
            let target = String::from_utf8(held.bytes).ok();
            return Ok(target.map(|target| What::Link { target }));
        }
        let length = held.bytes.len() as u64;
        self.room = self.room.saturating_sub(length);
        Ok(Some(What::File {
            length,
            sha256: self.store.put(&held.bytes)?,
            runs: held.runs,
        }))
    }

    fn leave_out(&mut self, path: &Path, why: &str) {
        self.manifest.left_out.push(LeftOut {
            path: path.to_string_lossy().into_owned(),
            why: why.to_owned(),
        });
    }
}
