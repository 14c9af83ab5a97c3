//! What is kept of each call beside its arguments and its result: who decided, what went
//! in and came out, and what files were before and after.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use stead_edit::FilePlan;

/// The audit envelope of a call (`docs/specs/tool-calling-protocol.md`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// SHA-256 of the arguments, to the letter.
    pub arguments: String,
    /// SHA-256 of what the model was told.
    pub result: String,
    /// What the policy said, and by which rule, in words.
    pub decision: String,
    /// Files before and after.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileState>,
    /// Files that a command changed and whose content is not kept: too large, or not known
    /// as it was before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unkept: Vec<String>,
}

/// A file before and after a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileState {
    /// From the top of the workspace.
    pub path: String,
    /// SHA-256 of what it held; absent if it was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// SHA-256 of what it holds; absent if it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl FileState {
    /// The states of a file that is changed as planned.
    pub fn of(plan: &FilePlan) -> Self {
        Self {
            path: plan.path.clone(),
            before: plan.before.as_deref().map(digest),
            after: plan.after.as_deref().map(digest),
        }
    }
}

/// SHA-256, in hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal digits, in lower case.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing into a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
