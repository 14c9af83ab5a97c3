//! What sessions did to files, freed from how each agent records it.

use serde::{Deserialize, Serialize};
use stead_usf::{Hunk, Model};

/// A session, as far as an answer names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionFacts {
    /// The session's id (`agent:native id`).
    pub id: String,
    /// The agent's name in ids.
    pub agent: String,
    /// The folder that it worked in, as recorded.
    pub cwd: Option<String>,
    /// Its title or first words.
    pub title: Option<String>,
    /// When it began, in milliseconds since 1970.
    pub from_ms: Option<i64>,
    /// When its last event was, in milliseconds since 1970.
    pub to_ms: Option<i64>,
    /// Commits that it names as made or checked out, abbreviated or whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commits: Vec<String>,
    /// Addresses of the remotes that it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remotes: Vec<String>,
}

/// One thing that a session did to a file, or showed of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The session, by its place in [`Evidence::sessions`].
    pub session: u32,
    /// The event that did it.
    pub event: String,
    /// When, in milliseconds since 1970; a step without a time follows the one
    /// before it in its session.
    pub at_ms: Option<i64>,
    /// The file, absolute and with `/` between folders.
    pub path: String,
    /// What was done.
    pub action: Action,
    /// The result says that it worked. Without a result it may not have.
    pub confirmed: bool,
    /// The event has a time of its own; else it may have been later.
    pub dated: bool,
    /// The model that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Model>,
}

/// What a step did to its file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The whole file became `after`; `before` if that is recorded.
    Write {
        /// What the file held before, if recorded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<String>,
        /// What it held then.
        after: String,
    },
    /// `before` became `after`, once or wherever it stood.
    Replace {
        /// The text that gave way.
        before: String,
        /// The text in its place.
        after: String,
        /// Wherever it stood.
        all: bool,
    },
    /// Hunks were applied.
    Patch(Patch),
    /// Text was added to the end.
    Append(String),
    /// The file was shown: all of it, or lines from `first` (counted from 1) on.
    Show {
        /// What was shown, without line numbers.
        text: String,
        /// The first line shown.
        first: u64,
        /// It is the whole file.
        whole: bool,
    },
    /// A substitution of the kind that `sed` makes, line by line.
    Substitute {
        /// The regular expression.
        pattern: String,
        /// What stands in its place, with `$1` for groups.
        with: String,
        /// More than the first in a line.
        all: bool,
    },
    /// Commands of the kind that `sed` has, each for some of the lines, carried out
    /// line by line.
    Stream(Vec<StreamCommand>),
    /// The file was deleted.
    Delete,
    /// The file moved to this absolute path.
    Move(String),
    /// The file was copied to this absolute path.
    Copy(String),
    /// The file, or all files below this folder, became what git has: a commit, or
    /// the index. Nobody wrote text.
    Restore,
    /// A formatter ran over this file, or the files below this folder: white space
    /// and the breaks of lines may have changed, words not.
    Format,
    /// A command ran that may have changed this file, or any file below this
    /// folder, in a way that the session does not show.
    Opaque,
}

/// What `sed` does with some of a file's lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamCommand {
    /// The first line that it is for, or the only one; without it, it is for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Address>,
    /// The last line, where it is for a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Address>,
    /// It is for all lines but these.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub others: bool,
    /// What it does.
    pub does: StreamEdit,
}

/// How a command names a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Address {
    /// By its number, counted from 1.
    Line(u64),
    /// So many lines after the first one of a range.
    After(u64),
    /// The last line.
    Last,
    /// By a regular expression.
    Like(String),
}

/// A change of lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamEdit {
    /// They go.
    Delete,
    /// These lines come before each.
    Insert(String),
    /// These lines come after each.
    Append(String),
    /// These lines come in their place: of each, or of a whole range.
    Change(String),
    /// As [`Action::Substitute`].
    Substitute {
        /// The regular expression.
        pattern: String,
        /// What stands in its place, with `$1` for groups.
        with: String,
        /// More than the first in a line.
        all: bool,
    },
}

/// A change as hunks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Patch {
    /// The hunks, in the order of the file.
    pub hunks: Vec<Hunk>,
    /// What the whole file held after, if recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// Everything that sessions know of a repository's files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The sessions, in no order.
    pub sessions: Vec<SessionFacts>,
    /// Their steps: those of one session in its order.
    pub steps: Vec<Step>,
}
