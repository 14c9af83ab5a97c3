//! What a session's record names of the moments when it began and went on: how far the log of
//! seals was, and what the tree held.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use memchr::memmem;
use serde_json::Value;
use stead_ledger::Hash;
use stead_usf::{Event, EventType};

use super::{EVENTS, Report};
use crate::beginning::Store;

/// What the settings of a session name.
#[derive(Debug, Default)]
pub(super) struct Begun {
    /// Records and root of the log of seals.
    pub(super) seals: Vec<(u64, Hash)>,
    /// Manifests of what the tree held.
    manifests: Vec<String>,
    /// Policies that were kept with them.
    policies: Vec<String>,
}

impl Begun {
    /// Reads the settings of a session. Lines that are no events are the log's business.
    pub(super) fn of(folder: &Path) -> io::Result<Self> {
        let mut begun = Self::default();
        let file = match File::open(folder.join(EVENTS)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(begun),
            Err(error) => return Err(error),
        };
        for line in BufReader::new(file).split(b'\n') {
            let line = line?;
            // Most events are none, and large.
            if memmem::find(&line, b"\"setting\"").is_some() {
                begun.take(&line);
            }
        }
        Ok(begun)
    }

    fn take(&mut self, line: &[u8]) -> Option<()> {
        let event: Event = serde_json::from_slice(line).ok()?;
        if event.kind != EventType::System {
            return None;
        }
        let extra: Value = event.extra?.to().ok()?;
        let setting = extra.get("setting")?;
        let seals = &setting["seals"];
        let root = seals["root"].as_str().and_then(|root| root.parse().ok());
        self.seals.extend(seals["records"].as_u64().zip(root));
        let manifest = setting["begin"]["manifest"].as_str()?;
        self.manifests.push(manifest.to_owned());
        let policies = setting["policies"].as_array().into_iter().flatten();
        let digests = policies.filter_map(|policy| policy["sha256"].as_str());
        self.policies.extend(digests.map(str::to_owned));
        Some(())
    }

    /// Holds what was kept of the tree against its digests.
    pub(super) fn check(&self, folder: &Path, report: &mut Report) {
        let store = Store::of(folder);
        let manifests = self.manifests.iter().map(|name| store.check(name));
        let policies = self.policies.iter().map(|name| store.get(name).map(drop));
        for error in manifests.chain(policies).filter_map(Result::err) {
            report.altered.push(error.to_string());
        }
    }
}
