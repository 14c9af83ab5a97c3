//! Sessions of 0.169.

use stead_testkit::truth::{edited, tokens_of};
use stead_usf::{EventType, Inactive, Status, ToolKind};

use super::{counted, id, load, talk};

#[test]
fn envelopes_of_0_169() {
    let (sessions, truth) = load("v0.169.0");
    assert_eq!(sessions.len(), 6);
    for expected in &truth.sessions {
        let session = &sessions[id(expected)];
        expected.check(session);
        let side = if expected.name == "terminal" {
            (14876, 29)
        } else {
            (0, 0)
        };
        assert_eq!(
            tokens_of(session),
            counted(expected, side),
            "{}",
            expected.name
        );
        assert!(session.issues.is_empty(), "{:?}", session.issues);
    }
    let status = |name| sessions[id(truth.session(name))].status;
    assert_eq!(status("one"), Some(Status::Ended));
    assert_eq!(status("terminal"), Some(Status::Ended));
    assert_eq!(status("killed"), Some(Status::Aborted));
}

#[test]
fn a_rewind_of_0_169_is_a_segment() {
    let (sessions, truth) = load("v0.169.0");
    let session = &sessions[id(truth.session("terminal"))];
    assert_eq!(
        talk(session),
        [
            (
                "Say how many functions there are",
                Some(Inactive::Compacted)
            ),
            ("Write it down", Some(Inactive::Compacted)),
            ("Say what git says", Some(Inactive::Rewound)),
            ("Say what git says now", None),
            ("Stop in the middle", None),
        ]
    );
}

#[test]
fn subagents_of_0_169() {
    let (sessions, truth) = load("v0.169.0");
    let subagents: Vec<_> = sessions.values().filter(|s| !s.is_top_level()).collect();
    assert_eq!(subagents.len(), 2);
    for session in subagents {
        let parent = session.parent.as_ref().expect("its parent");
        let expected = truth.sessions.iter().find(|s| id(s) == parent.id.native());
        let expected = expected.expect("a session of the corpus");
        let mut turns = expected.turns.iter();
        let turn = turns
            .find(|turn| !turn.subagents.is_empty())
            .expect("a subagent");
        turn.subagents[0].check(session);
        let call = turn
            .steps
            .iter()
            .flat_map(|step| &step.calls)
            .next()
            .expect("the call");
        assert_eq!(parent.call_id, call.id, "the call that started it");
        let (copied, own) = session.events.split_at(
            session
                .events
                .iter()
                .position(|event| !event.inherited)
                .expect("own events"),
        );
        assert!(
            copied.iter().any(stead_usf::Event::is_prompt),
            "the parent's talk"
        );
        assert!(own.iter().all(|event| !event.inherited));
        assert_eq!(session.first_prompt, None, "its own talk has no prompt");
        let task = own
            .iter()
            .find(|event| event.kind == EventType::User)
            .expect("its task");
        assert!(
            task.injected
                && task
                    .text
                    .as_ref()
                    .is_some_and(|t| t.contains(&turn.subagents[0].prompt))
        );
    }
}

#[test]
fn programs_tell_what_they_did() {
    let (sessions, truth) = load("v0.169.0");
    let session = &sessions[id(truth.session("two"))];
    assert!(edited(session).any(|path| path.ends_with("NOTES.md")));
    let edit = session
        .events
        .iter()
        .find(|e| e.kind == EventType::Edit)
        .expect("an edit");
    let program = session
        .events
        .iter()
        .find(|e| Some(&e.id) == edit.parent.as_ref());
    assert_eq!(
        program
            .and_then(|e| e.tool.as_ref())
            .map(|t| t.name.as_str()),
        Some("exec")
    );
    assert_eq!(
        edit.edits[0].after.as_deref(),
        Some("# Notes\n\nThe helpers live in src/utils.py.\n")
    );
    let killed = &sessions[id(truth.session("killed"))];
    let command = killed.events.iter().find(|event| {
        event
            .tool
            .as_ref()
            .is_some_and(|tool| tool.kind == ToolKind::Shell)
    });
    let command = command.expect("the command that the program ran");
    let result = killed
        .events
        .iter()
        .find(|e| Some(&e.id) == command.result.as_ref());
    assert_eq!(result.and_then(|result| result.exit_code), Some(0));
}

#[test]
fn edits_carry_line_numbers_where_known() {
    let (sessions, truth) = load("v0.169.0");
    let session = &sessions[id(truth.session("one"))];
    let edits: Vec<_> = session.events.iter().flat_map(|e| &e.edits).collect();
    assert!(edits[0].path.ends_with("src/utils.py"));
    assert_eq!(edits[0].hunks[0].old_start, Some(2));
    assert!(edits[1].path.ends_with("tests/test_utils.py"));
    assert!(
        edits[1]
            .after
            .as_ref()
            .is_some_and(|text| text.starts_with("from src.utils"))
    );
}
