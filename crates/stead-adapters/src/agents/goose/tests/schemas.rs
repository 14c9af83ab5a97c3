//! Every generation of the schema, made by hand from the public migrations.

use serde_json::json;
use stead_testkit::truth::{prompts, tokens_of};
use stead_usf::{Inactive, LinkKind, Status};

use super::store::{Store, request, response, text, texts, tools};
use crate::agents::goose::Goose;
use crate::conformance;

/// A session of this generation with a prompt, a call and an answer.
fn store(schema: u32) -> Store {
    let mut store = Store::of(schema);
    store.session("20251001_1");
    store.run("UPDATE sessions SET id = 's', accumulated_input_tokens = 70, accumulated_output_tokens = 7, input_tokens = 30");
    store.user("go");
    let input = json!({"command": "write", "path": "a", "file_text": "x"});
    store.message(
        "assistant",
        json!([
            text("I write"),
            request("c1", "developer__text_editor", input)
        ]),
    );
    store.message("user", json!([response("c1", "done")]));
    store.assistant("That is all");
    store
}

#[test]
fn every_schema_is_read() {
    for schema in 1..=17 {
        let session = store(schema).read();
        assert_eq!(prompts(&session), ["go"], "schema {schema}");
        assert_eq!(texts(&session), ["go", "I write", "done", "That is all"]);
        assert_eq!(session.title.as_deref(), Some("Title"));
        assert_eq!(session.cwd.as_deref(), Some("/w"));
        assert_eq!(tokens_of(&session), (70, 7));
        assert_eq!(session.status, Some(Status::Ended));
        assert!(
            session.issues.is_empty(),
            "schema {schema}: {:?}",
            session.issues
        );
        let call = tools(&session).next().unwrap();
        assert!(call.result.is_some());
        assert_eq!(call.edits[0].path, "a");
    }
}

#[test]
fn the_first_and_the_middle_schema_keep_the_laws() {
    for schema in [1, 10] {
        let store = store(schema);
        conformance::check(&Goose, store.home.path());
    }
}

/// Versions 10 to 12 kept the messages of other clients in a table of their own.
#[test]
fn messages_of_threads_are_found_where_there_are_no_others() {
    let mut store = Store::of(12);
    store.session("s");
    store.user("hello");
    let copy = "INSERT INTO thread_messages (thread_id, session_id, message_id, role, content_json, created_timestamp)
         SELECT 't', session_id, message_id, role, content_json, created_timestamp FROM messages";
    store.run(copy);
    assert_eq!(texts(&store.read()), ["hello"], "the copy is left alone");
    store.run("DELETE FROM messages");
    assert_eq!(texts(&store.read()), ["hello"]);
}

/// Forks of Goose number their own migrations alike.
#[test]
fn columns_decide_and_not_the_number() {
    let mut store = Store::of(3);
    store.session("s");
    store.run(
        "INSERT INTO schema_version VALUES (9); ALTER TABLE sessions ADD tenant_id TEXT;
         ALTER TABLE messages ADD mood TEXT; UPDATE sessions SET tenant_id = 'acme';",
    );
    store.user("go");
    store.run("UPDATE messages SET mood = 'fine'");
    let session = store.read();
    let all = serde_json::to_string(&session).unwrap();
    assert!(
        all.contains("{\"tenant_id\":\"acme\"}") && all.contains("{\"mood\":\"fine\"}"),
        "{all}"
    );
    assert!(session.issues.is_empty());
}

#[test]
fn what_is_missing_is_named() {
    let store = Store::of(16);
    store.run("ALTER TABLE messages RENAME COLUMN content_json TO content; DROP TABLE sessions");
    let expected = "the database has no column `sessions.id`, `messages.content_json`";
    assert_eq!(store.unplaced(), [expected]);
    assert!(store.read_all().is_empty());
}

#[test]
fn a_ledger_is_counted_once() {
    let mut store = Store::new();
    store.user("go");
    let usage =
        json!({"inputTokens": 100, "outputTokens": 10, "cacheReadTokens": 80, "totalTokens": 110});
    let inference = json!({"provider": "anthropic", "requestedModel": "m-1"});
    let metadata = json!({"usage": usage, "inference": inference});
    store.message_with("assistant", json!([text("yes")]), metadata);
    store.run(
        "UPDATE sessions SET accumulated_input_tokens = 1130, accumulated_output_tokens = 113,
           accumulated_cache_read_tokens = 80, accumulated_cost = 0.75;
         INSERT INTO usage_ledger (session_id, created_timestamp, input_tokens, output_tokens, cost, cost_source)
           VALUES ('s', 1795000001, 1000, 100, 0.5, 'carried_forward');
         INSERT INTO usage_ledger (session_id, created_timestamp, model, input_tokens, output_tokens, cache_read_tokens, cost)
           VALUES ('s', 1795000002, 'm-1', 100, 10, 80, 0.125);",
    );
    let session = store.read();
    assert_eq!(tokens_of(&session), (1130, 113));
    assert_eq!(session.usage.cache_read, Some(80));
    assert_eq!(session.cost_usd, Some(0.75));
    let told: Vec<_> = session
        .events
        .iter()
        .filter(|event| event.usage.is_some())
        .collect();
    let shown: Vec<_> = told
        .iter()
        .map(|event| (event.id.as_str(), event.cost_usd))
        .collect();
    // The last is what the session's own sums know beyond the other two.
    assert_eq!(
        shown[1..],
        [("request-1", Some(0.5)), ("usage", Some(0.125))]
    );
    assert_eq!(told[0].usage.unwrap().input, Some(20));
    assert_eq!(told[0].cost_usd, Some(0.125));
    assert_eq!(told[2].usage.unwrap().input, Some(30));
}

#[test]
fn a_copy_of_a_copy_has_the_right_parent() {
    let store = Store::of(16);
    let sessions = [
        ("a", vec!["1", "2"]),
        ("b", vec!["1", "2", "3"]),
        ("c", vec!["1", "2", "3", "4"]),
    ];
    for (session, messages) in sessions {
        store.session(session);
        for id in messages {
            store.put(
                session,
                &format!("msg_{id}"),
                "user",
                &json!([text(id)]),
                &json!({}),
            );
            // Some providers give every reply the same id.
            store.put(
                session,
                "chatcmpl-0",
                "assistant",
                &json!([text("yes")]),
                &json!({}),
            );
        }
    }
    store.session("d");
    store.put("d", "msg_5", "user", &json!([text("5")]), &json!({}));
    store.put(
        "d",
        "chatcmpl-0",
        "assistant",
        &json!([text("yes")]),
        &json!({}),
    );
    let sessions = store.read_all();
    let parents: Vec<_> = sessions
        .iter()
        .map(|session| {
            session
                .parent
                .as_ref()
                .map(|parent| (parent.id.native(), parent.kind))
        })
        .collect();
    assert_eq!(
        parents,
        [
            None,
            Some(("a", LinkKind::Fork)),
            Some(("b", LinkKind::Fork)),
            None
        ]
    );
    let own = sessions[2].events.iter().filter(|event| !event.inherited);
    let own: Vec<_> = own.filter_map(|event| event.text.as_deref()).collect();
    assert!(own.starts_with(&["4"]), "{own:?}");
    store.run("DELETE FROM messages WHERE session_id = 'b'");
    assert_eq!(
        store.read_all()[2].parent.as_ref().unwrap().id.native(),
        "a"
    );
}

#[test]
fn a_second_compaction_takes_the_first_with_it() {
    let mut store = Store::new();
    let (user_only, model_only) = (
        json!({"agentVisible": false}),
        json!({"userVisible": false}),
    );
    let nobody = json!({"userVisible": false, "agentVisible": false});
    let said = |text_: &str| json!([text(text_)]);
    store.message_with("user", said("one"), user_only.clone());
    store.message_with("user", said("first summary"), nobody.clone());
    store.message_with("assistant", said("note"), nobody);
    store.message_with("user", said("/compact"), user_only.clone());
    store.message_with("assistant", said("Compaction complete"), user_only.clone());
    store.user("two");
    store.run("UPDATE messages SET metadata_json = '{\"agentVisible\":false}' WHERE id = 6");
    store.message_with("user", said("second summary"), model_only.clone());
    store.user("three");
    store.message_with("user", said("the subagent has reported"), model_only);
    let session = store.read();
    let shown: Vec<_> = session
        .events
        .iter()
        .map(|event| {
            (
                event.text.as_deref().unwrap(),
                event.kind.as_str(),
                event.inactive.is_some(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("one", "user", true),
            ("first summary", "summary", true),
            ("note", "system", true),
            ("/compact", "user", false),
            ("Compaction complete", "system", false),
            ("two", "user", true),
            ("second summary", "summary", false),
            ("three", "user", false),
            ("the subagent has reported", "user", false),
        ]
    );
    assert_eq!(session.events[0].inactive, Some(Inactive::Compacted));
    assert_eq!(prompts(&session), ["one", "/compact", "two", "three"]);
}
