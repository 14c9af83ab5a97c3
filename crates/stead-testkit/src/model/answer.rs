//! What is answered, in words of no provider, and what goes wrong with it.

use serde::Deserialize;
use serde_json::Value;

/// An answer of the model.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answer {
    /// Its reasoning; none if empty.
    pub think: String,
    /// Its words; none if empty.
    pub say: String,
    /// Calls of tools.
    pub calls: Vec<Call>,
    /// Tokens; counted by the length of request and answer if absent.
    pub usage: Option<Tokens>,
    /// It was cut off because it became too long.
    pub too_long: bool,
    /// What goes wrong.
    pub fault: Option<Fault>,
}

/// Tokens as an answer tells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Tokens {
    /// Of the request.
    pub input: u64,
    /// Of the answer.
    pub output: u64,
}

/// A call of a tool.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The tool's name. Empty if `shell` is given: then the tool that the agent offers for
    /// commands is called.
    #[serde(default)]
    pub tool: String,
    /// Its arguments.
    #[serde(default, rename = "args")]
    pub arguments: Value,
    /// Text in the place of arguments, as it stands: broken JSON, for instance.
    #[serde(default)]
    pub raw: Option<String>,
    /// A command, for agents whatever their tools are called.
    #[serde(default)]
    pub shell: Option<String>,
    /// Whether the tool takes JSON or a text.
    #[serde(default)]
    pub form: Form,
}

/// What a tool takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A JSON object.
    #[default]
    Json,
    /// A text (the *custom tools* of the responses format).
    Text,
}

/// What goes wrong. Numbers count the frames that come before it; of an answer that is
/// not streamed, each half is a frame.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Nothing comes, not even a head, until the client goes away.
    Silence,
    /// After so many frames nothing more comes.
    Hang(usize),
    /// After so many frames the connection is reset; at 0, before the head.
    Reset(usize),
    /// After so many frames the connection ends, in the middle of the body.
    Cut(usize),
    /// After so many frames the body ends as if it were whole.
    Short(usize),
    /// After so many frames comes an error of the provider, as an event.
    Error(usize),
    /// After so many frames comes something that is no JSON.
    Garbage(usize),
    /// A status instead of an answer, with a `retry-after` if it is given.
    Status(u16, Option<String>),
    /// So many milliseconds pass before each byte.
    Drip(u64),
}

impl Answer {
    /// Words.
    pub fn say(words: impl Into<String>) -> Self {
        Self {
            say: words.into(),
            ..Self::default()
        }
    }

    /// A call of a tool.
    pub fn call(tool: &str, arguments: Value) -> Self {
        Self::default().and_call(tool, arguments)
    }

    /// A call whose arguments are this text, as it stands.
    pub fn raw_call(tool: &str, text: &str) -> Self {
        let mut answer = Self::call(tool, Value::Null);
        if let Some(call) = answer.calls.last_mut() {
            call.raw = Some(text.to_owned());
        }
        answer
    }

    /// A command, by whatever tool the agent offers for it.
    pub fn shell(command: &str) -> Self {
        let mut answer = Self::call("", Value::Null);
        if let Some(call) = answer.calls.last_mut() {
            call.shell = Some(command.to_owned());
        }
        answer
    }

    /// Nothing but this.
    pub fn fault(fault: Fault) -> Self {
        Self::say("This answer does not come through.").with(fault)
    }

    /// One more call, beside the others.
    #[must_use]
    pub fn and_call(mut self, tool: &str, arguments: Value) -> Self {
        self.calls.push(Call {
            tool: tool.to_owned(),
            arguments,
            raw: None,
            shell: None,
            form: Form::Json,
        });
        self
    }

    /// These words before the calls.
    #[must_use]
    pub fn saying(mut self, words: &str) -> Self {
        words.clone_into(&mut self.say);
        self
    }

    /// This reasoning before the words.
    #[must_use]
    pub fn thinking(mut self, words: &str) -> Self {
        words.clone_into(&mut self.think);
        self
    }

    /// It goes wrong like this.
    #[must_use]
    pub fn with(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }
}
