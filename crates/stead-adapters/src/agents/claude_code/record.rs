//! The fields that all records of the talk share, and what one record becomes.

use std::borrow::Cow;

use stead_usf::{Edit, Event, EventType, Raw, Time, Usage};

use super::tree::Role;
use crate::container::json::{Object, string};

/// Fields of records that have no place in USF: plumbing of the agent's own
/// process, repeats of other fields, and what belongs to all records of a file.
const PLUMBING: &[&str] = &[
    "agentId",
    "apiBlockIndex",
    "attributionAgent",
    "entrypoint",
    "isMeta",
    "isVisibleInTranscriptOnly",
    "madeBy",
    "perTurnEffort",
    "permissionMode",
    "promptCacheRequested",
    "promptId",
    "promptSource",
    "queueSkipAttachments",
    "rendered",
    "renderedBesideToolResult",
    "renderedRole",
    "requestId",
    "requestRef",
    "requestedModel",
    "session_id",
    "sessionId",
    "slug",
    "sourceToolAssistantUUID",
    "thinkingDisplay",
    "thinkingDurationMs",
    "thinkingMetadata",
    "todos",
    "toolInputStreamMs",
    "turnCompanion",
    "turnOrigin",
    "turnPosition",
    "type",
    "userType",
];

/// The common fields of a record.
#[derive(Debug, Default)]
pub(super) struct Head<'a> {
    pub(super) uuid: Option<Cow<'a, str>>,
    pub(super) parent: Option<Cow<'a, str>>,
    pub(super) at: Option<Time>,
    pub(super) session: Option<Cow<'a, str>>,
    pub(super) version: Option<Cow<'a, str>>,
    pub(super) request: Option<Cow<'a, str>>,
    /// Nobody typed it, says the record.
    pub(super) meta: bool,
    /// A person typed it, says the record.
    pub(super) human: bool,
    pub(super) sidechain: bool,
}

impl<'a> Head<'a> {
    pub(super) fn take(object: &mut Object<'a>) -> Self {
        let origin = object.peek("origin").and_then(Object::of);
        let origin = origin.and_then(|mut origin| origin.text("kind"));
        let source = object.peek("promptSource").and_then(string);
        let human = origin.as_deref() == Some("human") || source.as_deref() == Some("typed");
        let machine = origin.is_some() || source.as_deref() == Some("system");
        if human {
            object.ignore(&["origin"]);
        }
        let head = Self {
            uuid: object.text("uuid").filter(|uuid| !uuid.is_empty()),
            parent: object.text("parentUuid"),
            at: time(object),
            session: object.peek("sessionId").and_then(string),
            version: object.text("version"),
            request: object.peek("requestId").and_then(string),
            meta: object.bool("isMeta").unwrap_or(false) || (machine && !human),
            human,
            sidechain: object.bool("isSidechain").unwrap_or(false),
        };
        object.ignore(PLUMBING);
        without_null(object, &["parentUuid", "logicalParentUuid"]);
        head
    }
}

/// Drops fields that are there but say nothing.
pub(super) fn without_null(object: &mut Object<'_>, names: &[&str]) {
    for name in names {
        if object.peek(name).is_none() {
            object.ignore(&[name]);
        }
    }
}

/// Takes the time of a record; one that cannot be read stays.
pub(super) fn time(object: &mut Object<'_>) -> Option<Time> {
    let text = string(object.peek("timestamp")?)?;
    let time = Time::parse(&text).ok()?;
    object.take("timestamp");
    Some(time)
}

/// Whether a turn is under way after a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// The agent has to go on.
    Open,
    /// The agent is done, or was stopped.
    Closed,
    /// As before.
    Same,
}

/// What a record became.
#[derive(Debug)]
pub(super) struct Mapped {
    pub(super) role: Role,
    pub(super) turn: Turn,
    /// Its events, without ids and places yet. There is at least one.
    pub(super) events: Vec<Event>,
    /// The change that the result of a call reports.
    pub(super) edit: Option<Edit>,
    /// Tokens of the reply that the record is part of.
    pub(super) usage: Option<(Option<u64>, Usage)>,
    /// Name of a further file that holds the first result's whole output.
    pub(super) spilled: Option<String>,
}

impl Mapped {
    pub(super) fn new(role: Role, turn: Turn) -> Self {
        Self {
            role,
            turn,
            events: Vec::new(),
            edit: None,
            usage: None,
            spilled: None,
        }
    }

    /// A record of one event.
    pub(super) fn one(role: Role, turn: Turn, event: Event) -> Self {
        let mut mapped = Self::new(role, turn);
        mapped.events.push(event);
        mapped
    }

    pub(super) fn push(&mut self, kind: EventType, text: impl Into<String>) -> &mut Event {
        let mut event = blank(kind);
        event.text = Some(text.into());
        self.add(event)
    }

    pub(super) fn add(&mut self, event: Event) -> &mut Event {
        self.events.push(event);
        let last = self.events.len() - 1;
        &mut self.events[last]
    }

    /// Keeps what nobody took of the record and of its parts with the first
    /// event.
    pub(super) fn keep(&mut self, record: Object<'_>, parts: &[(&str, Option<Raw>)]) {
        let Some(event) = self.events.first_mut() else {
            return;
        };
        let parts = parts
            .iter()
            .filter_map(|(name, rest)| Some((*name, rest.as_ref()?)));
        event.extra = merge(event.extra.take(), record.rest(), parts);
    }
}

/// An event whose id is given later.
pub(super) fn blank(kind: EventType) -> Event {
    Event::new(String::new(), kind)
}

/// Adds a field to what was left.
pub(super) fn with_field(extra: Option<Raw>, name: &str, value: &str) -> Option<Raw> {
    let value = serde_json::to_string(value).ok()?;
    let object = match &extra {
        None => "{}".to_owned(),
        Some(extra) if extra.json().starts_with('{') => extra.json().to_owned(),
        // What was left is no object, as the record's content was none.
        Some(extra) => format!("{{\"content\":{}}}", extra.json()),
    };
    let inner = object.trim();
    let inner = &inner[1..inner.len() - 1];
    let comma = if inner.trim().is_empty() { "" } else { "," };
    Raw::parse(&format!("{{{inner}{comma}\"{name}\":{value}}}"))
        .ok()
        .or(extra)
}

/// One object of what was left of a block, a record and its parts.
fn merge<'a>(
    block: Option<Raw>,
    record: Option<Raw>,
    parts: impl Iterator<Item = (&'a str, &'a Raw)>,
) -> Option<Raw> {
    let mut fields: Vec<String> = Vec::new();
    if let Some(record) = &record {
        let inner = record.json().trim();
        fields.push(inner[1..inner.len() - 1].to_owned());
    }
    for (name, rest) in parts {
        fields.push(format!("\"{name}\":{}", rest.json()));
    }
    match (fields.is_empty(), block) {
        (true, block) => block,
        (false, None) if fields.len() == 1 && record.is_some() => record,
        (false, block) => {
            fields.extend(block.map(|block| format!("\"block\":{}", block.json())));
            Raw::parse(&format!("{{{}}}", fields.join(","))).ok()
        }
    }
}
