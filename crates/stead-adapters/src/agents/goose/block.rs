//! Pieces of content become events, without regard to the message around them.

use serde_json::value::RawValue;
use stead_usf::{Event, EventType, Raw, Tool, ToolKind};

use super::compaction::Part;
use super::message::Block;
use super::{edits, result, tools};
use crate::container::json::{Object, string};

/// Fields of content that are known and have no place in USF: how a client shows
/// it, and what the provider needs to recognise its own reasoning.
const KNOWN: &[&str] = &["annotations", "signature", "data"];

/// Marks around what Goose adds to a prompt.
const CONTEXT: &[(&str, &str)] = &[
    ("<turn-context>", "</turn-context>"),
    ("<info-msg>", "</info-msg>"),
];

/// Where a piece stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) part: Part,
    pub(super) is_user: bool,
    /// A person typed the text of the message.
    pub(super) typed: bool,
}

/// What a piece became.
pub(super) struct Piece {
    pub(super) event: Event,
    /// Its type, if that is not known.
    pub(super) unknown: Option<String>,
    /// The session that the call started.
    pub(super) child: Option<String>,
}

impl From<Event> for Piece {
    fn from(event: Event) -> Self {
        Self {
            event,
            unknown: None,
            child: None,
        }
    }
}

/// Maps the pieces of a message; `recipe` is a prompt that nobody typed.
pub(super) fn pieces(blocks: Vec<Block<'_>>, place: Place, recipe: Option<&str>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut images = Vec::new();
    for block in blocks {
        match block.kind.as_str() {
            "text" | "Text" => texts(block, place, recipe, &mut pieces),
            "image" => images.push(Raw::from_value(block.raw)),
            _ => pieces.push(piece(block)),
        }
    }
    if !images.is_empty() {
        attach(&mut pieces, &images, place);
    }
    pieces
}

/// Images belong to the words beside them.
fn attach(pieces: &mut Vec<Piece>, images: &[Raw], place: Place) {
    let (kind, injected) = speaker(place);
    let words = |piece: &&mut Piece| piece.event.kind == kind && piece.event.injected == injected;
    let images = Raw::of(images).ok();
    if let Some(piece) = pieces.iter_mut().find(words) {
        piece.event.attachments = images;
        return;
    }
    let mut event = Event::new("", kind);
    event.injected = injected;
    event.attachments = images;
    pieces.push(event.into());
}

/// Whose words a text is, and whether the agent put them there.
const fn speaker(place: Place) -> (EventType, bool) {
    match (place.part, place.is_user) {
        (Part::Summary, _) => (EventType::Summary, false),
        (_, true) => (EventType::User, !place.typed),
        (Part::Talk, false) => (EventType::Assistant, false),
        (Part::Context | Part::Note, false) => (EventType::System, true),
    }
}

fn texts(block: Block<'_>, place: Place, recipe: Option<&str>, pieces: &mut Vec<Piece>) {
    let mut fields = block.fields;
    let text = fields
        .string("text")
        .or(string(block.raw).map(String::from));
    let text = text.unwrap_or_default();
    let (kind, injected) = speaker(place);
    let (context, said) = if place.typed {
        apart(&text)
    } else {
        (None, text.as_str())
    };
    if let Some(context) = context {
        let mut event = Event::new("", EventType::User);
        event.injected = true;
        event.text = Some(context.to_owned());
        pieces.push(event.into());
    }
    if context.is_some() && said.is_empty() && fields.is_empty() {
        return;
    }
    let mut event = Event::new("", kind);
    event.injected = injected || kind == EventType::User && recipe == Some(said);
    event.text = Some(said.to_owned());
    event.extra = rest(fields);
    pieces.push(event.into());
}

/// Parts what Goose put before a prompt from what was typed.
fn apart(text: &str) -> (Option<&str>, &str) {
    for (open, close) in CONTEXT {
        if text.starts_with(open)
            && let Some(place) = text.find(close)
        {
            let (context, said) = text.split_at(place + close.len());
            return (Some(context), said.trim_start());
        }
    }
    (None, text)
}

fn rest(mut fields: Object<'_>) -> Option<Raw> {
    fields.ignore(KNOWN);
    fields.rest()
}

fn piece(block: Block<'_>) -> Piece {
    let fields = block.fields;
    match block.kind.as_str() {
        "reasoning" => reasoning(fields, "text").into(),
        "thinking" | "redactedThinking" => reasoning(fields, "thinking").into(),
        "toolRequest" | "frontendToolRequest" => request(fields).into(),
        "toolResponse" => result::response(fields),
        "ToolUse" => python_call(fields).into(),
        "ToolResult" => result::python(fields).into(),
        "systemNotification" => notification(fields).into(),
        "contextLengthExceeded" => notice(fields, "msg", EventType::Error).into(),
        "summarizationRequested" | "conversationCompacted" => {
            notice(fields, "msg", EventType::System).into()
        }
        "toolConfirmationRequest" => notice(fields, "prompt", EventType::System).into(),
        "actionRequired" => notice(fields, "message", EventType::System).into(),
        kind => unknown(kind, block.raw),
    }
}

fn reasoning(mut fields: Object<'_>, text: &str) -> Event {
    let mut event = Event::new("", EventType::Reasoning);
    event.text = fields.string(text).filter(|text| !text.is_empty());
    event.extra = rest(fields);
    event
}

/// A call. One that the model botched has no name: it is an error.
fn request(mut fields: Object<'_>) -> Event {
    let id = fields.string("id");
    let mut outcome = fields.object("toolCall").unwrap_or_default();
    let mut meta = fields.object("_meta").unwrap_or_default();
    let extension = meta.string("goose_extension");
    meta.ignore(&["goose.toolCall.providerIndex"]);
    let mut event = match outcome.object("value") {
        Some(mut call) if call.peek("name").is_some() => {
            outcome.ignore(&["status"]);
            let name = call.string("name").unwrap_or_default();
            let input = call.take("arguments");
            let mut event = Event::new("", EventType::ToolCall);
            event.edits = edits::edits(&name, input);
            event.input = input.map(Raw::from_value);
            let kind = tools::kind(&name, extension.as_deref());
            event.tool = Some(Tool::new(name, kind));
            event.extra = call.rest();
            event
        }
        _ => {
            let mut event = Event::new("", EventType::Error);
            event.text = outcome.string("error");
            event
        }
    };
    event.call_id = id;
    let extension = extension.filter(|_| {
        event
            .tool
            .as_ref()
            .is_some_and(|tool| tool.kind == ToolKind::Mcp)
    });
    let extension = extension.as_deref().and_then(crate::extra::quoted);
    let (meta, outcome, fields) = (meta.rest(), outcome.rest(), fields.rest());
    event.extra = crate::extra::with(
        event.extra.take(),
        &[
            ("extension", extension.as_deref()),
            ("_meta", meta.as_ref().map(Raw::json)),
            ("toolCall", outcome.as_ref().map(Raw::json)),
            ("block", fields.as_ref().map(Raw::json)),
        ],
    );
    event
}

/// A call of Python Goose.
fn python_call(mut fields: Object<'_>) -> Event {
    let name = fields.string("name").unwrap_or_default();
    let input = fields.take("parameters");
    let mut event = Event::new("", EventType::ToolCall);
    event.call_id = fields.string("id");
    event.edits = edits::edits(&name, input);
    event.input = input.map(Raw::from_value);
    let kind = tools::kind(&name, Some("developer"));
    event.tool = Some(Tool::new(name, kind));
    if fields
        .peek("is_error")
        .is_some_and(|value| value.get() == "false")
    {
        fields.ignore(&["is_error"]);
    }
    fields.ignore_null();
    event.extra = fields.rest();
    event
}

fn notification(mut fields: Object<'_>) -> Event {
    let kind = fields.peek("notificationType").and_then(string);
    let failed = kind.as_deref() == Some("creditsExhausted");
    fields.ignore(&["notificationType"]);
    let mut event = notice(fields, "msg", EventType::System);
    if failed {
        event.kind = EventType::Error;
    }
    event
}

/// What the agent says by itself, or asks. What it asks for stands in `extra`.
fn notice(mut fields: Object<'_>, text: &str, kind: EventType) -> Event {
    let mut event = Event::new("", kind);
    let inner = fields.peek("data").and_then(Object::of);
    event.text = fields
        .string(text)
        .or(inner.and_then(|mut data| data.string(text)));
    event.extra = fields.rest();
    event
}

fn unknown(kind: &str, raw: &RawValue) -> Piece {
    let mut event = Event::new("", EventType::Unknown);
    event.extra = Some(Raw::from_value(raw));
    Piece {
        unknown: Some(kind.to_owned()),
        ..event.into()
    }
}
