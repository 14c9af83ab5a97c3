//! What carries a request: the network, or a record. It knows bytes and headers, no
//! formats; what goes over it is recorded above, in `reply.rs`.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::{LlmError, Stage, Unreachable};

/// Something that will be there later; to be dropped when it is not wanted any more.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A way for requests.
pub trait Transport: Send + Sync {
    /// Sends a request; ready when the head of the answer is there. Dropping what is
    /// returned, or the body, closes the connection.
    fn send<'a>(&'a self, request: &'a Outgoing) -> Pending<'a, Result<Incoming, TransportError>>;

    /// Whether there is a reason to wait before a request is sent again.
    fn waits(&self) -> bool {
        true
    }
}

/// A request as it leaves. `Debug` shows no header's value: keys stand there.
pub struct Outgoing {
    /// The method.
    pub method: &'static str,
    /// Where to.
    pub url: Url,
    /// All headers in order, names in lower case, keys and all.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// How long making the connection may take.
    pub connect: Duration,
    /// What a record is searched for: see `traffic::request_hash`.
    pub hash: String,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Outgoing")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("headers", &names)
            .field("body", &self.body.len())
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}

/// The head of an answer, with a body to come.
pub struct Incoming {
    /// The status.
    pub status: u16,
    /// Headers in order. Bytes that are no UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// The body has been unpacked already, whatever `content-encoding` says.
    pub decoded: bool,
    /// The body.
    pub body: Box<dyn Body>,
}

/// The body of an answer.
pub trait Body: Send {
    /// The next bytes; nothing at the end.
    fn chunk(&mut self) -> Pending<'_, Result<Option<Bytes>, TransportError>>;
}

/// What goes wrong on the way. It is recorded, so that a replay fails in the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TransportError {
    /// No connection.
    Unreachable {
        /// Why.
        cause: Unreachable,
        /// In the system's words.
        what: String,
    },
    /// Too slow.
    Timeout {
        /// What.
        stage: Stage,
        /// The time that it was given, in milliseconds.
        after_ms: u64,
    },
    /// The answer broke off.
    Cut {
        /// In the system's words.
        what: String,
    },
    /// The request cannot be sent like this.
    Setup {
        /// What is wrong.
        what: String,
    },
    /// A replay has nothing for this request.
    NotRecorded {
        /// The request's hash.
        hash: String,
    },
}

impl TransportError {
    /// The error for the caller.
    pub(crate) fn error(self, provider: &str, host: &str) -> LlmError {
        let host = host.to_owned();
        match self {
            Self::Unreachable { cause, what } => LlmError::Unreachable { host, cause, what },
            Self::Timeout { stage, after_ms } => LlmError::Timeout {
                host,
                stage,
                after: Duration::from_millis(after_ms),
            },
            Self::Cut { what } => LlmError::Cut { host, what },
            Self::Setup { what } => LlmError::Setup {
                provider: provider.to_owned(),
                what,
            },
            Self::NotRecorded { hash } => LlmError::NotRecorded { hash },
        }
    }
}
