//! The Universal Session Format (USF 1.0): what a coding agent's session is,
//! whichever agent wrote it, and its JSON form.
//!
//! This crate is vocabulary. It knows no files, no agent by name, no clock.
//! The rules behind the types are numbered in `docs/specs/usf.md`.
//!
//! # Terminology
//!
//! - *agent*: the product that wrote a session. *session*: one conversation.
//! - *event*: the smallest ordered record of a session. *turn*: a user prompt
//!   up to the next one. *message*: the events that one model reply produced.
//! - *edit*: a normalised change of one file, asked for by an event.
//! - *source*: where in the agent's store an event came from.
//! - *issue*: something a reader could not map, with its place.

mod edit;
mod event;
mod id;
mod issue;
mod json;
mod raw;
mod session;
mod source;
mod time;
mod tool;
mod usage;
mod validate;

pub use edit::{Edit, EditOperation, Hunk, Scope};
pub use event::{Event, EventType, Inactive};
pub use id::{AgentId, SessionId, SessionIdError};
pub use issue::{Issue, Severity};
pub use json::{DocumentError, FromLines, read_document, read_lines, schema, write_line};
pub use raw::Raw;
pub use session::{Git, LinkKind, Parent, Session, Status, Version};
pub use source::Source;
pub use time::{Time, TimeError};
pub use tool::{Tool, ToolKind};
pub use usage::{Model, Usage};
pub use validate::{Violation, validate};

#[cfg(test)]
mod tests;
