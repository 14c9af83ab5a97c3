//! The answer for a line.

use crate::notes::{Contributor, NoteEvidence, SURE};

/// Where a line comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A session's step wrote it: its number in the evidence.
    Agent {
        /// The step.
        step: u32,
    },
    /// A person wrote it, and something shows that.
    Human,
    /// A step wrote it, and somebody changed it since.
    Mixed {
        /// The step that wrote it first.
        step: u32,
        /// The line as the step left it, without the white space around it.
        before: String,
    },
    /// A mark in the repository says that an agent wrote it; no session does.
    Marked {
        /// The agent, if the mark names one.
        agent: Option<String>,
        /// The model, if the mark names one.
        model: Option<String>,
        /// The agent's own id of the session, if the mark names one.
        session: Option<String>,
    },
    /// Nobody can tell.
    Unknown,
}

/// What the answer rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The answer.
    pub origin: Origin,
    /// How sure it is, from 0 to 1.
    pub confidence: f32,
    /// In words, the weightiest first.
    pub evidence: Vec<String>,
}

impl Finding {
    /// An answer with its first reason.
    pub fn new(origin: Origin, confidence: f32, evidence: impl Into<String>) -> Self {
        Self {
            origin,
            confidence,
            evidence: vec![evidence.into()],
        }
    }

    /// Nothing is known, for this reason.
    pub fn unknown(evidence: impl Into<String>) -> Self {
        Self::new(Origin::Unknown, 0.0, evidence)
    }

    /// Takes in what a note says of the line. It answers if it weighs enough and
    /// nothing else does.
    pub(crate) fn hear(&mut self, note: NoteEvidence) {
        if self.origin == Origin::Unknown && note.weight >= SURE {
            match note.contributor {
                Contributor::Agent => {
                    self.origin = Origin::Marked {
                        agent: note.agent,
                        model: note.model,
                        session: note.session,
                    };
                    self.confidence = note.weight;
                }
                Contributor::Human => {
                    self.origin = Origin::Human;
                    self.confidence = note.weight;
                }
                Contributor::Mixed => {}
            }
        }
        self.evidence.push(note.words);
    }

    /// The step that wrote the line, or its first form.
    pub const fn step(&self) -> Option<u32> {
        match self.origin {
            Origin::Agent { step } | Origin::Mixed { step, .. } => Some(step),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Finding, Origin};
    use crate::notes::{Contributor, NoteEvidence, NoteSource};

    #[test]
    fn a_note_that_names_no_agent_is_not_taken_for_one() {
        let mut finding = Finding::unknown("nothing shows it");
        finding.hear(NoteEvidence {
            contributor: Contributor::Agent,
            agent: None,
            model: Some("m".into()),
            session: None,
            source: NoteSource::AgentTrace,
            weight: 0.65,
            words: "a record of Agent Trace says that an agent wrote it".into(),
        });
        let origin = Origin::Marked {
            agent: None,
            model: Some("m".into()),
            session: None,
        };
        assert_eq!(finding.origin, origin);
    }
}
