//! Who wrote a line, as names.

use serde::{Deserialize, Serialize};
use stead_trace::{Evidence, Finding, Origin, SessionFacts, Step};

/// Where a line comes from, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An agent wrote it.
    Agent,
    /// A person wrote it, and something shows that.
    Human,
    /// An agent wrote it, and somebody changed it since.
    Mixed,
    /// Nobody can tell.
    Unknown,
}

impl Kind {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Human => "human",
            Self::Mixed => "mixed",
            Self::Unknown => "unknown",
        }
    }
}

/// The names behind a finding.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    /// Where the line comes from.
    pub kind: Kind,
    /// The agent's id (`codex`); that of a mark as the mark has it.
    pub agent: Option<&'a str>,
    /// The model's id.
    pub model: Option<&'a str>,
    /// Who served the model, if that is recorded.
    pub provider: Option<&'a str>,
    /// The session, if one shows the line.
    pub session: Option<&'a SessionFacts>,
    /// The step that wrote it.
    pub step: Option<&'a Step>,
    /// The agent's own id of a session that only a mark names.
    pub named: Option<&'a str>,
}

impl<'a> Writer<'a> {
    /// Looks the names up in the evidence that the finding is about.
    pub fn of(finding: &'a Finding, evidence: &'a Evidence) -> Self {
        let step = finding
            .step()
            .and_then(|at| evidence.steps.get(at as usize));
        let session = step.and_then(|step| evidence.sessions.get(step.session as usize));
        let model = step.and_then(|step| step.model.as_ref());
        let kind = match finding.origin {
            Origin::Agent { .. } | Origin::Marked { .. } => Kind::Agent,
            Origin::Human => Kind::Human,
            Origin::Mixed { .. } => Kind::Mixed,
            Origin::Unknown => Kind::Unknown,
        };
        let writer = Self {
            kind,
            agent: session.map(|session| session.agent.as_str()),
            model: model.map(|model| model.id.as_str()),
            provider: model.and_then(|model| model.provider.as_deref()),
            session,
            step,
            named: None,
        };
        match &finding.origin {
            Origin::Marked {
                agent,
                model,
                session,
            } => Self {
                agent: agent.as_deref(),
                model: model.as_deref(),
                named: session.as_deref(),
                ..writer
            },
            _ => writer,
        }
    }

    /// The session's whole id (`agent:native id`); the bare native one where nothing
    /// names the agent.
    pub fn session_id(&self) -> Option<String> {
        let named = || match (self.agent, self.named?) {
            (Some(agent), id) => Some(format!("{agent}:{id}")),
            (None, id) => Some(id.to_owned()),
        };
        self.session
            .map(|session| session.id.clone())
            .or_else(named)
    }
}

/// The licence under which a model's weights are given out, by the model's id and
/// who served it; none if it is not known.
pub fn licence(model: &str, provider: Option<&str>) -> Option<&'static str> {
    stead_models::licence_of(model, provider).map(stead_models::Licence::id)
}
