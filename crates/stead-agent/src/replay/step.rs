//! The steps of a session, and in what two of them differ.

use serde::Serialize;
use serde_json::Value;
use stead_usf::{Event, EventType};

use crate::machine::Outcome;
use crate::record::{Envelope, FileState};
use crate::session::ended;

/// So much of a text is told.
const TOLD: usize = 100;

/// Something that has to happen again.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// The user typed something.
    Said {
        /// The words.
        text: String,
    },
    /// A model answered.
    Answer {
        /// Calls in the answer.
        calls: u64,
    },
    /// A request brought no answer.
    NoAnswer,
    /// A call is about to be made.
    Call {
        /// The tool.
        tool: String,
        /// Its arguments.
        input: Value,
    },
    /// What became of it.
    Result(Box<Done>),
    /// A check ran.
    Check {
        /// The command.
        command: String,
        /// It ended well.
        ok: bool,
        /// Before anything was changed.
        before: bool,
    },
    /// The task ended.
    End {
        /// How.
        outcome: Outcome,
    },
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Done {
    /// The tool did its work.
    pub ok: bool,
    /// A command's exit code.
    pub exit: Option<i64>,
    /// What the policy said, and by which rule.
    pub decision: String,
    /// SHA-256 of the arguments.
    pub arguments: String,
    /// SHA-256 of what the model was told.
    pub result: String,
    /// Files before and after.
    pub files: Vec<FileState>,
    /// Files that changed and whose content nobody kept.
    pub unkept: Vec<String>,
}

impl Step {
    /// What an event is as a step, if it is one.
    #[must_use]
    pub fn of(event: &Event) -> Option<Self> {
        let extra = event.extra.as_ref();
        let extra: Value = extra
            .and_then(|extra| extra.to().ok())
            .unwrap_or(Value::Null);
        if let Some(outcome) = ended(event) {
            return Some(Self::End { outcome });
        }
        match event.kind {
            EventType::User if !event.injected => Some(Self::Said {
                text: event.text.clone().unwrap_or_default(),
            }),
            EventType::Assistant | EventType::Reasoning if extra["exchange"].is_string() => {
                let calls = extra["calls"].as_u64().unwrap_or(0);
                Some(Self::Answer { calls })
            }
            EventType::Error => Some(Self::NoAnswer),
            EventType::ToolCall => {
                let input = event.input.as_ref().and_then(|input| input.to().ok());
                Some(Self::Call {
                    tool: event.tool.as_ref()?.name.clone(),
                    input: input.unwrap_or(Value::Null),
                })
            }
            EventType::ToolResult => Some(Self::Result(Box::new(done(event, &extra)))),
            EventType::System => Some(Self::Check {
                command: extra["check"].as_str()?.to_owned(),
                ok: extra["ok"] == true,
                before: extra["when"] == "before",
            }),
            _ => None,
        }
    }

    /// In what a step that came differs from this one: what was expected, and what came.
    #[must_use]
    pub fn difference(&self, came: &Self) -> Option<(String, String)> {
        let two = |one: String, other: String| (one != other).then_some((one, other));
        match (self, came) {
            (Self::NoAnswer, Self::NoAnswer) => None,
            (Self::Result(expected), Self::Result(came)) => expected.difference(came),
            (Self::End { outcome }, Self::End { outcome: came }) => {
                two(word(outcome).to_owned(), word(came).to_owned())
            }
            (expected, came) if expected == came => None,
            (expected, came) => Some((expected.words(), came.words())),
        }
    }

    /// In words, on one line. They hold text of the model's.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Said { text } => format!("the user says: {}", short(text)),
            Self::Answer { calls: 0 } => "an answer without calls".to_owned(),
            Self::Answer { calls: 1 } => "an answer with a call".to_owned(),
            Self::Answer { calls } => format!("an answer with {calls} calls"),
            Self::NoAnswer => "a request without an answer".to_owned(),
            Self::Call { tool, input } => {
                let gist = match input {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                format!("{tool} {}", short(&gist))
            }
            Self::Result(done) => done.words(),
            Self::Check {
                command,
                ok,
                before,
            } => {
                let how = if *ok { "ends well" } else { "fails" };
                let when = if *before { " before any change" } else { "" };
                format!("check `{}` {how}{when}", short(command))
            }
            Self::End { outcome } => format!("the end: {}", word(outcome)),
        }
    }
}

impl Done {
    fn difference(&self, came: &Self) -> Option<(String, String)> {
        let exit = |done: &Self| match done.exit {
            Some(code) => format!("exit code {code}"),
            None => "no exit code".to_owned(),
        };
        let ok = |done: &Self| {
            let word = if done.ok { "is done" } else { "is not done" };
            format!("the call {word}")
        };
        let decision = |done: &Self| format!("decided: {}", done.decision);
        let arguments = |done: &Self| format!("arguments {}", done.arguments);
        let words: [&dyn Fn(&Self) -> String; 4] = [&arguments, &decision, &exit, &ok];
        let mut words = words.iter().map(|words| (words(self), words(came)));
        words
            .find(|(expected, came)| expected != came)
            .or_else(|| self.files(came))
            .or_else(|| {
                let unkept = |done: &Self| match done.unkept.as_slice() {
                    [] => "no file too large to keep changes".to_owned(),
                    paths => format!("too large to keep: {}", paths.join(", ")),
                };
                (self.unkept != came.unkept).then(|| (unkept(self), unkept(came)))
            })
    }

    /// The first file whose states differ.
    fn files(&self, came: &Self) -> Option<(String, String)> {
        let all = self.files.iter().chain(&came.files);
        let state = |done: &Self, path: &str| {
            let state = done.files.iter().find(|state| state.path == path);
            match state {
                None => format!("{path} is not changed"),
                Some(state) => format!(
                    "{path} changes from {} to {}",
                    held(state.before.as_deref()),
                    held(state.after.as_deref())
                ),
            }
        };
        let mut states = all.map(|file| (state(self, &file.path), state(came, &file.path)));
        states.find(|(expected, came)| expected != came)
    }

    fn words(&self) -> String {
        let how = match (self.exit, self.ok) {
            (Some(code), _) => format!("exit code {code}"),
            (None, true) => "done".to_owned(),
            (None, false) => "not done".to_owned(),
        };
        let files = self.files.iter().map(|file| file.path.clone());
        std::iter::once(how)
            .chain(files)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

fn held(digest: Option<&str>) -> String {
    digest.map_or_else(|| "nothing".to_owned(), |digest| format!("sha256 {digest}"))
}

fn done(event: &Event, extra: &Value) -> Done {
    let envelope = serde_json::from_value::<Envelope>(extra["envelope"].clone());
    let envelope = envelope.unwrap_or_default();
    Done {
        ok: event.ok == Some(true),
        exit: event.exit_code,
        decision: envelope.decision,
        arguments: envelope.arguments,
        result: envelope.result,
        files: envelope.files,
        unkept: envelope.unkept,
    }
}

/// How a task ended, without what may differ.
fn word(outcome: &Outcome) -> &'static str {
    use crate::machine::Failure;
    match outcome {
        Outcome::Done { checked: true, .. } => "done, and the checks ended well",
        Outcome::Done { checked: false, .. } => "done",
        Outcome::Blocked { .. } => "blocked",
        Outcome::Interrupted => "interrupted",
        Outcome::Failed(Failure::Model { .. }) => "the model gave no answer",
        Outcome::Failed(Failure::Refused { .. }) => "the model refused",
        Outcome::Failed(Failure::NoChange { .. }) => "nothing changed",
        Outcome::Failed(Failure::Checks { .. }) => "checks still fail",
        Outcome::Failed(Failure::Rounds { .. }) => "too many answers of the model",
    }
}

/// The beginning of a text, on one line.
fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(TOLD) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
