//! What an adapter is.

use stead_usf::{AgentId, Model, SessionId, Time, Usage};

use crate::{Checkpoint, DiscoverError, Disk, Env, Output, ReadError, Store, Unit};

/// Reads one agent's stores. Implementations hold no state: everything they
/// know of the machine comes in through [`Env`] and [`Unit`].
pub trait Adapter: Sync {
    /// Facts about the agent, without touching the machine.
    fn info(&self) -> &'static AdapterInfo;

    /// Every place where the agent may keep sessions on this machine, whether
    /// or not anything is there. For `doctor`.
    fn stores(&self, env: &Env, disk: &Disk) -> Vec<Store>;

    /// Finds all units, reading no more than folders and file states. What it
    /// finds depends on nothing but the answers of `env` and `disk`.
    fn discover(
        &self,
        env: &Env,
        disk: &Disk,
        found: &mut dyn FnMut(Unit),
    ) -> Result<(), DiscoverError>;

    /// Reads a unit, or what came since a checkpoint. With a checkpoint,
    /// [`ReadError::Rewritten`] means: read it again without one.
    fn read(
        &self,
        unit: &Unit,
        since: Option<&Checkpoint>,
        output: &mut Output<'_>,
    ) -> Result<Checkpoint, ReadError>;

    /// The agent's own variables for the key to its server. `discover` does not
    /// ask for them: whoever names the server does.
    fn key_variables(&self) -> &'static [&'static str] {
        &[]
    }

    /// Reads token usage alone, skipping everything else as fast as possible.
    /// The sums equal those of [`Adapter::read`]. `false` if the adapter has no
    /// such shortcut for this unit.
    fn scan_usage(
        &self,
        _unit: &Unit,
        _found: &mut dyn FnMut(UsageRecord),
    ) -> Result<bool, ReadError> {
        Ok(false)
    }
}

/// Tokens of one model request, found by [`Adapter::scan_usage`].
#[derive(Debug, Clone, PartialEq)]
pub struct UsageRecord {
    /// The session that made the request.
    pub session: SessionId,
    /// The provider's id of the reply; copies of a request share it.
    pub message: Option<String>,
    /// When.
    pub at: Option<Time>,
    /// By which model.
    pub model: Option<Model>,
    /// Where the session worked.
    pub cwd: Option<String>,
    /// How many tokens.
    pub usage: Usage,
    /// Cost in US dollars, if recorded. A record with a cost and without tokens
    /// is no request: so much the session cost as a whole, as its header says.
    pub cost_usd: Option<f64>,
}

/// Facts about an agent that need no I/O: names, colours and commands of front
/// ends come from here, so that nothing else names an agent.
#[derive(Debug)]
pub struct AdapterInfo {
    /// Stable id (`claude-code`).
    pub id: AgentId,
    /// Other words people use for it in `--agent` and `agent:`.
    pub aliases: &'static [&'static str],
    /// Name for people (`Claude Code`).
    pub name: &'static str,
    /// Who makes it.
    pub vendor: &'static str,
    /// Its page.
    pub url: &'static str,
    /// Physical encodings of its stores.
    pub containers: &'static [Container],
    /// Version of the reading. Another number makes everything be read anew, so
    /// it is raised whenever the same files would give other sessions.
    pub reading: u32,
    /// Versions whose files were read in tests.
    pub versions: &'static str,
    /// How far the adapter goes.
    pub support: Support,
    /// What it reads.
    pub capabilities: Capabilities,
    /// Where its stores lie, for people.
    pub locations: &'static [&'static str],
    /// What lies in a folder that the agent keeps sessions in, for agents that
    /// keep them where they work (`.crush/crush.db`).
    pub markers: &'static [&'static str],
    /// Environment variables that move its stores.
    pub variables: &'static [&'static str],
    /// Rules by which records are left out, each with the reason.
    pub ignored: &'static [(&'static str, &'static str)],
    /// Command that takes a session up again; `{id}` is the native id.
    pub resume: Option<&'static str>,
}

/// How far an adapter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// Reads everything it names, held against real files.
    Stable,
    /// Reads part, or was never held against real files.
    Partial,
}

/// Physical encoding of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// One JSON value a line.
    JsonLines,
    /// JSON documents.
    Json,
    /// A SQLite database.
    Sqlite,
    /// Text for people, with headings and quotes.
    Markdown,
    /// Answers of a server.
    Http,
}

/// What an adapter reads, for the generated matrix.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a table row, not a state machine"
)]
pub struct Capabilities {
    /// Tool calls and results.
    pub tools: bool,
    /// File changes.
    pub edits: bool,
    /// Token counts.
    pub tokens: bool,
    /// Cost.
    pub cost: bool,
    /// Model names.
    pub models: bool,
    /// Subagents as sessions of their own.
    pub subagents: bool,
    /// Growth is read without reading the rest again.
    pub incremental: bool,
}
