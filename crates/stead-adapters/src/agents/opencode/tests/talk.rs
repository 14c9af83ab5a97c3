//! What stays part of the conversation, and how it ends.

use serde_json::{Value, json};
use stead_usf::{EventType, Inactive, LinkKind, Status};

use super::store::{Store, text, tool};

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
