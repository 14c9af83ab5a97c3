//! Damaged files, unknown records, broken links.

use serde_json::json;

use super::store::{Store, codes, text, texts};

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

/// Synthetic: files of other editors, and files that were longer before.
#[test]
fn what_is_around_an_object_costs_nothing() {
    let mut store = Store::new();
    let user = store.user("go");
    store.assistant(&user, &[text("kept")]);
    let longer = format!("{}\"}}}}", text("rewritten"));
    store.write("part/msg_002/prt_002_1.json", longer);
    let marked = format!("\u{feff}{}\r\n\0\0", text("marked"));
    store.write("part/msg_002/prt_002_2.json", marked);
    let session = store.read();
    assert_eq!(texts(&session), ["go", "kept", "rewritten", "marked"]);
    assert_eq!(codes(&session), ["leftover"]);
}
