//! The files of a log's folder and how they are read: records in one pass, whatever their length.
//! What is right or wrong about them is judged by `log` and `verify`.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use fs_err::File;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::key::VerifierKey;
use crate::note::{Note, NoteError};
use crate::tree::{Frontier, Hash, LeafHasher};

/// A note's limit, and one byte to notice that it is passed.
const MOST_OF_A_NOTE: u64 = (1 << 20) + 1;

/// Where the parts of a log lie.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    /// The records, one a line.
    pub(crate) records: PathBuf,
    /// The newest signed note.
    pub(crate) checkpoint: PathBuf,
    /// The leaf of each record, 32 bytes each: shows *which* record was changed. It is believed
    /// only as far as its root is the signed one.
    pub(crate) leaves: PathBuf,
    /// Locked while somebody writes.
    pub(crate) lock: PathBuf,
}

impl Places {
    pub(crate) fn new(folder: &Path, records: &str) -> Self {
        Self {
            records: folder.join(records),
            checkpoint: folder.join("checkpoint"),
            leaves: folder.join("leaves"),
            lock: folder.join("lock"),
        }
    }
}

/// What one pass over the records found.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// The leaves of all whole records.
    pub(crate) leaves: Vec<Hash>,
    /// Bytes of whole records, line feeds included.
    pub(crate) whole: u64,
    /// Bytes after the last line feed.
    pub(crate) torn: u64,
}

impl Scan {
    /// Reads the file of records; one that is not there has none.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        match File::open(path) {
            Ok(file) => Self::read(BufReader::with_capacity(1 << 16, file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Reads records piece by piece, so that one of any length needs no memory.
    pub(crate) fn read(mut from: impl BufRead) -> io::Result<Self> {
        let mut scan = Self::default();
        let mut hasher = LeafHasher::default();
        loop {
            let piece = from.fill_buf()?;
            if piece.is_empty() {
                return Ok(scan);
            }
            let used = if let Some(end) = memchr::memchr(b'\n', piece) {
                hasher.update(&piece[..end]);
                scan.leaves.push(std::mem::take(&mut hasher).finish());
                scan.whole += scan.torn + end as u64 + 1;
                scan.torn = 0;
                end + 1
            } else {
                hasher.update(piece);
                scan.torn += piece.len() as u64;
                piece.len()
            };
            from.consume(used);
        }
    }
}

/// The root of some leaves.
pub(crate) fn root(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    for leaf in leaves {
        frontier.push(*leaf);
    }
    frontier.root()
}

/// The signed leaves, if the file of leaves has them: as many as the checkpoint counts, with its
/// root. A file that is gone, short or changed gives none.
pub(crate) fn signed_leaves(path: &Path, checkpoint: &Checkpoint) -> io::Result<Option<Vec<Hash>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let bytes = checkpoint.size.saturating_mul(32);
    if file.metadata()?.len() < bytes {
        return Ok(None);
    }
    let mut read = Vec::new();
    file.take(bytes).read_to_end(&mut read)?;
    let (chunks, _) = read.as_chunks::<32>();
    let leaves: Vec<Hash> = chunks.iter().copied().map(Hash).collect();
    let whole = leaves.len() as u64 == checkpoint.size && root(&leaves) == checkpoint.root;
    Ok(whole.then_some(leaves))
}

/// The note in a log's folder with what it says, signed by one of `keys` and about `origin`.
/// `None` if there is no file.
pub(crate) fn read_checkpoint(
    path: &Path,
    origin: &str,
    keys: &[VerifierKey],
) -> io::Result<Option<Result<(Note, Checkpoint), CheckpointError>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(MOST_OF_A_NOTE).read_to_end(&mut bytes)?;
    Ok(Some(check_note(&bytes, origin, keys)))
}

/// Reads a note, and believes it if one of `keys` signed it and it is about `origin`.
pub(crate) fn check_note(
    bytes: &[u8],
    origin: &str,
    keys: &[VerifierKey],
) -> Result<(Note, Checkpoint), CheckpointError> {
    let note = Note::parse(bytes)?;
    let checkpoint = Checkpoint::of(&note)?;
    if checkpoint.origin != origin {
        let (found, wanted) = (checkpoint.origin, origin.to_owned());
        return Err(CheckpointError::OtherLog { found, wanted });
    }
    // Only a key that is called like the log speaks for it (and not, say, a witness).
    let own: Vec<_> = keys
        .iter()
        .filter(|key| key.name() == origin)
        .cloned()
        .collect();
    if own.is_empty() {
        let names: Vec<_> = keys.iter().map(|key| format!("`{}`", key.name())).collect();
        return Err(NoteError::NoKnownKey(names.join(", ")).into());
    }
    note.verify(&own)?;
    Ok((note, checkpoint))
}

/// Puts a file in the place of another one, so that readers see the old or the new one.
pub(crate) fn replace(path: &Path, bytes: &[u8], on_disk: bool) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    if on_disk {
        file.sync_data()?;
    }
    drop(file);
    fs_err::rename(&beside, path)?;
    if let Some(folder) = path.parent().filter(|_| on_disk) {
        sync_folder(folder)?;
    }
    Ok(())
}

/// A name is on disk only once its folder is.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
