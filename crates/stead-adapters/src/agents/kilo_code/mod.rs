#![doc = include_str!("FORMAT.md")]

use stead_usf::AgentId;

use self::forms::{SESSIONS, TASKS};
use crate::{
    Adapter, AdapterInfo, Capabilities, Checkpoint, Container, DiscoverError, Disk, Env, Output,
    ReadError, Store, Support, Unit, UsageRecord, parts, tasks,
};

mod forms;
mod tools;

#[cfg(test)]
mod tests;

const ID: AgentId = AgentId::new("kilo-code");

/// Version of the reading: another number makes every store be read again.
const VERSION: u32 = 1;

/// Kilo Code: the extension, the plugin and the command line, of 7 and before.
#[derive(Debug)]
pub struct KiloCode;

static INFO: AdapterInfo = AdapterInfo {
    id: ID,
    aliases: &["kilo", "kilocode"],
    name: "Kilo Code",
    vendor: "Kilo",
    url: "https://kilo.ai",
    containers: &[Container::Sqlite, Container::Json, Container::JsonLines],
    reading: VERSION,
    versions: "7.0.33, 7.7.9",
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
        "~/.local/share/kilo/kilo.db",
        "~/.local/share/kilo/storage",
        "EDITOR/User/globalStorage/kilocode.kilo-code/tasks",
        "~/.kilocode/cli/global/tasks",
        "~/.kilocode/globalStorage/tasks",
    ],
    markers: &[],
    variables: &[
        "KILO_DB",
        tasks::EDITOR_VARIABLES[0],
        tasks::EDITOR_VARIABLES[1],
        tasks::EDITOR_VARIABLES[2],
        tasks::EDITOR_VARIABLES[3],
        tasks::EDITOR_VARIABLES[4],
        tasks::EDITOR_VARIABLES[5],
    ],
    ignored: &[
        parts::IGNORED[0],
        parts::IGNORED[1],
        parts::IGNORED[2],
        parts::TRANSIENT,
        tasks::IGNORED[0],
        tasks::IGNORED[2],
    ],
    resume: Some("kilo --session {id}"),
};

impl Adapter for KiloCode {
    fn info(&self) -> &'static AdapterInfo {
        &INFO
    }

    fn stores(&self, env: &Env, disk: &Disk) -> Vec<Store> {
        let mut stores = parts::stores(&SESSIONS, env, disk);
        stores.extend(tasks::stores(&TASKS, env, disk));
        stores
    }

    fn discover(
        &self,
        env: &Env,
        disk: &Disk,
        found: &mut dyn FnMut(Unit),
    ) -> Result<(), DiscoverError> {
        parts::discover(&SESSIONS, env, disk, found);
        tasks::discover(&TASKS, env, disk, found);
        Ok(())
    }

    fn read(
        &self,
        unit: &Unit,
        since: Option<&Checkpoint>,
        output: &mut Output<'_>,
    ) -> Result<Checkpoint, ReadError> {
        if tasks::is_task(unit) {
            return tasks::read(&TASKS, unit, output);
        }
        parts::read(&SESSIONS, unit, since, output)
    }

    fn scan_usage(
        &self,
        unit: &Unit,
        found: &mut dyn FnMut(UsageRecord),
    ) -> Result<bool, ReadError> {
        if tasks::is_task(unit) {
            return Ok(false);
        }
        parts::scan(&SESSIONS, unit, found)?;
        Ok(true)
    }
}
