//! Parts of messages become events, without regard to the message around them.

use serde_json::value::RawValue;
use stead_usf::{Event, EventType, Raw, Tool};

use super::message::{Role, time_of};
use super::result::{self, Change};
use super::{edits, tools};
use crate::container::json::Object;
use crate::extra;

/// What a provider needs to recognise its own reasoning.
const SEALED: &[&str] = &[
    "signature",
    "thought_signature",
    "tool_id",
    "responses_data",
];

/// How Crush begins a prompt that it sends by itself after a compaction.
const GOES_ON: &str = "The previous session was interrupted because it got too long, \
                       the initial user request was: ";

/// What a part became.
pub(super) enum Piece {
    /// An event, without id and time.
    Event(Event),
    /// A result, with what it says of a file.
    Result(Event, Option<Change>),
    /// A file or picture beside the words of the message.
    Attachment(Raw),
    /// How the message came to its end, perhaps with something to tell.
    Finish(String, Option<Event>),
    /// Nothing is in it.
    Nothing,
    /// A part of this unknown type.
    Unknown(String, Event),
}

/// Maps a part of a message. `typed` says whether a person wrote the message.
pub(super) fn map(raw: &RawValue, role: Role, is_summary: bool, typed: bool) -> Piece {
    let mut part = Object::of(raw).unwrap_or_default();
    let kind = part.string("type").unwrap_or_default();
    let data = part.take("data");
    let Some(fields) = data.and_then(Object::of) else {
        return unknown(kind, raw);
    };
    let piece = match kind.as_str() {
        "text" => text(fields, role, is_summary, typed),
        "reasoning" => reasoning(fields),
        "tool_call" => Piece::Event(call(fields)),
        "tool_result" => {
            let (event, change) = result::map(fields);
            Piece::Result(event, change)
        }
        "finish" => finish(fields),
        "shell_command" => Piece::Event(shell(fields)),
        "binary" | "image_url" => data.map_or(Piece::Nothing, |data| {
            Piece::Attachment(Raw::from_value(data))
        }),
        _ => return unknown(kind, raw),
    };
    with_rest(piece, part.rest())
}

/// Keeps what stands beside the data of a part.
fn with_rest(mut piece: Piece, rest: Option<Raw>) -> Piece {
    if let (Some(rest), Piece::Event(event) | Piece::Result(event, _)) = (rest, &mut piece) {
        event.extra = extra::with(event.extra.take(), &[("part", Some(rest.json()))]);
    }
    piece
}

fn unknown(kind: String, raw: &RawValue) -> Piece {
    let mut event = Event::new("", EventType::Unknown);
    event.extra = Some(Raw::from_value(raw));
    Piece::Unknown(kind, event)
}

fn text(mut fields: Object<'_>, role: Role, is_summary: bool, typed: bool) -> Piece {
    let text = fields.string("text").unwrap_or_default();
    if text.is_empty() && fields.is_empty() {
        return Piece::Nothing;
    }
    let kind = match role {
        _ if is_summary => EventType::Summary,
        Role::User => EventType::User,
        Role::Assistant => EventType::Assistant,
        Role::System | Role::Tool => EventType::System,
    };
    let mut event = Event::new("", kind);
    event.injected = kind == EventType::User && (!typed || text.starts_with(GOES_ON));
    event.text = Some(text);
    event.extra = fields.rest();
    Piece::Event(event)
}

fn reasoning(mut fields: Object<'_>) -> Piece {
    let text = fields.string("thinking").filter(|text| !text.is_empty());
    let started = fields.i64("started_at").and_then(time_of);
    fields.ignore(SEALED);
    fields.ignore(&["finished_at"]);
    if text.is_none() && fields.is_empty() {
        return Piece::Nothing;
    }
    let mut event = Event::new("", EventType::Reasoning);
    event.text = text;
    event.at = started;
    event.extra = fields.rest();
    Piece::Event(event)
}

/// A call. Its input is JSON as text, which may be cut.
fn call(mut fields: Object<'_>) -> Event {
    let mut event = Event::new("", EventType::ToolCall);
    event.call_id = fields.string("id").filter(|id| !id.is_empty());
    let name = fields.string("name").unwrap_or_default();
    let input = fields.text("input").unwrap_or_default();
    event.edits = edits::edits(&name, &input);
    event.input = match input.as_ref() {
        "" => None,
        input => Raw::parse(input).or_else(|_| Raw::of(input)).ok(),
    };
    let kind = tools::kind(&name);
    event.tool = Some(Tool::new(name, kind));
    let is = |name: &str, value: &str| fields.peek(name).is_some_and(|field| field.get() == value);
    let plain = [("finished", "true"), ("provider_executed", "false")];
    let said: Vec<_> = plain
        .iter()
        .filter(|(name, value)| is(name, value))
        .map(|(name, _)| *name)
        .collect();
    fields.ignore(&said);
    // Early versions wrote what kind of call it is: there was one.
    fields.ignore(&["type"]);
    event.extra = fields.rest();
    event
}

fn finish(mut fields: Object<'_>) -> Piece {
    let reason = fields.string("reason").unwrap_or_default();
    let said = [fields.string("message"), fields.string("details")];
    let said: Vec<_> = said
        .into_iter()
        .flatten()
        .filter(|text| !text.is_empty())
        .collect();
    let at = fields.i64("time").and_then(time_of);
    let failed = matches!(
        reason.as_str(),
        "error" | "canceled" | "content_filter" | "permission_denied"
    );
    if !failed && said.is_empty() && fields.is_empty() {
        return Piece::Finish(reason, None);
    }
    let kind = if failed {
        EventType::Error
    } else {
        EventType::System
    };
    let mut event = Event::new("", kind);
    event.at = at;
    event.text = Some(if said.is_empty() {
        reason.clone()
    } else {
        said.join(": ")
    });
    event.extra = fields.rest();
    Piece::Finish(reason, Some(event))
}

/// A command that the user ran past the model.
fn shell(mut fields: Object<'_>) -> Event {
    let mut event = Event::new("", EventType::System);
    let (command, output) = (fields.string("command"), fields.string("output"));
    let command = command.map(|command| format!("!{command}"));
    let said: Vec<_> = [command, output]
        .into_iter()
        .flatten()
        .filter(|text| !text.is_empty())
        .collect();
    event.text = Some(said.join("\n"));
    if fields
        .peek("exit_code")
        .is_some_and(|code| code.get() == "0")
    {
        fields.ignore(&["exit_code"]);
    }
    event.extra = fields.rest();
    event
}
