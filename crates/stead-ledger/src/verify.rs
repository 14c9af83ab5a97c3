//! Holds a whole log against its checkpoint and says what was changed, if anything. It writes
//! nothing.

use std::fmt;
use std::fs::TryLockError;
use std::io;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::key::VerifierKey;
use crate::store::{Places, Scan, read_checkpoint, root, signed_leaves};
use crate::tree::Hash;

/// What is not as it was signed. Records are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A record has other bytes. It is the first that differs; later ones may differ too.
    Changed {
        /// Which one.
        record: u64,
    },
    /// A signed record is gone.
    Removed {
        /// The first that is gone, as it was counted when signed.
        record: u64,
    },
    /// A record stands among the signed ones that is none of them.
    Inserted {
        /// Where it stands now.
        record: u64,
    },
    /// Signed records stand in another order.
    Reordered {
        /// The first that is out of its place.
        record: u64,
    },
    /// The signed records are as they were, and others come after them.
    AddedAfterSigning {
        /// The first of them.
        record: u64,
        /// How many.
        count: u64,
    },
    /// The signed records are as they were, and a line follows that does not end.
    Torn {
        /// How long it is.
        bytes: u64,
    },
    /// Something among the signed records was changed, and the leaves that would show which one
    /// are gone or were changed too.
    Unlocated {
        /// How many records were signed.
        size: u64,
    },
    /// An earlier checkpoint counted more records than the log's own does now: both log and
    /// checkpoint were put back to an older state.
    RolledBack {
        /// What the earlier checkpoint counted.
        before: u64,
        /// What the log's checkpoint counts.
        now: u64,
    },
    /// An earlier checkpoint has another root for its size: the history was written anew and signed.
    Rewritten {
        /// What the earlier checkpoint counted.
        size: u64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { record } => write!(out, "record {record} is not what was signed"),
            Self::Removed { record } => {
                write!(out, "records were removed, from record {record} on")
            }
            Self::Inserted { record } => write!(out, "record {record} was put in after signing"),
            Self::Reordered { record } => {
                write!(
                    out,
                    "records were put into another order, from record {record} on"
                )
            }
            Self::AddedAfterSigning { record, count } => {
                write!(
                    out,
                    "{count} records were added after signing, from record {record} on"
                )
            }
            Self::Torn { bytes } => {
                write!(out, "{bytes} bytes of an unended record follow the log")
            }
            Self::Unlocated { size } => {
                write!(
                    out,
                    "the {size} records are not those that were signed, from record 0 on or later"
                )
            }
            Self::RolledBack { before, now } => {
                write!(
                    out,
                    "the log was put back to record {now}, but {before} records were signed"
                )
            }
            Self::Rewritten { size } => {
                write!(
                    out,
                    "the first {size} records were written anew and signed again"
                )
            }
        }
    }
}

/// What verifying a log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What the signed note says.
    pub checkpoint: Checkpoint,
    /// How many whole records there are.
    pub records: u64,
    /// `None`: nothing changed.
    pub finding: Option<Finding>,
    /// Somebody was writing meanwhile: records without a signature may be about to get one.
    pub being_written: bool,
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.finding {
            None => out.write_str("nothing changed"),
            Some(finding) => fmt::Display::fmt(finding, out),
        }
    }
}

/// Why a log could not be held against anything.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// There is no signed note, so nothing says what the records were.
    #[error("{folder} has no checkpoint, so nothing shows what its records were")]
    NoCheckpoint {
        /// The log's folder.
        folder: PathBuf,
    },
    /// The note is not this log's, or not signed by a known key.
    #[error("the checkpoint in {folder} cannot be believed: {source}")]
    Checkpoint {
        /// The log's folder.
        folder: PathBuf,
        /// What is wrong with it.
        source: CheckpointError,
    },
    /// A file could not be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Holds the log in a folder against its checkpoint, and against `earlier` ones of the same log that
/// were kept elsewhere (see [`crate::Seal`]).
pub fn verify(
    folder: &Path,
    name: &str,
    origin: &str,
    keys: &[VerifierKey],
    earlier: &[Checkpoint],
) -> Result<Verdict, VerifyError> {
    let places = Places::new(folder, name);
    let being_written = is_locked(&places)?;
    // The note first: records that come while we read are then beyond it, not missing.
    let note = read_checkpoint(&places.checkpoint, origin, keys)?;
    let note = note.ok_or_else(|| VerifyError::NoCheckpoint {
        folder: folder.to_owned(),
    })?;
    let (_, checkpoint) = note.map_err(|source| VerifyError::Checkpoint {
        folder: folder.to_owned(),
        source,
    })?;
    let scan = Scan::of(&places.records)?;
    let signed = signed_leaves(&places.leaves, &checkpoint)?;
    let finding = compare_signed(signed.as_deref(), &checkpoint, &scan)
        .or_else(|| against(earlier, &checkpoint, &scan))
        .or_else(|| after(checkpoint.size, &scan));
    let records = scan.leaves.len() as u64;
    Ok(Verdict {
        checkpoint,
        records,
        finding,
        being_written,
    })
}

/// Whether somebody has the log open for writing.
fn is_locked(places: &Places) -> io::Result<bool> {
    let file = match fs_err::File::open(&places.lock) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    match file.file().try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// What differs among the records that the checkpoint counts.
fn compare_signed(
    signed: Option<&[Hash]>,
    checkpoint: &Checkpoint,
    scan: &Scan,
) -> Option<Finding> {
    let size = usize::try_from(checkpoint.size).unwrap_or(usize::MAX);
    let same = scan
        .leaves
        .get(..size)
        .is_some_and(|leaves| root(leaves) == checkpoint.root);
    if same {
        return None;
    }
    let finding = compare(signed, checkpoint.size, scan);
    Some(finding.unwrap_or(Finding::Unlocated {
        size: checkpoint.size,
    }))
}

/// Says where records leave the signed leaves. Without those only the number of records tells.
pub(crate) fn compare(signed: Option<&[Hash]>, size: u64, scan: &Scan) -> Option<Finding> {
    let now = &scan.leaves;
    let Some(signed) = signed else {
        let found = now.len() as u64;
        return (found < size).then_some(Finding::Removed { record: found });
    };
    let at = signed
        .iter()
        .zip(now)
        .position(|(signed, now)| signed != now);
    let Some(at) = at else {
        // One is the beginning of the other.
        let record = now.len() as u64;
        return (now.len() < signed.len()).then_some(Finding::Removed { record });
    };
    let record = at as u64;
    let all: FxHashSet<Hash> = signed.iter().copied().collect();
    let there: FxHashSet<Hash> = now.iter().copied().collect();
    Some(
        match (there.contains(&signed[at]), all.contains(&now[at])) {
            (true, true) => reordered_or_copied(signed, now, at),
            (true, false) => Finding::Inserted { record },
            (false, true) => Finding::Removed { record },
            (false, false) => Finding::Changed { record },
        },
    )
}

/// Both records occur on both sides: one was taken away, one put in twice, or they changed places.
fn reordered_or_copied(signed: &[Hash], now: &[Hash], at: usize) -> Finding {
    let record = at as u64;
    if now[at..] == signed[at + 1..]
        || now[at..].starts_with(&signed[at + 1..]) && now.len() < signed.len()
    {
        return Finding::Removed { record };
    }
    if now[at + 1..].starts_with(&signed[at..]) {
        return Finding::Inserted { record };
    }
    Finding::Reordered { record }
}

/// Holds checkpoints that were kept elsewhere against records that fit the log's own.
fn against(earlier: &[Checkpoint], checkpoint: &Checkpoint, scan: &Scan) -> Option<Finding> {
    earlier.iter().find_map(|old| {
        if old.size > checkpoint.size {
            let (before, now) = (old.size, checkpoint.size);
            return Some(Finding::RolledBack { before, now });
        }
        let first = scan.leaves.get(..old.size as usize)?;
        (root(first) != old.root).then_some(Finding::Rewritten { size: old.size })
    })
}

/// What follows the records that the checkpoint counts.
fn after(size: u64, scan: &Scan) -> Option<Finding> {
    let count = scan.leaves.len() as u64 - size;
    if count > 0 {
        return Some(Finding::AddedAfterSigning {
            record: size,
            count,
        });
    }
    (scan.torn > 0).then_some(Finding::Torn { bytes: scan.torn })
}
