//! The file system as discovery sees it. Every question and its answer is
//! remembered, so that the next command can ask whether all answers still hold
//! ([`Sightings::hold`]) instead of discovering anew: that costs one look a file.

use std::cell::RefCell;
use std::fs::{self, DirEntry, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::sightings::Sightings;

/// The only door from discovery to files and folders. Reading does not need it.
#[derive(Debug, Default)]
pub struct Disk {
    seen: RefCell<Sightings>,
}

/// State of a file or folder. Equal states mean that nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileState {
    /// It is a folder.
    pub is_folder: bool,
    /// It is a regular file.
    pub is_file: bool,
    /// Size in bytes.
    pub bytes: u64,
    /// Last change in nanoseconds since 1970; 0 where the system has none.
    pub modified_ns: i64,
    /// Last change of the content or of owner, rights and name; 0 where the
    /// system has none.
    pub changed_ns: i64,
    /// The file's number on its disk; 0 where the system has none.
    pub inode: u64,
}

impl From<&Metadata> for FileState {
    fn from(metadata: &Metadata) -> Self {
        let modified = metadata.modified().ok();
        let (changed_ns, inode) = identity(metadata);
        Self {
            is_folder: metadata.is_dir(),
            is_file: metadata.is_file(),
            bytes: metadata.len(),
            modified_ns: modified.map_or(0, nanoseconds),
            changed_ns,
            inode,
        }
    }
}

fn nanoseconds(time: SystemTime) -> i64 {
    let age = time.duration_since(UNIX_EPOCH).ok();
    age.map_or(0, |age| i64::try_from(age.as_nanos()).unwrap_or(i64::MAX))
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (i64, u64) {
    use std::os::unix::fs::MetadataExt;
    let seconds = metadata.ctime().saturating_mul(1_000_000_000);
    let changed = seconds.saturating_add(metadata.ctime_nsec());
    (changed, metadata.ino())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> (i64, u64) {
    (0, 0)
}

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
}

impl Disk {
    /// A file's or folder's state, or that of what a link leads to; `None` if
    /// there is nothing or it cannot be told.
    pub fn state(&self, path: &Path) -> Option<FileState> {
        let state = look(path);
        self.seen.borrow_mut().add(path, state.as_ref());
        state
    }

    /// The state of an entry, or of what it leads to.
    pub fn state_of(&self, entry: &Entry) -> Option<FileState> {
        if entry.is_link {
            return self.state(&entry.path());
        }
        // Asked for relative to the open folder, which is cheaper.
        let state = entry.listed.metadata().ok();
        let state = state.as_ref().map(FileState::from);
        self.seen.borrow_mut().add(&entry.path(), state.as_ref());
        state
    }

    /// Whether there is anything at this path.
    pub fn exists(&self, path: &Path) -> bool {
        self.state(path).is_some()
    }

    /// Whether there is a file at this path.
    pub fn is_file(&self, path: &Path) -> bool {
        self.state(path).is_some_and(|state| state.is_file)
    }

    /// Whether there is a folder at this path.
    pub fn is_folder(&self, path: &Path) -> bool {
        self.state(path).is_some_and(|state| state.is_folder)
    }

    /// Whether an entry is a folder or a link to one.
    pub fn leads_to_folder(&self, entry: &Entry) -> bool {
        entry.is_folder || entry.is_link && self.is_folder(&entry.path())
    }

    /// The entries of a folder, sorted by name.
    pub fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        // Looked at before it is listed: what comes in between makes it another.
        self.state(folder);
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

    /// The path without links, so that a place is found once; the path itself if
    /// there is nothing.
    pub fn real(&self, path: &Path) -> PathBuf {
        self.state(path);
        fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
    }

    /// The whole content of a small file.
    pub fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.state(path);
        fs::read(path)
    }

    /// Notes that a server was asked: what it said cannot be looked at again, so
    /// it counts for a short time only.
    pub fn server(&self) {
        self.seen.borrow_mut().add_server();
    }

    /// Everything that was asked and answered so far.
    pub fn into_sightings(self) -> Sightings {
        self.seen.into_inner()
    }
}

/// The state at a path, links followed.
pub(crate) fn look(path: &Path) -> Option<FileState> {
    let metadata = fs::metadata(path).ok();
    metadata.as_ref().map(FileState::from)
}
