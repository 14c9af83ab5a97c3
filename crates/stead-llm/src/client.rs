//! Makes requests: what goes into one, and what is done with it. Reading the answer is
//! `reply.rs`; the way is a `Transport`. It knows no clock and no chance of its own.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::endpoint::Endpoint;
use crate::error::LlmError;
use crate::key::Mask;
use crate::message::Request;
use crate::provider::Context;
use crate::reply::Reply;
use crate::response::Response;
use crate::traffic::{Tape, request_hash};
use crate::transport::{Outgoing, Transport};
use crate::wait::RetryPolicy;

/// So many bytes an answer may have, unpacked: more than any model writes.
const MOST_BYTES: u64 = 64_000_000;

/// What the client needs to know of the world and cannot know by itself.
#[derive(Clone)]
pub struct Ambient {
    /// The time.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// A number from 0 to 1, another each time; for waits that are not all alike.
    pub chance: Arc<dyn Fn() -> f64 + Send + Sync>,
}

impl fmt::Debug for Ambient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ambient")
    }
}

/// Sends requests to endpoints. Cheap to copy; connections are kept between requests. It
/// runs on tokio, with time and I/O enabled; a connection is closed by the runtime, so one
/// that is kept from running closes none.
#[derive(Clone)]
pub struct Client {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) ambient: Ambient,
    pub(crate) retry: RetryPolicy,
    pub(crate) most_bytes: u64,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("retry", &self.retry)
            .field("most_bytes", &self.most_bytes)
            .finish_non_exhaustive()
    }
}

/// How one request is made.
#[derive(Clone)]
pub struct Call {
    /// The request's name in the record; exchanges are `ID.1`, `ID.2`, one an attempt.
    pub id: String,
    /// Whether the answer is to come piece by piece.
    pub stream: bool,
    /// Stops it, at any moment, within milliseconds; the connection is closed.
    pub cancel: CancellationToken,
    /// Where it is recorded.
    pub tape: Arc<dyn Tape>,
    /// Whether a broken answer may be asked for again although parts of it were already
    /// given out. The caller then gets [`crate::Step::Restarted`] and forgets them.
    pub restart: bool,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("id", &self.id)
            .field("stream", &self.stream)
            .field("restart", &self.restart)
            .finish_non_exhaustive()
    }
}

impl Call {
    /// A call that streams and is recorded here.
    pub fn new(id: impl Into<String>, tape: Arc<dyn Tape>) -> Self {
        Self {
            id: id.into(),
            stream: true,
            cancel: CancellationToken::new(),
            tape,
            restart: false,
        }
    }
}

impl Client {
    /// A client that goes this way.
    pub fn new(transport: Arc<dyn Transport>, ambient: Ambient) -> Self {
        Self {
            transport,
            ambient,
            retry: RetryPolicy::default(),
            most_bytes: MOST_BYTES,
        }
    }

    /// The same with another policy for trying again.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// The same with another limit for the bytes of an answer.
    #[must_use]
    pub fn with_most_bytes(mut self, most_bytes: u64) -> Self {
        self.most_bytes = most_bytes;
        self
    }

    /// Prepares a request. Nothing is sent before [`Reply::next`] is called, and nothing
    /// goes on while nobody calls it.
    pub fn send(
        &self,
        endpoint: &Endpoint,
        request: &Request,
        call: Call,
    ) -> Result<Reply, LlmError> {
        let prepared = Prepared::new(endpoint, request, call.stream)?;
        Ok(Reply::new(self.clone(), prepared, call))
    }

    /// Asks for something that is no answer of a model, and gives the body.
    pub(crate) async fn get(&self, prepared: Prepared, call: Call) -> Result<Vec<u8>, LlmError> {
        Reply::new(self.clone(), prepared, call).body().await
    }

    /// Makes a request and gives the whole answer.
    pub async fn ask(
        &self,
        endpoint: &Endpoint,
        request: &Request,
        call: Call,
    ) -> Result<Response, LlmError> {
        let mut reply = self.send(endpoint, request, call)?;
        while reply.next().await?.is_some() {}
        Ok(reply.response())
    }
}

/// A request that is ready to be sent, as often as it takes.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) endpoint: Endpoint,
    pub(crate) model: String,
    pub(crate) outgoing: Outgoing,
    pub(crate) mask: Mask,
    /// The URL for records.
    pub(crate) url: String,
}

impl Prepared {
    fn new(endpoint: &Endpoint, request: &Request, stream: bool) -> Result<Self, LlmError> {
        let url = endpoint.url(request, stream)?;
        let body = body(endpoint, request, stream)?;
        Self::to(endpoint, "POST", url, body, &request.model, stream)
    }

    /// A question for the list of models.
    pub(crate) fn listing(endpoint: &Endpoint, query: &str) -> Result<Self, LlmError> {
        let url = endpoint.place("models", query)?;
        Self::to(endpoint, "GET", url, Vec::new(), "", false)
    }

    fn to(
        endpoint: &Endpoint,
        method: &'static str,
        url: url::Url,
        body: Vec<u8>,
        model: &str,
        stream: bool,
    ) -> Result<Self, LlmError> {
        if endpoint.needs_key && endpoint.key.is_none() {
            return Err(LlmError::KeyMissing {
                provider: endpoint.provider.clone(),
                variable: endpoint.key_variable.clone(),
            });
        }
        let mask = endpoint.mask();
        let shown = crate::endpoint::shown_url(&url, &mask);
        let hash = request_hash(method, &shown, &mask.bytes(&body));
        Ok(Self {
            model: model.to_owned(),
            outgoing: Outgoing {
                method,
                headers: headers(endpoint, &url, body.len(), stream),
                url,
                body: body.into(),
                connect: endpoint.timeouts.connect,
                hash,
            },
            mask,
            url: shown,
            endpoint: endpoint.clone(),
        })
    }

    /// The headers for records: those that carry keys have none.
    pub(crate) fn shown_headers(&self) -> Vec<(String, String)> {
        let shown = |(name, value): &(String, String)| {
            let value = if crate::endpoint::is_secret(name) {
                // The scheme is no secret; what else stands before a space may be one.
                let scheme = ["Bearer ", "Basic "]
                    .into_iter()
                    .find(|one| value.starts_with(one));
                format!("{}{}", scheme.unwrap_or_default(), crate::key::MASK)
            } else {
                self.mask.text(value)
            };
            (name.clone(), value)
        };
        self.outgoing.headers.iter().map(shown).collect()
    }
}

fn body(endpoint: &Endpoint, request: &Request, stream: bool) -> Result<Vec<u8>, LlmError> {
    let origin = endpoint.origin();
    let context = Context {
        origin: &origin,
        dialect: &endpoint.dialect,
        stream,
    };
    let mut body = endpoint.wire.format().encode(request, &context);
    for (name, value) in &request.extra {
        merge(body.entry(name.clone()).or_insert(Value::Null), value);
    }
    serde_json::to_vec(&body).map_err(|error| endpoint.setup(&error.to_string()))
}

/// Puts a value over another; objects are put together field by field.
fn merge(to: &mut Value, from: &Value) {
    match (to, from) {
        (Value::Object(to), Value::Object(from)) => {
            for (name, value) in from {
                merge(to.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (to, from) => *to = from.clone(),
    }
}

/// All headers that are sent, none added below. A user's header replaces ours.
fn headers(
    endpoint: &Endpoint,
    url: &url::Url,
    length: usize,
    stream: bool,
) -> Vec<(String, String)> {
    let host = url.host_str().unwrap_or_default();
    let host = url
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let accept = if stream {
        "text/event-stream, application/json"
    } else {
        "application/json"
    };
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut headers = vec![
        own("host", &host),
        own("accept", accept),
        // Nothing is packed: what is recorded can be read.
        own("accept-encoding", "identity"),
        own("user-agent", concat!("stead/", env!("CARGO_PKG_VERSION"))),
    ];
    if length > 0 {
        headers.push(own("content-type", "application/json"));
        headers.push(own("content-length", &length.to_string()));
    }
    let format = endpoint.wire.format().headers().iter();
    headers.extend(format.map(|(name, value)| own(name, value)));
    headers.extend(endpoint.key_header());
    for (name, value) in &endpoint.headers {
        let name = name.to_ascii_lowercase();
        headers.retain(|(own, _)| *own != name);
        headers.push((name, value.clone()));
    }
    headers
}
