//! A log in which nothing can be changed, taken out or put in without being seen.
//! It knows bytes only: what a record says is somebody else's business.
//!
//! # Terms
//!
//! - *Record*: the bytes of one line of a log, without the line feed.
//! - *Leaf*: a record's hash in the *tree*, the Merkle tree of RFC 6962; *root*: the hash of it all.
//! - *Note*: a text with signatures below it (C2SP signed-note).
//! - *Checkpoint*: a note that says how many records a log has and what their root is (C2SP
//!   tlog-checkpoint). Its *origin* is the log's name.
//! - *Signed*: counted by the log's newest checkpoint. A crash may leave records that are not.
//! - *Torn*: begun, but not ended by a line feed: the last line after a crash. It never counted.
//! - *Proof*: what shows, without the log, that a record is in it (C2SP tlog-proof).
//! - *Seal*: a record of a second log that holds the last checkpoint of a first one, so that the
//!   loss of the whole first log is seen.
//!
//! `docs/specs/ledger.md` has the rules with their tests.

mod checkpoint;
mod key;
mod log;
mod note;
mod proof;
mod seal;
mod store;
mod tree;
mod verify;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use key::{KeyError, Signer, VerifierKey};
pub use log::{Durability, Log, LogError, Opened};
pub use note::{Note, NoteError, Signature};
pub use proof::{Proof, ProofError, prove, prove_consistency};
pub use seal::{Ending, Seal, SealError};
pub use tree::{Frontier, Hash, Tree, TreeError, leaf_hash, verify_consistency, verify_inclusion};
pub use verify::{Finding, Verdict, VerifyError, verify};
