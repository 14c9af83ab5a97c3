//! Tools and what they are for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A tool as the agent named it, and its normalised kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// The name to the letter, as the model called it (`Bash`, `apply_patch`).
    pub name: String,
    /// What the tool does, the same word for every agent.
    pub kind: ToolKind,
}

impl Tool {
    /// A tool with its kind.
    pub fn new(name: impl Into<String>, kind: ToolKind) -> Self {
        Self {
            name: name.into(),
            kind,
        }
    }
}

/// What a tool does.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ToolKind {
    /// Reads a file.
    Read,
    /// Writes a whole file.
    Write,
    /// Changes part of a file.
    Edit,
    /// Runs a command.
    Shell,
    /// Searches in files' contents.
    Search,
    /// Finds files by name.
    Glob,
    /// Lists a folder.
    List,
    /// Asks the user.
    Ask,
    /// Starts or talks to another agent.
    Task,
    /// Fetches a web page.
    WebFetch,
    /// Searches the web.
    WebSearch,
    /// Keeps a plan or to-do list.
    Todo,
    /// A tool of an MCP server.
    Mcp,
    /// Anything else.
    Other,
}

impl ToolKind {
    /// All kinds, in the order of the specification.
    pub const ALL: [Self; 14] = [
        Self::Read,
        Self::Write,
        Self::Edit,
        Self::Shell,
        Self::Search,
        Self::Glob,
        Self::List,
        Self::Ask,
        Self::Task,
        Self::WebFetch,
        Self::WebSearch,
        Self::Todo,
        Self::Mcp,
        Self::Other,
    ];

    /// The word used in USF and in queries.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Edit => "edit",
            Self::Shell => "shell",
            Self::Search => "search",
            Self::Glob => "glob",
            Self::List => "list",
            Self::Ask => "ask",
            Self::Task => "task",
            Self::WebFetch => "web_fetch",
            Self::WebSearch => "web_search",
            Self::Todo => "todo",
            Self::Mcp => "mcp",
            Self::Other => "other",
        }
    }

    /// The kind named by [`ToolKind::as_str`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}
