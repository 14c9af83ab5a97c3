//! A line with its answer, as scripts and people get it.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use stead_trace::{TracedLine, Tracer};

use super::writer::{Kind, Writer, licence};

/// Licences by model and provider: few models write many lines.
type Licences<'a> = FxHashMap<(&'a str, Option<&'a str>), Option<&'static str>>;

/// A line of a file and who wrote it. Its names are a contract with scripts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Counted from 1.
    #[serde(rename = "line")]
    pub number: usize,
    /// The line without its end.
    pub text: String,
    /// Where it comes from.
    pub origin: Kind,
    /// The session's whole id (`agent:native id`).
    pub session: Option<String>,
    /// The agent's id.
    pub agent: Option<String>,
    /// The model's id.
    pub model: Option<String>,
    /// The licence of the model's weights, if it is known.
    pub license: Option<String>,
    /// The event of the session that wrote it.
    pub event: Option<String>,
    /// How sure the answer is, from 0 to 1.
    pub confidence: f32,
    /// The commit that brought the line; none if only the working tree has it.
    pub commit: Option<String>,
    /// What the answer rests on, in words, the weightiest first.
    pub evidence: Vec<String>,
}

impl Line {
    /// The views of lines that this tracer traced.
    pub fn all(lines: &[TracedLine], tracer: &Tracer) -> Vec<Self> {
        let mut licences = FxHashMap::default();
        let of = |line| Self::of(line, tracer, &mut licences);
        lines.iter().map(of).collect()
    }

    /// The view of one line.
    pub fn one(line: &TracedLine, tracer: &Tracer) -> Self {
        Self::of(line, tracer, &mut Licences::default())
    }

    fn of<'a>(line: &'a TracedLine, tracer: &'a Tracer, licences: &mut Licences<'a>) -> Self {
        let writer = Writer::of(&line.finding, tracer.evidence());
        let license = writer.model.and_then(|model| {
            let known = licences.entry((model, writer.provider));
            *known.or_insert_with(|| licence(model, writer.provider))
        });
        Self {
            number: line.number,
            text: line.text.clone(),
            origin: writer.kind,
            session: writer.session_id(),
            agent: writer.agent.map(str::to_owned),
            model: writer.model.map(str::to_owned),
            license: license.map(str::to_owned),
            event: writer.step.map(|step| step.event.clone()),
            confidence: (line.finding.confidence * 1000.0).round() / 1000.0,
            commit: line.commit.as_deref().map(str::to_owned),
            evidence: line.finding.evidence.clone(),
        }
    }

    /// Who wrote it, in one word: the agent, or that it was no agent alone.
    pub fn who(&self) -> &str {
        match self.origin {
            Kind::Agent => self.agent.as_deref().unwrap_or("agent"),
            kind => kind.as_str(),
        }
    }
}
