#![doc = include_str!("FORMAT.md")]

use stead_usf::AgentId;

use crate::tasks::{self, Family};
use crate::{
    Adapter, AdapterInfo, Capabilities, Checkpoint, Container, DiscoverError, Disk, Env, Output,
    ReadError, Store, Support, Unit,
};

#[cfg(test)]
mod tests;

const ID: AgentId = AgentId::new("roo-code");

/// Version of the reading: another number makes every store be read again.
const VERSION: u32 = 2;

/// Roo Code: the extension, and the command line made of it.
#[derive(Debug)]
pub struct RooCode;

static FAMILY: Family = Family {
    agent: ID,
    reading: VERSION,
    extensions: &[
        "rooveterinaryinc.roo-cline",
        "rooveterinaryinc.roo-code-nightly",
    ],
    folders: &[".vscode-mock/global-storage"],
    variables: &[],
    settings: &[
        "roo-cline.customStoragePath",
        "roo-code-nightly.customStoragePath",
    ],
    program: None,
    version_field: None,
};

static INFO: AdapterInfo = AdapterInfo {
    id: ID,
    aliases: &["roo", "roo-cline"],
    name: "Roo Code",
    vendor: "Roo Code",
    url: "https://roocode.com",
    containers: &[Container::Json],
    reading: VERSION,
    versions: "3.40.0, 3.51.0",
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
        "EDITOR/User/globalStorage/rooveterinaryinc.roo-cline/tasks",
        "~/.vscode-mock/global-storage/tasks",
    ],
    markers: &[],
    variables: &tasks::EDITOR_VARIABLES,
    ignored: &tasks::IGNORED,
    resume: Some("roo --session-id {id}"),
};

impl Adapter for RooCode {
    fn info(&self) -> &'static AdapterInfo {
        &INFO
    }

    fn stores(&self, env: &Env, disk: &Disk) -> Vec<Store> {
        tasks::stores(&FAMILY, env, disk)
    }

    fn discover(
        &self,
        env: &Env,
        disk: &Disk,
        found: &mut dyn FnMut(Unit),
    ) -> Result<(), DiscoverError> {
        tasks::discover(&FAMILY, env, disk, found);
        Ok(())
    }

    fn read(
        &self,
        unit: &Unit,
        _since: Option<&Checkpoint>,
        output: &mut Output<'_>,
    ) -> Result<Checkpoint, ReadError> {
        tasks::read(&FAMILY, unit, output)
    }
}
