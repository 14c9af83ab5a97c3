//! What can go wrong between a question and its answer, told apart by what one can do
//! about it. Reading providers' own errors is `refusal.rs`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::traffic::TapeError;

/// Why there is no answer. `Display` says what is wrong, [`LlmError::hint`] what to do.
/// No message holds a key: what providers said is masked before it gets here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LlmError {
    /// The endpoint needs a key and has none.
    #[error("`{provider}` needs a key and there is none")]
    KeyMissing {
        /// The provider.
        provider: String,
        /// The variable in which its key is looked for, if it is known.
        variable: Option<String>,
    },
    /// The key is wrong, or may not do this (401, 403).
    #[error("`{provider}` refused the key: {said}")]
    KeyRefused {
        /// The provider.
        provider: String,
        /// In the provider's words.
        said: String,
    },
    /// The account has no money or no quota left: waiting does not help.
    #[error("the account at `{provider}` has nothing left: {said}")]
    OutOfCredit {
        /// The provider.
        provider: String,
        /// In the provider's words.
        said: String,
    },
    /// No such model, or no such address.
    #[error("`{provider}` knows no model `{model}`: {said}")]
    ModelUnknown {
        /// The provider.
        provider: String,
        /// As it was asked for.
        model: String,
        /// In the provider's words.
        said: String,
    },
    /// The request is longer than the model can read.
    #[error("the request is too long for `{model}`{}: {said}", numbers(*.sent, *.limit))]
    ContextTooLong {
        /// The model.
        model: String,
        /// Tokens that were sent, if told.
        sent: Option<u64>,
        /// Tokens that the model takes, if told.
        limit: Option<u64>,
        /// In the provider's words.
        said: String,
    },
    /// Too many requests or tokens for now (429).
    #[error("`{provider}` limits the rate: {said}")]
    RateLimited {
        /// The provider.
        provider: String,
        /// How long to wait, if told.
        wait: Option<Duration>,
        /// In the provider's words.
        said: String,
    },
    /// The provider cannot at the moment (5xx, 529, or an error inside a stream).
    #[error("`{provider}` cannot answer now: {said}")]
    Overloaded {
        /// The provider.
        provider: String,
        /// How long to wait, if told.
        wait: Option<Duration>,
        /// In the provider's words.
        said: String,
    },
    /// The provider does not let this through.
    #[error("`{provider}` refused the content: {said}")]
    ContentRefused {
        /// The provider.
        provider: String,
        /// In the provider's words.
        said: String,
    },
    /// The provider does not understand the request (other 4xx).
    #[error("`{provider}` does not take the request ({status}): {said}")]
    BadRequest {
        /// The provider.
        provider: String,
        /// The status of HTTP; 0 for an error inside a stream.
        status: u16,
        /// In the provider's words.
        said: String,
    },
    /// What came is no answer in this wire format.
    #[error("the answer of `{provider}` cannot be read: {what}")]
    Malformed {
        /// The provider.
        provider: String,
        /// What is wrong with it.
        what: String,
    },
    /// No connection.
    #[error("cannot reach `{host}`: {what}")]
    Unreachable {
        /// Host and port.
        host: String,
        /// What failed.
        cause: Unreachable,
        /// In the system's words.
        what: String,
    },
    /// Nothing came in time.
    #[error("`{host}` did not answer: {stage} took longer than {} s", .after.as_secs_f32())]
    Timeout {
        /// Host and port.
        host: String,
        /// What took too long.
        stage: Stage,
        /// The time that it was given.
        after: Duration,
    },
    /// The answer broke off.
    #[error("the answer of `{host}` broke off: {what}")]
    Cut {
        /// Host and port.
        host: String,
        /// How.
        what: String,
    },
    /// The answer is longer than we take.
    #[error("the answer of `{host}` has more than {} MB; stopped reading", .limit / 1_000_000)]
    TooLarge {
        /// Host and port.
        host: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// The address sends us elsewhere. A key goes where the user sent it, nowhere else.
    #[error("`{host}` redirects to `{to}`")]
    Redirected {
        /// Host and port.
        host: String,
        /// Where to.
        to: String,
    },
    /// The caller stopped it.
    #[error("the request was cancelled")]
    Cancelled,
    /// The address, a proxy or a header cannot be used.
    #[error("the endpoint `{provider}` is not usable: {what}")]
    Setup {
        /// The provider.
        provider: String,
        /// What is wrong.
        what: String,
    },
    /// The record could not be written, so nothing was sent.
    #[error("the record of the request cannot be written: {0}")]
    Tape(#[from] TapeError),
    /// A replay was asked what is not in its record.
    #[error("the record has no answer to this request ({hash})")]
    NotRecorded {
        /// The request's hash.
        hash: String,
    },
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unreachable {
    /// Nobody listens there.
    Refused,
    /// The host's name is not known.
    Name,
    /// The other side cannot prove who it is, or speaks no TLS.
    Tls,
    /// It was closed before an answer came.
    Reset,
    /// Something else.
    Other,
}

/// What may take too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Making the connection.
    Connect,
    /// Waiting for the head of the answer.
    FirstByte,
    /// Waiting for the next bytes.
    Idle,
    /// All of it.
    Whole,
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::FirstByte => "the first byte",
            Self::Idle => "a pause in the answer",
            Self::Whole => "the whole answer",
        })
    }
}

/// Errors by what one can do, for fallback chains and exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// No key, or not this one; or no money.
    Key,
    /// No such model.
    Model,
    /// Too long.
    Context,
    /// Too often.
    Rate,
    /// The provider is overloaded or down.
    Overloaded,
    /// The content is not let through.
    Content,
    /// The request or the configuration is wrong.
    Request,
    /// The answer makes no sense.
    Malformed,
    /// No connection, no answer in time, or an answer that broke off.
    Network,
    /// The caller stopped it.
    Cancelled,
    /// The record failed.
    Record,
}

impl LlmError {
    /// The class.
    pub const fn class(&self) -> Class {
        match self {
            Self::KeyMissing { .. } | Self::KeyRefused { .. } | Self::OutOfCredit { .. } => {
                Class::Key
            }
            Self::ModelUnknown { .. } => Class::Model,
            Self::ContextTooLong { .. } => Class::Context,
            Self::RateLimited { .. } => Class::Rate,
            Self::Overloaded { .. } => Class::Overloaded,
            Self::ContentRefused { .. } => Class::Content,
            Self::BadRequest { .. } | Self::Redirected { .. } | Self::Setup { .. } => {
                Class::Request
            }
            Self::Malformed { .. } | Self::TooLarge { .. } => Class::Malformed,
            Self::Unreachable { .. } | Self::Timeout { .. } | Self::Cut { .. } => Class::Network,
            Self::Cancelled => Class::Cancelled,
            Self::Tape(_) | Self::NotRecorded { .. } => Class::Record,
        }
    }

    /// Whether the same request may succeed a little later.
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::RateLimited { .. }
            | Self::Overloaded { .. }
            | Self::Cut { .. }
            | Self::Malformed { .. } => true,
            // Who limits the whole does not want it twice.
            Self::Timeout { stage, .. } => !matches!(stage, Stage::Whole),
            // A server that is not there, a name that is not known or a certificate that
            // is wrong stay so.
            Self::Unreachable { cause, .. } => {
                matches!(cause, Unreachable::Reset | Unreachable::Other)
            }
            _ => false,
        }
    }

    /// How long the provider wants us to wait.
    pub const fn wait(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { wait, .. } | Self::Overloaded { wait, .. } => *wait,
            _ => None,
        }
    }

    /// What a person can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::KeyMissing { variable: Some(name), .. } => {
                format!("set {name}, or name another source of the key in the configuration")
            }
            Self::KeyMissing { .. } => "name a source of the key in the configuration".into(),
            Self::KeyRefused { .. } => "check the key, and that it may use this model".into(),
            Self::OutOfCredit { .. } => "add credit at the provider, or use another model".into(),
            Self::ModelUnknown { .. } => "ask the provider which models it has: `stead models list`".into(),
            Self::ContextTooLong { .. } => "compact the session, or use a model with a longer context".into(),
            Self::RateLimited { wait: Some(wait), .. } => {
                format!("try again in {} s, or use another model", wait.as_secs().max(1))
            }
            Self::RateLimited { .. } | Self::Overloaded { .. } => {
                "try again later, or use another model".into()
            }
            Self::ContentRefused { .. } => "say it differently, or use another model".into(),
            Self::BadRequest { .. } => "look at the recorded request; the model may lack something that was asked of it (tools, images, reasoning)".into(),
            Self::Malformed { .. } => "look at the recorded answer, and check that the wire format fits the address".into(),
            Self::Unreachable { cause: Unreachable::Refused, .. } => {
                "start the server, or check the address and port".into()
            }
            Self::Unreachable { cause: Unreachable::Name, .. } => {
                "check the host's name and the network connection".into()
            }
            Self::Unreachable { cause: Unreachable::Tls, .. } => {
                "check the address (http or https), the system's certificates and its clock".into()
            }
            Self::Unreachable { .. } | Self::Cut { .. } => {
                "check the network connection and try again".into()
            }
            Self::Timeout { .. } => "try again, or allow more time in the configuration".into(),
            Self::TooLarge { .. } => "ask for fewer tokens (`max_output`)".into(),
            Self::Redirected { to, .. } => format!("if `{to}` is right, make it the base URL"),
            Self::Cancelled => "start again when you like".into(),
            Self::Setup { .. } => "correct the configuration of this provider".into(),
            Self::Tape(_) => "make room on the disk; what is not recorded is not sent".into(),
            Self::NotRecorded { .. } => {
                "the replayed session has parted from its record at this request".into()
            }
        }
    }
}

/// The numbers of tokens that were told, in brackets.
fn numbers(sent: Option<u64>, limit: Option<u64>) -> String {
    match (sent, limit) {
        (Some(sent), Some(limit)) => format!(" ({sent} tokens, {limit} at most)"),
        (Some(sent), None) => format!(" ({sent} tokens)"),
        (None, Some(limit)) => format!(" ({limit} tokens at most)"),
        (None, None) => String::new(),
    }
}
