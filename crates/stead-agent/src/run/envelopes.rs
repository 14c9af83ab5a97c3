//! What a session records of its calls, held against the protocol's schema by a validator
//! that is not ours.

use serde_json::{Value, json};

use super::tests::{Scribe, Watcher, answer_calls, answer_says, done, ran};
use crate::record::{calls, digest};

const SCHEMA: &str = include_str!("../../../../docs/specs/tool-calling-protocol.schema.json");

fn is_valid(document: &Value) -> bool {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    jsonschema::validator_for(&schema)
        .unwrap()
        .is_valid(document)
}

/// The only call of a session in which the model answers so.
fn document(answers: Vec<(u16, Value)>, hands: Scribe, front: Watcher) -> Value {
    let documents = calls(&ran(answers, hands, front).front.seen);
    assert_eq!(documents.len(), 1);
    documents.into_iter().next().unwrap()
}

#[test]
fn recorded_calls_are_documents_of_the_protocol() {
    let document = document(done(), Scribe::default(), Watcher::default());
    assert!(is_valid(&document), "{document:#}");
    assert_eq!(
        document["call"],
        json!({"method": "tools/call", "params": {"name": "write", "arguments": {"path": "a.txt"}}})
    );
    assert_eq!(
        document["result"],
        json!({"content": [{"type": "text", "text": "written"}], "isError": false})
    );
    let envelope = &document["envelope"];
    assert_eq!(envelope["arguments"], digest(b"{\"path\":\"a.txt\"}"));
    assert_eq!(envelope["result"], digest(b"written"));
    assert_eq!(
        envelope["model"],
        json!({"id": "tiny-1", "provider": "local"})
    );
    assert_eq!(
        (
            &envelope["call"],
            &envelope["parent"],
            &envelope["exchange"]
        ),
        (&json!("c1"), &json!("e1"), &json!("r1"))
    );
    assert_eq!(envelope["took_ms"], 3);
    // The digest is what `printf 'x\n' | sha256sum` prints.
    let sum = "73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac";
    assert_eq!(envelope["files"], json!([{"path": "a.txt", "after": sum}]));
}

#[test]
fn arguments_that_are_no_object_stand_in_a_field() {
    let answers = vec![
        answer_calls("I write it.", "write", "*** Begin Patch"),
        answer_says("It is written."),
    ];
    let document = document(answers, Scribe::default(), Watcher::default());
    assert!(is_valid(&document), "{document:#}");
    assert_eq!(
        document["call"]["params"]["arguments"],
        json!({"input": "*** Begin Patch"})
    );
    assert_eq!(
        document["envelope"]["arguments"],
        digest(b"*** Begin Patch")
    );
}

#[test]
fn what_is_no_call_is_refused_by_the_schema() {
    let good = document(done(), Scribe::default(), Watcher::default());
    for (path, value) in [
        ("/protocol", json!("2.0")),
        ("/call/method", json!("tools/list")),
        ("/call/params/arguments", json!("text")),
        ("/result/isError", json!(null)),
        ("/result/content/0", json!({"type": "text"})),
        (
            "/envelope/arguments",
            json!("d41d8cd98f00b204e9800998ecf8427e"),
        ),
        ("/envelope/decision", json!("")),
        ("/envelope/begun", json!("yesterday")),
        ("/envelope/files/0", json!({"path": "a.txt"})),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(path).unwrap() = value;
        assert!(!is_valid(&bad), "{path}");
    }
    let mut newer = good;
    newer["envelope"]["later"] = json!(1);
    assert!(is_valid(&newer));
}

#[test]
fn envelopes_say_what_the_model_states_and_only_what_is_so() {
    let front = Watcher {
        typed: vec!["keep the style please".to_owned()],
        ..Watcher::default()
    };
    let answers = vec![
        answer_says("What is to be done?"),
        answer_calls(
            "You said \"keep the style\" and \"do what you like\": I write it [S4, S99].",
            "write",
            "{}",
        ),
        answer_says("It is written."),
    ];
    let envelope = document(answers, Scribe::default(), front)["envelope"].clone();
    assert_eq!(envelope["follows"], json!(["S4"]), "{envelope:#}");
    assert_eq!(
        envelope["quotes"],
        json!(["keep the style"]),
        "{envelope:#}"
    );
    let silent = vec![answer_calls("", "write", "{}"), answer_says("Done.")];
    let envelope = document(silent, Scribe::default(), Watcher::default())["envelope"].clone();
    assert!(envelope.get("follows").is_none() && envelope.get("quotes").is_none());
}

#[test]
fn refused_calls_have_an_envelope_too() {
    let hands = Scribe {
        forbids: true,
        ..Scribe::default()
    };
    let document = document(done(), hands, Watcher::default());
    assert!(is_valid(&document), "{document:#}");
    assert_eq!(document["envelope"]["decision"], "allow: rule 1");
    assert!(document["envelope"].get("files").is_none());
}
