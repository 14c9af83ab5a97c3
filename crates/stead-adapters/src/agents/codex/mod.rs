#![doc = include_str!("FORMAT.md")]

mod calls;
mod compressed;
mod content;
mod emit;
mod head;
mod inherit;
mod items;
mod live;
mod locate;
mod map;
mod names;
mod notices;
mod outcome;
mod prompt;
mod read;
mod record;
mod request;
mod scan;
mod state;
mod step;
mod tools;
mod unified_diff;
mod usage;

#[cfg(test)]
mod tests;

use stead_usf::AgentId;

use crate::{
    Adapter, AdapterInfo, Capabilities, Checkpoint, Container, DiscoverError, Disk, Env, Output,
    ReadError, Store, Support, Unit, UsageRecord,
};

/// Codex CLI by OpenAI, and the IDE extension and desktop app that write the
/// same files.
#[derive(Debug)]
pub struct Codex;

const ID: AgentId = AgentId::new("codex");

static INFO: AdapterInfo = AdapterInfo {
    id: ID,
    aliases: &["codex-cli"],
    name: "Codex CLI",
    vendor: "OpenAI",
    url: "https://github.com/openai/codex",
    containers: &[Container::JsonLines, Container::Json, Container::Sqlite],
    reading: read::VERSION,
    versions: "0.22 to 0.169",
    support: Support::Stable,
    capabilities: Capabilities {
        tools: true,
        edits: true,
        tokens: true,
        cost: false,
        models: true,
        subagents: true,
        incremental: true,
    },
    locations: &["$CODEX_HOME", "~/.codex"],
    markers: &[],
    variables: &["CODEX_HOME"],
    ignored: &[
        (
            record::TWIN,
            "the screen's copy of a message that is read from its response item",
        ),
        (
            record::MARK,
            "marks the begin or end of a turn, a compaction or a subagent; it tells the status",
        ),
        (
            record::METER,
            "repeats a token count, or counts tokens of the parent's requests",
        ),
        (
            record::STATE,
            "settings, tool schemas and snapshots of the agent's own state; no talk",
        ),
        (
            record::HIDDEN,
            "reasoning or a summary of which only the ciphertext is kept",
        ),
    ],
    resume: Some("codex resume {id}"),
};

impl Adapter for Codex {
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

    fn scan_usage(
        &self,
        unit: &Unit,
        found: &mut dyn FnMut(UsageRecord),
    ) -> Result<bool, ReadError> {
        scan::scan(unit, found)
    }
}
