//! Unknown parts, damage, and everything out of order.

use serde_json::{Value, json};
use stead_testkit::truth::prompts;
use stead_usf::EventType;

use super::store::{Store, call, codes, finish, other, result, text, texts, tools};

#[test]
fn unknown_parts_and_fields_are_kept() {
    let mut store = Store::new();
    store.run(
        "ALTER TABLE messages ADD COLUMN mood TEXT; ALTER TABLE sessions ADD COLUMN colour TEXT",
    );
    store.user("go");
    let mut odd = text("hi");
    odd["beside"] = json!(1);
    odd["data"]["within"] = json!(2);
    let hologram = json!({"type": "hologram", "data": {"beam": 7}});
    store.assistant(json!([hologram, {"type": "hologram", "data": {"beam": 8}}, 9, odd]));
    store.run("UPDATE messages SET mood = 'fine'; UPDATE sessions SET colour = 'red'");
    let session = store.read();
    assert_eq!(codes(&session), ["unknown-record", "unknown-record"]);
    let all = serde_json::to_string(&session).unwrap();
    for kept in [
        "\"beam\":7",
        "\"beam\":8",
        "\"beside\":1",
        "\"within\":2",
        "\"mood\":\"fine\"",
        "\"colour\":\"red\"",
    ] {
        assert!(all.contains(kept), "{kept}");
    }
}

#[test]
fn damaged_rows_cost_only_themselves() {
    let mut store = Store::new();
    for said in ["one", "two", "three", "four", "five"] {
        store.user(said);
    }
    store.file("/w/a", "x");
    store.run(
        "UPDATE messages SET parts = '[{\"type\":\"text\", cut' WHERE id = 'm1';
         UPDATE messages SET parts = x'00ff' WHERE id = 'm2';
         UPDATE messages SET role = 'oracle' WHERE id = 'm3';
         UPDATE messages SET created_at = 'late', id = '' WHERE id = 'm4';
         UPDATE messages SET created_at = 1795000000123 WHERE id = 'm5';
         UPDATE files SET content = x'ff';",
    );
    let session = store.read();
    let mut found = codes(&session);
    found.sort_unstable();
    assert_eq!(found, ["bad-json", "bad-json", "unknown-record"]);
    assert_eq!(texts(&session), ["four", "five"]);
    let last = session
        .events
        .iter()
        .rfind(|event| event.is_prompt())
        .unwrap();
    assert_eq!(last.at.unwrap().as_millis(), 1_795_000_000_123);
}

#[test]
fn messages_without_a_session_are_a_session() {
    let mut store = Store::new();
    store.user("hello");
    store.run("DELETE FROM sessions");
    let session = store.read();
    assert_eq!(texts(&session), ["hello"]);
    assert_eq!(codes(&session), ["lost-session"]);
    assert!(session.cwd.is_none());
}

#[test]
fn what_is_missing_is_named() {
    let store = Store::new();
    store.run("DROP TABLE files; ALTER TABLE messages RENAME COLUMN parts TO pieces");
    assert_eq!(
        store.unplaced(),
        ["the database has no column `messages.parts`"]
    );
    assert!(store.read_all().is_empty());
    store.run("ALTER TABLE messages RENAME COLUMN pieces TO parts");
    assert_eq!(store.read_all().len(), 1, "without a history of files");
}

#[test]
fn results_find_their_calls_in_any_order() {
    let mut store = Store::new();
    let said = |id: &str, said: &str| result(id, "bash", said, Value::Null);
    store.tool(json!([said("early", "before")]));
    store.assistant(json!([
        call("early", "bash", json!({})),
        call("twice", "bash", json!({}))
    ]));
    store.assistant(json!([
        call("twice", "bash", json!({})),
        call("never", "bash", json!({}))
    ]));
    store.tool(json!([
        said("twice", "1"),
        said("twice", "2"),
        said("twice", "3"),
        said("lost", "x"),
        said("", "y")
    ]));
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
    assert_eq!(results.len(), 6);
}

/// Killed in the middle of a call: its input is no JSON yet.
#[test]
fn cut_calls_keep_what_came() {
    let mut store = Store::new();
    let cut = json!({"id": "c", "name": "write", "input": "{\"file_path\": \"/w/a", "type": "", "finished": false});
    store.assistant(json!([
        other("tool_call", cut),
        other("tool_call", json!({"id": "d", "name": "ls", "input": ""}))
    ]));
    let session = store.read();
    let call = tools(&session).next().unwrap();
    assert_eq!(
        call.input.as_ref().unwrap().json(),
        "\"{\\\"file_path\\\": \\\"/w/a\""
    );
    assert_eq!(call.extra.as_ref().unwrap().json(), "{\"finished\":false}");
    assert!(call.edits.is_empty());
    assert!(tools(&session).nth(1).unwrap().input.is_none());
}

#[test]
fn odd_results_are_kept() {
    let mut store = Store::new();
    let mut odd = result("1", "view", "see", json!({"content": "x", "zz": 1}));
    odd["data"]["data"] = json!("aGk=");
    odd["data"]["mime_type"] = json!("image/png");
    let mut worse = result("2", "bash", "Exit code 3", Value::Null);
    worse["data"]["metadata"] = json!("{cut");
    store.tool(json!([odd, worse]));
    let session = store.read();
    let expected = "[{\"data\":\"aGk=\",\"mime_type\":\"image/png\"}]";
    assert_eq!(
        session.events[0].attachments.as_ref().unwrap().json(),
        expected
    );
    let extra = |place: usize| session.events[place].extra.as_ref().unwrap().json();
    assert_eq!(extra(0), "{\"metadata\":{\"zz\":1}}");
    assert_eq!(extra(1), "{\"metadata\":\"{cut\"}");
    assert_eq!(session.events[1].exit_code, Some(3));
}

#[test]
fn large_and_hostile_sessions_are_read() {
    let mut store = Store::new();
    store.user(&"x".repeat(8 << 20));
    store.user("\u{1b}[31m\u{0}\n[{\"type\":\"text\"}]");
    for number in 0..100 {
        store.file("/w/big", &number.to_string().repeat(1000));
    }
    store.assistant(json!([finish("end_turn")]));
    store.run("UPDATE sessions SET id = '../../s', cost = 1e308; UPDATE messages SET session_id = '../../s'; UPDATE files SET session_id = '../../s'");
    let session = store.read();
    assert_eq!(prompts(&session).len(), 2);
    let changes = session
        .events
        .iter()
        .filter(|event| event.kind == EventType::Edit);
    assert_eq!(changes.count(), 99);
    assert_eq!(session.cost_usd, Some(1e308));
}

#[test]
fn a_history_of_another_shape_is_left_out() {
    let mut store = Store::new();
    store.user("hello");
    store.file("/w/a", "x");
    store.run("ALTER TABLE files RENAME COLUMN id TO key");
    assert_eq!(store.unplaced(), ["the database has no column `files.id`"]);
    let session = store.read();
    assert_eq!(texts(&session), ["hello"]);
}
