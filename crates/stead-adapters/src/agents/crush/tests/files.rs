//! What happened to files: by calls, and between them.

use serde_json::{Value, json};
use stead_usf::{EditOperation, EventType, Scope};

use super::store::{Store, call, result, tools};
use super::{main_of, usual};

#[test]
fn edits_have_the_whole_file_before_and_after() {
    let sessions = usual(202_601).read_all();
    let session = main_of(&sessions);
    let edits: Vec<_> = session
        .events
        .iter()
        .flat_map(|event| &event.edits)
        .collect();
    let shown: Vec<_> = edits
        .iter()
        .map(|edit| {
            (
                edit.path.as_str(),
                edit.operation,
                edit.scope,
                edit.before.as_deref(),
                edit.after.as_deref(),
            )
        })
        .collect();
    let (modify, file) = (EditOperation::Modify, Some(Scope::File));
    let expected = [
        ("/w/a.rs", modify, file, Some("x\n"), Some("y\n")),
        ("/w/b.rs", modify, file, Some("old\n"), Some("new\n")),
    ];
    assert_eq!(shown, expected);
    assert!(
        session
            .events
            .iter()
            .all(|event| event.kind != EventType::Edit)
    );
}

#[test]
fn changes_by_others_are_edits_of_their_own() {
    let mut store = Store::new();
    let write = |content: &str| json!({"file_path": "a.rs", "content": content});
    store.assistant(json!([call("1", "write", write("one"))]));
    store.file("/w/a.rs", "");
    store.file("/w/a.rs", "one");
    store.tool(json!([result("1", "write", "written", Value::Null)]));
    store.tick();
    store.assistant(json!([call("2", "write", write("three"))]));
    store.file("/w/a.rs", "two, by hand");
    store.file("/w/a.rs", "three");
    store.tool(json!([result("2", "write", "written", Value::Null)]));
    store.tick();
    store.file("/w/a.rs", "four, renamed");
    store.file("/w/b.rs", "as it was");
    let session = store.read();
    let shown: Vec<_> = session
        .events
        .iter()
        .flat_map(|event| event.edits.iter().map(|edit| (event.kind, edit)))
        .map(|(kind, edit)| {
            (
                kind.as_str(),
                edit.operation,
                edit.before.as_deref(),
                edit.after.as_deref(),
            )
        })
        .collect();
    let (write, modify) = (EditOperation::Write, EditOperation::Modify);
    let expected = [
        ("tool_call", write, Some(""), Some("one")),
        ("tool_call", modify, Some("two, by hand"), Some("three")),
        ("edit", modify, Some("one"), Some("two, by hand")),
        ("edit", modify, Some("three"), Some("four, renamed")),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn edits_without_metadata_are_found_in_the_history() {
    let mut store = Store::new();
    let several = json!({"file_path": "/w/a", "edits": [
        {"old_string": "a", "new_string": "b"}, {"old_string": "c", "new_string": "d", "replace_all": true}]});
    let fresh = json!({"file_path": "/w/new", "old_string": "", "new_string": "born"});
    let symbol = json!({"file_path": "/w/a", "symbol": "f", "replacement": "x"});
    store.assistant(json!([
        call("1", "multiedit", several),
        call("2", "edit", fresh),
        call("3", "lsp_replace_symbol", symbol),
        call(
            "4",
            "download",
            json!({"url": "https://x", "file_path": "/w/c"})
        )
    ]));
    for (path, content) in [
        ("/w/a", "a a c c"),
        ("/w/a", "b a d d"),
        ("/w/new", ""),
        ("/w/new", "born"),
        ("/w/a", "b a d d"),
    ] {
        store.file(path, content);
    }
    let replaced = json!({"file_path": "/w/a", "old_content": "b a d d", "new_content": "x", "action": "replace"});
    store.tool(json!([
        result("1", "multiedit", "done", Value::Null),
        result("2", "edit", "done", Value::Null),
        result("3", "lsp_replace_symbol", "done", replaced),
        result("4", "download", "done", Value::Null),
    ]));
    let session = store.read();
    let shown: Vec<_> = session
        .events
        .iter()
        .flat_map(|event| &event.edits)
        .map(|edit| {
            (
                edit.operation,
                edit.before.as_deref(),
                edit.after.as_deref(),
            )
        })
        .collect();
    let expected = [
        (EditOperation::Modify, Some("a a c c"), Some("b a d d")),
        (EditOperation::Create, None, Some("born")),
        (EditOperation::Modify, Some("b a d d"), Some("x")),
        (EditOperation::Write, None, None),
    ];
    assert_eq!(shown, expected);
}

/// What was refused is still what was asked for; the history has nothing of it.
#[test]
fn refused_edits_are_kept_as_they_were_asked_for() {
    let mut store = Store::new();
    let edit =
        json!({"file_path": "/w/a", "old_string": "x", "new_string": "y", "replace_all": true});
    store.assistant(json!([
        call("1", "edit", edit),
        call("2", "write", json!({"file_path": "/w/b", "content": "z"}))
    ]));
    let mut failed = result("1", "edit", "old_string not found", Value::Null);
    failed["data"]["is_error"] = json!(true);
    let mut refused = result(
        "2",
        "write",
        "User denied permission",
        json!({"diff": "@@ -1,1 +1,1 @@\n-q\n+z\n"}),
    );
    refused["data"]["is_error"] = json!(true);
    store.tool(json!([failed, refused]));
    let session = store.read();
    let edits: Vec<_> = session
        .events
        .iter()
        .flat_map(|event| &event.edits)
        .collect();
    assert!(edits[0].replace_all && edits[0].before.as_deref() == Some("x"));
    assert_eq!(edits[1].hunks[0].lines, ["-q", "+z"]);
    let ok: Vec<_> = session.events.iter().filter_map(|event| event.ok).collect();
    assert_eq!(ok, [false, false]);
}

/// A rename names its files in what it answers, and keeps what they were before.
#[test]
fn renames_and_deletions_are_edits() {
    let mut store = Store::new();
    store.assistant(json!([
        call("1", "lsp_rename", json!({"symbol": "f", "new_name": "g"})),
        call("2", "lsp_rename", json!({"symbol": "h", "new_name": "i"})),
        call("3", "edit", json!({"file_path": "/w/b", "old_string": "x"})),
        call("4", "edit", json!({"file_path": "/w/b"})),
    ]));
    store.file("/w/a", "f()");
    let said = "Renamed 'f' to 'g' in 2 file(s):\n\n  /w/a\n  /w/b\n\n<diagnostics>\n  none\n";
    store.tool(json!([
        result("1", "lsp_rename", said, Value::Null),
        result("2", "lsp_rename", "Symbol 'h' not found", Value::Null),
    ]));
    let session = store.read();
    let shown: Vec<_> = tools(&session)
        .map(|call| {
            let edits = call.edits.iter();
            edits
                .map(|edit| {
                    (
                        edit.path.as_str(),
                        edit.before.as_deref(),
                        edit.after.as_deref(),
                    )
                })
                .collect::<Vec<_>>()
        })
        .collect();
    let expected = [
        vec![("/w/a", None, None), ("/w/b", None, None)],
        vec![],
        vec![("/w/b", Some("x"), Some(""))],
        vec![],
    ];
    assert_eq!(shown, expected);
}
