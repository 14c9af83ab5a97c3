#![doc = include_str!("FORMAT.md")]

use stead_usf::AgentId;

use crate::{
    Adapter, AdapterInfo, Capabilities, Checkpoint, Container, DiscoverError, Disk, Env, Output,
    ReadError, Store, Support, Unit,
};

mod block;
mod calls;
mod compaction;
mod database;
mod edits;
mod facts;
mod forks;
mod lines;
mod locate;
mod map;
mod message;
mod read;
mod result;
mod rows;
mod session;
mod tools;
mod usage;

#[cfg(test)]
mod tests;

const ID: AgentId = AgentId::new("goose");

/// Version of the reading: another number makes every store be read again.
const VERSION: u32 = 1;

/// Rules by which records are left out.
const EMPTY_MESSAGE: &str = "empty-message";
const MOVED: &str = "moved-to-database";

/// Goose, in all generations of its store.
#[derive(Debug)]
pub struct Goose;

static INFO: AdapterInfo = AdapterInfo {
    id: ID,
    aliases: &["block-goose"],
    name: "Goose",
    vendor: "Agentic AI Foundation",
    url: "https://block.github.io/goose",
    containers: &[Container::Sqlite, Container::JsonLines],
    reading: VERSION,
    versions: "1.34.0, 1.37.0, 1.50.0, 1.52.0",
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
        "~/.local/share/goose/sessions",
        "~/Library/Application Support/Block/goose/sessions",
        "%APPDATA%\\Block\\goose\\data\\sessions",
        "~/.config/goose/sessions",
    ],
    markers: &[],
    variables: &["GOOSE_PATH_ROOT", "XDG_DATA_HOME", "APPDATA"],
    ignored: &[
        (
            EMPTY_MESSAGE,
            "a message without any content: nothing was said in it",
        ),
        (
            MOVED,
            "files of a session that the agent has taken over into its database",
        ),
    ],
    resume: Some("goose session --resume --session-id {id}"),
};

impl Adapter for Goose {
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
}
