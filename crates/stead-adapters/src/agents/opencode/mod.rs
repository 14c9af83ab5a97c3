#![doc = include_str!("FORMAT.md")]

use stead_usf::AgentId;

use crate::parts::{self, Family};
use crate::{
    Adapter, AdapterInfo, Capabilities, Checkpoint, Container, DiscoverError, Disk, Env, Output,
    ReadError, Store, Support, Unit, UsageRecord,
};

#[cfg(test)]
mod tests;

const ID: AgentId = AgentId::new("opencode");

/// Version of the reading: another number makes every store be read again.
const VERSION: u32 = 4;

/// OpenCode, in all three generations of its store.
#[derive(Debug)]
pub struct OpenCode;

static FAMILY: Family = Family {
    info: &INFO,
    name: "opencode",
    folder: Some("OPENCODE_DATA_DIR"),
    database: "OPENCODE_DB",
    forks: Some(&["kilo"]),
    tools: |_| None,
    lifecycle: None,
    migrated: None,
};

static INFO: AdapterInfo = AdapterInfo {
    id: ID,
    aliases: &["oc", "sst"],
    name: "OpenCode",
    vendor: "Anomaly",
    url: "https://opencode.ai",
    containers: &[Container::Sqlite, Container::Json, Container::JsonLines],
    reading: VERSION,
    versions: "0.5.29, 1.0.185, 1.18.33",
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
    locations: &[
        "~/.local/share/opencode/opencode.db",
        "~/.local/share/opencode/storage",
        "~/.local/share/opencode/project",
    ],
    markers: &[],
    variables: &["OPENCODE_DATA_DIR", "XDG_DATA_HOME", "OPENCODE_DB"],
    ignored: &parts::IGNORED,
    resume: Some("opencode --session {id}"),
};

impl Adapter for OpenCode {
    fn info(&self) -> &'static AdapterInfo {
        &INFO
    }

    fn stores(&self, env: &Env, disk: &Disk) -> Vec<Store> {
        parts::stores(&FAMILY, env, disk)
    }

    fn discover(
        &self,
        env: &Env,
        disk: &Disk,
        found: &mut dyn FnMut(Unit),
    ) -> Result<(), DiscoverError> {
        parts::discover(&FAMILY, env, disk, found);
        Ok(())
    }

    fn read(
        &self,
        unit: &Unit,
        since: Option<&Checkpoint>,
        output: &mut Output<'_>,
    ) -> Result<Checkpoint, ReadError> {
        parts::read(&FAMILY, unit, since, output)
    }

    fn scan_usage(
        &self,
        unit: &Unit,
        found: &mut dyn FnMut(UsageRecord),
    ) -> Result<bool, ReadError> {
        parts::scan(&FAMILY, unit, found)?;
        Ok(true)
    }
}
