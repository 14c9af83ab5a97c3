//! What is asked of a model, in words of no provider. How it looks on the wire is
//! said in `provider/`; this file knows no JSON field of anybody.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::provider::Wire;

/// A question to a model: everything that leaves, but for the address and the key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The model's name as the provider calls it.
    pub model: String,
    /// The system prompt, line by line.
    pub system: Vec<SystemLine>,
    /// What was said so far; the last message is to be answered.
    pub messages: Vec<Message>,
    /// The tools that the model may call.
    pub tools: Vec<ToolSpec>,
    /// Whether it must call one.
    pub tool_choice: ToolChoice,
    /// The most tokens of the answer; absent, the provider decides. Anthropic's format
    /// demands a number and gets [`DEFAULT_MAX_OUTPUT`].
    pub max_output: Option<u32>,
    /// Randomness of the choice of words, as the provider scales it.
    pub temperature: Option<f64>,
    /// How much the model reasons before it answers; absent, the provider decides.
    pub reasoning: Option<Reasoning>,
    /// The answer is to be JSON of this schema.
    pub output: Option<OutputSchema>,
    /// Up to where the provider should keep the prompt in its cache. Formats without
    /// such marks leave them out; Anthropic's takes four at most.
    pub cache: Vec<CacheMark>,
    /// Requests with the same key should meet the same cache (OpenAI's formats).
    pub cache_key: Option<String>,
    /// Texts at which the model stops.
    pub stop: Vec<String>,
    /// Further fields of the provider's own, put into the body as they are. They win
    /// over fields that are made from the rest.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

/// What Anthropic's format is sent where nobody asked for a number.
pub const DEFAULT_MAX_OUTPUT: u32 = 8192;

/// A line of the system prompt that the model, and later the record, can point at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemLine {
    /// Its number or name (`S3`); empty for a line that is not pointed at.
    pub id: String,
    /// What it says.
    pub text: String,
}

impl Request {
    /// The system prompt as the model reads it: `[ID] text`, one line each; lines without
    /// an id as they are. Empty where there is none.
    pub fn system_text(&self) -> String {
        let lines = self.system.iter().map(|line| match line.id.as_str() {
            "" => line.text.clone(),
            id => format!("[{id}] {}", line.text),
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The tool of this name, if it is offered.
    pub fn tool(&self, name: &str) -> Option<&ToolSpec> {
        self.tools.iter().find(|tool| tool.name == name)
    }
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The user, and tools that answer.
    User,
    /// The model.
    Assistant,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    pub parts: Vec<Part>,
}

impl Message {
    /// A text of the user.
    pub fn user(text: impl Into<String>) -> Self {
        Self {
            role: Role::User,
            parts: vec![Part::text(text)],
        }
    }

    /// What a model answered, to be sent back to it with what follows.
    pub fn assistant(parts: Vec<Part>) -> Self {
        Self {
            role: Role::Assistant,
            parts,
        }
    }

    /// Results of tools.
    pub fn results(results: Vec<ToolResult>) -> Self {
        Self {
            role: Role::User,
            parts: results.into_iter().map(Part::ToolResult).collect(),
        }
    }
}

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    /// Words.
    Text {
        /// The words.
        text: String,
        /// What the provider wants back with them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opaque: Option<Opaque>,
    },
    /// A picture.
    Image(Image),
    /// The model's reasoning. It is sent back only to whom it came from, and only with
    /// the data that came with it.
    Reasoning {
        /// What was shown of it; may be empty.
        text: String,
        /// Signature, encrypted content, or the field in which it stood.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opaque: Option<Opaque>,
    },
    /// The model calls a tool.
    ToolCall(ToolCall),
    /// A tool's answer.
    ToolResult(ToolResult),
    /// A piece that this version does not know. It goes back as it came, to whom it
    /// came from.
    Foreign(Opaque),
}

impl Part {
    /// Words without anything.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text {
            text: text.into(),
            opaque: None,
        }
    }
}

/// A picture.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// `image/png`, `image/jpeg`, `image/gif` or `image/webp`; others at the provider's
    /// pleasure.
    pub media_type: String,
    /// The file's bytes.
    #[serde(with = "crate::encoding::base64")]
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image({}, {} bytes)", self.media_type, self.bytes.len())
    }
}

/// Data that a provider gave out and wants back unread: signatures, encrypted reasoning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opaque {
    /// Who gave it, and who alone gets it back.
    pub origin: Origin,
    /// The data, in the provider's own JSON.
    pub data: Value,
}

/// Where an answer came from: opaque data means nothing anywhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The wire format.
    pub wire: Wire,
    /// The provider's name in the configuration.
    pub provider: String,
}

/// A call of a tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The provider's id, or one that is made from the request where it gave none.
    pub id: String,
    /// The tool's name as the model wrote it; perhaps no tool that exists.
    pub name: String,
    /// The arguments to the letter: JSON if `form` says so, and if the model wrote JSON.
    pub arguments: String,
    /// What `arguments` are meant to be.
    #[serde(default)]
    pub form: Form,
    /// What the provider wants back with the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opaque: Option<Opaque>,
}

/// What the arguments of a call are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// JSON, as far as the model kept to it.
    #[default]
    Json,
    /// Free text, for tools that are offered with [`ToolInput::Freeform`].
    Text,
}

/// The field in which formats without free-form tools carry the text of one.
pub const FREEFORM_FIELD: &str = "input";

impl ToolCall {
    /// The arguments as a JSON object. Nothing at all is an empty object; an object that
    /// stands in a JSON string, as some models write it, is taken out.
    pub fn object(&self) -> Result<Map<String, Value>, serde_json::Error> {
        if self.arguments.trim().is_empty() {
            return Ok(Map::new());
        }
        match serde_json::from_str(&self.arguments)? {
            Value::String(inner) => serde_json::from_str(&inner),
            other => serde_json::from_value(other),
        }
    }

    /// The text of a call of a free-form tool, whichever format carried it.
    pub fn freeform(&self) -> Option<String> {
        if self.form == Form::Text {
            return Some(self.arguments.clone());
        }
        let object = self.object().ok()?;
        Some(object.get(FREEFORM_FIELD)?.as_str()?.to_owned())
    }
}

/// What a tool answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolResult {
    /// The call's id.
    pub id: String,
    /// The tool's name (Gemini's format demands it).
    pub name: String,
    /// The answer.
    pub text: String,
    /// Whether the tool did what was asked.
    pub ok: bool,
    /// Pictures that belong to the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Image>,
    /// What the call was made with, so that a result takes the form of its call.
    #[serde(default)]
    pub form: Form,
}

/// A tool as the model is told of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolSpec {
    /// `[a-zA-Z0-9_-]`, at most 64 characters: what all providers take.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// What it takes.
    pub input: ToolInput,
}

/// What a tool takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolInput {
    /// An object of this JSON Schema.
    Schema(Value),
    /// Free text of a grammar. Formats without such tools offer one text field,
    /// [`FREEFORM_FIELD`], with the grammar in its description.
    Freeform {
        /// `lark` or `regex`.
        syntax: String,
        /// The grammar.
        definition: String,
    },
}

/// Whether a tool is to be called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolChoice {
    /// As the model likes.
    #[default]
    Auto,
    /// None, though they are named.
    None,
    /// Some tool.
    Required,
    /// This one.
    Named(String),
}

/// How much a model reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reasoning {
    /// Not at all, where it can be switched off.
    Off,
    /// In the provider's steps.
    Effort(Effort),
    /// At most so many tokens.
    Budget(u32),
}

/// Steps of reasoning, as most providers have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// Next to none.
    Minimal,
    /// Little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
    /// As much as there is.
    Max,
}

impl Effort {
    /// The step that a budget of tokens comes near to.
    pub const fn of_budget(tokens: u32) -> Self {
        match tokens {
            0..=1023 => Self::Minimal,
            1024..=4095 => Self::Low,
            4096..=16_383 => Self::Medium,
            16_384..=49_151 => Self::High,
            _ => Self::Max,
        }
    }

    /// The budget in tokens that stands for this step where only numbers are taken.
    pub const fn budget(self) -> u32 {
        match self {
            Self::Minimal => 1024,
            Self::Low => 2048,
            Self::Medium => 8192,
            Self::High => 24_576,
            Self::Max => 32_768,
        }
    }
}

/// A schema for the whole answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutputSchema {
    /// A short name; OpenAI's formats demand it.
    pub name: String,
    /// The JSON Schema.
    pub schema: Value,
}

/// The prompt is cached up to here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheMark {
    /// What stands before the mark.
    pub after: CachePlace,
    /// Keep it for an hour instead of minutes, where that can be asked for.
    pub long: bool,
}

/// Where a mark stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CachePlace {
    /// After the tools.
    Tools,
    /// After the system prompt.
    System,
    /// After the message at this index.
    Message(usize),
}

impl Request {
    /// The mark at a place, if there is one.
    pub fn mark(&self, place: CachePlace) -> Option<CacheMark> {
        self.cache.iter().copied().find(|mark| mark.after == place)
    }
}
