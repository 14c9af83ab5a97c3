#![doc = include_str!("FORMAT.md")]

mod aside;
mod branch;
mod calls;
mod lineage;
mod locate;
mod map;
mod marks;
mod notes;
mod put;
mod read;
mod record;
mod reply;
mod result;
mod scan;
mod side;
mod speech;
mod talks;
mod tools;
mod tree;
mod usage;
mod words;

#[cfg(test)]
mod tests;

use stead_usf::AgentId;

use crate::{
    Adapter, AdapterInfo, Capabilities, Checkpoint, Container, DiscoverError, Disk, Env, Output,
    ReadError, Store, Support, Unit, UsageRecord,
};

/// Reads the transcripts of Claude Code.
#[derive(Debug)]
pub struct ClaudeCode;

static INFO: AdapterInfo = AdapterInfo {
    id: AgentId::new("claude-code"),
    aliases: &["claude"],
    name: "Claude Code",
    vendor: "Anthropic",
    url: "https://claude.com/claude-code",
    containers: &[Container::JsonLines, Container::Json],
    reading: read::VERSION,
    versions: "0.2.126, 1.0.128, 2.0.77, 2.1.329",
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
    locations: &["~/.claude/projects", "~/.config/claude/projects"],
    markers: &[],
    variables: &[locate::CONFIG_DIR],
    ignored: map::RULES,
    resume: Some("claude --resume {id}"),
};

impl Adapter for ClaudeCode {
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
        locate::discover(&INFO.id, env, disk, found)
    }

    fn read(
        &self,
        unit: &Unit,
        since: Option<&Checkpoint>,
        output: &mut Output<'_>,
    ) -> Result<Checkpoint, ReadError> {
        read::read(&INFO.id, unit, since, output)
    }

    fn scan_usage(
        &self,
        unit: &Unit,
        found: &mut dyn FnMut(UsageRecord),
    ) -> Result<bool, ReadError> {
        scan::scan(&INFO.id, unit, found)
    }
}
