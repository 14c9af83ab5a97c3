//! The second generation: conversations of the SDK, as the terminal program and
//! the agent server keep and serve them.

mod acp;
mod answer;
mod branch;
mod call;
mod facts;
mod folder;
mod log;
mod map;
mod notes;
mod put;
mod requests;
mod say;
mod talk;

pub(super) use facts::{is_id, native_id};
pub(super) use folder::{FACTS, Folder, children, is_event, number};
pub(super) use log::{Log, Mark};
pub(super) use talk::{Stop, read};
