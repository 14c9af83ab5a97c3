#![doc = include_str!("FORMAT.md")]

use stead_usf::AgentId;

use crate::{
    Adapter, AdapterInfo, Capabilities, Checkpoint, Container, DiscoverError, Disk, Env, Output,
    ReadError, Store, Support, Unit, UsageRecord,
};

mod branch;
mod changes;
mod database;
mod edits;
mod facts;
mod locate;
mod map;
mod origin;
mod part;
mod read;
mod removed;
mod reply;
mod rows;
mod scan;
mod session;
mod talk;
mod tool;
mod tree;
mod usage;

#[cfg(test)]
mod tests;

const ID: AgentId = AgentId::new("opencode");

/// Version of the reading: another number makes every store be read again.
const VERSION: u32 = 4;

/// Rules by which records are left out.
const STEP_MARK: &str = "step-mark";
const EMPTY_TEXT: &str = "empty-text";
const MOVED: &str = "moved-to-database";

/// OpenCode, in all three generations of its store.
#[derive(Debug)]
pub struct OpenCode;

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
    ignored: &[
        (
            STEP_MARK,
            "where a request begins and which file snapshot was taken then: no content",
        ),
        (
            EMPTY_TEXT,
            "a block of text or reasoning that was opened and has no words",
        ),
        (
            MOVED,
            "files of a session that the agent has taken over into its database",
        ),
    ],
    resume: Some("opencode --session {id}"),
};

impl Adapter for OpenCode {
    fn info(&self) -> &'static AdapterInfo {
        &INFO
    }

    fn stores(&self, env: &Env, disk: &Disk) -> Vec<Store> {
        locate::stores(env, disk)
    }

    fn discover(
        &self,
        env: &Env,
        disk: &Disk,
        found: &mut dyn FnMut(Unit),
    ) -> Result<(), DiscoverError> {
        locate::discover(env, disk, found);
        Ok(())
    }

    fn read(
        &self,
        unit: &Unit,
        since: Option<&Checkpoint>,
        output: &mut Output<'_>,
    ) -> Result<Checkpoint, ReadError> {
        read::read(unit, since, output)
    }

    fn scan_usage(
        &self,
        unit: &Unit,
        found: &mut dyn FnMut(UsageRecord),
    ) -> Result<bool, ReadError> {
        scan::scan(unit, found)?;
        Ok(true)
    }
}
