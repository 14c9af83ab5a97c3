//! Crush's databases, all made by hand: no real one was to be had. The cases in
//! `testdata/` were made by `store`, as it makes those of the other tests.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use stead_testkit::truth::prompts;
use stead_usf::{EventType, Session, Status};

use super::Crush;
use crate::conformance;
use store::{
    GENERATIONS, Store, call, codes, finish, other, read_home, result, text, texts, thinking, tools,
};

mod changes;
mod course;
mod files;
mod oddities;
mod places;
mod store;

fn testdata(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/agents/crush/testdata")
        .join(case)
}

/// A session with everything that is usual: a prompt with a file, reasoning, calls
/// that read, edit, write, run and fail, a subagent, and a summary.
fn usual(schema: u32) -> Store {
    let mut store = Store::of(schema);
    store.session("s", None);
    let file = other(
        "binary",
        json!({"Path": "a.png", "MIMEType": "image/png", "Data": "aGk="}),
    );
    store.put("s", "user", json!([text("fix it"), file, finish("stop")]));
    store.tick();
    let edit = json!({"file_path": "/w/a.rs", "old_string": "x", "new_string": "y"});
    let write = json!({"file_path": "/w/b.rs", "content": "new\n"});
    store.assistant(json!([
        thinking("Let me see."),
        text("I look."),
        call("c1", "view", json!({"file_path": "/w/a.rs"})),
        call("c2", "edit", edit),
        call("c3", "write", write),
        finish("tool_use"),
    ]));
    store.file("/w/a.rs", "x\n");
    store.file("/w/a.rs", "y\n");
    store.file("/w/b.rs", "old\n");
    store.file("/w/b.rs", "new\n");
    let view = json!({"file_path": "/w/a.rs", "content": "x\n"});
    let edited = json!({"additions": 1, "removals": 1, "old_content": "x\n", "new_content": "y\n"});
    let written = json!({"diff": "@@ -1,1 +1,1 @@\n-old\n+new\n", "additions": 1, "removals": 1});
    store.tool(json!([
        result("c1", "view", "<file>x</file>", view),
        result("c2", "edit", "Content replaced", edited),
        result("c3", "write", "File successfully written", written),
        finish("stop"),
    ]));
    store.tick();
    let message = store.assistant(json!([
        call(
            "c4",
            "bash",
            json!({"command": "ls nothing", "description": "List"})
        ),
        call("c5", "agent", json!({"prompt": "count"})),
        finish("tool_use"),
    ]));
    let ran = json!({"start_time": 1_795_000_002_000_i64, "end_time": 1_795_000_002_250_i64,
        "output": "", "description": "List", "working_directory": "/w"});
    store.tool(json!([
        result(
            "c4",
            "bash",
            "ls: nothing\nExit code 2\n\n<cwd>/w</cwd>",
            ran
        ),
        result("c5", "agent", "three", Value::Null),
        finish("stop"),
    ]));
    store.tick();
    store.assistant(json!([text("Done."), finish("end_turn")]));
    let child = format!("{message}$$c5");
    store.session(&child, Some("s"));
    store.put(&child, "user", json!([text("count"), finish("stop")]));
    store.put(
        &child,
        "assistant",
        json!([text("three"), finish("end_turn")]),
    );
    store.run(&format!(
        "UPDATE sessions SET cost = 0.25, prompt_tokens = 900, completion_tokens = 80 WHERE id = 's';
         UPDATE sessions SET cost = 0.05 WHERE id = '{child}';"
    ));
    store
}

fn main_of(sessions: &[Session]) -> &Session {
    sessions
        .iter()
        .find(|session| session.native_id == "s")
        .unwrap()
}

#[test]
fn the_first_schema_keeps_the_laws() {
    conformance::check(&Crush, &testdata("schema-2025-04/home"));
}

#[test]
fn the_newest_schema_keeps_the_laws() {
    conformance::check(&Crush, &testdata("schema-2026-01/home"));
}

#[test]
fn nothing_is_found_where_nothing_is() {
    conformance::check_empty(&Crush);
}

#[test]
fn every_schema_is_read() {
    for (schema, _) in GENERATIONS {
        let store = usual(schema);
        let sessions = store.read_all();
        let session = main_of(&sessions);
        assert_eq!(prompts(session), ["fix it"], "{schema}");
        let said = [
            "fix it",
            "Let me see.",
            "I look.",
            "<file>x</file>",
            "Content replaced",
            "File successfully written",
            "ls: nothing\nExit code 2\n\n<cwd>/w</cwd>",
            "three",
            "Done.",
        ];
        assert_eq!(texts(session), said, "{schema}");
        assert_eq!(session.title.as_deref(), Some("Title"));
        let project = store.home.path().join("work/demo");
        assert_eq!(session.cwd.as_deref(), project.to_str());
        assert_eq!(session.status, Some(Status::Ended));
        assert!(session.issues.is_empty(), "{:?}", session.issues);
        assert!(tools(session).all(|event| event.result.is_some()));
        let model = &session.models[0];
        let provider = (schema >= 202_506).then_some("anthropic");
        assert_eq!(
            (model.id.as_str(), model.provider.as_deref()),
            ("m-1", provider)
        );
        assert!(
            session.events[0]
                .attachments
                .as_ref()
                .unwrap()
                .json()
                .contains("a.png")
        );
    }
}

#[test]
fn only_what_is_recorded_is_told_of_tokens_and_cost() {
    let sessions = usual(202_601).read_all();
    let session = main_of(&sessions);
    assert!(session.usage.is_empty(), "the last request is no sum");
    assert_eq!(session.cost_usd, Some(0.25));
    let last = session.events.last().unwrap();
    let extra = last.extra.as_ref().unwrap().json();
    assert!(extra.contains("\"prompt_tokens\":900") && extra.contains("\"completion_tokens\":80"));
    let child = sessions
        .iter()
        .find(|session| !session.is_top_level())
        .unwrap();
    assert_eq!(child.cost_usd, None, "it is in its parent's");
    assert!(
        child
            .events
            .last()
            .unwrap()
            .extra
            .as_ref()
            .unwrap()
            .json()
            .contains("\"cost\":0.05")
    );
}

#[test]
fn results_say_how_it_went() {
    let sessions = usual(202_601).read_all();
    let session = main_of(&sessions);
    let result = |id: &str| {
        let is_it = |event: &&stead_usf::Event| {
            event.kind == EventType::ToolResult && event.call_id.as_deref() == Some(id)
        };
        session.events.iter().find(is_it).unwrap()
    };
    let bash = result("c4");
    assert_eq!(
        (bash.ok, bash.exit_code, bash.duration_ms),
        (Some(false), Some(2), Some(250))
    );
    assert_eq!(result("c1").ok, Some(true));
    assert!(
        session
            .events
            .iter()
            .rev()
            .skip(1)
            .all(|event| event.extra.is_none())
    );
}

#[test]
fn the_cases_hold_what_the_tests_make() {
    for (case, schema) in [("schema-2025-04", 202_504), ("schema-2026-01", 202_601)] {
        let home = conformance::unpack(&testdata(case).join("home"));
        let (kept, made) = (read_home(home.path()), usual(schema).read_all());
        let shown = |sessions: &[Session]| -> Vec<_> {
            let all = sessions.iter().flat_map(|session| &session.events);
            all.map(|event| (event.id.clone(), event.kind, event.text.clone()))
                .collect()
        };
        assert_eq!(shown(&kept), shown(&made), "{case}");
        assert!(codes(main_of(&kept)).is_empty());
    }
}
