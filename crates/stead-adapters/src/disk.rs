//! The file system as discovery sees it. Every question and its answer is
//! remembered, so that the next command can ask whether all answers still hold
//! ([`Sightings::hold`]) instead of discovering anew: that costs one look a file.

use std::cell::RefCell;
use std::fs::{self, DirEntry, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::DiscoverError;
use crate::sightings::{Question, Sightings};

/// The only door from discovery to files and folders. Reading does not need it.
#[derive(Debug, Default)]
pub struct Disk {
    seen: RefCell<Sightings>,
    failed: RefCell<Vec<DiscoverError>>,
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
    /// The file's number on its disk; 0 where the system has none.
    pub inode: u64,
}

impl From<&Metadata> for FileState {
    fn from(metadata: &Metadata) -> Self {
        let modified = metadata.modified().ok();
        Self {
            is_folder: metadata.is_dir(),
            is_file: metadata.is_file(),
            bytes: metadata.len(),
            modified_ns: modified.map_or(0, nanoseconds),
            inode: inode(metadata),
        }
    }
}

fn nanoseconds(time: SystemTime) -> i64 {
    let age = time.duration_since(UNIX_EPOCH).ok();
    age.map_or(0, |age| i64::try_from(age.as_nanos()).unwrap_or(i64::MAX))
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
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
        let state = fs::metadata(path).map(|metadata| FileState::from(&metadata));
        self.answer(path, Question::State, state)
    }

    /// What lies at a path, whatever becomes of its content.
    fn kind(&self, path: &Path) -> Option<FileState> {
        let state = fs::metadata(path).map(|metadata| FileState::from(&metadata));
        self.answer(path, Question::Kind, state)
    }

    /// Remembers an answer. That we may not look is no answer.
    fn answer(
        &self,
        path: &Path,
        question: Question,
        state: io::Result<FileState>,
    ) -> Option<FileState> {
        let state = state.inspect_err(|error| {
            if error.kind() == io::ErrorKind::PermissionDenied {
                // One word a folder is enough.
                self.fail(
                    path.parent().unwrap_or(path),
                    io::Error::new(error.kind(), error.to_string()),
                );
            }
        });
        let state = state.ok();
        self.seen.borrow_mut().add(path, question, state.as_ref());
        state
    }

    fn fail(&self, path: &Path, source: io::Error) {
        let mut failed = self.failed.borrow_mut();
        let known = failed.iter().any(|error| error.is_about(path));
        if !known {
            let path = path.to_owned();
            failed.push(DiscoverError::List { path, source });
        }
    }

    /// The state of an entry, or of what it leads to.
    pub fn state_of(&self, entry: &Entry) -> Option<FileState> {
        if entry.is_link {
            return self.state(&entry.path());
        }
        // Asked for relative to the open folder, which is cheaper.
        let state = entry.listed.metadata();
        self.answer(
            &entry.path(),
            Question::State,
            state.map(|metadata| FileState::from(&metadata)),
        )
    }

    /// Whether there is anything at this path.
    pub fn exists(&self, path: &Path) -> bool {
        self.kind(path).is_some()
    }

    /// Whether there is a file at this path.
    pub fn is_file(&self, path: &Path) -> bool {
        self.kind(path).is_some_and(|state| state.is_file)
    }

    /// Whether there is a folder at this path.
    pub fn is_folder(&self, path: &Path) -> bool {
        self.kind(path).is_some_and(|state| state.is_folder)
    }

    /// Whether an entry is a folder or a link to one.
    pub fn leads_to_folder(&self, entry: &Entry) -> bool {
        entry.is_folder || entry.is_link && self.is_folder(&entry.path())
    }

    /// The entries of a folder in which a store may be, but need not: none if it
    /// is no folder, or none that we may look into.
    pub fn list_if_open(&self, folder: &Path) -> Vec<Entry> {
        let state = look(folder);
        let mut seen = self.seen.borrow_mut();
        seen.add(folder, Question::State, state.as_ref());
        drop(seen);
        Self::entries(folder).unwrap_or_default()
    }

    /// Whether there is a folder at this path that we may look at.
    pub fn is_open_folder(&self, path: &Path) -> bool {
        let state = look(path);
        let mut seen = self.seen.borrow_mut();
        seen.add(path, Question::Kind, state.as_ref());
        drop(seen);
        state.is_some_and(|state| state.is_folder)
    }

    /// The entries of a folder, sorted by name. That a folder is there and cannot
    /// be listed is remembered, and told after discovery.
    pub fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        // Looked at before it is listed: what comes in between makes it another.
        self.state(folder);
        let missing = |error: &io::Error| {
            matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            )
        };
        Self::entries(folder).inspect_err(|error| {
            if !missing(error) {
                self.fail(folder, io::Error::new(error.kind(), error.to_string()));
            }
        })
    }

    fn entries(folder: &Path) -> io::Result<Vec<Entry>> {
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
        self.kind(path);
        fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
    }

    /// The whole content of a small file.
    pub fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.state(path);
        fs::read(path)
    }

    /// The first bytes of a file, to tell what it is.
    pub fn head(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        self.state(path);
        let mut head = Vec::new();
        fs::File::open(path)?.take(most).read_to_end(&mut head)?;
        Ok(head)
    }

    /// Notes that a server was asked: what it said cannot be looked at again, so
    /// it counts for a short time only.
    pub fn server(&self) {
        self.seen.borrow_mut().add_server();
    }

    /// Remembers that a server could not be asked. It is told after discovery and
    /// hides nothing but what that server has.
    pub fn server_failed(&self, error: DiscoverError) {
        self.failed.borrow_mut().push(error);
    }

    /// What could not be looked at, one error a folder.
    pub fn take_failures(&self) -> Vec<DiscoverError> {
        self.failed.take()
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

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::Disk;

    /// Root may look everywhere, so there the test only sees that nothing fails.
    #[test]
    fn what_may_not_be_looked_at_is_told_once_a_folder() {
        let home = tempfile::tempdir().unwrap();
        let closed = home.path().join("closed");
        fs::create_dir(&closed).unwrap();
        for name in ["a", "b"] {
            fs::write(closed.join(name), "").unwrap();
        }
        let rights = |mode| fs::set_permissions(&closed, fs::Permissions::from_mode(mode)).unwrap();
        rights(0o600);
        let disk = Disk::default();
        let entries = disk.list(&closed).unwrap();
        let seen = entries.iter().filter_map(|entry| disk.state_of(entry));
        let seen = seen.count();
        let is_root = fs::metadata(closed.join("a")).is_ok();
        rights(0o700);
        let failures = disk.take_failures();
        if is_root {
            assert_eq!((seen, failures.len()), (2, 0));
        } else {
            assert_eq!((seen, failures.len()), (0, 1));
            assert!(failures[0].is_about(&closed), "{failures:?}");
            assert!(failures[0].hides(closed.join("a").to_str().unwrap()));
        }
    }

    #[test]
    fn what_is_not_there_is_no_failure() {
        let disk = Disk::default();
        assert!(disk.list("/no/such/folder".as_ref()).is_err());
        assert!(!disk.exists("/no/such/file".as_ref()));
        assert!(disk.take_failures().is_empty());
    }
}
