#![doc = include_str!("FORMAT.md")]

use stead_usf::AgentId;

use crate::parts::{self, Family, Migrated};
use crate::{
    Adapter, AdapterInfo, Capabilities, Checkpoint, Container, DiscoverError, Disk, Env, Output,
    ReadError, Store, Support, Unit, UsageRecord,
};

#[cfg(test)]
mod tests;

const ID: AgentId = AgentId::new("kilo-code");

/// Version of the reading: another number makes every store be read again.
const VERSION: u32 = 1;

/// Kilo Code: the extension, the plugin and the command line from 7.0 on.
#[derive(Debug)]
pub struct KiloCode;

/// Since 7.0: sessions in parts, in one database for all its programs.
static SESSIONS: Family = Family {
    info: &INFO,
    name: "kilo",
    folder: None,
    database: "KILO_DB",
    forks: None,
    lifecycle: Some("kilocode.lifecycle"),
    migrated: Some(Migrated {
        session: "ses_migrated_",
        message: "msg_migrated_",
        version: "v2",
        model: "legacy",
    }),
};

static INFO: AdapterInfo = AdapterInfo {
    id: ID,
    aliases: &["kilo", "kilocode"],
    name: "Kilo Code",
    vendor: "Kilo",
    url: "https://kilo.ai",
    containers: &[Container::Sqlite, Container::Json, Container::JsonLines],
    reading: VERSION,
    versions: "7.0.33, 7.7.9",
    support: Support::Stable,
    capabilities: Capabilities {
        tools: true,
        edits: true,
        tokens: true,
        cost: true,
        models: true,
        subagents: true,
        incremental: true,
    },
    locations: &["~/.local/share/kilo/kilo.db", "~/.local/share/kilo/storage"],
    markers: &[],
    variables: &["XDG_DATA_HOME", "KILO_DB"],
    ignored: &[
        parts::IGNORED[0],
        parts::IGNORED[1],
        parts::IGNORED[2],
        parts::TRANSIENT,
    ],
    resume: Some("kilo --session {id}"),
};

impl Adapter for KiloCode {
    fn info(&self) -> &'static AdapterInfo {
        &INFO
    }

    fn stores(&self, env: &Env, disk: &Disk) -> Vec<Store> {
        parts::stores(&SESSIONS, env, disk)
    }

    fn discover(
        &self,
        env: &Env,
        disk: &Disk,
        found: &mut dyn FnMut(Unit),
    ) -> Result<(), DiscoverError> {
        parts::discover(&SESSIONS, env, disk, found);
        Ok(())
    }

    fn read(
        &self,
        unit: &Unit,
        since: Option<&Checkpoint>,
        output: &mut Output<'_>,
    ) -> Result<Checkpoint, ReadError> {
        parts::read(&SESSIONS, unit, since, output)
    }

    fn scan_usage(
        &self,
        unit: &Unit,
        found: &mut dyn FnMut(UsageRecord),
    ) -> Result<bool, ReadError> {
        parts::scan(&SESSIONS, unit, found)?;
        Ok(true)
    }
}
