//! What is kept of each call beside its arguments and its result: who decided, what went
//! in and came out, and what files were before and after.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use stead_edit::FilePlan;
use stead_usf::{Model, Time};

use super::Answering;

/// The version of the Tool Calling Protocol.
pub const PROTOCOL: &str = "1.0";

/// Where an envelope stands in the `_meta` of a result of MCP.
pub const ENVELOPE: &str = "dev.stead/envelope";

/// Where a call's id stands in the `_meta` of a call of MCP.
pub const CALL: &str = "dev.stead/call";

/// The audit envelope of a call (`docs/specs/tool-calling-protocol.md`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The version of the protocol.
    #[serde(default)]
    pub version: String,
    /// The call's id.
    #[serde(default)]
    pub call: String,
    /// The event at which the answer begins that it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The request that brought that answer, as the traffic names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<String>,
    /// The lines of the system prompt that the model says it follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follows: Vec<String>,
    /// The words of the user that the model says it follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quotes: Vec<String>,
    /// The model that asked for it, with its provider: the route.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Model>,
    /// When it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun: Option<Time>,
    /// How long it took from then on, in milliseconds.
    #[serde(default)]
    pub took_ms: u64,
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

impl Envelope {
    /// An envelope of a call that comes from this answer, if the record has one.
    pub fn new(call: &str, answering: Option<&Answering>) -> Self {
        let answering = answering.cloned().unwrap_or_default();
        let named = |text: String| (!text.is_empty()).then_some(text);
        Self {
            version: PROTOCOL.to_owned(),
            call: call.to_owned(),
            parent: named(answering.event),
            exchange: named(answering.exchange),
            follows: answering.follows,
            quotes: answering.quotes,
            ..Self::default()
        }
    }
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
