//! The folder that a session works in.

mod files;
mod transaction;

use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use stead_edit::{EditError, Tree};

pub use files::Kind;
pub(crate) use files::files_and_links;
pub use transaction::TransactionError;

/// Larger files are not changed: each is held in memory several times.
const LARGEST: u64 = 64 << 20;

/// A folder out of which nothing leads.
#[derive(Debug)]
pub struct Workspace {
    dir: Dir,
    root: PathBuf,
}

impl Workspace {
    /// Opens a folder.
    pub fn open(root: &Path) -> io::Result<Self> {
        let root = root.canonicalize()?;
        Ok(Self {
            dir: Dir::open_ambient_dir(&root, ambient_authority())?,
            root,
        })
    }

    /// A folder that is open already, by its real path. What is mounted there meanwhile is
    /// not seen through it.
    pub(crate) const fn of(dir: Dir, root: PathBuf) -> Self {
        Self { dir, root }
    }

    /// Its real path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What a file holds; `None` if nothing is there.
    fn held(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        match self.dir.read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            // A file in the place of a folder is as good as nothing.
            Err(error) if absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// What is planned on is to be written: git's own files are not looked at, nor what is no
/// file, of which a pipe would never end.
impl Tree for Workspace {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, EditError> {
        let refused = |reason: String| EditError::Unreadable {
            path: path.to_owned(),
            reason,
        };
        let system = |error: io::Error| refused(error.to_string());
        let real = self.real(path).map_err(system)?;
        if is_of_git(path) || is_of_git(&real) {
            let reason = "it is git's own and not to be written; use git's commands";
            return Err(refused(reason.to_owned()));
        }
        match self.kind(path) {
            Ok(Some(Kind::File(length))) if length > LARGEST => Err(refused(format!(
                "it has {length} bytes, too many to change"
            ))),
            Ok(Some(Kind::Folder | Kind::Other)) => Err(EditError::NoFile {
                path: path.to_owned(),
            }),
            _ => self.held(path).map_err(system),
        }
    }

    fn inside(&self, path: &str) -> Option<String> {
        let path = path.trim();
        // No folder of that name is meant.
        if path.starts_with("~/") {
            return None;
        }
        let inner = Path::new(path).strip_prefix(&self.root);
        let path = inner.map_or(path, |inner| inner.to_str().unwrap_or(path));
        stead_edit::relative(path)
    }
}

/// Whether a path lies in a repository's own folder: its hooks are run by whoever uses
/// git next.
pub(crate) fn is_of_git(path: &str) -> bool {
    path.split('/')
        .any(|part| part.eq_ignore_ascii_case(".git"))
}
