//! What a session writes, as updates for the editor: a pure function of one line after
//! another, the same for a turn that runs and for a record that is shown again.

use std::collections::BTreeMap;
use std::path::PathBuf;

use agent_client_protocol::v1::schema::{
    ContentChunk, Notice, NoticeSeverity, SessionUpdate, ToolCallContent, ToolCallUpdate,
    ToolCallUpdateFields, UsageUpdate,
};
use serde_json::Value;
use stead_redact::terminal::escape;
use stead_usf::{Event, EventType};

use super::call;

/// Of the output of a command that still runs, so much of its end is shown.
const TAIL: usize = 4 << 10;

/// Turns lines into updates.
#[derive(Debug, Default)]
pub(super) struct Telling {
    /// The top of the tree.
    tree: PathBuf,
    /// The editor shows notices.
    pub(super) notices: bool,
    /// Tokens that a request may have, if that is to be told.
    pub(super) room: Option<u64>,
    /// The record is shown again: what the user typed is told too.
    pub(super) again: bool,
    /// Words and reasoning of the answer that comes in were shown as they came.
    streamed: Streamed,
    /// Calls by the model's ids, with what is shown of them.
    calls: BTreeMap<String, Shown>,
    /// The call that is made now.
    now: Option<String>,
    /// The end of what it has written.
    output: String,
    /// So much of it was not shown yet.
    unseen: usize,
}

#[derive(Debug, Default)]
struct Streamed {
    words: bool,
    thoughts: bool,
    /// The answer is whole: what comes next is another one.
    whole: bool,
}

#[derive(Debug)]
struct Shown {
    id: String,
    content: Vec<ToolCallContent>,
}

impl Telling {
    /// Nothing was told yet.
    pub(super) fn of(tree: PathBuf) -> Self {
        Self {
            tree,
            ..Self::default()
        }
    }

    /// What a line of `stead run --json` is for the editor.
    pub(super) fn line(&mut self, line: &Value) -> Vec<SessionUpdate> {
        let text = line["text"].as_str().unwrap_or_default();
        match line["type"].as_str().unwrap_or_default() {
            "event" => match serde_json::from_value(line["event"].clone()) {
                Ok(event) => self.event(&event),
                Err(_) => Vec::new(),
            },
            "delta" => {
                self.next();
                self.streamed.words = true;
                vec![words(text)]
            }
            "thought" => {
                self.next();
                self.streamed.thoughts = true;
                vec![thought(text)]
            }
            "route" => vec![thought(&format!("{text}\n\n"))],
            "notice" => vec![self.notice(text)],
            "output" => self.output(text).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The id of the call that is made now, as the editor has it.
    pub(super) fn now(&self) -> Option<&str> {
        self.now.as_deref()
    }

    fn next(&mut self) {
        if self.streamed.whole {
            self.streamed = Streamed::default();
        }
    }

    fn notice(&self, text: &str) -> SessionUpdate {
        if self.notices {
            let text = escape(text).into_owned();
            return SessionUpdate::Notice(Notice::new(NoticeSeverity::Warning, text));
        }
        thought(&format!("{text}\n\n"))
    }

    /// An event that is on record.
    pub(super) fn event(&mut self, event: &Event) -> Vec<SessionUpdate> {
        let text = event.text.as_deref().unwrap_or_default();
        self.streamed.whole = true;
        let used = event.usage.as_ref().zip(self.room);
        let used = used.map(|(usage, room)| UsageUpdate::new(usage.total(), room));
        let mut told = self.happened(event, text);
        told.extend(used.map(SessionUpdate::UsageUpdate));
        told
    }

    fn happened(&mut self, event: &Event, text: &str) -> Vec<SessionUpdate> {
        match event.kind {
            EventType::Assistant if !self.streamed.words && !text.is_empty() => vec![words(text)],
            EventType::Reasoning if !self.streamed.thoughts && !text.is_empty() => {
                vec![thought(text)]
            }
            EventType::Assistant | EventType::Reasoning => Vec::new(),
            _ => {
                self.streamed = Streamed::default();
                self.other(event, text)
            }
        }
    }

    fn other(&mut self, event: &Event, text: &str) -> Vec<SessionUpdate> {
        match event.kind {
            EventType::User if !event.injected && self.again => {
                vec![SessionUpdate::UserMessageChunk(chunk(text))]
            }
            EventType::ToolCall => self.called(event),
            EventType::ToolResult => self.came(event).into_iter().collect(),
            EventType::Edit => self.edited(event).into_iter().collect(),
            EventType::System | EventType::Error => self.noted(event, text).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn called(&mut self, event: &Event) -> Vec<SessionUpdate> {
        let shown = Shown {
            id: event.id.clone(),
            content: Vec::new(),
        };
        self.calls
            .insert(event.call_id.clone().unwrap_or_default(), shown);
        self.now = Some(event.id.clone());
        self.output.clear();
        let call = SessionUpdate::ToolCall(call::begun(event, &self.tree));
        let plan = call::plan(event).map(SessionUpdate::Plan);
        std::iter::once(call).chain(plan).collect()
    }

    /// What a command has written so far; not each piece of it, as all is sent again.
    fn output(&mut self, text: &str) -> Option<SessionUpdate> {
        let id = self.now.clone()?;
        self.output.push_str(text);
        self.unseen += text.len();
        let over = self.output.len().saturating_sub(TAIL);
        let cut = self.output.ceil_char_boundary(over);
        self.output.drain(..cut);
        if self.unseen < self.output.len() / 4 {
            return None;
        }
        self.unseen = 0;
        let content = call::text(&self.output).into_iter().collect();
        let fields = ToolCallUpdateFields::new().content(Some(content));
        Some(SessionUpdate::ToolCallUpdate(ToolCallUpdate::new(
            id, fields,
        )))
    }

    fn came(&mut self, event: &Event) -> Option<SessionUpdate> {
        self.now = None;
        let shown = self.calls.get_mut(event.call_id.as_deref()?)?;
        let output = event.output.as_deref().unwrap_or_default();
        shown.content = call::text(output).into_iter().collect();
        let fields = ToolCallUpdateFields::new()
            .status(call::status(event.ok != Some(false)))
            .content(Some(shown.content.clone()));
        let update = ToolCallUpdate::new(shown.id.clone(), fields);
        Some(SessionUpdate::ToolCallUpdate(update))
    }

    /// Files that a call changed stand before what it said.
    fn edited(&mut self, event: &Event) -> Option<SessionUpdate> {
        let shown = self.calls.get_mut(event.call_id.as_deref()?)?;
        let files = event.edits.iter();
        let mut content: Vec<_> = files.map(|edit| call::changed(edit, &self.tree)).collect();
        content.append(&mut shown.content);
        shown.content.clone_from(&content);
        let fields = ToolCallUpdateFields::new().content(Some(content));
        let update = ToolCallUpdate::new(shown.id.clone(), fields);
        Some(SessionUpdate::ToolCallUpdate(update))
    }

    /// A check, how a task ended, or something that went wrong. How the task ends that runs
    /// is told by whoever runs it.
    fn noted(&self, event: &Event, text: &str) -> Option<SessionUpdate> {
        let extra = event.extra.as_ref().map_or("null", |extra| extra.json());
        let extra: Value = serde_json::from_str(extra).unwrap_or_default();
        if let Some(check) = call::check(event, &extra) {
            return Some(SessionUpdate::ToolCall(check));
        }
        let is_end = !extra["outcome"].is_null();
        match event.kind {
            EventType::Error if is_end && self.again => Some(words(&format!("\n\n{text}\n"))),
            EventType::Error if !is_end => Some(self.notice(text)),
            _ => None,
        }
    }
}

fn chunk(text: &str) -> ContentChunk {
    ContentChunk::new(escape(text).into_owned().into())
}

/// The agent's words.
pub(super) fn words(text: &str) -> SessionUpdate {
    SessionUpdate::AgentMessageChunk(chunk(text))
}

fn thought(text: &str) -> SessionUpdate {
    SessionUpdate::AgentThoughtChunk(chunk(text))
}
