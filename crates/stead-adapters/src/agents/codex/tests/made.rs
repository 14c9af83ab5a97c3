//! What the recorded corpora lack, on files written by hand.

use stead_testkit::truth::{prompts, tokens_of};
use stead_usf::{EditOperation, Event, EventType, Inactive, Session, Status, ToolKind};

use super::{Codex, home, talk};
use crate::conformance;

fn session(id: &str) -> Session {
    let home = conformance::unpack(&home("made"));
    let sessions = conformance::sessions(&Codex, home.path());
    let found = sessions
        .into_values()
        .find(|session| session.native_id.starts_with(id));
    found.expect("in the fixture")
}

fn call<'s>(session: &'s Session, id: &str) -> (&'s Event, &'s Event) {
    let of = |kind| {
        let mut events = session.events.iter();
        events.find(|e| e.kind == kind && e.call_id.as_deref() == Some(id))
    };
    let (call, result) = (of(EventType::ToolCall), of(EventType::ToolResult));
    let (call, result) = (call.expect("the call"), result.expect("its result"));
    assert_eq!(call.result.as_ref(), Some(&result.id));
    assert_eq!(result.parent.as_ref(), Some(&call.id));
    (call, result)
}

#[test]
fn laws() {
    conformance::check(&Codex, &home("made"));
}

#[test]
fn the_single_document() {
    let session = session("1111");
    assert_eq!(prompts(&session), ["Make hello.txt"]);
    let (patch, done) = call(&session, "call_1");
    assert_eq!(
        patch.tool.as_ref().map(|tool| tool.kind),
        Some(ToolKind::Edit)
    );
    assert_eq!(patch.edits[0].path, "/home/dev/work/old/hello.txt");
    assert_eq!(
        (done.ok, done.exit_code, done.duration_ms),
        (Some(true), Some(0), Some(250))
    );
    let (_, failed) = call(&session, "call_2");
    assert_eq!((failed.ok, failed.exit_code), (Some(false), Some(1)));
    assert_eq!(session.status, Some(Status::Ended));
    assert!(session.created_at.is_some() && session.issues.is_empty());
}

#[test]
fn only_typed_words_are_prompts() {
    let session = session("2222");
    assert_eq!(prompts(&session), ["Refactor the parser"]);
    assert_eq!(session.first_prompt.as_deref(), Some("Refactor the parser"));
    let injected: Vec<_> = session
        .events
        .iter()
        .filter(|e| e.injected && e.kind == EventType::User)
        .collect();
    assert_eq!(
        injected.len(),
        3,
        "AGENTS.md, the unknown text, the editor's context"
    );
    let archived = self::session("3333");
    assert_eq!(prompts(&archived), ["First words", "Second words"]);
}

#[test]
fn tools_have_kinds_and_outcomes() {
    let session = session("2222");
    let kinds = [
        ("c1", ToolKind::Todo, true),
        ("c2", ToolKind::Shell, true),
        ("c3", ToolKind::Read, true),
        ("c4", ToolKind::Mcp, false),
        ("c5", ToolKind::Ask, true),
        ("c6", ToolKind::Edit, false),
        ("c7", ToolKind::Shell, true),
    ];
    for (id, kind, ok) in kinds {
        let (call, result) = call(&session, id);
        assert_eq!(call.tool.as_ref().map(|tool| tool.kind), Some(kind), "{id}");
        assert_eq!(result.ok, Some(ok), "{id}");
    }
    let (patch, result) = call(&session, "c2");
    assert_eq!(patch.edits[0].path, "/home/dev/work/made/src/a.rs");
    assert_eq!(patch.edits[0].operation, EditOperation::Modify);
    assert_eq!(result.duration_ms, Some(500));
    assert_eq!(call(&session, "c4").1.duration_ms, Some(1500));
    let answer = call(&session, "c5").1;
    assert_eq!(answer.output.as_deref(), Some("{\"answers\":{}}"));
    assert!(
        answer
            .attachments
            .as_ref()
            .is_some_and(|image| image.json().contains("AAAA"))
    );
    let search = session
        .events
        .iter()
        .find(|e| e.call_id.as_deref() == Some("ws_1"));
    assert_eq!(
        search.and_then(|e| e.tool.as_ref()).map(|t| t.kind),
        Some(ToolKind::WebSearch)
    );
    let late = session
        .events
        .iter()
        .find(|e| e.exit_code == Some(137))
        .expect("the end");
    assert_eq!(
        (late.kind, late.output.as_deref()),
        (EventType::System, Some("killed\n"))
    );
}

#[test]
fn tokens_count_once_and_cached_ones_apart() {
    let session = session("2222");
    assert_eq!(tokens_of(&session), (8000, 150));
    assert_eq!(session.usage.cache_read, Some(6400));
    assert_eq!(session.usage.reasoning, Some(40));
    let with: Vec<_> = session
        .events
        .iter()
        .filter(|e| e.usage.is_some_and(|u| u.total() > 0))
        .collect();
    assert_eq!(with.len(), 4, "one event a request");
    assert!(
        with.iter()
            .all(|e| e.model.as_ref().is_some_and(|m| m.id == "gpt-5.2-codex"))
    );
}

#[test]
fn titles_come_from_wherever_they_stand() {
    assert_eq!(session("2222").title.as_deref(), Some("Parser work"));
    assert_eq!(session("3333").title.as_deref(), Some("A given name"));
}

#[test]
fn errors_and_interruptions_are_told() {
    let session = session("2222");
    let error = session
        .events
        .iter()
        .find(|e| e.kind == EventType::Error)
        .expect("an error");
    assert_eq!(
        error.text.as_deref(),
        Some("stream disconnected before completion")
    );
    let archived = self::session("3333");
    assert_eq!(archived.status, Some(Status::Ended), "the user stopped it");
    assert_eq!(talk(&archived)[0].1, Some(Inactive::Compacted));
    assert_eq!(talk(&archived)[1].1, None);
}
