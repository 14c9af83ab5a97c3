//! What somebody else needs to check a session with other programs: a checkpoint, and the proof
//! that an event is in it. Their forms are C2SP's (`docs/specs/ledger.md`).

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use serde::Deserialize;
use stead_ledger::{prove, prove_consistency};

use super::{EVENTS, Key, SealsError, folder};

/// As much of a record as says which event it is.
#[derive(Deserialize)]
struct Named {
    id: String,
}

impl Key {
    /// The proof that an event is in a session's log, as a file of tlog-proof. The log is
    /// checked before.
    pub fn proof(&self, data_dir: &Path, session: &str, event: &str) -> Result<String, SealsError> {
        let folder = folder(data_dir, session);
        let index = place(&folder, event)?.ok_or_else(|| SealsError::NoEvent {
            session: session.to_owned(),
            event: event.to_owned(),
        })?;
        let key = self.named(session)?;
        let proof = prove(
            &folder,
            EVENTS,
            key.name(),
            std::slice::from_ref(&key),
            index,
        )?;
        Ok(proof.to_string())
    }

    /// The newest signed checkpoint of a session's log, as a signed note. The log is checked
    /// before.
    pub fn checkpoint(&self, data_dir: &Path, session: &str) -> Result<String, SealsError> {
        let (folder, key) = (folder(data_dir, session), self.named(session)?);
        let keys = std::slice::from_ref(&key);
        let (_, note) = prove_consistency(&folder, EVENTS, key.name(), keys, 0)?;
        Ok(note.to_string())
    }
}

/// Which record of a session's log an event is, from 0. The first one is the header.
fn place(folder: &Path, event: &str) -> io::Result<Option<u64>> {
    let lines = BufReader::new(File::open(folder.join(EVENTS))?).split(b'\n');
    for (index, line) in (0..).zip(lines).skip(1) {
        let line = line?;
        if serde_json::from_slice::<Named>(&line).is_ok_and(|named| named.id == event) {
            return Ok(Some(index));
        }
    }
    Ok(None)
}
