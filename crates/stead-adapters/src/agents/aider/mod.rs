#![doc = include_str!("FORMAT.md")]

mod blocks;
mod config;
mod edits;
mod extra;
mod kind;
mod locate;
mod map;
mod notes;
mod output;
mod partly;
mod read;
mod reflog;
mod reply;
mod section;
mod survey;
mod times;
mod udiff;
mod words;

#[cfg(test)]
mod tests;

use stead_usf::AgentId;

use crate::{
    Adapter, AdapterInfo, Capabilities, Checkpoint, Container, DiscoverError, Disk, Env, Output,
    ReadError, Store, Support, Unit,
};

const ID: AgentId = AgentId::new("aider");

/// Rules by which records are left out.
const INPUT_HISTORY: &str = "input-history";
const REQUEST_LOG: &str = "request-log";
const REFLOG: &str = "git-log";

/// Reads the histories of Aider.
#[derive(Debug)]
pub struct Aider;

static INFO: AdapterInfo = AdapterInfo {
    id: ID,
    aliases: &[],
    name: "Aider",
    vendor: "Aider AI",
    url: "https://aider.chat",
    containers: &[Container::Markdown],
    reading: read::VERSION,
    versions: "0.20.0, 0.36.0, 0.50.1, 0.60.1, 0.70.0, 0.86.2",
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
    locations: &["PROJECT/.aider.chat.history.md", "~/.aider.chat.history.md"],
    markers: &[locate::CHAT],
    variables: locate::VARIABLES,
    ignored: &[
        (
            INPUT_HISTORY,
            "what was typed; the chat has the words, and takes their time from here",
        ),
        (
            REQUEST_LOG,
            "what was sent to the provider: the talk again; replies take their times from here",
        ),
        (
            REFLOG,
            "what git did in the repository; commits take their times and whole ids from here",
        ),
    ],
    resume: Some("aider --restore-chat-history"),
};

impl Adapter for Aider {
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
