//! One conversation with an agent.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{AgentId, Event, Issue, Model, SessionId, Time, Usage};

/// The version of the format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Version {
    /// USF 1.0.
    #[default]
    #[serde(rename = "1.0")]
    V1_0,
}

/// A session. Without `events` it is the header that lists show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Universal Session Format 1.0")]
pub struct Session {
    /// Version of the format.
    pub usf: Version,
    /// `<agent>:<native id>`.
    pub id: SessionId,
    /// The agent that wrote it.
    pub agent: AgentId,
    /// The agent's own id for it.
    pub native_id: String,
    /// Version of the agent that last wrote to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_version: Option<String>,
    /// Title, given by the user or made by the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the user typed first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_prompt: Option<String>,
    /// Folder that the agent worked in at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// Git state at the start, as recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git: Option<Git>,
    /// The session that this one came from.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "parent"
    )]
    pub parent: Option<Parent>,
    /// First recorded time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Time>,
    /// Last recorded time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Time>,
    /// How the session stands, as far as its records tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The agent's files are gone; this was read from stead's archive.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    /// Models that answered in it, in order of first use.
    #[serde(default)]
    pub models: Vec<Model>,
    /// Tokens of all requests, inherited ones not counted.
    #[serde(default, skip_serializing_if = "Usage::is_empty")]
    pub usage: Usage,
    /// Cost in US dollars, only if the agent recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
    /// What happened, in the order of the store.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    /// What could not be read.
    #[serde(default)]
    pub issues: Vec<Issue>,
}

/// Git state that a session recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Git {
    /// Branch name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Commit id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// URL of the remote repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
}

/// Where a session came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Parent {
    /// The other session.
    pub id: SessionId,
    /// How the two hang together.
    pub kind: LinkKind,
    /// The call in the parent that started this session, if recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
}

/// A link whose id is no session id leads nowhere. It costs only itself, not the
/// document that it stands in.
fn parent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Parent>, D::Error> {
    #[derive(Deserialize)]
    struct Link {
        id: String,
        kind: LinkKind,
        call_id: Option<String>,
    }
    let link = Option::<Link>::deserialize(deserializer)?;
    Ok(link.and_then(|link| {
        Some(Parent {
            id: SessionId::parse(&link.id).ok()?,
            kind: link.kind,
            call_id: link.call_id,
        })
    }))
}

/// How a session hangs together with its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// Started by a tool call of the parent.
    Subagent,
    /// A copy of the parent's history that went its own way.
    Fork,
    /// The parent goes on here: its history was copied, the parent ended.
    Resume,
}

/// How a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The last turn came to its end, or the user stopped it.
    Ended,
    /// The records stop in the middle of a turn.
    Aborted,
}

impl Session {
    /// A session of which nothing but its name is known.
    pub fn new(agent: AgentId, native_id: impl Into<String>) -> Self {
        let native_id = native_id.into();
        Self {
            usf: Version::V1_0,
            id: SessionId::new(&agent, &native_id),
            agent,
            native_id,
            agent_version: None,
            title: None,
            first_prompt: None,
            cwd: None,
            git: None,
            parent: None,
            created_at: None,
            updated_at: None,
            status: None,
            archived: false,
            models: Vec::new(),
            usage: Usage::default(),
            cost_usd: None,
            events: Vec::new(),
            issues: Vec::new(),
        }
    }

    /// Takes an event's facts into the header: times, models, tokens, cost
    /// and the first prompt.
    pub fn absorb(&mut self, event: &Event) {
        if let Some(at) = event.at {
            self.created_at = Some(self.created_at.map_or(at, |first| first.min(at)));
            self.updated_at = Some(self.updated_at.map_or(at, |last| last.max(at)));
        }
        if let Some(model) = &event.model
            && !self.models.contains(model)
        {
            self.models.push(model.clone());
        }
        if self.first_prompt.is_none() && event.is_prompt() {
            self.first_prompt.clone_from(&event.text);
        }
        if !event.inherited {
            self.usage += event.usage.unwrap_or_default();
            if let Some(cost) = event.cost_usd {
                *self.cost_usd.get_or_insert(0.0) += cost;
            }
        }
    }

    /// Whether lists show it without being asked for all: it is no subagent.
    pub fn is_top_level(&self) -> bool {
        !matches!(&self.parent, Some(parent) if parent.kind == LinkKind::Subagent)
    }
}
