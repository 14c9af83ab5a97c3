//! Checks the seals of this machine, and all sessions or some against them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use serde::Serialize;
use stead_ledger::{Checkpoint, Finding, Seal, verify};

use super::begun::Begun;
use super::check::check;
use super::{EVENTS, FILE, Key, Report, SEALS, SESSIONS, SealsError, folder, of_verify};

/// What was found on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// The log of seals; absent if none was ever kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seals: Option<Seals>,
    /// The sessions that were asked about, in the order of their ids.
    pub sessions: Vec<Report>,
    /// Sessions that were sealed and are no longer there.
    pub gone: Vec<String>,
}

/// What was found of the log of seals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seals {
    /// Records that its checkpoint counts.
    pub records: u64,
    /// The signed root of their tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// The name that it is signed by.
    pub signer: String,
    /// What is not as it was signed.
    pub altered: Vec<String>,
    /// Each session's checkpoints, oldest first.
    #[serde(skip)]
    of_session: BTreeMap<String, Vec<Checkpoint>>,
}

impl Machine {
    /// Checks these sessions against all that is kept of them; with `None`, all there are, and
    /// that none was removed.
    pub fn check(
        data_dir: &Path,
        key: &Key,
        wanted: Option<&[String]>,
    ) -> Result<Self, SealsError> {
        let mut there = sessions(data_dir)?;
        let named = named(data_dir, key, &there, wanted)?;
        let seals = Seals::check(data_dir, key, &named)?;
        let sealed = seals.iter().flat_map(Seals::sessions).map(str::to_owned);
        let mut gone: Vec<String> = sealed.filter(|known| !there.contains(known)).collect();
        if let Some(wanted) = wanted {
            gone.retain(|session| wanted.contains(session));
            there.retain(|session| wanted.contains(session));
        }
        let mut reports = Vec::with_capacity(there.len());
        for session in &there {
            let sealed = seals.as_ref().map(|seals| {
                let known = seals.of_session.get(session);
                known.map(Vec::as_slice).unwrap_or_default()
            });
            reports.push(check(data_dir, key, session, sealed)?);
        }
        Ok(Self {
            gone,
            sessions: reports,
            seals,
        })
    }

    /// Whether all is as it was signed, and there.
    #[must_use]
    pub fn is_well(&self) -> bool {
        let seals = self.seals.as_ref();
        self.gone.is_empty()
            && seals.is_none_or(|seals| seals.altered.is_empty())
            && self.sessions.iter().all(Report::is_well)
    }
}

impl Seals {
    /// The sessions that were ever sealed, in the order of their ids.
    pub fn sessions(&self) -> impl Iterator<Item = &str> {
        self.of_session.keys().map(String::as_str)
    }

    /// Reads the log of seals, which has to go on from what sessions name of it. A seal counts if the session's own key signed what it holds.
    fn check(data_dir: &Path, key: &Key, named: &[Checkpoint]) -> Result<Option<Self>, SealsError> {
        let folder = data_dir.join(SEALS);
        if !folder.is_dir() {
            return Ok(None);
        }
        let own = [key.named(SEALS)?];
        let mut seals = Self {
            records: 0,
            root: None,
            signer: own[0].name().to_owned(),
            altered: Vec::new(),
            of_session: BTreeMap::new(),
        };
        match verify(&folder, FILE, own[0].name(), &own, named) {
            Ok(verdict) => {
                seals.records = verdict.checkpoint.size;
                seals.root = Some(verdict.checkpoint.root.to_string());
                let passing = matches!(
                    verdict.finding,
                    Some(Finding::AddedAfterSigning { .. } | Finding::Torn { .. })
                );
                if let Some(finding) = verdict.finding
                    && !(passing && verdict.being_written)
                {
                    seals.altered.push(finding.to_string());
                }
            }
            Err(error) => seals.altered.push(of_verify(error)?),
        }
        let file = match File::open(folder.join(FILE)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Some(seals)),
            Err(error) => return Err(error.into()),
        };
        for (number, line) in BufReader::new(file).split(b'\n').enumerate() {
            if seals.take(key, &line?).is_none() && (number as u64) < seals.records {
                let told = format!("record {number} is no seal of a session of this machine's key");
                seals.altered.push(told);
            }
        }
        Ok(Some(seals))
    }

    /// Takes in a seal, if it is to be believed.
    fn take(&mut self, key: &Key, line: &[u8]) -> Option<()> {
        let seal = Seal::parse(line).ok()?;
        let origin = Checkpoint::of(&seal.note).ok()?.origin;
        let session = key.session(&origin)?;
        let checkpoint = seal.checkpoint(&[key.named(session).ok()?]).ok()?;
        let known = self.of_session.entry(session.to_owned()).or_default();
        known.push(checkpoint);
        Some(())
    }
}

/// How far the log of seals was when these sessions began, as they name it.
fn named(
    data_dir: &Path,
    key: &Key,
    there: &[String],
    wanted: Option<&[String]>,
) -> Result<Vec<Checkpoint>, SealsError> {
    let origin = key.named(SEALS)?.name().to_owned();
    let mut named = Vec::new();
    for session in there {
        if wanted.is_none_or(|wanted| wanted.contains(session)) {
            let begun = Begun::of(&folder(data_dir, session))?;
            named.extend(begun.seals.into_iter().map(|(size, root)| Checkpoint {
                origin: origin.clone(),
                size,
                root,
                extensions: Vec::new(),
            }));
        }
    }
    named.sort_by_key(|checkpoint| checkpoint.size);
    named.dedup();
    Ok(named)
}

/// The ids of all sessions that are there, in order.
pub fn sessions(data_dir: &Path) -> io::Result<Vec<String>> {
    let entries = match std::fs::read_dir(data_dir.join(SESSIONS)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        let name = entry?.file_name().into_string();
        let is_session = |name: &String| {
            let folder = folder(data_dir, name);
            folder.join(EVENTS).exists() || folder.join("checkpoint").exists()
        };
        found.extend(name.ok().filter(is_session));
    }
    found.sort_unstable();
    Ok(found)
}
