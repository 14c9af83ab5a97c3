//! MCP servers that stead's own agent uses: the user's from the configuration, and those of
//! a project, which are started only after the user allowed them.

use std::path::{Path, PathBuf};

use stead_agent::mcp::{By, Leave, Settings, read};

use crate::command_error::CommandError;
use crate::environment::{self, Context};

/// Where a project lists its servers.
const PROJECT: &str = ".stead/mcp.toml";

/// A server that is configured, and whether it is used.
pub(crate) struct Known {
    pub(crate) name: String,
    /// The server; or what is wrong with it, or that it is disabled.
    pub(crate) settings: Result<Settings, String>,
    /// The user allowed it, or wrote it down.
    pub(crate) allowed: bool,
}

/// The servers of a project and of the user, by name; where both have one of a name, the
/// user's counts.
pub(crate) struct Servers {
    pub(crate) all: Vec<Known>,
    pub(crate) leave: Leave,
    /// The project's folder, links followed.
    pub(crate) project: PathBuf,
}

impl Servers {
    /// All that are configured for work in a folder.
    pub(crate) fn load(folder: &Path, context: &Context) -> Result<Self, CommandError> {
        let list = context.settings.data_dir.join("mcp-allowed.json");
        let leave = Leave::load(&list);
        let leave = leave.map_err(|error| CommandError::failure(error.to_string()))?;
        let project = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let theirs = theirs(&project)?;
        let own = context
            .mcp
            .iter()
            .map(|(name, written)| (name, written, By::User));
        let theirs = theirs
            .iter()
            .map(|(name, written)| (name, written, By::Project));
        let theirs = theirs.filter(|(name, ..)| !context.mcp.contains_key(*name));
        let mut all = Vec::new();
        for (name, written, by) in own.chain(theirs) {
            let settings = Settings::of(name, written, by, &environment::text);
            let settings = settings.map_err(|error| error.to_string());
            let settings = settings.and_then(|found| found.ok_or("it is disabled".to_owned()));
            let holds = |settings: &Settings| leave.holds(&project, settings);
            all.push(Known {
                name: name.clone(),
                allowed: settings.as_ref().is_ok_and(holds),
                settings,
            });
        }
        Ok(Self {
            all,
            leave,
            project,
        })
    }

    /// Those that are started, and what is to be said of the others.
    pub(crate) fn into_started(self) -> (Vec<Settings>, Vec<String>) {
        let (mut started, mut notices) = (Vec::new(), Vec::new());
        for Known {
            name,
            settings,
            allowed,
        } in self.all
        {
            match settings {
                Ok(settings) if allowed => started.push(settings),
                Ok(settings) => notices.push(format!(
                    "the project's MCP server `{name}` is not started ({}): `stead mcp allow {name}` allows it",
                    settings.in_words()
                )),
                Err(why) => notices.push(format!("MCP server `{name}` is not started: {why}")),
            }
        }
        (started, notices)
    }
}

fn theirs(
    project: &Path,
) -> Result<std::collections::BTreeMap<String, stead_agent::mcp::Written>, CommandError> {
    let path = project.join(PROJECT);
    let text = match fs_err::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error.into()),
    };
    read(&text).map_err(|error| CommandError::usage(format!("`{}`: {error}", path.display())))
}
