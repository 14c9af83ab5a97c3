//! What shows, without the log, that a record is in it: C2SP tlog-proof. The record goes along in
//! its `extra` line, and counts only because its hash leads to the signed root.

use std::fmt;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::{Checkpoint, CheckpointError, number};
use crate::key::VerifierKey;
use crate::note::{Note, NoteError};
use crate::store::{Places, Scan, check_note, read_checkpoint};
use crate::tree::{Hash, Tree, TreeError, leaf_hash, verify_inclusion};

const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// No path in a tree of 2^64 records is longer.
const LONGEST_PATH: usize = 64;

/// A record, its place, the way from it to the root, and the signed note with the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The record's bytes, if they go along.
    pub record: Option<Vec<u8>>,
    /// The record's index, from 0.
    pub index: u64,
    /// The hashes from the record's neighbour up to the root's child.
    pub path: Vec<Hash>,
    /// The signed checkpoint.
    pub note: Note,
}

/// Why there is no proof, or why it proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The text is not of this format.
    #[error("this is no proof: {0}")]
    BadForm(&'static str),
    /// Its checkpoint is not to be believed.
    #[error("the proof's checkpoint cannot be believed: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// Its hashes do not lead to the root.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// It has no record, and none was given.
    #[error("the proof has no record; give the record that it is about")]
    NoRecord,
    /// It carries another record than the one given.
    #[error("the proof is about another record than the one given")]
    OtherRecord,
    /// The log has no checkpoint.
    #[error("{folder} has no checkpoint, so nothing can be proved")]
    NoCheckpoint {
        /// The log's folder.
        folder: PathBuf,
    },
    /// The log's records are not those that were signed.
    #[error("the records in {folder} are not those that were signed; verify the log first")]
    Changed {
        /// The log's folder.
        folder: PathBuf,
    },
    /// A file could not be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl FromStr for Proof {
    type Err = ProofError;

    fn from_str(text: &str) -> Result<Self, ProofError> {
        let bad = ProofError::BadForm;
        let rest = text
            .strip_prefix(HEADER)
            .and_then(|rest| rest.strip_prefix('\n'));
        let rest = rest.ok_or(bad("its first line is not `c2sp.org/tlog-proof@v1`"))?;
        let (head, note) = rest.split_once("\n\n").ok_or(bad("it has no empty line"))?;
        let mut lines = head.split('\n').peekable();
        let extra = lines.peek().and_then(|line| line.strip_prefix("extra "));
        let record = match extra {
            Some(extra) => {
                let decoded = STANDARD.decode(extra);
                lines.next();
                Some(decoded.map_err(|_| bad("its extra line is not base64"))?)
            }
            None => None,
        };
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = index
            .and_then(|index| number(index).ok())
            .ok_or(bad("it has no index"))?;
        let path = lines.map(str::parse).collect::<Result<Vec<Hash>, _>>()?;
        if path.len() > LONGEST_PATH {
            return Err(TreeError::WrongLength.into());
        }
        let note = Note::parse(note.as_bytes()).map_err(CheckpointError::from)?;
        Ok(Self {
            record,
            index,
            path,
            note,
        })
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{HEADER}")?;
        if let Some(record) = &self.record {
            writeln!(out, "extra {}", STANDARD.encode(record))?;
        }
        writeln!(out, "index {}", self.index)?;
        self.path
            .iter()
            .try_for_each(|hash| writeln!(out, "{hash}"))?;
        write!(out, "\n{}", self.note)
    }
}

impl Proof {
    /// Checks that the record is in the log of this origin, as one of `keys` signed it. `record` may
    /// be left out if the proof carries it. Gives the checkpoint that it is under.
    pub fn verify(
        &self,
        origin: &str,
        keys: &[VerifierKey],
        record: Option<&[u8]>,
    ) -> Result<Checkpoint, ProofError> {
        let record = match (record, self.record.as_deref()) {
            (Some(given), Some(carried)) if given != carried => {
                return Err(ProofError::OtherRecord);
            }
            (Some(record), _) | (None, Some(record)) => record,
            (None, None) => return Err(ProofError::NoRecord),
        };
        let note = self.note.to_string();
        let (_, checkpoint) = check_note(note.as_bytes(), origin, keys)?;
        let (size, root) = (checkpoint.size, checkpoint.root);
        verify_inclusion(leaf_hash(record), self.index, size, &self.path, root)?;
        Ok(checkpoint)
    }
}

/// Makes the proof for one record of a log, after checking the log.
pub fn prove(
    folder: &Path,
    name: &str,
    origin: &str,
    keys: &[VerifierKey],
    index: u64,
) -> Result<Proof, ProofError> {
    let (tree, note, checkpoint) = signed_tree(folder, name, origin, keys)?;
    let path = tree.inclusion(index, checkpoint.size)?;
    let record = Some(record(&Places::new(folder, name).records, index)?);
    Ok(Proof {
        record,
        index,
        path,
        note,
    })
}

/// The hashes that lead from a log's first `old` records to its newest checkpoint, after checking
/// the log. [`crate::verify_consistency`] takes them.
pub fn prove_consistency(
    folder: &Path,
    name: &str,
    origin: &str,
    keys: &[VerifierKey],
    old: u64,
) -> Result<(Vec<Hash>, Note), ProofError> {
    let (tree, note, checkpoint) = signed_tree(folder, name, origin, keys)?;
    Ok((tree.consistency(old, checkpoint.size)?, note))
}

/// The tree of a log's records, which is the signed one as far as the checkpoint counts.
fn signed_tree(
    folder: &Path,
    name: &str,
    origin: &str,
    keys: &[VerifierKey],
) -> Result<(Tree, Note, Checkpoint), ProofError> {
    let places = Places::new(folder, name);
    let folder = folder.to_owned();
    let read = read_checkpoint(&places.checkpoint, origin, keys)?;
    let Some(read) = read else {
        return Err(ProofError::NoCheckpoint { folder });
    };
    let (note, checkpoint) = read?;
    let tree: Tree = Scan::of(&places.records)?.leaves.into_iter().collect();
    match tree.root(checkpoint.size) {
        Ok(root) if root == checkpoint.root => Ok((tree, note, checkpoint)),
        _ => Err(ProofError::Changed { folder }),
    }
}

/// Reads one record.
fn record(path: &Path, index: u64) -> io::Result<Vec<u8>> {
    let mut file = BufReader::new(fs_err::File::open(path)?);
    for _ in 0..index {
        file.skip_until(b'\n')?;
    }
    let mut record = Vec::new();
    file.read_until(b'\n', &mut record)?;
    record.pop();
    Ok(record)
}

/// A note's trouble inside a proof is its checkpoint's.
impl From<NoteError> for ProofError {
    fn from(error: NoteError) -> Self {
        Self::Checkpoint(error.into())
    }
}
