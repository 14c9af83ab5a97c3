#![doc = include_str!("FORMAT.md")]

use stead_usf::AgentId;

use crate::{
    Adapter, AdapterInfo, Capabilities, Checkpoint, Container, DiscoverError, Disk, Env, Output,
    ReadError, Store, Support, Unit,
};

mod calls;
mod database;
mod edits;
mod facts;
mod locate;
mod map;
mod message;
mod part;
mod read;
mod result;
mod rows;
mod session;
mod tools;
mod versions;

#[cfg(test)]
mod tests;

const ID: AgentId = AgentId::new("crush");

/// Version of the reading: another number makes every store be read again.
const VERSION: u32 = 1;

/// Rules by which records are left out.
const EMPTY_MESSAGE: &str = "empty-message";
const TITLE_SESSION: &str = "title-session";

/// Crush, which keeps a database in every project.
#[derive(Debug)]
pub struct Crush;

static INFO: AdapterInfo = AdapterInfo {
    id: ID,
    aliases: &["charm", "charm-crush"],
    name: "Crush",
    vendor: "Charm",
    url: "https://github.com/charmbracelet/crush",
    containers: &[Container::Sqlite],
    reading: VERSION,
    versions: "schemas of 0.1 to 0.90",
    support: Support::Partial,
    capabilities: Capabilities {
        tools: true,
        edits: true,
        tokens: false,
        cost: true,
        models: true,
        subagents: true,
        incremental: true,
    },
    locations: &[
        "PROJECT/.crush/crush.db",
        "~/.local/share/crush/projects.json",
        "%LOCALAPPDATA%\\crush\\projects.json",
    ],
    markers: &[".crush/crush.db"],
    variables: &["CRUSH_GLOBAL_DATA", "XDG_DATA_HOME", "LOCALAPPDATA"],
    ignored: &[
        (
            EMPTY_MESSAGE,
            "a message in which nothing came: it was written down before the reply began",
        ),
        (
            TITLE_SESSION,
            "a session in which an older version let a title be made: its parent has the title",
        ),
    ],
    resume: Some("crush --session {id}"),
};

impl Adapter for Crush {
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
