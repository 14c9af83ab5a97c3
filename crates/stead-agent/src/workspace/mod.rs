//! The folder that a session works in.

mod files;
mod transaction;

use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use stead_edit::{EditError, Tree};

pub use files::Kind;
pub use transaction::TransactionError;

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

impl Tree for Workspace {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, EditError> {
        self.held(path).map_err(|error| match error.kind() {
            io::ErrorKind::IsADirectory => EditError::NoFile {
                path: path.to_owned(),
            },
            _ => EditError::Unreadable {
                path: path.to_owned(),
                reason: error.to_string(),
            },
        })
    }

    fn inside(&self, path: &str) -> Option<String> {
        let inner = Path::new(path.trim()).strip_prefix(&self.root);
        let path = inner.map_or(path, |inner| inner.to_str().unwrap_or(path));
        stead_edit::relative(path)
    }
}
