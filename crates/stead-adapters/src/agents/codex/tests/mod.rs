//! What a user sees of real sessions, held against what truly happened.

mod made;
mod oddities;
mod patches;

use std::collections::BTreeMap;
use std::path::PathBuf;

use stead_testkit::truth::{Tokens, TrueSession, Truth, edited, prompts, tokens_of};
use stead_usf::{EventType, Inactive, LinkKind, Session, Status, ToolKind, Usage};

use super::Codex;
use crate::{Adapter, conformance};

fn case(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src/agents/codex/testdata")
        .join(name)
}

fn home(name: &str) -> PathBuf {
    case(name).join("home")
}

/// The sessions of a fixture by native id, and what happened in them.
fn load(name: &str) -> (BTreeMap<String, Session>, Truth) {
    let home = conformance::unpack(&home(name));
    let sessions = conformance::sessions(&Codex, home.path());
    (sessions, Truth::load(&case(name).join("EXPECTED.json")))
}

fn id(truth: &TrueSession) -> &str {
    truth.id.as_deref().expect("the corpus names its sessions")
}

/// The model was told some results in other words than the file keeps: there
/// they stand as `{"output", "metadata"}`.
fn as_kept(mut truth: Truth) -> Truth {
    let turns = truth
        .sessions
        .iter_mut()
        .flat_map(|session| &mut session.turns);
    let calls = turns
        .flat_map(|turn| &mut turn.steps)
        .flat_map(|step| &mut step.calls);
    for result in calls.filter_map(|call| call.result.as_mut()) {
        if let Some((_, told)) = result.split_once("Wall time: 0 seconds\nOutput:\n") {
            *result = told.to_owned();
        }
    }
    truth
}

/// Prompt tokens and answer tokens that must have been counted.
fn counted(truth: &TrueSession, side: (u64, u64)) -> (u64, u64) {
    let Tokens { input, output, .. } = truth.token_range().0;
    (input + side.0, output + side.1)
}

/// Prompts with whether they are still part of the talk.
fn talk(session: &Session) -> Vec<(&str, Option<Inactive>)> {
    let typed = session.events.iter().filter(|event| event.is_prompt());
    typed
        .map(|event| (event.text.as_deref().unwrap_or(""), event.inactive))
        .collect()
}

/// The totals of the fast path are those of reading.
fn check_scan(name: &str) {
    let home = conformance::unpack(&home(name));
    for unit in conformance::discover(&Codex, home.path()) {
        let (sessions, ..) = crate::load(&Codex, &unit).expect("readable");
        let mut sum = Usage::default();
        let scanned = Codex.scan_usage(&unit, &mut |record| {
            assert_eq!(record.session, sessions[0].id);
            sum += record.usage;
        });
        assert!(scanned.expect("readable"));
        assert_eq!(sum, sessions[0].usage, "{}", sessions[0].id);
    }
}

#[test]
fn laws_0_22() {
    conformance::check(&Codex, &home("v0.22.0"));
}

#[test]
fn laws_0_50() {
    conformance::check(&Codex, &home("v0.50.0"));
}

#[test]
fn laws_0_125() {
    conformance::check(&Codex, &home("v0.125.0"));
}

#[test]
fn laws_0_169() {
    conformance::check(&Codex, &home("v0.169.0"));
}

#[test]
fn nothing_is_found_where_nothing_is() {
    conformance::check_empty(&Codex);
}

#[test]
fn fast_totals_are_the_totals() {
    for name in ["v0.22.0", "v0.50.0", "v0.125.0", "v0.169.0", "made"] {
        check_scan(name);
    }
}

#[test]
fn bare_lines_of_0_22() {
    let (sessions, truth) = load("v0.22.0");
    assert_eq!(sessions.len(), 3);
    for expected in &truth.sessions {
        let session = &sessions[id(expected)];
        expected.check(session);
        assert_eq!(tokens_of(session), (0, 0), "0.22 records no tokens");
        assert!(session.models.is_empty(), "nor models");
        assert_eq!(
            session.git.as_ref().and_then(|git| git.branch.as_deref()),
            Some("main")
        );
        assert!(session.issues.is_empty(), "{:?}", session.issues);
    }
    let one = &sessions[id(truth.session("one"))];
    assert_eq!(
        prompts(one),
        [
            "Add a slugify helper with tests to src/utils.py",
            "Also drop punctuation"
        ]
    );
    assert_eq!(one.status, Some(Status::Ended));
    let killed = &sessions[id(truth.session("killed"))];
    assert_eq!(killed.status, Some(Status::Aborted));
    let terminal = &sessions[id(truth.session("terminal"))];
    assert_eq!(
        terminal.status, None,
        "a lone prompt may have been interrupted"
    );
}

#[test]
fn envelopes_of_0_50() {
    let (sessions, truth) = load("v0.50.0");
    let truth = as_kept(truth);
    assert_eq!(sessions.len(), 4);
    for name in ["one", "killed"] {
        let expected = truth.session(name);
        let session = &sessions[id(expected)];
        expected.check(session);
        assert_eq!(tokens_of(session), counted(expected, (0, 0)), "{name}");
        assert_eq!(session.agent_version.as_deref(), Some("0.50.0"));
        assert_eq!(session.models.len(), 1);
    }
    assert_eq!(
        sessions[id(truth.session("one"))].status,
        Some(Status::Ended)
    );
    assert_eq!(
        sessions[id(truth.session("killed"))].status,
        Some(Status::Aborted)
    );
}

#[test]
fn a_rewind_of_0_50_is_a_fork() {
    let (sessions, truth) = load("v0.50.0");
    let terminal = truth.session("terminal");
    let ids: Vec<_> = terminal.ids.as_deref().expect("two").split(' ').collect();
    let (before, after) = (&sessions[ids[0]], &sessions[ids[1]]);
    let asked = |session| prompts(session).last().map(|text| (*text).to_owned());
    assert_eq!(asked(before), terminal.rewound);
    assert_eq!(
        prompts(after),
        [
            "Say how many functions there are",
            "Write it down",
            "Say what git says now",
            "Stop in the middle"
        ]
    );
    let parent = after.parent.as_ref().expect("the fork's parent");
    assert_eq!((parent.kind, parent.id.native()), (LinkKind::Fork, ids[0]));
    assert_eq!(before.parent, None);
    let inherited: Vec<_> = after
        .events
        .iter()
        .filter(|e| e.is_prompt())
        .map(|e| e.inherited)
        .collect();
    assert_eq!(inherited, [true, true, false, false]);
    // Compaction is a request as well; copied requests count once.
    let (input, output) = tokens_of(before);
    let (more_input, more_output) = tokens_of(after);
    assert_eq!(
        (input + more_input, output + more_output),
        counted(terminal, (3400, 25))
    );
    assert_eq!(after.status, Some(Status::Ended));
    let summary = before
        .events
        .iter()
        .find(|e| e.kind == EventType::Summary)
        .expect("compacted");
    assert_eq!(summary.usage.and_then(|usage| usage.input), Some(3400));
    assert_eq!(talk(before)[0].1, Some(Inactive::Compacted));
    assert_eq!(talk(before)[2].1, None);
}

#[test]
fn envelopes_of_0_125() {
    let (sessions, truth) = load("v0.125.0");
    let truth = as_kept(truth);
    assert_eq!(sessions.len(), 4);
    for expected in &truth.sessions {
        let session = &sessions[id(expected)];
        expected.check(session);
        let side = if expected.name == "terminal" {
            (6109, 29)
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
fn a_rewind_of_0_125_marks_its_turns() {
    let (sessions, truth) = load("v0.125.0");
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
    let calls = session
        .events
        .iter()
        .filter(|e| e.kind == EventType::ToolCall);
    let git: Vec<_> = calls
        .filter(|call| {
            call.input
                .as_ref()
                .is_some_and(|input| input.json().contains("git log"))
        })
        .collect();
    assert_eq!(git[0].inactive, Some(Inactive::Rewound));
    assert_eq!(git[1].inactive, None);
}

#[test]
fn subagents_of_0_125() {
    let (sessions, truth) = load("v0.125.0");
    let terminal = truth.session("terminal");
    let (_, session) = sessions
        .iter()
        .find(|(_, session)| !session.is_top_level())
        .expect("a subagent");
    let subagent = terminal
        .turns
        .iter()
        .flat_map(|turn| &turn.subagents)
        .next();
    subagent.expect("a subagent").check(session);
    let parent = session.parent.as_ref().expect("its parent");
    assert_eq!(
        (parent.kind, parent.id.native()),
        (LinkKind::Subagent, id(terminal))
    );
    assert!(prompts(session).is_empty(), "no person wrote its task");
}

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
