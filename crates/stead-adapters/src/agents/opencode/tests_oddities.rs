//! What the corpora do not hold: other versions, damage, rare parts.

use fs_err as fs;
use serde_json::{Value, json};
use stead_usf::{
    EditOperation, EventType, Inactive, LinkKind, Session, Status, ToolKind, validate,
};

use ToolKind::{Edit, Mcp, Search, Shell, Task, Write};

use super::OpenCode;
use super::tests::check_scan;
use crate::{conformance, load};

/// A store of the second generation with one session.
struct Store {
    home: tempfile::TempDir,
    messages: u32,
}

impl Store {
    fn new() -> Self {
        Self::with(json!({}))
    }

    fn with(session: Value) -> Self {
        let store = Self {
            home: tempfile::tempdir().unwrap(),
            messages: 0,
        };
        let mut info = json!({
            "id": "ses_1", "version": "0.9.9", "directory": "/w", "title": "T",
            "time": {"created": 1000, "updated": 2000}
        });
        merge(&mut info, session);
        store.write("session/global/ses_1.json", info.to_string());
        store
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self
            .home
            .path()
            .join(".local/share/opencode/storage")
            .join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// A message with its parts; returns its id.
    fn message(&mut self, info: Value, parts: &[Value]) -> String {
        self.messages += 1;
        let id = format!("msg_{:03}", self.messages);
        let mut message = json!({"id": id, "time": {"created": 1000 + self.messages}});
        merge(&mut message, info);
        self.write(&format!("message/ses_1/{id}.json"), message.to_string());
        for (place, part) in parts.iter().enumerate() {
            let file = format!("part/{id}/prt_{:03}_{place}.json", self.messages);
            self.write(&file, part.to_string());
        }
        id
    }

    fn user(&mut self, text: &str) -> String {
        self.message(
            json!({"role": "user"}),
            &[json!({"type": "text", "text": text})],
        )
    }

    fn assistant(&mut self, parent: &str, parts: &[Value]) -> String {
        let info = json!({
            "role": "assistant", "parentID": parent, "modelID": "m", "providerID": "p",
            "finish": "stop", "cost": 0.5, "tokens": {"input": 10, "output": 4}
        });
        self.message(info, parts)
    }

    fn read(&self) -> Session {
        let unit = conformance::discover(&OpenCode, self.home.path()).remove(0);
        check_scan(&unit);
        let session = load(&OpenCode, &unit).unwrap().0.remove(0);
        assert_eq!(validate(&session), []);
        session
    }
}

fn merge(into: &mut Value, from: Value) {
    let Value::Object(from) = from else { return };
    for (key, value) in from {
        into[key] = value;
    }
}

fn text(text: &str) -> Value {
    json!({"type": "text", "text": text, "time": {"start": 1500}})
}

#[expect(clippy::needless_pass_by_value, reason = "called with literals")]
fn tool(name: &str, state: Value) -> Value {
    json!({"type": "tool", "tool": name, "callID": format!("call_{name}"), "state": state})
}

fn texts(session: &Session) -> Vec<&str> {
    session
        .events
        .iter()
        .filter_map(|e| e.text.as_deref())
        .collect()
}

fn codes(session: &Session) -> Vec<&str> {
    session.issues.iter().map(|issue| &*issue.code).collect()
}

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

#[test]
fn errors_and_retries_are_told() {
    let mut store = Store::new();
    let user = store.user("go");
    let retry = json!({"type": "retry", "attempt": 2, "time": {"created": 1600},
                       "error": {"name": "APIError", "data": {"message": "overloaded"}}});
    let info = json!({"role": "assistant", "parentID": user,
                      "error": {"name": "MessageAbortedError", "data": {}}});
    store.message(info, &[text("I be"), retry]);
    let session = store.read();
    let errors: Vec<_> = session
        .events
        .iter()
        .filter(|e| e.kind == EventType::Error)
        .collect();
    assert_eq!(errors[0].text.as_deref(), Some("overloaded"));
    assert_eq!(errors[1].text.as_deref(), Some("MessageAbortedError"));
    assert_eq!(session.status, Some(Status::Ended));
}

#[test]
fn a_refused_tool_ends_the_turn() {
    let mut store = Store::new();
    let user = store.user("go");
    let error = "The user rejected permission to use this specific tool call.";
    let state = json!({"status": "error", "input": {}, "error": error});
    let info = json!({"role": "assistant", "parentID": user, "finish": "tool-calls"});
    store.message(info.clone(), &[tool("bash", state)]);
    assert_eq!(store.read().status, Some(Status::Ended));
    store.message(info, &[text("and on")]);
    assert_eq!(
        store.read().status,
        Some(Status::Aborted),
        "another request was due"
    );
}

#[test]
fn compaction_keeps_the_tail() {
    let mut store = Store::new();
    let first = store.user("one");
    store.assistant(&first, &[text("first answer")]);
    let tail = store.user("two");
    store.assistant(&tail, &[text("second answer")]);
    let compaction = json!({"type": "compaction", "auto": true, "tail_start_id": tail});
    let asked = store.message(json!({"role": "user"}), &[compaction]);
    let summary =
        json!({"role": "assistant", "parentID": asked, "summary": true, "finish": "stop"});
    store.message(summary, &[text("so far")]);
    store.user("three");
    let session = store.read();
    let compacted = |event: &&stead_usf::Event| event.inactive == Some(Inactive::Compacted);
    let gone: Vec<_> = session
        .events
        .iter()
        .filter(compacted)
        .filter_map(|e| e.text.as_deref())
        .collect();
    assert_eq!(gone, ["one", "first answer"]);
    assert!(session.events.iter().any(|e| e.kind == EventType::Summary));
}

#[test]
fn a_failed_compaction_replaces_nothing() {
    let mut store = Store::new();
    let first = store.user("one");
    let info = json!({"role": "assistant", "parentID": first, "summary": true,
                      "error": {"name": "MessageAbortedError", "data": {}}});
    store.message(info, &[text("so f")]);
    assert!(
        store
            .read()
            .events
            .iter()
            .all(|event| event.inactive.is_none())
    );
}

#[test]
fn a_revert_cuts_messages_or_parts() {
    let build = |revert: Value| {
        let mut store = Store::with(json!({ "revert": revert }));
        let first = store.user("one");
        store.assistant(&first, &[text("a"), text("b")]);
        store.user("two");
        let session = store.read();
        let rewound = |e: &&stead_usf::Event| e.inactive == Some(Inactive::Rewound);
        let texts = session
            .events
            .iter()
            .filter(rewound)
            .filter_map(|e| e.text.clone());
        (texts.collect::<Vec<_>>(), session.status)
    };
    let (rewound, status) = build(json!({"messageID": "msg_003"}));
    assert_eq!((rewound, status), (vec!["two".into()], Some(Status::Ended)));
    let (rewound, _) = build(json!({"messageID": "msg_002", "partID": "prt_002_1"}));
    assert_eq!(rewound, ["b", "two"]);
}

#[test]
fn a_forks_copied_history_is_not_counted_again() {
    let mut store = Store::with(json!({
        "parentID": "ses_0", "title": "T (fork #2)", "time": {"created": 1003}
    }));
    let first = store.user("one");
    store.assistant(&first, &[text("copied")]);
    let own = store.user("two");
    store.assistant(&own, &[text("own")]);
    let session = store.read();
    assert_eq!(session.usage.input, Some(10));
    let inherited: Vec<_> = session.events.iter().map(|event| event.inherited).collect();
    assert_eq!(inherited, [true, true, false, false]);
    assert_eq!(session.parent.unwrap().kind, LinkKind::Fork);
}

#[test]
fn unknown_parts_and_fields_are_kept() {
    let mut store = Store::new();
    let user = store.user("go");
    store.assistant(
        &user,
        &[
            json!({"type": "hologram", "beam": 7}),
            json!({"type": "hologram", "beam": 8}),
            json!({"type": "step-start", "snapshot": "x", "zz": 9}),
            json!({"type": "text", "text": "hi", "metadata": {"openai": {"itemId": "i"}}}),
        ],
    );
    let session = store.read();
    assert_eq!(codes(&session), ["unknown-record"]);
    let all = serde_json::to_string(&session).unwrap();
    for kept in ["\"beam\":7", "\"beam\":8", "\"zz\":9", "itemId"] {
        assert!(all.contains(kept), "{kept}");
    }
}

#[test]
fn damage_costs_only_its_file() {
    let mut store = Store::new();
    let user = store.user("go");
    store.assistant(&user, &[text("kept")]);
    store.write("part/msg_002/prt_002_1.json", "");
    store.write("part/msg_002/prt_002_2.json", "\0\0\0\0");
    store.write("part/msg_002/prt_002_3.json", "{\"type\":\"text\",\"te");
    store.write(
        "part/msg_002/prt_002_4.json",
        b"{\"type\":\"text\",\"text\":\"\xff!\"}",
    );
    store.write("message/ses_1/msg_003.json", "[]");
    store.write("part/msg_003/prt_003_0.json", text("whose?").to_string());
    store.write("message/ses_1/notes.txt", "not a message");
    let session = store.read();
    assert_eq!(texts(&session), ["go", "kept", "\u{fffd}!", "whose?"]);
    let expected = [
        "bad-json",
        "bad-json",
        "bad-json",
        "bad-utf8",
        "bad-json",
        "orphan-part",
    ];
    assert_eq!(codes(&session), expected);
}

#[test]
fn an_unreadable_session_file_still_shows_its_messages() {
    let mut store = Store::new();
    store.user("go");
    store.write("session/global/ses_1.json", "{");
    let session = store.read();
    assert_eq!(texts(&session), ["go"]);
    assert_eq!(session.native_id, "ses_1");
    assert_eq!(codes(&session), ["bad-json"]);
}

#[test]
fn replies_to_what_is_gone_are_kept() {
    let mut store = Store::new();
    store.assistant("msg_000", &[text("hello")]);
    store.assistant("msg_000", &[text("again")]);
    let session = store.read();
    assert_eq!(codes(&session), ["dangling-parent"]);
    assert!(
        session.events[0]
            .extra
            .as_ref()
            .unwrap()
            .json()
            .contains("msg_000")
    );
}

#[test]
fn large_and_disorderly_sessions_are_read() {
    let mut store = Store::new();
    let user = store.user(&"x".repeat(8 << 20));
    let early = json!({"type": "text", "text": "early", "time": {"start": 5}});
    let never = json!({"type": "text", "text": "never", "time": {"start": i64::MAX}});
    store.assistant(&user, &[text("late"), early, never]);
    let session = store.read();
    assert_eq!(session.events[0].text.as_ref().unwrap().len(), 8 << 20);
    assert_eq!(session.created_at.unwrap().as_millis(), 5);
    assert_eq!(session.events[3].at, None);
}
