//! What users of a log, and other programs, see. Trees, proofs, notes and keys are held against
//! published vectors and against other implementations.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod keys_and_notes;
mod logs;
mod proofs;
mod tampering;
mod trees;

use std::path::Path;

use stead_ledger::{Durability, Log, LogError, Opened, Signer, Verdict, verify};

/// How many lines are whole.
fn line_feeds(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// The file of records in these tests.
const NAME: &str = "events.jsonl";

fn signer() -> Signer {
    Signer::new("example.com/log", [7; 32]).unwrap()
}

fn open(folder: &Path) -> Result<(Log, Opened), LogError> {
    Log::open(folder, NAME, signer(), Durability::Process)
}

fn check(folder: &Path) -> Verdict {
    verify(folder, NAME, "example.com/log", &[signer().verifier()], &[]).unwrap()
}

/// A closed log of these records, each appended alone.
fn log_of(folder: &Path, records: &[&[u8]]) {
    let (mut log, _) = open(folder).unwrap();
    for record in records {
        log.append(&[record]).unwrap();
    }
}
