#![doc = include_str!("FORMAT.md")]

use stead_usf::AgentId;

use crate::{
    Adapter, AdapterInfo, Capabilities, Checkpoint, Container, DiscoverError, Disk, Env, Output,
    ReadError, Store, Support, Unit,
};

mod content;
mod edits;
mod file;
mod locate;
mod model;
mod read;
mod server;
mod tools;
mod unit;
mod v0;
mod v1;

#[cfg(test)]
mod tests;

const ID: AgentId = AgentId::new("openhands");

/// Version of the reading: another number makes every store be read again.
const VERSION: u32 = 1;

/// Rules by which records are left out.
const SYSTEM_PROMPT: &str = "system-prompt";
const STATE_UPDATE: &str = "state-update";
const LOG: &str = "log";
const NOTHING: &str = "nothing";

/// OpenHands, in both generations of its store, and its agent server.
#[derive(Debug)]
pub struct OpenHands;

static INFO: AdapterInfo = AdapterInfo {
    id: ID,
    aliases: &["oh", "opendevin"],
    name: "OpenHands",
    vendor: "All Hands AI",
    url: "https://openhands.dev",
    containers: &[Container::Json, Container::Http],
    reading: VERSION,
    versions: "0.40.0, 0.62.0; 1.16.0 (terminal); 1.7.0, 1.58.0 (agent server)",
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
        "~/.openhands/conversations",
        "~/.openhands/sessions",
        "workspace/conversations (agent server)",
        "trajectories/*.json",
        "agent servers that config.toml names",
    ],
    markers: &[locate::WORKSPACE],
    variables: &[
        "OPENHANDS_CONVERSATIONS_DIR",
        "OH_CONVERSATIONS_PATH",
        "OPENHANDS_PERSISTENCE_DIR",
        "FILE_STORE_PATH",
        "SAVE_TRAJECTORY_PATH",
    ],
    ignored: &[
        (
            SYSTEM_PROMPT,
            "the agent's own instructions and its tools' descriptions, the same in all sessions",
        ),
        (
            STATE_UPDATE,
            "changes of the agent's state: how it stood at the end is in the state itself",
        ),
        (
            LOG,
            "where a request was logged, and pieces of streams: no content",
        ),
        (
            NOTHING,
            "records that say nothing: an action that does nothing, a look into the agent's memory",
        ),
    ],
    resume: Some("openhands --resume {id}"),
};

impl Adapter for OpenHands {
    fn info(&self) -> &'static AdapterInfo {
        &INFO
    }

    fn stores(&self, env: &Env, disk: &Disk) -> Vec<Store> {
        let mut stores = locate::stores(env, disk);
        stores.extend(server::stores(env, disk));
        stores
    }

    fn discover(
        &self,
        env: &Env,
        disk: &Disk,
        found: &mut dyn FnMut(Unit),
    ) -> Result<(), DiscoverError> {
        locate::discover(env, disk, found);
        server::discover(env, disk, found);
        Ok(())
    }

    fn key_variables(&self) -> &'static [&'static str] {
        &server::KEY_VARIABLES
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
