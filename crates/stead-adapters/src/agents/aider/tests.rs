//! Held against real histories of seven runs, and against what was made by hand.

mod commits;
mod growth;
mod odd;
mod places;
mod store;

use stead_usf::{EditOperation, EventType, ToolKind, Usage};

use self::store::{Store, case, hashes, of_kind};
use super::Aider;
use crate::conformance;

const CASES: [&str; 7] = [
    "v0.20.0",
    "v0.36.0",
    "v0.50.1",
    "v0.60.1",
    "v0.70.0",
    "v0.86.2",
    "v0.86.2-formats",
];

#[test]
fn every_law_holds() {
    // Side by side: each case is read some hundred times.
    std::thread::scope(|scope| {
        for name in CASES {
            scope.spawn(move || conformance::check(&Aider, &case(name).join("home")));
        }
    });
}

#[test]
fn nothing_is_found_where_nothing_is() {
    conformance::check_empty(&Aider);
}

/// Folder, prompts in order, words, reasoning, status, commits and files.
#[test]
fn what_happened_is_what_is_read() {
    for name in CASES {
        Store::of(name).check();
    }
}

#[test]
fn models_and_tokens_are_those_that_were_printed() {
    let usage = |input, output| Usage {
        input: Some(input),
        output: Some(output),
        ..Usage::default()
    };
    let old = Store::of("v0.20.0");
    assert_eq!(old.session("whole").models[0].id, "gpt-3.5-turbo-1106");
    assert_eq!(old.session("whole").usage, Usage::default(), "none printed");
    let priced = Store::of("v0.50.1");
    let session = priced.session("mismatch");
    assert_eq!(session.usage, usage(1613 + 1754, 46 + 41));
    assert!((session.cost_usd.unwrap() - 0.11).abs() < 1e-9);
    let new = Store::of("v0.86.2");
    assert_eq!(new.session("one").usage, usage(2500, 239), "rounded");
    let models: Vec<_> = new
        .session("four")
        .models
        .iter()
        .map(|model| model.id.as_str())
        .collect();
    assert_eq!(models, ["openai/scripted", "openai/scripted-editor"]);
}

#[test]
fn a_plan_is_no_prompt_and_the_editor_carries_it_out() {
    for (version, name) in [("v0.86.2", "four"), ("v0.60.1", "architect")] {
        let store = Store::of(version);
        let session = store.session(name);
        let said: Vec<_> = of_kind(session, EventType::User).collect();
        assert_eq!(said.len(), 2);
        assert!(!said[0].injected && said[1].injected);
        let call = of_kind(session, EventType::ToolCall).next().unwrap();
        assert_eq!(call.tool.as_ref().unwrap().name, "editor-diff");
    }
}

#[test]
fn what_an_undo_takes_back_is_named() {
    let store = Store::of("v0.86.2");
    let session = store.session("three");
    assert_eq!(hashes(session, "commit"), ["d2eb786", "9714af2", "0d7a32f"]);
    assert_eq!(hashes(session, "removed"), ["d2eb786"]);
    assert_eq!(hashes(session, "head"), ["206e359"]);
    for event in &session.events {
        let made = event
            .extra
            .as_ref()
            .is_some_and(|extra| extra.json().contains("\"commit\""));
        let result = event
            .parent
            .as_ref()
            .and_then(|id| session.events.iter().find(|event| event.id == *id));
        assert!(
            !made || result.unwrap().ok == Some(true),
            "it follows the change"
        );
    }
}

#[test]
fn edits_of_every_form() {
    let store = Store::of("v0.86.2-formats");
    let operations = |name: &str| {
        let calls = of_kind(store.session(name), EventType::ToolCall);
        let edits = calls.flat_map(|call| &call.edits);
        edits
            .map(|edit| (edit.path.clone(), edit.operation))
            .collect::<Vec<_>>()
    };
    let modify = |path: &str| (path.to_owned(), EditOperation::Modify);
    let create = |path: &str| (path.to_owned(), EditOperation::Create);
    let whole = [
        ("src/utils.py".to_owned(), EditOperation::Write),
        create("NOTES.md"),
    ];
    assert_eq!(operations("whole"), whole);
    assert_eq!(
        operations("diff"),
        [modify("src/utils.py"), create("tests/test_utils.py")]
    );
    assert_eq!(operations("fenced"), [modify("src/utils.py")]);
    assert_eq!(
        operations("udiff"),
        [modify("src/utils.py"), create("MORE.md")]
    );
    let patch = [
        modify("src/utils.py"),
        create("PATCH.md"),
        ("MORE.md".to_owned(), EditOperation::Delete),
    ];
    assert_eq!(operations("patch")[..3], patch);
    let ticks = of_kind(store.session("ticks"), EventType::ToolCall)
        .next()
        .unwrap();
    let text = "```\nshout(\"a\")\n```\n";
    assert_eq!(ticks.edits[0].before.as_deref(), Some(text));
}

#[test]
fn commands_of_the_user_are_calls_with_what_came_out() {
    let store = Store::of("v0.50.1");
    let session = store.session("typed");
    let run = of_kind(session, EventType::ToolCall)
        .find(|call| call.tool.as_ref().unwrap().name == "/run")
        .unwrap();
    assert_eq!(run.tool.as_ref().unwrap().kind, ToolKind::Shell);
    assert_eq!(
        run.input.as_ref().unwrap().json(),
        r#"{"command":"ls does-not-exist"}"#
    );
    let result = session
        .events
        .iter()
        .find(|event| Some(&event.id) == run.result.as_ref())
        .unwrap();
    assert!(
        result
            .output
            .as_ref()
            .unwrap()
            .starts_with("ls: cannot access")
    );
    let add = of_kind(session, EventType::ToolCall).next().unwrap();
    assert_eq!(add.tool.as_ref().unwrap().kind, ToolKind::Read);
}

#[test]
fn replies_know_when_the_model_was_asked() {
    let store = Store::of("v0.70.0");
    let session = store.session("typed");
    let asked = of_kind(session, EventType::Assistant).filter(|event| {
        event
            .extra
            .as_ref()
            .unwrap()
            .json()
            .contains("\"asked_at\":\"2026-11-21T08:12:3")
    });
    assert_eq!(asked.count(), 4);
}
