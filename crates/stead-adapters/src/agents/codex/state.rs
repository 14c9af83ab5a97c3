//! What reading remembers from one time to the next.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use stead_usf::{Event, Model};

use super::inherit::Inheritance;
use super::request::Request;
use super::usage::Meter;
use crate::early::Early;

/// Everything that the mapping of a record depends on, besides the record.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    /// The files of the thread as far as they were read, in order.
    pub(super) files: Vec<Part>,
    /// Line of the last record, and how many records it had before.
    pub(super) line: (u64, u32),
    /// Whether the session's own head was read.
    pub(super) headed: bool,
    pub(super) subagent: Option<Agent>,
    pub(super) inheritance: Inheritance,
    pub(super) model: Option<String>,
    pub(super) provider: Option<String>,
    /// Calls without a result yet, by call id.
    pub(super) calls: FxHashMap<String, OpenCall>,
    pub(super) early: Early,
    pub(super) meter: Meter,
    /// Events by their ids; tokens as the event that they are if no reply comes.
    pub(super) request: Request<String, Box<Event>>,
    pub(super) prompts: Prompts,
    pub(super) turn: Turn,
    /// Whether an item was read, of which events are copies.
    pub(super) items: bool,
    /// Prompts of which there is only the event, while no item was read.
    pub(super) shown: Vec<Event>,
    /// Title from the records.
    pub(super) title: Option<String>,
    /// Unknown record types that were reported.
    pub(super) reported: Vec<String>,
}

/// One file of a thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) name: String,
    /// Bytes on disk when it was read.
    pub(super) length: u64,
    /// First ordinal that later files leave out.
    pub(super) limit: Option<u64>,
}

/// What a subagent's head says of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Agent {
    pub(super) path: Option<String>,
}

/// A call that waits for its result, with what events said of it meanwhile.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct OpenCall {
    pub(super) event: String,
    pub(super) tool: String,
    #[serde(default)]
    pub(super) facts: Facts,
    /// The thread went another way since: it runs no more.
    #[serde(default)]
    pub(super) left: bool,
}

/// How a tool ended, as events tell it.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Facts {
    pub(super) ok: Option<bool>,
    pub(super) exit_code: Option<i64>,
    pub(super) duration_ms: Option<u64>,
}

/// Which of the user messages a person typed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Prompts {
    /// The file says which ones (a `user_message` event was seen).
    pub(super) confirmed: bool,
    /// A confirmation came before its message.
    pub(super) expected: Option<u64>,
    /// Text of the first that is confirmed.
    pub(super) first: Option<String>,
    /// Messages that wait for their confirmation.
    pub(super) open: Vec<Doubt>,
    /// Messages before the first confirmation.
    pub(super) doubts: Vec<Doubt>,
}

/// A message that may turn out not to be typed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Doubt {
    pub(super) event: String,
    pub(super) text: String,
    pub(super) key: u64,
}

/// Where the conversation stands.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Turn {
    /// The file marks begins and ends of turns; else the talk itself tells.
    pub(super) marked: bool,
    pub(super) standing: Standing,
}

/// What happened last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Standing {
    /// Nothing yet.
    #[default]
    Empty,
    /// A prompt was typed.
    Asked,
    /// The model is at work.
    Working,
    /// The turn came to its end.
    Resting,
}

impl State {
    /// The model that answers now.
    pub(super) fn model(&self) -> Option<Model> {
        Some(Model {
            id: self.model.clone()?,
            provider: self.provider.clone(),
        })
    }
}
