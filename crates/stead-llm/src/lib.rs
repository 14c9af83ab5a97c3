//! Speaks every model provider's wire format as a client, and keeps exact records of
//! what was said. It knows no tools, no sessions on disk and no terminal.
//!
//! # Terminology
//!
//! - *wire*: a wire format ([`Wire`]). *dialect*: in what providers of one format differ.
//! - *provider*: who answers at an address; *endpoint*: address, format, key and times.
//! - *request*: a question in our own words; *response*: the whole answer; *delta*: a
//!   piece of it. *part*: a piece of a message: text, a call, a picture.
//! - *opaque*: data that a provider gives out and wants back unread.
//! - *exchange*: one attempt as it went over the wire, byte by byte; *tape*: where
//!   exchanges are recorded, line by line; *replay*: answers from a tape.
//! - *downgrade*: going on with another endpoint or model after an error.

mod attempt;
mod client;
mod encoding;
mod endpoint;
mod error;
pub mod fallback;
mod http;
mod in_order;
mod key;
mod listing;
mod message;
pub mod presets;
pub mod provider;
mod recording;
mod replay;
mod reply;
mod response;
mod sse;
pub mod traffic;
mod transport;
mod unpack;
mod wait;

pub use client::{Ambient, Call, Client};
pub use endpoint::{
    Dialect, Endpoint, ModelRef, NoModelRef, ReasoningField, Timeouts, is_secret as is_secret_name,
};
pub use error::{Class, LlmError, Stage, Unreachable};
pub use http::{Http, Proxies};
pub use in_order::{Difference, InOrder};
pub use key::{Key, MASK};
pub use message::{
    CacheMark, CachePlace, DEFAULT_MAX_OUTPUT, Effort, FREEFORM_FIELD, Form, Image, Message,
    Opaque, Origin, OutputSchema, Part, Reasoning, Request, Role, SystemLine, ToolCall, ToolChoice,
    ToolInput, ToolResult, ToolSpec,
};
pub use provider::{UnknownWire, Wire};
pub use replay::Replay;
pub use reply::{Reply, Step};
pub use response::{Assembly, Delta, Label, Response, Stop, StopKind};
pub use sse::{MAX_EVENT, SseError, SseEvent, SseReader};
/// Stops a request from another task.
pub use tokio_util::sync::CancellationToken;
pub use transport::{Body, Incoming, Outgoing, Pending, Transport, TransportError};
pub use wait::RetryPolicy;

#[cfg(test)]
mod tests;
