//! Sessions as files: Rust Goose before 1.10 and Python Goose, made by hand.

use fs_err as fs;
use serde_json::{Value, json};
use stead_testkit::truth::{prompts, tokens_of};
use stead_usf::{EditOperation, Session, Status, ToolKind, validate};

use super::store::{codes, text, texts, tools};
use crate::agents::goose::Goose;
use crate::conformance;

/// A home folder with one file of this name below it.
fn home(path: &str, lines: &[Value]) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let lines: Vec<_> = lines.iter().map(Value::to_string).collect();
    fs::write(file, lines.join("\n") + "\n").unwrap();
    home
}

fn read(home: &tempfile::TempDir) -> Session {
    let (_, session) = conformance::sessions(&Goose, home.path())
        .pop_first()
        .unwrap();
    assert_eq!(validate(&session), []);
    session
}

const RUST: &str = ".local/share/goose/sessions/my-talk.jsonl";
const PYTHON: &str = ".config/goose/sessions/droid.jsonl";

fn python() -> Vec<Value> {
    let call = |id: &str, name: &str, parameters: Value| json!({"type": "ToolUse", "id": id, "name": name, "parameters": parameters, "is_error": false, "error_message": null});
    let result = |id: &str, said: &str, failed: bool| json!({"type": "ToolResult", "tool_use_id": id, "output": said, "is_error": failed});
    let message = |id: &str, role: &str, at: i64, content: Value| json!({"role": role, "id": id, "created": at, "content": content});
    let words = |said: &str| json!({"type": "Text", "text": said});
    vec![
        message("msg_1", "user", 1_725_000_000, json!([words("fix it")])),
        message(
            "msg_2",
            "assistant",
            1_725_000_001,
            json!([
                words("I look"),
                call("t1", "shell", json!({"command": "ls"})),
                call(
                    "t2",
                    "patch_file",
                    json!({"path": "a.py", "before": "x", "after": "y"})
                ),
            ]),
        ),
        message(
            "msg_3",
            "user",
            1_725_000_002,
            json!([
                result("t1", "a.py", false),
                result("t2", "no such text", true)
            ]),
        ),
        message(
            "msg_4",
            "assistant",
            1_725_000_003,
            json!([call(
                "t3",
                "write_file",
                json!({"path": "a.py", "content": "y"})
            )]),
        ),
        message(
            "msg_5",
            "user",
            1_725_000_004,
            json!([result(
                "t3",
                "Interrupted by the user to make a correction",
                true
            )]),
        ),
    ]
}

#[test]
fn python_sessions_are_read() {
    let session = read(&home(PYTHON, &python()));
    assert_eq!(session.native_id, "droid");
    assert_eq!(prompts(&session), ["fix it"]);
    let kinds: Vec<_> = tools(&session)
        .map(|event| event.tool.as_ref().unwrap().kind)
        .collect();
    assert_eq!(kinds, [ToolKind::Shell, ToolKind::Edit, ToolKind::Write]);
    assert!(tools(&session).all(|event| event.result.is_some()));
    let ok: Vec<_> = session.events.iter().filter_map(|event| event.ok).collect();
    assert_eq!(ok, [true, false, false]);
    assert_eq!(session.events[3].edits[0].operation, EditOperation::Modify);
    assert_eq!(session.status, Some(Status::Aborted));
    assert_eq!((session.cwd, session.title), (None, None));
    assert!(session.events.iter().all(|event| event.extra.is_none()));
}

#[test]
fn python_files_keep_the_laws() {
    conformance::check(&Goose, home(PYTHON, &python()).path());
}

#[test]
fn a_file_without_a_first_line_is_read() {
    let lines = [
        json!({"role": "user", "created": 1_742_000_000, "content": [text("hello")]}),
        json!({"role": "assistant", "created": 1_742_000_001, "content": [text("hi")]}),
    ];
    let session = read(&home(RUST, &lines));
    assert_eq!(session.native_id, "my-talk");
    assert_eq!(texts(&session), ["hello", "hi"]);
    assert_eq!(session.events[0].id, "L1");
}

/// Before there were sums, the last request was all that was recorded.
#[test]
fn the_first_line_has_title_folder_and_tokens() {
    let header = json!({"description": "Greeting", "message_count": 1, "total_tokens": 33, "input_tokens": 30,
        "output_tokens": 3, "working_dir": "/w", "schedule_id": "daily", "zz": 1});
    let lines = [
        header,
        json!({"role": "user", "created": 1_742_000_000, "content": [text("hello")]}),
    ];
    let session = read(&home(RUST, &lines));
    assert_eq!(session.title.as_deref(), Some("Greeting"));
    assert_eq!(session.cwd.as_deref(), Some("/w"));
    assert_eq!(tokens_of(&session), (30, 3));
    let extra = session.events[0].extra.as_ref().unwrap();
    assert_eq!(extra.json(), "{\"zz\":1,\"schedule_id\":\"daily\"}");
}

#[test]
fn damage_costs_only_its_line() {
    let home = home(RUST, &[]);
    let file = home.path().join(RUST);
    let user = json!({"role": "user", "created": 1, "content": [text("hello")]});
    let odd = "{\"type\":\"poem\"}\n{\"role\":\"user\",\"cont\n{\"role\":\"user\",\"created\":2,\"content\":\"plain\"}\n";
    fs::write(&file, format!("{user}\n{odd}{{\"role\":\"us")).unwrap();
    let session = read(&home);
    assert_eq!(texts(&session), ["hello", "plain"]);
    assert_eq!(codes(&session), ["unknown-record", "bad-json", "cut-line"]);
}

/// A file that only looks like a session of Goose gives nothing but what it says.
#[test]
fn other_files_of_lines_do_no_harm() {
    let lines = [
        json!({"sessionId": "x", "message": {"role": "user"}}),
        json!({"a": 1}),
    ];
    let session = read(&home(RUST, &lines));
    assert!(prompts(&session).is_empty());
    assert_eq!(codes(&session), ["unknown-record"]);
}
