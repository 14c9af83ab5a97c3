//! A log in one folder, as its writer sees it: records are appended, each state is signed, and
//! after a crash at any byte it goes on where it was. Looking for changes is `verify`'s task.

use std::fs::TryLockError;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fs_err::{File, OpenOptions};

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::key::Signer;
use crate::note::{Note, NoteError};
use crate::store::{Places, Scan, read_checkpoint, replace, signed_leaves};
use crate::tree::{Frontier, Hash};
use crate::verify::{Finding, compare};

/// What a signed state outlives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The end of the process, however it comes. After a power cut the log may have lost records
    /// that were signed, and says so.
    Process,
    /// A power cut too. Each append waits for the disk, some milliseconds.
    Disk,
}

/// What was found on opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// Whole records that are there.
    pub records: u64,
    /// How many of them, at the end, no checkpoint counts: a crash came between the record and its
    /// signature, or somebody appended them. The next append signs them too, so whoever keeps the
    /// log should first append a record that tells of them.
    pub unsigned: u64,
    /// Bytes of a torn last line that were cut off.
    pub torn: u64,
}

/// A log that is open for appending. Nobody else can write to it meanwhile.
#[derive(Debug)]
pub struct Log {
    places: Places,
    signer: Signer,
    durability: Durability,
    records: File,
    leaves: File,
    frontier: Frontier,
    /// Bytes of whole records.
    length: u64,
    note: Note,
    /// After a failure that could not be undone, nothing more is appended.
    broken: bool,
    _lock: File,
}

/// Why a log is not opened or appended to.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Another process, or another part of this one, has the log open.
    #[error("{folder} is being written to by another process; wait until it ends")]
    Busy {
        /// The log's folder.
        folder: PathBuf,
    },
    /// There are records, but no checkpoint that counts them.
    #[error("{folder} has records but no checkpoint: it was removed; see what a copy has")]
    NoCheckpoint {
        /// The log's folder.
        folder: PathBuf,
    },
    /// The checkpoint is not this log's, or not signed by its key.
    #[error("the checkpoint in {folder} cannot be believed: {source}")]
    Checkpoint {
        /// The log's folder.
        folder: PathBuf,
        /// What is wrong with it.
        source: CheckpointError,
    },
    /// The records are not those that were signed.
    #[error(
        "{folder} was changed after signing: {finding}; it is left as it is, and a new log is needed"
    )]
    Changed {
        /// The log's folder.
        folder: PathBuf,
        /// Which record is the first.
        finding: Finding,
    },
    /// A record has a line feed, which would make it two.
    #[error("record {0} of those to append has a line feed; encode it first")]
    LineFeed(usize),
    /// The name is no plain name of a file.
    #[error(
        "`{0}` is no name for a log's records: a plain name of a file that is not the log's own"
    )]
    BadName(String),
    /// An earlier failure could not be undone.
    #[error("an earlier failure left {folder} in an unknown state; open it anew")]
    Broken {
        /// The log's folder.
        folder: PathBuf,
    },
    /// A note could not be made.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// A file could not be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Log {
    /// Opens the log in a folder, or begins one. `name` is the file of records; the origin is the
    /// key's name. Everything is read once.
    pub fn open(
        folder: &Path,
        name: &str,
        signer: Signer,
        durability: Durability,
    ) -> Result<(Self, Opened), LogError> {
        let plain = Path::new(name).file_name().is_some_and(|file| file == name);
        if !plain || ["checkpoint", "checkpoint.new", "leaves", "lock"].contains(&name) {
            return Err(LogError::BadName(name.to_owned()));
        }
        fs_err::create_dir_all(folder)?;
        let places = Places::new(folder, name);
        let lock = lock(folder, &places)?;
        let scan = Scan::of(&places.records)?;
        let note = signed_note(folder, &places, &signer, &scan, durability)?;
        let checkpoint = Checkpoint::of(&note).map_err(at(folder))?;
        let frontier = check(folder, &places, &checkpoint, &scan)?;
        let opened = Opened {
            records: frontier.size(),
            unsigned: frontier.size() - checkpoint.size,
            torn: scan.torn,
        };
        // Only now is anything changed: a log that is refused stays as it was.
        let mut records = writable(&places.records)?;
        records.set_len(scan.whole)?;
        records.seek(SeekFrom::Start(scan.whole))?;
        let leaves = write_leaves(&places, &scan.leaves)?;
        let log = Self {
            places,
            signer,
            durability,
            records,
            leaves,
            frontier,
            length: scan.whole,
            note,
            broken: false,
            _lock: lock,
        };
        Ok((log, opened))
    }

    /// How many records there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The newest signed note.
    #[must_use]
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// Appends records and signs the new state. Gives the index of the first of them. All of them
    /// are in the log afterwards, or none.
    pub fn append<R: AsRef<[u8]>>(&mut self, records: &[R]) -> Result<u64, LogError> {
        if self.broken {
            return Err(LogError::Broken {
                folder: self.folder(),
            });
        }
        let mut lines = Vec::new();
        let mut leaves = Vec::new();
        let mut frontier = self.frontier.clone();
        for (number, record) in records.iter().map(AsRef::as_ref).enumerate() {
            if memchr::memchr(b'\n', record).is_some() {
                return Err(LogError::LineFeed(number));
            }
            lines.extend_from_slice(record);
            lines.push(b'\n');
            let leaf = crate::tree::leaf_hash(record);
            frontier.push(leaf);
            leaves.extend_from_slice(&leaf.0);
        }
        let note = self.sign(&frontier)?;
        if let Err(error) = self.write(&lines, &leaves, &note) {
            self.broken = self.undo().is_err();
            return Err(error.into());
        }
        let first = self.frontier.size();
        self.length += lines.len() as u64;
        self.frontier = frontier;
        self.note = note;
        Ok(first)
    }

    fn sign(&self, frontier: &Frontier) -> Result<Note, LogError> {
        Ok(sign(&self.signer, frontier.size(), frontier.root())?)
    }

    /// Records go first: a checkpoint never counts what is not there.
    fn write(&mut self, lines: &[u8], leaves: &[u8], note: &Note) -> io::Result<()> {
        self.records.write_all(lines)?;
        if self.durability == Durability::Disk {
            self.records.sync_data()?;
        }
        self.leaves.write_all(leaves)?;
        let on_disk = self.durability == Durability::Disk;
        replace(
            &self.places.checkpoint,
            note.to_string().as_bytes(),
            on_disk,
        )
    }

    /// Takes back what a failed write left.
    fn undo(&mut self) -> io::Result<()> {
        self.records.set_len(self.length)?;
        self.records.seek(SeekFrom::Start(self.length))?;
        let leaves = self.frontier.size() * 32;
        self.leaves.set_len(leaves)?;
        self.leaves.seek(SeekFrom::Start(leaves))?;
        // The new note may be in place already, if only the folder could not be synced.
        replace(
            &self.places.checkpoint,
            self.note.to_string().as_bytes(),
            false,
        )
    }

    fn folder(&self) -> PathBuf {
        self.places
            .lock
            .parent()
            .unwrap_or(Path::new("."))
            .to_owned()
    }
}

fn at(folder: &Path) -> impl Fn(CheckpointError) -> LogError {
    move |source| LogError::Checkpoint {
        folder: folder.to_owned(),
        source,
    }
}

fn sign(signer: &Signer, size: u64, root: Hash) -> Result<Note, NoteError> {
    let origin = signer.name().to_owned();
    let checkpoint = Checkpoint {
        origin,
        size,
        root,
        extensions: Vec::new(),
    };
    let mut note = Note::new(checkpoint.to_string())?;
    signer.sign(&mut note);
    Ok(note)
}

/// How long a lock is waited for. A program that is just being started by another thread
/// holds all open files for a moment, and who verifies a log holds its lock as shortly.
const PATIENCE: Duration = Duration::from_secs(2);

/// Takes the log's lock; the system gives it back when the file is closed.
fn lock(folder: &Path, places: &Places) -> Result<File, LogError> {
    let file = writable(&places.lock)?;
    let begun = Instant::now();
    loop {
        match file.file().try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(LogError::Busy {
                    folder: folder.to_owned(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
}

fn writable(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// The note that is there; in a new log the first one, which counts no records. It is written
/// before there is a file of records, so records without a note are never ours.
fn signed_note(
    folder: &Path,
    places: &Places,
    signer: &Signer,
    scan: &Scan,
    durability: Durability,
) -> Result<Note, LogError> {
    if let Some(read) = read_checkpoint(&places.checkpoint, signer.name(), &[signer.verifier()])? {
        return Ok(read.map_err(at(folder))?.0);
    }
    let used = scan.whole + scan.torn > 0 || places.records.exists() || places.leaves.exists();
    if used {
        return Err(LogError::NoCheckpoint {
            folder: folder.to_owned(),
        });
    }
    let note = sign(signer, 0, Frontier::default().root())?;
    let on_disk = durability == Durability::Disk;
    replace(&places.checkpoint, note.to_string().as_bytes(), on_disk)?;
    Ok(note)
}

/// Holds the records against the checkpoint and gives the tree to go on with.
fn check(
    folder: &Path,
    places: &Places,
    checkpoint: &Checkpoint,
    scan: &Scan,
) -> Result<Frontier, LogError> {
    let mut frontier = Frontier::default();
    let mut fits = checkpoint.size == 0 && frontier.root() == checkpoint.root;
    for leaf in &scan.leaves {
        frontier.push(*leaf);
        if frontier.size() == checkpoint.size {
            fits = frontier.root() == checkpoint.root;
        }
    }
    if fits {
        return Ok(frontier);
    }
    let signed = signed_leaves(&places.leaves, checkpoint)?;
    let finding = compare(signed.as_deref(), checkpoint.size, scan);
    let folder = folder.to_owned();
    let finding = finding.unwrap_or(Finding::Unlocated {
        size: checkpoint.size,
    });
    Err(LogError::Changed { folder, finding })
}

/// Brings the file of leaves in line with the records, which are right by now.
fn write_leaves(places: &Places, leaves: &[Hash]) -> io::Result<File> {
    let mut file = writable(&places.leaves)?;
    let bytes: Vec<u8> = leaves.iter().flat_map(|leaf| leaf.0).collect();
    if fs_err::read(&places.leaves)? != bytes {
        file.set_len(0)?;
        file.write_all(&bytes)?;
    }
    file.seek(SeekFrom::Start(bytes.len() as u64))?;
    Ok(file)
}
