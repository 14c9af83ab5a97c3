//! Kinds of parts, tools, tokens and words.

use ToolKind::{Edit, Mcp, Search, Shell, Task, Write};
use serde_json::{Value, json};
use stead_usf::{EditOperation, EventType, Status, ToolKind};

use super::store::{Store, text, texts, tool};

#[test]
fn quotes_that_the_command_line_added_are_taken_off() {
    for (stored, typed) in [
        ("\"fix the bug\"\n", "fix the bug"),
        ("\"fix the bug\"", "fix the bug"),
        ("\"say \\\"hi there\\\" twice\"", "say \"hi there\" twice"),
        ("fix\n", "fix"),
        ("fix \"the bug\" now", "fix \"the bug\" now"),
        ("\"a b\" and \"c d\"", "\"a b\" and \"c d\""),
        ("\"word\"", "\"word\""),
        ("\"", "\""),
    ] {
        let mut store = Store::new();
        store.user(stored);
        let session = store.read();
        assert_eq!(texts(&session), [typed]);
        let extra = session.events[0]
            .extra
            .as_ref()
            .map(|extra| extra.json().to_owned());
        let kept = extra
            .unwrap_or_default()
            .contains(&json!(stored).to_string());
        assert_eq!(kept, stored != typed, "the original stays: {stored}");
    }
}

#[test]
fn what_nobody_typed_is_injected() {
    let mut store = Store::new();
    store.message(
        json!({"role": "user"}),
        &[
            json!({"type": "text", "text": "look at @a.png"}),
            json!({"type": "text", "text": "Called the Read tool", "synthetic": true}),
            json!({"type": "text", "text": "only for the screen", "ignored": true}),
            json!({"type": "file", "mime": "image/png", "filename": "a.png", "url": "data:x"}),
            json!({"type": "subtask", "prompt": "review it", "agent": "general", "description": "d"}),
            json!({"type": "agent", "name": "general"}),
        ],
    );
    let session = store.read();
    let injected: Vec<_> = session.events.iter().map(|event| event.injected).collect();
    assert_eq!(injected, [false, true, true, true, false]);
    let attached = session.events[0].attachments.as_ref().unwrap().json();
    assert!(attached.contains("a.png"), "{attached}");
    assert_eq!(session.first_prompt.as_deref(), Some("look at @a.png"));
    assert_eq!(session.status, Some(Status::Aborted), "nobody answered");
}

#[test]
fn a_message_of_several_requests_counts_each() {
    let mut store = Store::new();
    let user = store.user("go");
    let step = |input: u64, cost: f64| {
        json!({"type": "step-finish", "cost": cost,
               "tokens": {"input": input, "output": 1, "cache": {"read": 3, "write": 0}}})
    };
    let info = json!({
        "role": "assistant", "parentID": user, "modelID": "m", "providerID": "p",
        "cost": 0.75, "time": {"created": 1100, "completed": 1200},
        "tokens": {"input": 20, "output": 1}
    });
    let parts = [text("one"), step(10, 0.25), text("two"), step(20, 0.5)];
    store.message(info, &parts);
    let session = store.read();
    assert_eq!(session.usage.input, Some(30));
    assert_eq!(session.usage.cache_read, Some(6));
    assert_eq!(session.cost_usd, Some(0.75));
    assert_eq!(session.status, Some(Status::Ended));
    let names: Vec<_> = session
        .events
        .iter()
        .filter_map(|e| e.message.as_deref())
        .collect();
    assert_eq!(names, ["msg_002", "msg_002#2"]);
}

#[test]
fn reasoning_counts_as_output_once() {
    for (tokens, output) in [
        (
            json!({"input": 10, "output": 5, "reasoning": 3, "total": 18}),
            8,
        ),
        (
            json!({"input": 10, "output": 5, "reasoning": 3, "total": 15}),
            5,
        ),
        (json!({"input": 10, "output": 5, "reasoning": 3}), 5),
        (json!({"input": 10, "output": 5, "reasoning": 9}), 14),
    ] {
        let mut store = Store::new();
        let user = store.user("go");
        let info =
            json!({"role": "assistant", "parentID": user, "finish": "stop", "tokens": tokens});
        store.message(info, &[text("yes")]);
        assert_eq!(store.read().usage.output, Some(output), "{tokens}");
    }
}

#[test]
fn a_request_without_words_is_counted_all_the_same() {
    let mut store = Store::new();
    let user = store.user("go");
    store.assistant(&user, &[json!({"type": "text", "text": ""})]);
    let session = store.read();
    assert_eq!(session.usage.input, Some(10));
    assert_eq!(session.events.last().unwrap().kind, EventType::System);
}

#[test]
fn tools_say_what_they_do_and_change() {
    let done = |input: Value, metadata: Value| {
        json!({"status": "completed", "input": input, "output": "out", "title": "t",
               "metadata": metadata, "time": {"start": 1500, "end": 1700}})
    };
    let patch = "*** Begin Patch\n*** Update File: a.rs\n*** Move to: b.rs\n@@ fn a\n-x\n+y\n\
                 *** Delete File: c.rs\n*** End Patch";
    let diff = "--- a\n+++ b\n@@ -3,2 +3,2 @@ fn main\n-- old\n+++ new\n same\n";
    let mut store = Store::new();
    let user = store.user("go");
    let state = tool(
        "edit",
        done(
            json!({"filePath": "/a", "oldString": "o", "newString": "n", "replaceAll": true}),
            json!({"diff": diff, "filediff": {"before": "b"}, "diagnostics": {"/a": [1]}}),
        ),
    );
    store.assistant(&user, &[
        state,
        tool("write", done(json!({"filePath": "/b", "content": "c"}), json!({"exists": false}))),
        tool("multiedit", done(
            json!({"filePath": "/c", "edits": [{"oldString": "1", "newString": "2"},
                                               {"oldString": "", "newString": "all"}]}),
            json!({"results": [{"diff": "@@ -1 +1 @@\n-1\n+2\n"}]}))),
        tool("apply_patch", done(json!({"patchText": patch}), json!({}))),
        tool("bash", done(json!({"command": "x"}), json!({"exit": null, "output": "out"}))),
        tool("github_issue_list", done(json!({}), json!({}))),
        tool("grep", json!({"status": "running", "input": {"pattern": "x"}, "time": {"start": 1500}})),
        tool("task", json!({"status": "error", "input": {}, "error": "no", "time": {"start": 1, "end": 2}})),
    ]);
    let session = store.read();
    let calls: Vec<_> = session
        .events
        .iter()
        .filter(|e| e.kind == EventType::ToolCall)
        .collect();
    let kinds: Vec<_> = calls
        .iter()
        .map(|call| call.tool.as_ref().unwrap().kind)
        .collect();
    assert_eq!(kinds, [Edit, Write, Edit, Edit, Shell, Mcp, Search, Task]);
    let edit = &calls[0].edits[0];
    assert!(edit.replace_all);
    assert_eq!(edit.hunks[0].lines, ["-- old", "+++ new", " same"]);
    assert_eq!(edit.hunks[0].anchor.as_deref(), Some("fn main"));
    assert_eq!(calls[1].edits[0].operation, EditOperation::Create);
    assert_eq!(calls[2].edits[0].hunks[0].old_start, Some(1));
    assert_eq!(calls[2].edits[1].operation, EditOperation::Write);
    let operations: Vec<_> = calls[3].edits.iter().map(|edit| edit.operation).collect();
    assert_eq!(operations, [EditOperation::Rename, EditOperation::Delete]);
    assert_eq!(calls[6].result, None, "still running");
    let results: Vec<_> = session
        .events
        .iter()
        .filter(|e| e.kind == EventType::ToolResult)
        .collect();
    let ok: Vec<_> = results.iter().map(|result| result.ok.unwrap()).collect();
    assert_eq!(ok, [true, true, true, true, false, true, false]);
    assert_eq!(results[0].duration_ms, Some(200));
    let extra = results[0].extra.as_ref().unwrap().json();
    assert_eq!(extra, r#"{"metadata":{"diagnostics":{"/a":[1]}}}"#);
    assert_eq!(results[6].output.as_deref(), Some("no"));
}

/// Only what no call names was changed by commands.
#[test]
fn files_that_commands_changed() {
    let mut store = Store::new();
    let user = store.user("go");
    let call = json!({"filePath": "C:\\w\\a.rs", "oldString": "x", "newString": "y"});
    let patched = |files: Value| json!({"type": "patch", "hash": "00ff", "files": files});
    let info = json!({
        "role": "assistant", "parentID": user, "modelID": "m", "providerID": "p",
        "time": {"created": 1100, "completed": 1200}
    });
    let parts = [
        patched(json!(["C:/w/a.rs", "C:/w/made.rs"])),
        tool(
            "edit",
            json!({"status": "completed", "input": call, "output": "ok"}),
        ),
        patched(json!(["C:/w/a.rs"])),
    ];
    store.message(info, &parts);
    let session = store.read();
    let kinds: Vec<_> = session.events.iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds[1..],
        [EventType::ToolCall, EventType::ToolResult, EventType::Edit]
    );
    let edits = &session.events[3].edits;
    assert_eq!(edits.len(), 1);
    assert_eq!(
        (&*edits[0].path, edits[0].operation),
        ("C:/w/made.rs", EditOperation::Modify)
    );
}
