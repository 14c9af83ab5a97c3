//! What makes a session's record provable: seals on this machine, and the check of all of it.
//!
//! - A *seal* is a record of a log of its own, `<data_dir>/seals/`, that holds a session's
//!   signed checkpoint. As that log has all sessions of the machine in it, the removal of a
//!   whole session, or its roll-back to an older state, is seen.
//! - *Altered* is what is not as it was signed, whoever did it; a *remark* is what is worth
//!   knowing and takes nothing from the proof.
//!
//! One key signs everything, under other names: a session's log is called `<key>/<session>`,
//! that of the seals `<key>/seals`. Checking needs the public half only, and writes nothing.

mod begun;
mod check;
mod machine;
mod proof;
mod traffic;

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use stead_ledger::{
    Checkpoint, CheckpointError, Durability, Ending, KeyError, Log, LogError, Note, ProofError,
    Seal, SealError, Signer, VerifierKey, VerifyError,
};

use crate::record::{EVENTS, origin};

pub use check::Report;
pub use machine::{Machine, Seals, sessions};

/// The folder of sessions below the data folder, one folder each.
pub const SESSIONS: &str = "sessions";

/// The folder of the seals' log below the data folder.
pub const SEALS: &str = "seals";

/// The seals' file in that folder.
pub const FILE: &str = "seals.jsonl";

/// Why something cannot be sealed or checked. What is altered is no error.
#[derive(Debug, thiserror::Error)]
pub enum SealsError {
    /// The log of seals refused a seal.
    #[error("the seals of this machine's sessions cannot be written: {0}")]
    Log(#[from] LogError),
    /// A seal could not be made.
    #[error("the session cannot be sealed: {0}")]
    Seal(#[from] SealError),
    /// There is no key, or no log can be called like this.
    #[error("the key cannot be had: {0}")]
    Key(#[from] KeyError),
    /// A checkpoint was asked for that cannot be believed.
    #[error("the session's checkpoint cannot be believed: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// There is no proof.
    #[error("there is no proof: {0}")]
    Proof(#[from] ProofError),
    /// No event is called like this.
    #[error("session {session} has no event `{event}`")]
    NoEvent {
        /// The session.
        session: String,
        /// What was asked for.
        event: String,
    },
    /// A file could not be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Where a session's files lie.
#[must_use]
pub fn folder(data_dir: &Path, session: &str) -> PathBuf {
    data_dir.join(SESSIONS).join(session)
}

/// Puts a session's newest checkpoint into this machine's log of seals: to be called when a
/// session begins or goes on, and when it ends. The file is locked only meanwhile. Gives how far
/// the log of seals came, for the session's record: then no session is without a proof that
/// there was such a log.
pub fn seal(
    data_dir: &Path,
    signer: &Signer,
    note: &Note,
    ending: Ending,
) -> Result<Checkpoint, SealsError> {
    let seal = Seal {
        ending,
        note: note.clone(),
    };
    let signer = signer.named(&origin(signer.name(), SEALS))?;
    let (mut log, _) = Log::open(&data_dir.join(SEALS), FILE, signer, Durability::Process)?;
    log.append(&[seal.record()?])?;
    Ok(Checkpoint::of(log.note())?)
}

/// What sessions are checked with: the public half of the machine's key.
#[derive(Debug, Clone)]
pub struct Key(VerifierKey);

impl Key {
    /// That of a private key's file.
    pub fn load(path: &Path) -> Result<Self, SealsError> {
        Ok(Self(Signer::load(path)?.verifier()))
    }

    /// The key under the name of a session's log, in the form that other programs take
    /// (`name+id+base64`, C2SP signed-note).
    pub fn of_session(&self, session: &str) -> Result<String, SealsError> {
        Ok(self.named(session)?.to_string())
    }

    /// The key as it signs a log of this machine.
    fn named(&self, log: &str) -> Result<VerifierKey, KeyError> {
        self.0.named(&origin(self.0.name(), log))
    }

    /// The session of whose log this is the name.
    fn session<'a>(&self, origin: &'a str) -> Option<&'a str> {
        let rest = origin.strip_prefix(self.0.name())?;
        rest.strip_prefix('/')
    }
}

impl FromStr for Key {
    type Err = SealsError;

    fn from_str(text: &str) -> Result<Self, SealsError> {
        Ok(Self(text.parse()?))
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What stops the verification of a log, as far as it says something about the log.
fn of_verify(error: VerifyError) -> Result<String, SealsError> {
    match error {
        VerifyError::Io(error) => Err(error.into()),
        told => Ok(told.to_string()),
    }
}

#[cfg(test)]
mod tests;
