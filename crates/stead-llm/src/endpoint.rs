//! Where a request goes: address, wire format, key, times, and what the provider there
//! understands. Where these come from (files, variables) is the caller's business.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::LlmError;
use crate::key::{Key, MASK, Mask};
use crate::message::{Origin, Request};
use crate::provider::Wire;

/// A provider's name and the name of a model there: `openrouter/qwen/qwen3-coder`. What
/// stands before the first slash is the provider.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ModelRef {
    /// The provider, as configured.
    pub provider: String,
    /// The model, as the provider calls it; may hold slashes.
    pub model: String,
}

/// A text that names no model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not of the form PROVIDER/NAME, such as `ollama/qwen3:8b`")]
pub struct NoModelRef(String);

impl FromStr for ModelRef {
    type Err = NoModelRef;

    fn from_str(text: &str) -> Result<Self, NoModelRef> {
        match text.split_once('/') {
            Some((provider, model)) if !provider.is_empty() && !model.is_empty() => Ok(Self {
                provider: provider.to_owned(),
                model: model.to_owned(),
            }),
            _ => Err(NoModelRef(text.to_owned())),
        }
    }
}

impl fmt::Display for ModelRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)
    }
}

/// A place to send requests to. `Debug` shows no secret of it.
#[derive(Clone)]
pub struct Endpoint {
    /// The provider's name, for messages, records and opaque data.
    pub provider: String,
    /// How to speak to it.
    pub wire: Wire,
    /// The base URL. The version segment (`/v1`) is added where it is missing.
    pub base_url: String,
    /// The key, if there is one.
    pub key: Option<Key>,
    /// The variable that a person would set; for the message that there is no key.
    pub key_variable: Option<String>,
    /// Whether it answers without a key.
    pub needs_key: bool,
    /// Another header for the key than the format's own: name, and what stands before
    /// the key (`api-key` and nothing, for Azure).
    pub key_header: Option<(String, String)>,
    /// Further headers. Values that hold secrets are masked in records if their names
    /// say so (`authorization`, `…key`, `…token`, `…secret`, `cookie`).
    pub headers: Vec<(String, String)>,
    /// How long things may take.
    pub timeouts: Timeouts,
    /// What it understands.
    pub dialect: Dialect,
    /// It passes requests on to others (a proxy such as LiteLLM): what is sent there leaves
    /// this machine wherever it runs.
    pub forwards: bool,
    /// Whether the user says that what is sent there stays where it may; absent, the address
    /// tells.
    pub local: Option<bool>,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mask = self.mask();
        let shown = |(name, value): &(String, String)| {
            let masked = if is_secret(name) {
                MASK.to_owned()
            } else {
                mask.text(value)
            };
            (name.clone(), masked)
        };
        let headers: Vec<_> = self.headers.iter().map(shown).collect();
        f.debug_struct("Endpoint")
            .field("provider", &self.provider)
            .field("wire", &self.wire)
            .field("host", &self.host())
            .field("key", &self.key)
            .field("headers", &headers)
            .field("timeouts", &self.timeouts)
            .field("dialect", &self.dialect)
            .finish_non_exhaustive()
    }
}

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Making the connection, TLS included.
    pub connect: Duration,
    /// From sending the request to the head of the answer. Local models read the whole
    /// prompt first.
    pub first_byte: Duration,
    /// Between two pieces of the answer.
    pub idle: Duration,
    /// Everything; absent, it may go on as long as something comes.
    pub whole: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_mins(5),
            idle: Duration::from_mins(5),
            whole: None,
        }
    }
}

/// In which the dialects of one wire format differ. The default is what most servers
/// that call themselves compatible take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Dialect {
    /// The output limit is `max_completion_tokens` (OpenAI), not `max_tokens`.
    pub max_completion_tokens: bool,
    /// `stream_options` is not understood; usage comes by itself or not at all.
    pub no_stream_options: bool,
    /// How reasoning is asked for.
    pub reasoning: ReasoningField,
    /// `response_format` knows `json_object` only: the schema goes into the prompt.
    pub json_object_only: bool,
    /// Marks for the cache are taken in contents (`cache_control`).
    pub cache_control: bool,
    /// `prompt_cache_key` is taken.
    pub cache_key: bool,
    /// Free-form tools are taken.
    pub freeform: bool,
    /// Ids of tool calls have to be nine letters and digits (Mistral).
    pub short_call_ids: bool,
    /// Anthropic: `thinking` is `adaptive` with an `effort`; budgets of tokens are for
    /// older models.
    pub adaptive_thinking: bool,
}

/// The field by which a dialect of chat completions is asked to reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasoningField {
    /// `"reasoning_effort": "low"` (OpenAI, xAI, Groq, Ollama, vLLM).
    #[default]
    Effort,
    /// `"reasoning": {"effort": "low"}` (OpenRouter).
    Object,
    /// `"thinking": {"type": "enabled"}` (Z.ai, Moonshot).
    Thinking,
    /// The same with `"reasoning_effort"` beside it (DeepSeek).
    ThinkingEffort,
    /// `"enable_thinking": true` with `thinking_budget` (DashScope).
    Switch,
    /// There is none.
    Nothing,
}

impl Endpoint {
    /// An endpoint with nothing but an address.
    pub fn new(provider: impl Into<String>, wire: Wire, base_url: impl Into<String>) -> Self {
        Self {
            provider: provider.into(),
            wire,
            base_url: base_url.into(),
            key: None,
            key_variable: None,
            needs_key: false,
            key_header: None,
            headers: Vec::new(),
            timeouts: Timeouts::default(),
            dialect: Dialect::default(),
            forwards: false,
            local: None,
        }
    }

    /// What marks this endpoint's opaque data.
    pub fn origin(&self) -> Origin {
        Origin {
            wire: self.wire,
            provider: self.provider.clone(),
        }
    }

    /// Host and port, for messages and the route that is shown.
    pub fn host(&self) -> String {
        let url = Url::parse(&self.base_url).ok();
        let host = url.as_ref().and_then(|url| {
            let host = url.host_str()?;
            let port = url.port();
            Some(port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
        });
        host.unwrap_or_else(|| self.provider.clone())
    }

    /// Whether what is sent there stays on this machine, or where the user says that it is
    /// as good.
    pub fn is_local(&self) -> bool {
        self.local
            .unwrap_or_else(|| !self.forwards && self.is_loopback())
    }

    /// Whether the address is this machine.
    pub fn is_loopback(&self) -> bool {
        let url = Url::parse(&self.base_url).ok();
        match url.as_ref().and_then(Url::host) {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// The URL that a request goes to.
    pub(crate) fn url(&self, request: &Request, stream: bool) -> Result<Url, LlmError> {
        let below = self.wire.format().path(request, stream);
        let (below, query) = below.split_once('?').unwrap_or((&below, ""));
        self.place(below, query)
    }

    /// The URL of something below the base URL.
    pub(crate) fn place(&self, below: &str, query: &str) -> Result<Url, LlmError> {
        let format = self.wire.format();
        let mut url = Url::parse(&self.base_url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| self.setup("the base URL is none; write http://HOST or https://HOST"))?;
        // They would be sent as a header that nobody sees.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(self.setup("the base URL holds a user or password; put them into a header"));
        }
        let mut path = url.path().trim_end_matches('/').to_owned();
        if format.lacks_version(&path) {
            path = format!("{path}/{}", format.version());
        }
        url.set_path(&format!("{path}/{below}"));
        if !query.is_empty() {
            let own = url.query().map(|own| format!("{own}&{query}"));
            url.set_query(Some(own.as_deref().unwrap_or(query)));
        }
        Ok(url)
    }

    pub(crate) fn setup(&self, what: &str) -> LlmError {
        LlmError::Setup {
            provider: self.provider.clone(),
            what: what.to_owned(),
        }
    }

    /// The header that carries the key.
    pub(crate) fn key_header(&self) -> Option<(String, String)> {
        let key = self.key.as_ref()?.expose();
        let (name, before) = match &self.key_header {
            Some((name, before)) => (name.as_str(), before.as_str()),
            None => self.wire.format().key_header(),
        };
        Some((name.to_ascii_lowercase(), format!("{before}{key}")))
    }

    /// Masks whatever of this endpoint is secret: the key, secret headers, and what
    /// stands in the URL as a secret parameter.
    pub(crate) fn mask(&self) -> Mask {
        let mut secrets: Vec<String> = self.key.iter().map(|key| key.expose().to_owned()).collect();
        let headers = self.headers.iter().filter(|(name, _)| is_secret(name));
        for (_, value) in headers {
            let bare = value
                .split_once(' ')
                .map_or(value.as_str(), |(_, bare)| bare);
            secrets.extend([value.trim().to_owned(), bare.trim().to_owned()]);
        }
        if let Ok(url) = Url::parse(&self.base_url) {
            let pairs = url.query_pairs().filter(|(name, _)| is_secret(name));
            secrets.extend(pairs.map(|(_, value)| value.into_owned()));
        }
        // In URLs and in JSON a key may stand in other letters.
        let encoded: Vec<String> = secrets
            .iter()
            .flat_map(|secret| {
                let url: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
                let json = serde_json::to_string(secret).unwrap_or_default();
                [url, json.trim_matches('"').to_owned()]
            })
            .collect();
        Mask::new(secrets.iter().chain(&encoded).map(String::as_str))
    }
}

/// A URL for records: secret parameters are masked, however short.
pub(crate) fn shown_url(url: &Url, mask: &Mask) -> String {
    let text = mask.text(url.as_str());
    let Some((before, query)) = text.split_once('?') else {
        return text;
    };
    let shown = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    });
    format!("{before}?{}", shown.collect::<Vec<_>>().join("&"))
}

/// Whether a header or parameter of this name holds a secret: its value is masked in
/// records and in `Debug`.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let ends = [
        "authorization",
        "cookie",
        "key",
        "password",
        "secret",
        "signature",
        "token",
    ];
    ends.iter().any(|end| name.ends_with(end))
}
