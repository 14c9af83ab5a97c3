//! What a reader could not map.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Source;

/// Something in a store that could not be read or was not understood. It costs
/// only the record it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Issue {
    /// How much was lost.
    pub severity: Severity,
    /// Short stable name of the problem (`bad-json`, `unknown-record`).
    pub code: Cow<'static, str>,
    /// What is wrong, for people.
    pub message: String,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

/// How much an issue cost.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing lost; worth knowing (an unknown field that was kept).
    Info,
    /// A record could not be understood; it is kept as far as possible.
    Warning,
    /// A record is lost to us (damaged bytes).
    Error,
}

impl Issue {
    /// An issue without a place yet.
    pub fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity,
            code: Cow::Borrowed(code),
            message: message.into(),
            source: None,
        }
    }

    /// The same issue, with its place.
    #[must_use]
    pub fn at(mut self, source: Source) -> Self {
        self.source = Some(source);
        self
    }
}
