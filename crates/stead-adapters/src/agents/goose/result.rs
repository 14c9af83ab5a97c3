//! What tools answered.

use serde_json::value::RawValue;
use stead_usf::{Event, EventType, Raw};

use super::block::Piece;
use crate::container::json::{Object, Values, string};
use crate::extra;

/// Maps a `toolResponse`.
pub(super) fn response(mut fields: Object<'_>) -> Piece {
    let mut event = Event::new("", EventType::ToolResult);
    event.call_id = fields.string("id");
    let mut outcome = fields.object("toolResult").unwrap_or_default();
    let failed = outcome.peek("status").and_then(string).as_deref() == Some("error");
    outcome.ignore(&["status"]);
    event.ok = Some(!failed);
    event.output = outcome.string("error");
    let mut child = None;
    let (mut left, mut streams) = (None, None);
    if let Some(values) = outcome.values("value") {
        contents(&mut event, &values);
    } else if let Some(mut value) = outcome.object("value") {
        contents(&mut event, &value.values("content").unwrap_or_default());
        if value.bool("isError") == Some(true) {
            event.ok = Some(false);
        }
        streams = structured(&mut event, &mut value);
        child = child_of(&mut value);
        value.ignore(&["resultType"]);
        left = value.rest();
    }
    let (outcome, fields) = (outcome.rest(), fields.rest());
    event.extra = extra::with(
        event.extra.take(),
        &[
            ("structuredContent", streams.as_ref().map(Raw::json)),
            ("value", left.as_ref().map(Raw::json)),
            ("toolResult", outcome.as_ref().map(Raw::json)),
            ("block", fields.as_ref().map(Raw::json)),
        ],
    );
    Piece {
        child,
        ..event.into()
    }
}

/// Maps a `ToolResult` of Python Goose.
pub(super) fn python(mut fields: Object<'_>) -> Event {
    let mut event = Event::new("", EventType::ToolResult);
    event.call_id = fields.string("tool_use_id");
    event.output = fields.string("output");
    event.ok = fields.bool("is_error").map(|failed| !failed);
    event.extra = fields.rest();
    event
}

/// What the model was told: texts that are not for the user alone.
fn contents(event: &mut Event, contents: &[&RawValue]) {
    let mut said: Option<String> = None;
    let (mut images, mut others) = (Vec::new(), Vec::new());
    for raw in contents {
        let Some(mut content) = Object::of(raw) else {
            others.push(Raw::from_value(raw));
            continue;
        };
        if !is_for_the_model(&content) {
            continue;
        }
        let text = content.string("text").or_else(|| {
            let mut resource = content.object("resource")?;
            resource.string("text")
        });
        match (text, content.peek("type").and_then(string).as_deref()) {
            (Some(text), _) => match &mut said {
                Some(said) => {
                    said.push('\n');
                    said.push_str(&text);
                }
                None => said = Some(text),
            },
            (None, Some("image" | "audio")) => images.push(Raw::from_value(raw)),
            (None, _) => others.push(Raw::from_value(raw)),
        }
    }
    event.output = said.or(event.output.take());
    event.attachments = (!images.is_empty())
        .then(|| Raw::of(&images).ok())
        .flatten();
    if !others.is_empty() {
        let others = Raw::of(&others).ok();
        event.extra = extra::with(None, &[("content", others.as_ref().map(Raw::json))]);
    }
}

fn is_for_the_model(content: &Object<'_>) -> bool {
    let audience = content
        .peek("annotations")
        .and_then(Object::of)
        .and_then(|mut annotations| annotations.values("audience"));
    audience.is_none_or(|audience: Values<'_>| {
        audience
            .iter()
            .any(|one| string(one).as_deref() == Some("assistant"))
    })
}

/// A command's streams and its code; returns what was not told. The streams are
/// what the model was told.
fn structured(event: &mut Event, value: &mut Object<'_>) -> Option<Raw> {
    let mut parts = value.object("structuredContent")?;
    event.exit_code = parts.i64("exit_code");
    for stream in ["stdout", "stderr"] {
        let text = parts.peek(stream).and_then(string);
        let told = event.output.as_deref().unwrap_or_default();
        if text.is_some_and(|text| told.contains(text.trim())) {
            parts.ignore(&[stream]);
        }
    }
    parts.rest()
}

/// The session in which a subagent worked.
fn child_of(value: &mut Object<'_>) -> Option<String> {
    let mut meta = value.peek("_meta").and_then(Object::of)?;
    let child = meta.string("subagent_session_id")?;
    if meta.is_empty() {
        value.ignore(&["_meta"]);
    }
    Some(child)
}
