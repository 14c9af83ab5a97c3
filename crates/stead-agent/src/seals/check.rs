//! Holds one session against all that was signed of it: its log, its traffic, its seals.

use std::path::Path;

use serde::Serialize;
use stead_ledger::{Checkpoint, Finding, Verdict, verify};

use super::begun::Begun;
use super::{EVENTS, Key, SealsError, folder, of_verify, traffic};

/// What was found of one session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The session's id.
    pub session: String,
    /// Records that the checkpoint counts: the header and the events.
    pub records: u64,
    /// The signed root of their tree, as the checkpoint writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// The name that the log is signed by.
    pub signer: String,
    /// The key's id under this name, in hexadecimal digits.
    pub key_id: String,
    /// Exchanges with models that are what events say.
    pub exchanges: u64,
    /// Earlier checkpoints in this machine's seals that the log goes on from.
    pub seals: u64,
    /// Somebody is writing to it.
    pub being_written: bool,
    /// What is not as it was signed.
    pub altered: Vec<String>,
    /// What is worth knowing besides.
    pub remarks: Vec<String>,
}

impl Report {
    /// Whether all is as it was signed.
    #[must_use]
    pub const fn is_well(&self) -> bool {
        self.altered.is_empty()
    }

    fn of(session: &str, key: &stead_ledger::VerifierKey) -> Self {
        Self {
            session: session.to_owned(),
            records: 0,
            root: None,
            signer: key.name().to_owned(),
            key_id: format!("{:08x}", u32::from_be_bytes(key.id())),
            exchanges: 0,
            seals: 0,
            being_written: false,
            altered: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// Takes in what the log's own checkpoint says.
    fn judge(&mut self, verdict: &Verdict) {
        self.records = verdict.checkpoint.size;
        self.root = Some(verdict.checkpoint.root.to_string());
        self.being_written = verdict.being_written;
        let Some(finding) = &verdict.finding else {
            return;
        };
        let is_end = matches!(
            finding,
            Finding::AddedAfterSigning { .. } | Finding::Torn { .. }
        );
        match (is_end, verdict.being_written) {
            (true, true) => self
                .remarks
                .push(format!("{finding}: it is being written now")),
            (true, false) => self.altered.push(format!(
                "{finding}: a crash left it, or somebody added it; once the session goes on, \
                 its record tells of it"
            )),
            (false, _) => self.altered.push(finding.to_string()),
        }
    }
}

/// Checks a session. `sealed` are its checkpoints in this machine's seals, if there are seals.
pub(super) fn check(
    data_dir: &Path,
    key: &Key,
    session: &str,
    sealed: Option<&[Checkpoint]>,
) -> Result<Report, SealsError> {
    let (folder, key) = (folder(data_dir, session), key.named(session)?);
    let mut report = Report::of(session, &key);
    let keys = [key];
    let earlier = sealed.unwrap_or_default();
    match verify(&folder, EVENTS, keys[0].name(), &keys, earlier) {
        Ok(verdict) => report.judge(&verdict),
        Err(error) => report.altered.push(of_verify(error)?),
    }
    report.seals = earlier.len() as u64;
    let begun = Begun::of(&folder)?;
    match sealed {
        None if begun.seals.is_empty() => report.remarks.push(
            "this machine keeps no seals, so the removal of a session would not be seen".to_owned(),
        ),
        None => report.altered.push(
            "this machine had a log of seals when the session began, and it is gone".to_owned(),
        ),
        Some([]) => report.altered.push(
            "the seals of this machine do not know it: it was put there, or its seal was removed"
                .to_owned(),
        ),
        Some(_) => {}
    }
    traffic::check(&folder, &mut report)?;
    begun.check(&folder, &mut report);
    Ok(report)
}
