//! Sessions of 0.22, 0.50 and 0.125.

use stead_testkit::truth::{prompts, tokens_of};
use stead_usf::{EventType, Inactive, LinkKind, Status};

use super::{as_kept, counted, id, load, talk};

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
