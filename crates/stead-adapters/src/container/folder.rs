//! Folders listed with the states of their files, as cheaply as the system can:
//! states are asked for relative to the open folder, not by whole paths.

use std::fs::{self, DirEntry, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// An entry of a folder.
#[derive(Debug)]
pub struct Entry {
    listed: DirEntry,
    /// Its name; bytes that are no Unicode are replaced.
    pub name: String,
    /// Whether it is a folder; links are not followed.
    pub is_folder: bool,
    is_link: bool,
}

impl Entry {
    /// The whole path.
    pub fn path(&self) -> PathBuf {
        self.listed.path()
    }

    /// The state of the file or folder; of what a link leads to.
    pub fn metadata(&self) -> io::Result<Metadata> {
        if self.is_link {
            fs::metadata(self.path())
        } else {
            self.listed.metadata()
        }
    }

    /// Whether it is a folder or a link to one.
    pub fn leads_to_folder(&self) -> bool {
        self.is_folder || self.is_link && self.path().is_dir()
    }
}

/// The entries of a folder, sorted by name.
pub fn list(folder: &Path) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        entries.push(Entry {
            name: entry.file_name().to_string_lossy().into_owned(),
            is_folder: kind.is_dir(),
            is_link: kind.is_symlink(),
            listed: entry,
        });
    }
    entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}
