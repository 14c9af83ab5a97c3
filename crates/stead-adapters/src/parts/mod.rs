#![doc = include_str!("FORMAT.md")]

mod branch;
mod changes;
mod database;
mod edits;
mod facts;
mod locate;
mod map;
mod migrated;
mod origin;
mod part;
mod read;
mod removed;
mod reply;
mod rows;
mod scan;
mod session;
mod talk;
mod text;
mod tool;
mod tree;
mod usage;

pub(crate) use locate::{discover, stores};
pub(crate) use migrated::Migrated;
pub(crate) use read::read;
pub(crate) use scan::scan;

use std::path::Path;

use stead_usf::{AgentId, ToolKind};

use crate::AdapterInfo;

/// What differs between the agents that keep sessions in this form.
#[derive(Debug)]
pub(crate) struct Family {
    /// Whose sessions they are.
    pub(crate) info: &'static AdapterInfo,
    /// What its data folder and its database are called.
    pub(crate) name: &'static str,
    /// The variable that names a data folder.
    pub(crate) folder: Option<&'static str>,
    /// The variable that names the database, absolute or inside the data folder.
    pub(crate) database: &'static str,
    /// What the data folders of its forks are called, if it is no fork itself. A
    /// copied folder of files does not say whose it is, so its name tells.
    pub(crate) forks: Option<&'static [&'static str]>,
    /// What its own tools do; `None` for those that all have.
    pub(crate) tools: fn(&str) -> Option<ToolKind>,
    /// The field of a text's metadata that says how long the text stays.
    pub(crate) lifecycle: Option<&'static str>,
    /// How it marks what it took over from another form.
    pub(crate) migrated: Option<Migrated>,
}

impl Family {
    /// Whose sessions they are.
    fn agent(&self) -> AgentId {
        self.info.id.clone()
    }

    /// Whether a folder of this name may be the family's, as far as its name tells.
    fn may_own(&self, folder: &Path) -> bool {
        let name = folder.file_name().unwrap_or_default();
        let is_fork = |forks: &[&str]| forks.iter().any(|fork| name == *fork);
        name == self.name || self.forks.is_some_and(|forks| !is_fork(forks))
    }
}

/// Rules by which records are left out, with their reasons.
const STEP_MARK: &str = "step-mark";
const EMPTY_TEXT: &str = "empty-text";
const MOVED: &str = "moved-to-database";
pub(crate) const IGNORED: [(&str, &str); 3] = [
    (
        STEP_MARK,
        "where a request begins and which file snapshot was taken then: no content",
    ),
    (
        EMPTY_TEXT,
        "a block of text or reasoning that was opened and has no words",
    ),
    (
        MOVED,
        "files of a session that the agent has taken over into its database",
    ),
];

/// The rule for those that have a field `lifecycle`.
pub(crate) const TRANSIENT: (&str, &str) = (
    "transient",
    "a sign of progress that the agent shows for a moment",
);
