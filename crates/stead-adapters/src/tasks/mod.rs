#![doc = include_str!("FORMAT.md")]

mod asked;
mod editors;
mod edits;
mod gone;
mod item;
mod kept;
mod locate;
mod metadata;
mod own;
mod pieces;
mod put;
mod read;
mod results;
mod role;
mod same;
mod seen;
mod sent;
mod shown;
mod subagent;
mod tagged;
mod told;
pub(crate) mod tools;
mod turn;
mod usage;
mod weave;
pub(crate) mod words;

pub(crate) use locate::{discover, stores};
pub(crate) use read::{is_task, read};

use stead_usf::AgentId;

/// What differs between the agents that keep tasks in this form.
#[derive(Debug)]
pub(crate) struct Family {
    /// Whose tasks they are.
    pub(crate) agent: AgentId,
    /// Version of the agent's reading.
    pub(crate) reading: u32,
    /// Ids of its extensions for editors, in lower case.
    pub(crate) extensions: &'static [&'static str],
    /// Folders below a home in which its other programs keep tasks.
    pub(crate) folders: &'static [&'static str],
    /// Variables that name such a folder, with where it lies below what they name.
    pub(crate) variables: &'static [(&'static str, &'static str)],
    /// The editor's settings that name another folder.
    pub(crate) settings: &'static [&'static str],
    /// A word in the name of its own programs, other than editors.
    pub(crate) program: Option<&'static str>,
    /// The field of a task's metadata that holds the version of the agent.
    pub(crate) version_field: Option<&'static str>,
}

/// Variables that move the folders of editors.
pub(crate) const EDITOR_VARIABLES: [&str; 6] = [
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "APPDATA",
    "VSCODE_APPDATA",
    "VSCODE_PORTABLE",
    "VSCODE_AGENT_FOLDER",
];

/// Rules by which records are left out, with their reasons.
pub(crate) const WAITS: &str = "waits-for-the-user";
pub(crate) const EMPTY: &str = "empty-text";
pub(crate) const SUMS: &str = "sum-of-subagents";
pub(crate) const IGNORED: [(&str, &str); 3] = [
    (
        WAITS,
        "a sign that the agent waits for the user: no content",
    ),
    (EMPTY, "a text that was begun and has no words"),
    (
        SUMS,
        "what subagents used together, which stands in their own sessions",
    ),
];

impl Family {
    /// A file that the archive keeps beside a task, so that the task is known for
    /// the agent's wherever it is laid out.
    fn marker(&self) -> String {
        format!("{}.task", self.agent)
    }
}
