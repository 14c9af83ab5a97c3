//! Lines in, updates out; blocks in, words out.

use std::path::Path;

use agent_client_protocol::v1::schema::{
    ContentBlock, EmbeddedResource, EmbeddedResourceResource, ImageContent, ResourceLink,
    TextResourceContents,
};
use serde_json::{Value, json};

use super::commands::Command;
use super::sessions::servers;
use super::updates::Telling;
use super::words::words;

fn telling(again: bool) -> Telling {
    let mut telling = Telling::of("/work/shop".into());
    telling.again = again;
    telling
}

/// The updates of lines, as the editor reads them.
fn told(telling: &mut Telling, lines: &[Value]) -> Vec<Value> {
    let updates = lines.iter().flat_map(|line| telling.line(line));
    updates
        .map(|update| serde_json::to_value(update).unwrap())
        .collect()
}

fn event(event: impl Into<Value>) -> Value {
    json!({"type": "event", "event": event.into()})
}

#[test]
fn words_that_streamed_are_not_told_again() {
    let answer = |id: &str, text: &str| event(json!({"id": id, "type": "assistant", "text": text}));
    let lines = [
        json!({"type": "delta", "text": "One "}),
        json!({"type": "delta", "text": "two."}),
        answer("e1", "One two."),
        event(json!({"id": "e2", "type": "system", "text": "between"})),
        answer("e3", "Not streamed."),
        json!({"type": "thought", "text": "Hm."}),
        event(json!({"id": "e4", "type": "reasoning", "text": "Hm."})),
    ];
    let told = told(&mut telling(false), &lines);
    let texts: Vec<_> = told
        .iter()
        .map(|update| {
            (
                update["sessionUpdate"].as_str().unwrap(),
                update["content"]["text"].as_str().unwrap(),
            )
        })
        .collect();
    let said = "agent_message_chunk";
    assert_eq!(
        texts,
        [
            (said, "One "),
            (said, "two."),
            (said, "Not streamed."),
            ("agent_thought_chunk", "Hm.")
        ]
    );
}

#[test]
fn tokens_are_told_with_the_room_that_there_is() {
    let answer = event(json!({"id": "e1", "type": "assistant", "text": "Hi.",
        "usage": {"input": 100, "output": 20, "cache_read": 3}}));
    let mut telling = telling(false);
    telling.room = Some(1000);
    let told = told(&mut telling, &[answer]);
    assert_eq!(
        told[1],
        json!({"sessionUpdate": "usage_update", "used": 123, "size": 1000})
    );
}

#[test]
fn a_call_has_a_title_a_place_a_diff_and_an_id_of_its_own() {
    let call = |id: &str| {
        event(
            json!({"id": id, "type": "tool_call", "call_id": "call_0", "tool": {"name": "edit", "kind": "edit"},
            "input": {"path": "cart.py", "old": "a", "new": "b"}}),
        )
    };
    let result = event(
        json!({"id": "e8", "type": "tool_result", "call_id": "call_0", "ok": true, "output": "``` is a fence"}),
    );
    let edit = event(json!({"id": "e9", "type": "edit", "call_id": "call_0",
        "edits": [{"path": "cart.py", "operation": "modify", "before": "a\n", "after": "b\n"}]}));
    let mut telling = telling(false);
    let told = told(&mut telling, &[call("e7"), result, edit, call("e10")]);
    assert_eq!(
        told[0],
        json!({"sessionUpdate": "tool_call", "toolCallId": "e7", "title": "edit cart.py", "name": "edit", "kind": "edit",
            "status": "in_progress", "locations": [{"path": "/work/shop/cart.py"}],
            "rawInput": {"path": "cart.py", "old": "a", "new": "b"}})
    );
    assert_eq!(
        (&told[1]["toolCallId"], &told[1]["status"]),
        (&json!("e7"), &json!("completed"))
    );
    let shown = told[1]["content"][0]["content"]["text"].as_str().unwrap();
    assert_eq!(shown, "````\n``` is a fence\n````");
    let diff =
        json!({"type": "diff", "path": "/work/shop/cart.py", "oldText": "a\n", "newText": "b\n"});
    assert_eq!(told[2]["content"][0], diff);
    // The model's own ids come again with each answer.
    assert_eq!(told[3]["toolCallId"], "e10");
}

#[test]
fn what_a_terminal_would_obey_is_not_passed_on() {
    let lines = [
        json!({"type": "delta", "text": "\u{1b}]0;owned\u{7}hello\u{202e}"}),
        json!({"type": "notice", "text": "\u{1b}[2Jcleared"}),
        event(
            json!({"id": "e1", "type": "tool_call", "call_id": "c", "tool": {"name": "shell", "kind": "shell"},
            "input": {"command": "echo \u{1b}[31m\nred"}}),
        ),
        json!({"type": "output", "text": "\u{1b}[31mred\u{1b}[0m\n"}),
    ];
    for update in told(&mut telling(false), &lines) {
        let shown = json!([update["content"], update["title"]]).to_string();
        assert!(
            !shown.contains("\\u001b") && !shown.contains('\u{202e}'),
            "{shown}"
        );
    }
}

#[test]
fn a_plan_and_checks_are_told_and_a_command_shows_its_end() {
    let lines = [
        event(
            json!({"id": "e1", "type": "tool_call", "call_id": "c", "tool": {"name": "todo", "kind": "todo"},
            "input": {"items": [{"text": "look", "status": "done"}, {"text": "fix", "status": "active"}, "test"]}}),
        ),
        event(json!({"id": "e2", "type": "system", "text": "check",
            "extra": {"check": "make test", "ok": false, "output": "1 failed", "when": "after"}})),
        event(
            json!({"id": "e3", "type": "tool_call", "call_id": "d", "tool": {"name": "shell", "kind": "shell"},
            "input": {"command": "make"}}),
        ),
        json!({"type": "output", "text": "x".repeat(9000)}),
    ];
    let told = told(&mut telling(false), &lines);
    let plan = told
        .iter()
        .find(|update| update["sessionUpdate"] == "plan")
        .unwrap();
    let entries: Vec<_> = plan["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["status"])
        .collect();
    assert_eq!(entries, ["completed", "in_progress", "pending"]);
    let check = told
        .iter()
        .find(|update| update["toolCallId"] == "e2")
        .unwrap();
    assert_eq!(
        (&check["status"], &check["title"]),
        (&json!("failed"), &json!("check after: make test"))
    );
    let output = told.last().unwrap()["content"][0]["content"]["text"]
        .as_str()
        .unwrap();
    assert!(output.len() < 5000 && output.contains("xxx"));
}

#[test]
fn a_record_is_shown_again_with_what_the_user_typed() {
    let lines = [
        event(json!({"id": "e1", "type": "user", "text": "fix it"})),
        event(json!({"id": "e2", "type": "user", "text": "AGENTS.md", "injected": true})),
        event(json!({"id": "e3", "type": "assistant", "text": "Fixed."})),
    ];
    let told = |again| told(&mut telling(again), &lines);
    assert_eq!(told(true)[0]["sessionUpdate"], "user_message_chunk");
    assert_eq!((told(true).len(), told(false).len()), (2, 1));
}

#[test]
fn what_is_put_into_a_prompt_is_named_and_cannot_end_itself() {
    let file = TextResourceContents::new("before\n```\nafter\n", "file:///work/shop/a%20b.py#L1:3");
    let blocks = [
        ContentBlock::from("look at ".to_owned()),
        ContentBlock::ResourceLink(ResourceLink::new("cart", "file:///work/shop/cart.py")),
        ContentBlock::from(" and ".to_owned()),
        ContentBlock::Resource(EmbeddedResource::new(
            EmbeddedResourceResource::TextResourceContents(file),
        )),
    ];
    assert_eq!(
        words(&blocks, Path::new("/work/shop")).unwrap(),
        "look at `cart.py` and `a b.py#L1:3`\n\na b.py#L1:3:\n````\nbefore\n```\nafter\n````"
    );
    let picture = ContentBlock::Image(ImageContent::new("AAAA", "image/png"));
    assert!(
        words(&[picture], Path::new("/"))
            .unwrap_err()
            .contains("pictures")
    );
}

#[test]
fn commands_are_words_alone() {
    assert_eq!(Command::of(" /apply\n"), Some(Command::Apply));
    for words in ["/apply now", "apply", "/nothing", "what does /apply do?"] {
        assert_eq!(Command::of(words), None, "{words}");
    }
}

#[test]
fn servers_of_the_editor_are_written_as_those_of_the_configuration() {
    let given = json!([
        {"name": "my docs", "command": "/bin/docs", "args": ["-x"], "env": [{"name": "A", "value": "1"}]},
        {"type": "http", "name": "web", "url": "http://127.0.0.1:1/mcp", "headers": [{"name": "B", "value": "2"}]},
        {"type": "sse", "name": "old", "url": "http://127.0.0.1:1/sse", "headers": []},
    ]);
    let (all, left_out) = servers(serde_json::from_value(given).unwrap());
    assert_eq!(
        serde_json::to_value(all).unwrap(),
        json!({"my-docs": {"command": "/bin/docs", "args": ["-x"], "env": {"A": "1"}},
            "web": {"url": "http://127.0.0.1:1/mcp", "headers": {"B": "2"}}})
    );
    assert!(left_out[0].contains("`old`"), "{left_out:?}");
}
