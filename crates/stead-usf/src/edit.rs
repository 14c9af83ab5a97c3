//! File changes, the same shape whichever tool asked for them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A change of one file that an event asked for. Whether it was carried out is
/// said by the result of the call, not here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Edit {
    /// The file, as the agent named it (absolute, or relative to `cwd`).
    pub path: String,
    /// What happens to the file.
    pub operation: EditOperation,
    /// The file's new place, for a rename.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_path: Option<String>,
    /// What `before` and `after` cover; absent when neither is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// Text before the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Text after the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The fragment is replaced wherever it occurs, not once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replace_all: bool,
    /// The change as diff hunks, where the agent recorded one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hunks: Vec<Hunk>,
}

/// What happens to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EditOperation {
    /// The file did not exist before.
    Create,
    /// The whole file is written; whether it existed is not recorded.
    Write,
    /// Part of the file changes.
    Modify,
    /// The file goes away.
    Delete,
    /// The file moves to `new_path`, perhaps changed as well.
    Rename,
}

/// What the texts of an edit cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The whole file.
    File,
    /// A part of it.
    Fragment,
}

/// One hunk of a diff.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hunk {
    /// First line in the old file, counted from 1, if recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_start: Option<u64>,
    /// First line in the new file, counted from 1, if recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_start: Option<u64>,
    /// The place in words, as patches without line numbers name it
    /// (the text after `@@`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<String>,
    /// Lines without line ends, each led by ` `, `+` or `-`.
    pub lines: Vec<String>,
}

impl Edit {
    /// A change of `path` with nothing else said yet.
    pub fn new(path: impl Into<String>, operation: EditOperation) -> Self {
        Self {
            path: path.into(),
            operation,
            new_path: None,
            scope: None,
            before: None,
            after: None,
            replace_all: false,
            hunks: Vec::new(),
        }
    }

    /// The whole file becomes `after`.
    pub fn write(path: impl Into<String>, after: impl Into<String>) -> Self {
        Self {
            scope: Some(Scope::File),
            after: Some(after.into()),
            ..Self::new(path, EditOperation::Write)
        }
    }

    /// The fragment `before` becomes `after`.
    pub fn replace(
        path: impl Into<String>,
        before: impl Into<String>,
        after: impl Into<String>,
    ) -> Self {
        Self {
            scope: Some(Scope::Fragment),
            before: Some(before.into()),
            after: Some(after.into()),
            ..Self::new(path, EditOperation::Modify)
        }
    }
}
