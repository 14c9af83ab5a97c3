//! What a note says of one line.

/// What weighs at least so much may answer for a line by itself.
pub const SURE: f32 = 0.5;

/// Who a note says wrote a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contributor {
    /// An agent.
    Agent,
    /// A person.
    Human,
    /// An agent and a person, one after the other.
    Mixed,
}

/// The kind of note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteSource {
    /// An authorship log of git-ai.
    GitAi,
    /// A record of Agent Trace.
    AgentTrace,
    /// A checkpoint of Entire.
    Entire,
}

impl NoteSource {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GitAi => "git-ai",
            Self::AgentTrace => "Agent Trace",
            Self::Entire => "Entire",
        }
    }
}

/// What a note says of one line.
#[derive(Debug, Clone, PartialEq)]
pub struct NoteEvidence {
    /// Who wrote it.
    pub contributor: Contributor,
    /// The agent, in the note's own word for it.
    pub agent: Option<String>,
    /// The model, in the note's own word for it.
    pub model: Option<String>,
    /// The agent's own id of the session.
    pub session: Option<String>,
    /// Which kind of note says so.
    pub source: NoteSource,
    /// How much it is worth, from 0 to 1; see [`super`].
    pub weight: f32,
    /// The same in words, as evidence for people.
    pub words: String,
}
