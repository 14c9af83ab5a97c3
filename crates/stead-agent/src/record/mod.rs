//! What a session did, as it does it: events of the Universal Session Format, each a leaf
//! of a signed hash tree, and beside them the exact traffic with the models.
//!
//! A session's folder holds
//!
//! - `session.usf.jsonl`: the header, then one event a line (`docs/specs/usf.md`), as a log
//!   of `stead-ledger` with its checkpoint. The header is written first and never again: what
//!   it would sum up (tokens, models, times) is told by the events;
//! - `traffic.jsonl`: every request and answer to the byte, keys masked (`stead-llm`);
//!   events name the exchanges that they came of, with their digests.
//!
//! The agent's live view and the record are the same events.

mod answering;
mod envelope;
mod events;
mod protocol;
mod traffic;

use std::collections::{HashMap, HashSet};
use std::io::BufReader;
use std::path::Path;

use stead_ledger::{Durability, KeyError, Log, LogError, Opened, Signer};
use stead_usf::{AgentId, Event, EventType, Session, Time};

pub use answering::Answering;
pub use envelope::{CALL, ENVELOPE, Envelope, FileState, PROTOCOL, digest};
pub use events::{
    Planned, When, answered, broke_off, call, check, edits, failed, given, in_words_of_the_user,
    injected, outcome, planned, result, said, setting,
};
pub use protocol::calls;
pub use traffic::{Exchanges, Vouched, Witness, tape};

use answering::Thread;

/// The file of events in a session's folder.
pub const EVENTS: &str = "session.usf.jsonl";

/// The file of exchanges in a session's folder.
pub const TRAFFIC: &str = "traffic.jsonl";

/// Where an event of a helper names the event of the call that it works at.
pub const HELPER: &str = "helper";

/// The agent, as ids name it.
pub const AGENT: AgentId = AgentId::new("stead");

/// Why an event could not be recorded. What is not on record is not done.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The log refused it.
    #[error("the session's record cannot be written: {0}")]
    Log(#[from] LogError),
    /// A file could not be read, or an event not be written as JSON.
    #[error("the session's record: {0}")]
    Io(#[from] std::io::Error),
    /// No log can be called like the session.
    #[error("the session's record has no name: {0}")]
    Key(#[from] KeyError),
    /// What is on record is no session.
    #[error("the session's record cannot be read: {0}")]
    Document(#[from] stead_usf::DocumentError),
}

/// Writes a session's events.
pub struct Recorder {
    log: Log,
    clock: Clock,
    /// Events so far.
    count: u64,
    last: Option<String>,
    /// Calls without a result, with the id that their result will have.
    open: HashMap<String, String>,
    /// What was asked and answered last.
    thread: Thread,
    /// When the last event was recorded.
    at: Option<Time>,
    /// A helper works: what its events stand apart from.
    helper: Option<Aside>,
}

/// Where a session stood when a helper began.
struct Aside {
    /// The event of the call that the helper works at.
    call: String,
    open: HashMap<String, String>,
    thread: Thread,
}

/// Tells the time.
pub type Clock = Box<dyn Fn() -> Time + Send>;

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder")
            .field("log", &self.log)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

impl Recorder {
    /// Begins a session's record in a folder, or goes on with one: then the header stays
    /// the one that is there, and what a crash left is told, by what is returned and by an
    /// event. Its log is called like the signer and the session ([`origin`]), so that one
    /// session's record cannot stand in another's place.
    pub fn open(
        folder: &Path,
        header: &Session,
        signer: &Signer,
        clock: Clock,
    ) -> Result<(Self, Opened), RecordError> {
        let signer = signer.named(&origin(signer.name(), &header.native_id))?;
        let (log, opened) = Log::open(folder, EVENTS, signer, Durability::Process)?;
        let mut recorder = Self {
            count: 0,
            last: None,
            open: HashMap::new(),
            thread: Thread::default(),
            at: None,
            helper: None,
            log,
            clock,
        };
        if opened.records == 0 {
            recorder.log.append(&[line(header)?])?;
        } else {
            recorder.catch_up(folder, &opened)?;
        }
        Ok((recorder, opened))
    }

    /// Reads what is on record already, and tells what a crash left.
    fn catch_up(&mut self, folder: &Path, opened: &Opened) -> Result<(), RecordError> {
        let file = std::fs::File::open(folder.join(EVENTS))?;
        let (_, events) = stead_usf::read_lines(BufReader::new(file))?;
        let mut known = HashSet::new();
        for event in events {
            let event = event?;
            known.extend(vouched(&event).traffic);
            self.note(&event);
        }
        let mut left = Exchanges::of(folder)?.all;
        left.retain(|exchange| !known.contains(exchange));
        if opened.unsigned > 0 || opened.torn > 0 || !left.is_empty() {
            self.append(vec![broke_off(opened.unsigned, opened.torn, &left)])?;
        }
        Ok(())
    }

    /// Takes in an event that is on record.
    fn note(&mut self, event: &Event) {
        self.count += 1;
        self.last = Some(event.id.clone());
        self.at = event.at;
        self.thread.note(event);
        match (event.kind, &event.call_id, &event.result) {
            (EventType::ToolCall, Some(call), Some(result)) => {
                self.open.insert(call.clone(), result.clone());
            }
            (EventType::ToolResult, Some(call), _) => drop(self.open.remove(call)),
            _ => {}
        }
    }

    /// Records events in their order: all of them, or none. Each gets its id, its time and
    /// the event before it as its parent. Gives them back as they are on record.
    pub fn append(&mut self, events: Vec<Event>) -> Result<Vec<Event>, RecordError> {
        let before = (self.count, self.last.clone(), self.open.clone());
        let mut recorded = Vec::with_capacity(events.len());
        for mut event in events {
            self.name(&mut event);
            self.note(&event);
            recorded.push(event);
        }
        let lines: Result<Vec<_>, _> = recorded.iter().map(line).collect();
        let written = lines.and_then(|lines| Ok(self.log.append(&lines)?));
        if let Err(error) = written {
            (self.count, self.last, self.open) = before;
            return Err(error);
        }
        Ok(recorded)
    }

    /// Gives an event its place. A call says which event its result will be, as the
    /// record is never written to again.
    fn name(&self, event: &mut Event) {
        event.id = format!("e{}", self.count + 1);
        event.at = Some((self.clock)());
        event.parent.clone_from(&self.last);
        if event.kind == EventType::ToolCall {
            event.result = Some(format!("{}r", event.id));
        }
        if let Some(helper) = &self.helper {
            events::note(event, HELPER, helper.call.clone().into());
        }
        let open = event.call_id.as_ref().and_then(|call| self.open.get(call));
        if let (EventType::ToolResult, Some(id)) = (event.kind, open) {
            event.id.clone_from(id);
        }
    }

    /// The events that come are a helper's, which works at the call that was recorded last:
    /// they branch off there, and name it in `extra.helper`. Its calls may have the same ids as
    /// the session's.
    pub(crate) fn begin_helper(&mut self) {
        let thread = self.thread.without_answer();
        self.helper = Some(Aside {
            call: self.last.clone().unwrap_or_default(),
            open: std::mem::take(&mut self.open),
            thread: std::mem::replace(&mut self.thread, thread),
        });
    }

    /// The session goes on at the helper's call.
    pub(crate) fn end_helper(&mut self) {
        if let Some(aside) = self.helper.take() {
            (self.open, self.thread) = (aside.open, aside.thread);
            self.last = Some(aside.call);
        }
    }

    /// The answer that calls come from now.
    pub fn answering(&self) -> Option<&Answering> {
        self.thread.answering()
    }

    /// When the last event was recorded.
    pub const fn at(&self) -> Option<Time> {
        self.at
    }

    /// The log, with its newest checkpoint.
    pub const fn log(&self) -> &Log {
        &self.log
    }
}

/// What a session's log is called: the key's name and the session's id.
#[must_use]
pub fn origin(key: &str, session: &str) -> String {
    format!("{key}/{session}")
}

/// What an event says of the traffic.
#[must_use]
pub fn vouched(event: &Event) -> Vouched {
    let extra = event.extra.as_ref();
    let extra = extra.and_then(|extra| extra.to().ok());
    extra.unwrap_or_default()
}

/// A line of the record, without its end.
fn line<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, RecordError> {
    let mut line = Vec::new();
    stead_usf::write_line(&mut line, value)?;
    line.pop();
    Ok(line)
}

#[cfg(test)]
mod tests;
