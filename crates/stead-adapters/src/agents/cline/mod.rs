#![doc = include_str!("FORMAT.md")]

use stead_usf::AgentId;

use crate::tasks::{self, Family};
use crate::{
    Adapter, AdapterInfo, Capabilities, Checkpoint, Container, DiscoverError, Disk, Env, Output,
    ReadError, Store, Support, Unit,
};

mod about;
mod locate;
mod message;
mod read;
mod results;
mod talk;
mod tools;
mod words;

#[cfg(test)]
mod tests;

const ID: AgentId = AgentId::new("cline");

/// Version of the reading: another number makes every store be read again.
const VERSION: u32 = 4;

/// Cline: the extension, its relatives in other editors, and the command line.
#[derive(Debug)]
pub struct Cline;

static FAMILY: Family = Family {
    agent: ID,
    reading: VERSION,
    extensions: &["saoudrizwan.claude-dev", "saoudrizwan.cline-nightly"],
    folders: &[".cline/data"],
    variables: &[("CLINE_DATA_DIR", ""), ("CLINE_DIR", "data")],
    settings: &[],
    program: Some("Cline CLI"),
    version_field: Some("cline_version"),
};

static INFO: AdapterInfo = AdapterInfo {
    id: ID,
    aliases: &["claude-dev"],
    name: "Cline",
    vendor: "Cline Bot",
    url: "https://cline.bot",
    containers: &[Container::Json],
    reading: VERSION,
    versions: "2.18.0, 3.0.65",
    support: Support::Stable,
    capabilities: Capabilities {
        tools: true,
        edits: true,
        tokens: true,
        cost: true,
        models: true,
        subagents: true,
        incremental: false,
    },
    locations: &[
        "EDITOR/User/globalStorage/saoudrizwan.claude-dev/tasks",
        "~/.cline/data/tasks",
        "~/.cline/data/sessions",
    ],
    markers: &[],
    variables: &[
        "CLINE_DATA_DIR",
        "CLINE_DIR",
        "CLINE_SESSION_DATA_DIR",
        tasks::EDITOR_VARIABLES[0],
        tasks::EDITOR_VARIABLES[1],
        tasks::EDITOR_VARIABLES[2],
        tasks::EDITOR_VARIABLES[3],
        tasks::EDITOR_VARIABLES[4],
        tasks::EDITOR_VARIABLES[5],
    ],
    ignored: &tasks::IGNORED,
    resume: Some("cline -i --id {id}"),
};

impl Adapter for Cline {
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
        _since: Option<&Checkpoint>,
        output: &mut Output<'_>,
    ) -> Result<Checkpoint, ReadError> {
        read::read(unit, output)
    }
}
