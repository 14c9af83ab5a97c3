//! Sessions for tests: one of every kind of event, and small events by hand.

use stead_usf::{Event, EventType, Raw, Session, Tool, ToolKind, read_lines};

/// A session with one of everything, hostile text included.
pub(crate) const SAMPLE: &str = include_str!("testdata/sample.usf.jsonl");

/// The sample's header.
pub(crate) fn header() -> Session {
    read_lines(SAMPLE.as_bytes()).unwrap().0
}

/// The sample's events.
pub(crate) fn events() -> Vec<Event> {
    read_lines(SAMPLE.as_bytes())
        .unwrap()
        .1
        .map(Result::unwrap)
        .collect()
}

/// A prompt.
pub(crate) fn user(id: &str, text: &str) -> Event {
    said(id, EventType::User, text)
}

/// Something said.
pub(crate) fn said(id: &str, kind: EventType, text: &str) -> Event {
    let mut event = Event::new(id, kind);
    event.text = Some(text.to_owned());
    event
}

/// A call of a shell.
pub(crate) fn call(id: &str, call_id: &str, command: &str) -> Event {
    let mut event = Event::new(id, EventType::ToolCall);
    event.call_id = Some(call_id.to_owned());
    event.tool = Some(Tool::new("Bash", ToolKind::Shell));
    event.input = Some(Raw::of(&serde_json::json!({ "command": command })).unwrap());
    event
}

/// What the call answered.
pub(crate) fn result(id: &str, call_id: &str, output: &str) -> Event {
    let mut event = Event::new(id, EventType::ToolResult);
    event.call_id = Some(call_id.to_owned());
    event.output = Some(output.to_owned());
    event
}
