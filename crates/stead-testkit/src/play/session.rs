//! What an agent did in a session, in no agent's format. The formats are in
//! `emit`.

use std::path::PathBuf;

use super::clock::Moment;
use super::line::SessionKey;

/// An agent whose sessions can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Agent {
    /// Claude Code 2.0.
    Claude,
    /// Codex CLI 0.125.
    Codex,
    /// OpenCode 1.0.
    OpenCode,
    /// Cline 3.0.
    Cline,
    /// Aider 0.86.
    Aider,
}

impl Agent {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Claude,
        Self::Codex,
        Self::OpenCode,
        Self::Cline,
        Self::Aider,
    ];

    /// What the adapter is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Claude => "claude-code",
            Self::Codex => "codex",
            Self::OpenCode => "opencode",
            Self::Cline => "cline",
            Self::Aider => "aider",
        }
    }

    /// The models that its sessions name.
    pub(super) const fn models(self) -> &'static [&'static str] {
        match self {
            Self::Claude => &["claude-sonnet-4-5-20250929", "claude-opus-4-1-20250805"],
            Self::Codex => &["gpt-5.4", "gpt-5-codex"],
            Self::OpenCode => &["scripted-model", "qwen3-coder"],
            Self::Cline => &["scripted-model", "deepseek-chat"],
            Self::Aider => &["openai/scripted", "deepseek/deepseek-chat"],
        }
    }

    /// Whether the model itself can run commands and read files.
    pub const fn has_shell(self) -> bool {
        !matches!(self, Self::Aider)
    }
}

/// A session as it happened.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its number in the story.
    pub key: SessionKey,
    /// Whose it is.
    pub agent: Agent,
    /// The id that the agent gave it.
    pub native_id: String,
    /// The model that answers.
    pub model: &'static str,
    /// The folder that the agent works in.
    pub cwd: PathBuf,
    /// The repository that this folder belongs to, by its number.
    pub repository: usize,
    /// When it began, by the session's clock.
    pub start: Moment,
    /// What its clock is ahead of git's, in milliseconds.
    pub skew: i64,
    /// What happened, in order of time.
    pub deeds: Vec<Deed>,
    /// Its files are deleted before anybody asks.
    pub deleted: bool,
    /// Aider commits what it changed by itself.
    pub commits: bool,
    /// The session that it came from, if any.
    pub kin: Option<Kin>,
}

/// How a session comes from another of the same agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kin {
    /// That one started it as a subagent.
    Task(SessionKey, String),
    /// It began as a copy of that one: its id, and how many deeds were copied.
    Fork(String, usize),
}

/// One thing that happened in a session.
#[derive(Debug, Clone)]
pub struct Deed {
    /// When, by the session's clock.
    pub at: Moment,
    /// What.
    pub what: What,
}

/// What can happen in a session.
#[derive(Debug, Clone)]
pub enum What {
    /// The user asks for something.
    Prompt(String),
    /// The model says something.
    Say(String),
    /// The agent's own tool changes files: one call, or as many as it takes.
    Change(Vec<Change>),
    /// A change that was asked for and not made.
    Refused(Change, Refusal),
    /// A command with its output and exit code.
    Shell {
        /// The command.
        command: String,
        /// What it wrote.
        output: String,
        /// Its exit code.
        exit: i32,
    },
    /// A file is read, and its text shown.
    Read {
        /// The file, absolute.
        path: PathBuf,
        /// Its text as the agent sees it.
        text: String,
    },
    /// A subagent did something.
    Task {
        /// When it was started.
        started: Moment,
        /// Its session.
        id: String,
        /// What it was asked to do.
        prompt: String,
    },
    /// Aider committed by itself.
    Commit {
        /// The commit's id.
        id: String,
        /// First line of its message.
        subject: String,
    },
}

/// Why a change was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The user said no.
    User,
    /// The text to be replaced is not in the file.
    NotFound,
}

/// How a change is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// The whole file.
    Whole,
    /// One replacement a call.
    Pieces,
    /// All replacements in one call, where the agent has such a tool.
    Together,
    /// A cell of a notebook: its id and its new source.
    Cell(String, String),
}

/// A change of a file by the agent's own tool.
#[derive(Debug, Clone)]
pub struct Change {
    /// The file, absolute.
    pub path: PathBuf,
    /// The file below the working folder.
    pub relative: String,
    /// Its text before; none if there was no file.
    pub before: Option<String>,
    /// Its text after; none if it is deleted.
    pub after: Option<String>,
    /// Its new place, absolute, if it is renamed.
    pub moved: Option<PathBuf>,
    /// How it is told.
    pub how: How,
}
