//! Sessions for tests: one of every kind of event, and small events by hand.

use proptest::prelude::*;
use stead_usf::{
    AgentId, Edit, Event, EventType, Inactive, Raw, Session, Tool, ToolKind, read_lines,
};

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

/// Text as it is written to break out of a document.
pub(crate) fn hostile_text() -> impl Strategy<Value = String> {
    let bits = prop::sample::select(vec![
        "<script>",
        "</script>",
        "<img src=x onerror=alert(1)>",
        "</details>",
        "</pre>",
        "<!--",
        "-->",
        "<![CDATA[",
        "&lt;",
        "&",
        "\"",
        "'",
        "<",
        ">",
        "\n",
        "\n\n",
        "\r",
        "\t",
        "    ",
        "# ",
        "## 9. turn",
        "\n===\n",
        "\n---\n",
        "```",
        "````",
        "~~~",
        "`",
        "> ",
        "- ",
        "1. ",
        "| a | b |\n|---|---|\n| c | d |\n",
        "[a](javascript:alert(1))",
        "[a](http://b/\"c)",
        "![i](http://b/c)",
        "[x]: http://e/\n",
        "<http://a/b>",
        "*",
        "**",
        "_",
        "~~",
        "\\",
        "$$",
        "- [ ] ",
        "word",
        " ",
        "\u{1b}[1m",
        "\u{0}",
        "\u{202e}",
        "日本",
    ]);
    let piece = prop_oneof![
        4 => bits.prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

/// A session in which every field says `text`.
pub(crate) fn hostile(text: &str) -> (Session, Vec<Event>) {
    let mut header = Session::new(AgentId::from(text.to_owned()), text);
    header.title = Some(text.to_owned());
    header.cwd = Some(text.to_owned());
    let mut events: Vec<Event> = EventType::ALL
        .iter()
        .map(|kind| said(&format!("{text}{}", kind.as_str()), *kind, text))
        .collect();
    let mut asked = call(text, text, text);
    asked.tool = Some(Tool::new(text, ToolKind::Shell));
    asked.edits = vec![Edit::replace(text, text, format!("{text}x"))];
    let mut other = asked.clone();
    other.tool = Some(Tool::new(text, ToolKind::Mcp));
    let mut context = user("context", text);
    context.injected = true;
    let mut gone = user("gone", text);
    gone.inactive = Some(Inactive::Rewound);
    events.extend([
        asked,
        result("r", text, text),
        other,
        context,
        gone,
        result("late", text, text),
    ]);
    (header, events)
}
