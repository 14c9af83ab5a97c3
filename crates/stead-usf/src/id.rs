//! Names of agents and sessions.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};

/// The name of an agent (`claude-code`, `codex`): lower case, stable for ever.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct AgentId(Cow<'static, str>);

impl AgentId {
    /// The id of an agent that is known when the program is compiled.
    pub const fn new(id: &'static str) -> Self {
        Self(Cow::Borrowed(id))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for AgentId {
    fn from(id: String) -> Self {
        Self(Cow::Owned(id))
    }
}

impl fmt::Display for AgentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of a session across all agents: `<agent>:<native id>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct SessionId(String);

/// Why a text is no session id.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not of the form `<agent>:<native id>`")]
pub struct SessionIdError(String);

impl SessionId {
    /// Joins an agent and the id that the agent itself gave the session.
    pub fn new(agent: &AgentId, native: &str) -> Self {
        Self(format!("{agent}:{native}"))
    }

    /// Reads `<agent>:<native id>`; both parts must be non-empty.
    pub fn parse(text: &str) -> Result<Self, SessionIdError> {
        match text.split_once(':') {
            Some((agent, native)) if !agent.is_empty() && !native.is_empty() => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(SessionIdError(text.to_owned())),
        }
    }

    /// The whole id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The agent's part, before the first colon.
    pub fn agent(&self) -> &str {
        self.0.split_once(':').map_or("", |(agent, _)| agent)
    }

    /// The agent's own id, after the first colon.
    pub fn native(&self) -> &str {
        self.0.split_once(':').map_or(&self.0, |(_, native)| native)
    }
}

impl<'de> Deserialize<'de> for SessionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
