#![doc = include_str!("FORMAT.md")]

use stead_usf::AgentId;

use crate::{
    Adapter, AdapterInfo, Capabilities, Checkpoint, Container, DiscoverError, Disk, Env, Output,
    ReadError, Store, Support, Unit,
};

mod locate;
mod map;
mod read;

#[cfg(test)]
mod tests;

const ID: AgentId = AgentId::new("stead");

/// Changes with what is read of the same file.
const VERSION: u32 = 1;

/// stead's own agent, `stead run`.
#[derive(Debug)]
pub struct Stead;

static INFO: AdapterInfo = AdapterInfo {
    id: ID,
    aliases: &[],
    name: "stead",
    vendor: "stead",
    url: "https://github.com/stead-dev/stead",
    containers: &[Container::JsonLines],
    reading: VERSION,
    versions: "USF 1.0",
    support: Support::Stable,
    capabilities: Capabilities {
        tools: true,
        edits: true,
        tokens: true,
        cost: true,
        models: true,
        subagents: false,
        incremental: true,
    },
    locations: &[
        "$STEAD_DATA_DIR/sessions",
        "$XDG_DATA_HOME/stead/sessions",
        "~/.local/share/stead/sessions",
        "~/Library/Application Support/stead/sessions",
        "%LOCALAPPDATA%\\stead\\sessions",
    ],
    markers: &[],
    variables: &["STEAD_DATA_DIR", "XDG_DATA_HOME", "LOCALAPPDATA"],
    ignored: &[],
    resume: Some("stead run --resume {id}"),
};

impl Adapter for Stead {
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
        locate::discover(env, disk, found)
    }

    fn read(
        &self,
        unit: &Unit,
        since: Option<&Checkpoint>,
        output: &mut Output<'_>,
    ) -> Result<Checkpoint, ReadError> {
        read::read(unit, since, output)
    }
}
