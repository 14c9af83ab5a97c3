//! The smallest ordered record of a session.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Edit, Model, Raw, Source, Time, Tool, Usage};

/// One event of a session. Fields that do not apply, or that the agent did not
/// record, are absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Unique within the session; the agent's own id where it has one.
    pub id: String,
    /// The event that this one follows or answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// When the agent recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// The agent itself put this text in; nobody typed it and no model said it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub injected: bool,
    /// Why the event is no longer part of what the agent would resume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inactive: Option<Inactive>,
    /// Copied from the parent session by a fork or resume: its usage is
    /// counted there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inherited: bool,
    /// The text: what was said, thought, summarised or reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The model reply that this event is part of, by the provider's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Ties a result to its call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// The tool, on calls; on results where the agent repeats it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<Tool>,
    /// What the tool was called with, to the letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Raw>,
    /// On a call: the event that is its result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// On a result: whether the tool did its work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ok: Option<bool>,
    /// On a result: what the model was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// On a result of a command: its exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    /// On a result: how long the tool took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// File changes that this event asks for (on calls) or reports (`edit`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Edit>,
    /// The model that produced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Model>,
    /// Tokens of the model request, on one event per request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Cost of the request in US dollars, only if the agent recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
    /// Files and images attached, as the agent recorded them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachments: Option<Raw>,
    /// Fields of the record that USF has no place for, to the letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Raw>,
    /// Where it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

/// What an event is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EventType {
    /// The user's words (or, marked `injected`, text in the user's place).
    User,
    /// The model's words.
    Assistant,
    /// The model's reasoning, as far as it was shown.
    Reasoning,
    /// The model calls a tool.
    ToolCall,
    /// What a tool answered.
    ToolResult,
    /// A file change that stands apart from a tool call.
    Edit,
    /// A summary that replaces earlier events (compaction).
    Summary,
    /// Something the agent did or noted by itself.
    System,
    /// Something that went wrong: a failed request, an interruption.
    Error,
    /// A record the reader does not know; `extra` holds it.
    Unknown,
}

impl EventType {
    /// All types, in the order of the specification.
    pub const ALL: [Self; 10] = [
        Self::User,
        Self::Assistant,
        Self::Reasoning,
        Self::ToolCall,
        Self::ToolResult,
        Self::Edit,
        Self::Summary,
        Self::System,
        Self::Error,
        Self::Unknown,
    ];

    /// The word used in USF.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Reasoning => "reasoning",
            Self::ToolCall => "tool_call",
            Self::ToolResult => "tool_result",
            Self::Edit => "edit",
            Self::Summary => "summary",
            Self::System => "system",
            Self::Error => "error",
            Self::Unknown => "unknown",
        }
    }
}

/// Why an event is no longer part of the conversation that the agent resumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Inactive {
    /// The user went back before it and took another way.
    Rewound,
    /// A summary stands in its place.
    Compacted,
}

impl Event {
    /// An event with an id and a type and nothing else.
    pub fn new(id: impl Into<String>, kind: EventType) -> Self {
        Self {
            id: id.into(),
            parent: None,
            at: None,
            kind,
            injected: false,
            inactive: None,
            inherited: false,
            text: None,
            message: None,
            call_id: None,
            tool: None,
            input: None,
            result: None,
            ok: None,
            output: None,
            exit_code: None,
            duration_ms: None,
            edits: Vec::new(),
            model: None,
            usage: None,
            cost_usd: None,
            attachments: None,
            extra: None,
            source: None,
        }
    }

    /// Whether this is what a person typed.
    pub fn is_prompt(&self) -> bool {
        self.kind == EventType::User && !self.injected
    }
}
