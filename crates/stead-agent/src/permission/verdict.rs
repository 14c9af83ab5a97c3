//! What was judged, by which rule, and what comes of it.

use super::policy::{Decision, Kind, Rule};

/// How a session treats calls that somebody has to be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Somebody is there.
    Ask,
    /// Nobody is there: such calls stop the session, told as that.
    Headless,
    /// The user said beforehand that all is allowed that is not denied.
    Yes,
}

impl Mode {
    /// The word for it in records.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Headless => "headless",
            Self::Yes => "yes",
        }
    }
}

/// What comes of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Go,
    /// It is done although no rule allows it: the user said so for the whole session.
    GoUnasked,
    /// Somebody is asked.
    Ask,
    /// It is neither done nor refused: somebody has to be asked, and nobody is there.
    Blocked,
    /// It is not done.
    Denied,
}

/// Which rule it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What its policy is called.
    pub source: String,
    /// Whose it is.
    pub kind: Kind,
    /// Which of its policy, from 1.
    pub number: usize,
    /// The line that it begins on, from 1; none for answers.
    pub line: Option<usize>,
}

impl Named {
    pub(super) fn of(rule: &Rule) -> Self {
        Self {
            source: rule.source.clone(),
            kind: rule.kind,
            number: rule.number,
            line: Some(rule.line),
        }
    }
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.kind, self.line) {
            (Kind::Session, _) => write!(f, "answer {} of this session", self.number),
            (Kind::BuiltIn, _) => write!(f, "built-in rule {}", self.number),
            (_, Some(line)) => write!(f, "rule {} of {}, line {line}", self.number, self.source),
            (_, None) => write!(f, "rule {} of {}", self.number, self.source),
        }
    }
}

/// A part of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The call itself, where nothing else is known of it.
    Tool(String),
    /// A path that is read, normalised.
    Read(String),
    /// A path that is written, normalised.
    Write(String),
    /// A simple command.
    Command(String),
    /// A command line that could not be taken apart for sure.
    Unclear(String),
    /// A host.
    Host(String),
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tool(name) => write!(f, "tool `{name}`"),
            Self::Read(path) => write!(f, "reading `{path}`"),
            Self::Write(path) => write!(f, "writing `{path}`"),
            Self::Command(text) => write!(f, "`{}`", short(text)),
            Self::Unclear(text) => write!(f, "the whole line `{}`", short(text)),
            Self::Host(name) => write!(f, "connecting to `{name}`"),
        }
    }
}

/// The beginning of a text, for a message.
fn short(text: &str) -> String {
    const LONGEST: usize = 200;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// What a part was judged to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The part.
    pub part: Part,
    /// What may be done.
    pub decision: Decision,
    /// The rule that decided; none if none matched.
    pub rule: Option<Named>,
    /// Why, as a clause.
    pub why: String,
}

/// What a call was judged to be: the strictest of its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What may be done.
    pub decision: Decision,
    /// The rule that decided; none if none matched.
    pub rule: Option<Named>,
    /// Why, as a clause that names the part.
    pub why: String,
    /// All parts with what was found, in the order of the call.
    pub findings: Vec<Finding>,
    /// What an answer to this call is remembered by.
    pub(super) tool: String,
    pub(super) line: Option<String>,
}

impl Verdict {
    pub(super) fn of(tool: &str, line: Option<&str>, findings: Vec<Finding>) -> Self {
        // The first of the strictest, as people read from the front.
        let strictest = findings.iter().rev().max_by_key(|finding| finding.decision);
        let (decision, rule, why) = strictest.map_or(
            (
                Decision::Ask,
                None,
                "nothing of it could be judged".to_owned(),
            ),
            |finding| (finding.decision, finding.rule.clone(), finding.why.clone()),
        );
        Self {
            decision,
            rule,
            why,
            findings,
            tool: tool.to_owned(),
            line: line.map(str::to_owned),
        }
    }

    /// What comes of it in a mode.
    pub const fn outcome(&self, mode: Mode) -> Outcome {
        match (self.decision, mode) {
            (Decision::Allow, _) => Outcome::Go,
            (Decision::Deny, _) => Outcome::Denied,
            (Decision::Ask, Mode::Ask) => Outcome::Ask,
            (Decision::Ask, Mode::Headless) => Outcome::Blocked,
            (Decision::Ask, Mode::Yes) => Outcome::GoUnasked,
        }
    }

    /// What came of it, for the record and for people.
    pub fn said(&self, mode: Mode) -> String {
        let why = &self.why;
        match self.outcome(mode) {
            Outcome::Go => format!("allowed: {why}"),
            Outcome::GoUnasked => {
                format!(
                    "allowed without asking, as the user said for all that is not denied: {why}"
                )
            }
            Outcome::Ask => format!("to be asked: {why}"),
            Outcome::Blocked => format!("blocked, as nobody is there to be asked: {why}"),
            Outcome::Denied => format!("denied: {why}"),
        }
    }
}
