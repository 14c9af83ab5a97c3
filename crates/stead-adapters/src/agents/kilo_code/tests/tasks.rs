//! Tasks of before 7, in the form that `tasks` reads. No program of that time is to be
//! had: they are made up after the public source.

use std::path::Path;

use fs_err as fs;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use stead_testkit::truth::prompts;
use stead_usf::{EventType, LinkKind, Scope, Session, Status, ToolKind, validate};

use super::KiloCode;
use crate::conformance;

const TASK: &str = "0198a4c2-7f3a-7c11-9d0e-5b1f6f1f9a10";
const CHILD: &str = "0198a4c3-0000-7c11-9d0e-5b1f6f1f9a11";
const EXTENSION: &str = ".config/Code/User/globalStorage/kilocode.kilo-code";
const COMMAND_LINE: &str = ".kilocode/cli/global";

fn write(home: &Path, name: &str, json: &Value) {
    let path = home.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, json.to_string()).unwrap();
}

/// A task with Kilo's own tools, by the protocol.
fn task(home: &Path, store: &str) {
    let request = json!({"apiProtocol": "openai", "tokensIn": 100, "tokensOut": 7,
        "cacheReads": 40, "cacheWrites": 0, "cost": 0.25, "inferenceProvider": "Upstream"});
    let sketch = json!({"tool": "editedExistingFile", "path": "a.py", "diff": "…"});
    let shown = json!([
        {"ts": 1000, "type": "say", "say": "text", "text": "Mend a.py"},
        {"ts": 1001, "type": "say", "say": "api_req_started", "text": request.to_string()},
        {"ts": 1002, "type": "say", "say": "checkpoint_saved", "text": "abc",
         "metadata": {"kiloCode": {"commitRange": {"from": "a", "to": "b"}}}},
        {"ts": 1003, "type": "say", "say": "text", "text": "I mend it."},
        {"ts": 1004, "type": "ask", "ask": "tool", "text": sketch.to_string()},
        {"ts": 1005, "type": "say", "say": "api_req_started", "text": request.to_string()},
        {"ts": 1006, "type": "ask", "ask": "payment_required_prompt", "text": "{}"},
        {"ts": 1007, "type": "say", "say": "completion_result", "text": "Mended."}
    ]);
    let call = json!({"type": "tool_use", "id": "call_1", "name": "fast_edit_file",
        "input": {"target_file": "a.py", "instructions": "mend", "code_edit": "x = 2\n"}});
    let result = json!({"type": "tool_result", "tool_use_id": "call_1", "content": "Done"});
    let finish = json!({"type": "tool_use", "id": "call_2", "name": "attempt_completion",
        "input": {"result": "Mended."}});
    let sent = json!([
        {"role": "user", "ts": 1001, "content": [
            {"type": "text", "text": "<task>\nMend a.py\n</task>"},
            {"type": "text", "text": "<environment_details>\n# Current Mode\n<model>m</model>\n</environment_details>"}]},
        {"role": "assistant", "ts": 1004, "content": [{"type": "text", "text": "I mend it."}, call]},
        {"role": "user", "ts": 1005, "content": [result]},
        {"role": "assistant", "ts": 1007, "content": [finish]}
    ]);
    let folder = format!("{store}/tasks/{TASK}");
    write(home, &format!("{folder}/ui_messages.json"), &shown);
    write(
        home,
        &format!("{folder}/api_conversation_history.json"),
        &sent,
    );
}

/// Its line in the list, and that of a subtask.
fn history() -> Value {
    json!([
        {"id": TASK, "number": 1, "ts": 1007, "task": "Mend a.py", "tokensIn": 200,
         "tokensOut": 14, "totalCost": 0.5, "workspace": "/w", "isFavorited": true},
        {"id": CHILD, "number": 2, "ts": 1008, "task": "Count", "tokensIn": 0,
         "tokensOut": 0, "totalCost": 0, "workspace": "/w", "parentTaskId": TASK}
    ])
}

/// The extension's store with both tasks, and the editor's state beside it.
fn extension() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    task(home.path(), EXTENSION);
    let shown = json!([{"ts": 1008, "type": "say", "say": "text", "text": "Count"}]);
    write(
        home.path(),
        &format!("{EXTENSION}/tasks/{CHILD}/ui_messages.json"),
        &shown,
    );
    let state = home.path().join(EXTENSION).with_file_name("state.vscdb");
    let state = Connection::open(state).unwrap();
    state
        .execute_batch("CREATE TABLE ItemTable (key TEXT UNIQUE, value BLOB)")
        .unwrap();
    let value = json!({"taskHistory": history()}).to_string();
    let insert = "INSERT INTO ItemTable VALUES ('kilocode.Kilo-Code', ?1)";
    state.execute(insert, params![value]).unwrap();
    home
}

fn read(home: &Path, id: &str) -> Session {
    let mut sessions = conformance::sessions(&KiloCode, home);
    let session = sessions.remove(id).unwrap();
    assert_eq!(validate(&session), []);
    assert_eq!(session.issues, []);
    session
}

#[test]
fn tasks_keep_the_laws() {
    conformance::check(&KiloCode, extension().path());
}

#[test]
fn a_task_of_the_extension() {
    let home = extension();
    let session = read(home.path(), TASK);
    assert_eq!(prompts(&session), ["Mend a.py"]);
    assert_eq!(
        session.cwd.as_deref(),
        Some("/w"),
        "from the editor's state"
    );
    assert_eq!(session.status, Some(Status::Ended));
    let usage = session.usage;
    assert_eq!(
        (usage.input, usage.cache_read, usage.output),
        (Some(120), Some(80), Some(14))
    );
    assert_eq!(session.cost_usd, Some(0.5));
    assert_eq!(session.models[0].id, "m");
    let mut calls = session
        .events
        .iter()
        .filter(|e| e.kind == EventType::ToolCall);
    let edit = calls.next().unwrap();
    assert_eq!(edit.tool.as_ref().unwrap().kind, ToolKind::Edit);
    assert_eq!(
        edit.edits[0].scope,
        Some(Scope::Fragment),
        "another model carries it out"
    );
    let all = serde_json::to_string(&session).unwrap();
    for kept in ["commitRange", "inferenceProvider", "isFavorited"] {
        assert!(all.contains(kept), "{kept}");
    }
    let child = read(home.path(), CHILD);
    let link = child.parent.as_ref().unwrap();
    assert_eq!((&link.id, link.kind), (&session.id, LinkKind::Subagent));
    assert_eq!(prompts(&child), [""; 0], "another task's model wrote it");
}

/// The command line, the plugin, and where a setting points to.
#[test]
fn tasks_are_found_wherever_a_program_kept_them() {
    for store in [
        COMMAND_LINE,
        ".kilocode/globalStorage",
        ".kilocode/globalStorage/kilo code.kilo-code",
        ".vscode-server/data/User/globalStorage/kilocode.kilo-code",
    ] {
        let home = tempfile::tempdir().unwrap();
        task(home.path(), store);
        assert_eq!(read(home.path(), TASK).cwd, None, "{store}");
        let list = json!({"taskHistory": history()});
        write(home.path(), &format!("{store}/global-state.json"), &list);
        assert_eq!(
            read(home.path(), TASK).cwd.as_deref(),
            Some("/w"),
            "{store}"
        );
    }
    let home = tempfile::tempdir().unwrap();
    task(home.path(), "elsewhere");
    let folder = home.path().join("elsewhere");
    let settings = json!({"kilo-code.customStoragePath": folder.to_str().unwrap()});
    write(home.path(), ".config/Code/User/settings.json", &settings);
    assert_eq!(prompts(&read(home.path(), TASK)), ["Mend a.py"]);
}
