//! What no corpus has: unknown content, damage, and everything out of order.

use serde_json::json;
use stead_testkit::truth::prompts;
use stead_usf::{EditOperation, EventType, ToolKind};

use super::store::{Store, codes, request, response, text, texts, tools};

#[test]
fn unknown_content_and_fields_are_kept() {
    let mut store = Store::new();
    store.user("go");
    store.message_with(
        "assistant",
        json!([
            {"type": "hologram", "beam": 7}, {"type": "hologram", "beam": 8}, 9,
            {"type": "text", "text": "hi", "_meta": {"k": 1}, "annotations": {"priority": 0.0}},
        ]),
        json!({"mood": "fine", "inference": {"provider": "p", "requestedModel": "m", "seed": 4}}),
    );
    let session = store.read();
    assert_eq!(codes(&session), ["unknown-record", "unknown-record"]);
    let all = serde_json::to_string(&session).unwrap();
    for kept in [
        "\"beam\":7",
        "\"beam\":8",
        "{\"_meta\":{\"k\":1}}",
        "\"mood\":\"fine\"",
        "\"seed\":4",
    ] {
        assert!(all.contains(kept), "{kept}");
    }
}

#[test]
fn damaged_rows_cost_only_themselves() {
    let mut store = Store::new();
    for said in ["one", "two", "three", "four"] {
        store.user(said);
    }
    store.run(
        "UPDATE messages SET content_json = '[{\"type\":\"text\", cut' WHERE id = 1;
         UPDATE messages SET content_json = x'00ff' WHERE id = 2;
         UPDATE messages SET role = 'oracle', metadata_json = 'cut{' WHERE id = 3;
         UPDATE messages SET created_timestamp = 'late', message_id = NULL, metadata_json = '[]' WHERE id = 4;",
    );
    let session = store.read();
    assert_eq!(codes(&session), ["bad-json", "bad-json", "unknown-record"]);
    assert_eq!(texts(&session), ["four"]);
    let kept = session
        .events
        .iter()
        .filter(|event| event.kind == EventType::Unknown);
    assert_eq!(kept.count(), 3);
}

#[test]
fn messages_without_a_session_are_a_session() {
    let mut store = Store::new();
    store.user("hello");
    store.run("DELETE FROM sessions");
    let session = store.read();
    assert_eq!(texts(&session), ["hello"]);
    assert_eq!(codes(&session), ["lost-session"]);
    store.run("UPDATE messages SET session_id = ''");
    assert!(store.read_all().is_empty());
    assert_eq!(store.unplaced().len(), 1);
}

#[test]
fn results_find_their_calls_in_any_order() {
    let mut store = Store::new();
    store.message("user", json!([response("early", "before")]));
    store.message(
        "assistant",
        json!([
            request("early", "shell", json!({})),
            request("twice", "shell", json!({}))
        ]),
    );
    store.message(
        "assistant",
        json!([
            request("twice", "shell", json!({})),
            request("never", "shell", json!({}))
        ]),
    );
    store.message(
        "user",
        json!([
            response("twice", "1"),
            response("twice", "2"),
            response("twice", "3"),
            response("lost", "x")
        ]),
    );
    let session = store.read();
    let linked: Vec<_> = tools(&session)
        .map(|event| event.result.as_deref())
        .collect();
    let results: Vec<_> = session
        .events
        .iter()
        .filter(|event| event.kind == EventType::ToolResult)
        .collect();
    let id = |place: usize| Some(results[place].id.as_str());
    assert_eq!(linked, [id(0), id(1), id(2), None]);
    assert_eq!(results.len(), 5);
}

#[test]
fn results_say_what_the_model_was_told() {
    let mut store = Store::new();
    store.message(
        "assistant",
        json!([
            request("1", "shell", json!({})),
            request("2", "web", json!({}))
        ]),
    );
    let content = json!([
        {"type": "text", "text": "for you", "annotations": {"audience": ["user"]}},
        {"type": "text", "text": "for the model", "annotations": {"audience": ["assistant"]}},
        {"type": "resource", "resource": {"uri": "file:///a", "text": "inside"}},
        {"type": "image", "data": "aGk=", "mimeType": "image/png"},
        {"type": "resource_link", "uri": "file:///b"},
    ]);
    let structured = json!({"stdout": "for the model", "stderr": "elsewhere", "exit_code": 3});
    let value = json!({"content": content, "isError": true, "structuredContent": structured, "_meta": {"odd": 1}});
    let first = json!({"type": "toolResponse", "id": "1", "toolResult": {"status": "success", "value": value}});
    let second = json!({"type": "toolResponse", "id": "2", "toolResult": {"status": "error", "error": "The user has declined"}});
    store.message("user", json!([first, second, text("an image follows")]));
    let session = store.read();
    let results: Vec<_> = session
        .events
        .iter()
        .filter(|event| event.kind == EventType::ToolResult)
        .collect();
    assert_eq!(results[0].output.as_deref(), Some("for the model\ninside"));
    assert_eq!(
        (results[0].ok, results[0].exit_code),
        (Some(false), Some(3))
    );
    assert!(
        results[0]
            .attachments
            .as_ref()
            .unwrap()
            .json()
            .contains("image/png")
    );
    let extra = results[0].extra.as_ref().unwrap().json();
    for kept in ["file:///b", "elsewhere", "\"odd\":1"] {
        assert!(extra.contains(kept), "{kept} in {extra}");
    }
    assert!(!extra.contains("stdout"), "said already");
    assert_eq!(
        (results[1].ok, results[1].output.as_deref()),
        (Some(false), Some("The user has declined"))
    );
    assert!(prompts(&session).is_empty(), "beside a result nobody types");
}

#[test]
fn only_what_a_person_typed_is_a_prompt() {
    let mut store = Store::new();
    store.user("<info-msg>\nIt is late.\n</info-msg>\nfix it");
    store.user("<turn-context>\nhere\n</turn-context>");
    store.user("explain <turn-context> to me");
    store.user("Do the daily work");
    store.message(
        "user",
        json!([{"type": "image", "data": "aGk=", "mimeType": "image/png"}, text("see")]),
    );
    store.message_with(
        "user",
        json!([text("a result of a subagent")]),
        json!({"userVisible": false}),
    );
    store.run(
        "UPDATE sessions SET recipe_json = '{\"title\":\"T\",\"prompt\":\"Do the daily work\"}'",
    );
    let session = store.read();
    assert_eq!(
        prompts(&session),
        ["fix it", "explain <turn-context> to me", "see"]
    );
    let shown = session
        .events
        .iter()
        .find(|event| event.text.as_deref() == Some("see"));
    assert!(shown.unwrap().attachments.is_some());
    store.run("UPDATE sessions SET session_type = 'scheduled', recipe_json = NULL; DELETE FROM messages WHERE id < 3");
    assert_eq!(
        prompts(&store.read()),
        ["Do the daily work", "see"],
        "the first is the schedule's"
    );
    store.run("UPDATE sessions SET session_type = 'sub_agent'");
    assert!(prompts(&store.read()).is_empty());
}

#[test]
fn tools_are_known_with_and_without_their_extension() {
    let mut store = Store::new();
    let names = [
        ("developer__shell", ToolKind::Shell),
        ("shell", ToolKind::Shell),
        ("tree", ToolKind::List),
        ("analyze", ToolKind::Search),
        ("todo__todo_write", ToolKind::Todo),
        ("delegate", ToolKind::Task),
        ("dynamic_task__create_task", ToolKind::Task),
        ("computercontroller__web_scrape", ToolKind::WebFetch),
        ("github__create_issue", ToolKind::Mcp),
        ("platform__manage_schedule", ToolKind::Other),
        ("apps__create_app", ToolKind::Other),
    ];
    for (name, _) in names {
        store.message("assistant", json!([request(name, name, json!({}))]));
    }
    let mut bare = request("x", "shell", json!({}));
    bare["_meta"] = json!({"goose_extension": "My Server"});
    store.message("assistant", json!([bare]));
    let session = store.read();
    let kinds: Vec<_> = tools(&session)
        .map(|event| event.tool.as_ref().unwrap().kind)
        .collect();
    assert_eq!(kinds[..names.len()], names.map(|(_, kind)| kind));
    assert_eq!(kinds.last(), Some(&ToolKind::Mcp));
    let extra = session.events.last().unwrap().extra.as_ref().unwrap();
    assert_eq!(extra.json(), "{\"extension\":\"My Server\"}");
}

#[test]
fn all_ways_to_change_a_file_are_edits() {
    let mut store = Store::new();
    let editor = |command: &str, mut rest: serde_json::Value| {
        rest["command"] = json!(command);
        rest["path"] = json!("a");
        rest
    };
    let diff = "--- a\n+++ a\n@@ -1,2 +1,2 @@\n x\n-y\n+z\n";
    let calls = [
        (
            "developer__text_editor",
            editor("str_replace", json!({"old_str": "x", "new_str": "y"})),
        ),
        (
            "developer__text_editor",
            editor("str_replace", json!({"diff": diff})),
        ),
        (
            "text_editor",
            editor("insert", json!({"insert_line": 3, "new_str": "p\nq"})),
        ),
        ("text_editor", editor("undo_edit", json!({}))),
        ("edit", json!({"path": "a", "before": "", "after": "all"})),
        ("write", json!({"path": "a", "content": "all"})),
        ("text_editor", editor("view", json!({}))),
        ("write", json!({"content": "no path"})),
    ];
    for (number, (name, input)) in calls.iter().enumerate() {
        store.message(
            "assistant",
            json!([request(&number.to_string(), name, input.clone())]),
        );
    }
    let session = store.read();
    let edits: Vec<_> = tools(&session).map(|event| event.edits.first()).collect();
    let operations: Vec<_> = edits
        .iter()
        .map(|edit| edit.map(|edit| edit.operation))
        .collect();
    let (modify, write) = (Some(EditOperation::Modify), Some(EditOperation::Write));
    assert_eq!(
        operations,
        [modify, modify, modify, modify, write, write, None, None]
    );
    assert_eq!(edits[1].unwrap().hunks[0].lines, [" x", "-y", "+z"]);
    assert_eq!(edits[2].unwrap().hunks[0].lines, ["+p", "+q"]);
}

#[test]
fn what_the_agent_says_by_itself_is_no_reply() {
    let mut store = Store::new();
    let confirm = json!({"type": "toolConfirmationRequest", "id": "c", "toolName": "shell", "arguments": {"command": "rm"}, "prompt": "Sure?"});
    let ask = json!({"type": "actionRequired", "data": {"actionType": "elicitation", "id": "e", "message": "Which one?", "requestedSchema": {}}});
    let credits = json!({"type": "systemNotification", "notificationType": "creditsExhausted", "msg": "No credits"});
    let botched = json!({"type": "toolRequest", "id": "b", "toolCall": {"status": "error", "error": "no such tool"}});
    store.message("assistant", json!([confirm, ask, credits, botched]));
    store.message("user", json!([response("b", "-32602: no such tool")]));
    store.message("assistant", json!([{"type": "conversationCompacted", "msg": "done"}, {"type": "redactedThinking", "data": "x"}]));
    store.message("assistant", json!([]));
    let session = store.read();
    let shown: Vec<_> = session
        .events
        .iter()
        .map(|event| (event.kind.as_str(), event.text.as_deref()))
        .collect();
    assert_eq!(
        shown,
        [
            ("system", Some("Sure?")),
            ("system", Some("Which one?")),
            ("error", Some("No credits")),
            ("error", Some("no such tool")),
            ("tool_result", None),
            ("system", Some("done")),
            ("reasoning", None),
        ]
    );
    assert!(
        session.events[0]
            .extra
            .as_ref()
            .unwrap()
            .json()
            .contains("\"rm\"")
    );
}

#[test]
fn large_and_disorderly_sessions_are_read() {
    let mut store = Store::new();
    store.user(&"x".repeat(8 << 20));
    store.user("\u{1b}[31m\u{0}\n{\"type\":\"text\"}");
    store.assistant("late");
    store.assistant("early");
    store.run(
        "UPDATE messages SET created_timestamp = 1795000000123 WHERE id = 3;
         UPDATE messages SET created_timestamp = 5 WHERE id = 4;
         UPDATE sessions SET id = '../../s', accumulated_input_tokens = 9223372036854775807;
         UPDATE messages SET session_id = '../../s', message_id = 'same';",
    );
    let session = store.read();
    assert_eq!(texts(&session)[0], "early");
    assert_eq!(session.events[1].text.as_ref().unwrap().len(), 8 << 20);
    assert_eq!(session.events[3].at.unwrap().as_millis(), 1_795_000_000_123);
    let ids: Vec<_> = session
        .events
        .iter()
        .map(|event| event.id.as_str())
        .collect();
    assert_eq!(ids, ["same", "same@2", "same@3", "same@4", "usage"]);
}
