//! The corpora of real versions, held against what truly happened.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use stead_testkit::truth::{TrueSession, Truth, prompts, tokens_of};
use stead_usf::{Event, EventType, Inactive, LinkKind, Session, Status};

use super::OpenHands;
use crate::conformance;

mod growing;
mod made;
mod older;
mod served;

/// Every corpus. The program's second turn of `two` came after a condensation, and
/// 0.62 and 0.40 left trajectories as well.
const CASES: [&str; 5] = [
    "cli-1.16.0",
    "server-1.58.0",
    "server-1.7.0",
    "v0.62.0",
    "v0.40.0",
];

fn testdata(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/agents/openhands/testdata")
        .join(case)
}

fn corpus(case: &str) -> (Truth, BTreeMap<String, Session>) {
    let case = testdata(case);
    let truth = Truth::load(&case.join("EXPECTED.json"));
    let home = conformance::unpack(&case.join("home"));
    (truth, conformance::sessions(&OpenHands, home.path()))
}

fn of<'s>(sessions: &'s BTreeMap<String, Session>, truth: &TrueSession) -> &'s Session {
    let id = truth.id.as_deref().unwrap();
    sessions
        .get(id)
        .unwrap_or_else(|| &sessions[&id.replace('-', "")])
}

fn events(session: &Session, kind: EventType) -> Vec<&Event> {
    let of_kind = session.events.iter().filter(|event| event.kind == kind);
    of_kind.collect()
}

macro_rules! laws {
    ($($name:ident: $case:literal,)*) => {$(
        #[test]
        fn $name() {
            conformance::check(&OpenHands, &testdata($case).join("home"));
        }
    )*};
}

laws! {
    the_program_keeps_the_laws: "cli-1.16.0",
    the_server_keeps_the_laws: "server-1.58.0",
    the_old_server_keeps_the_laws: "server-1.7.0",
    the_last_of_the_first_generation_keeps_the_laws: "v0.62.0",
    the_first_generation_keeps_the_laws: "v0.40.0",
}

/// The agent lost the output and the code of a command that failed, and told the
/// model that all was well.
fn forget_lost_code(expected: &mut TrueSession) {
    let steps = expected.turns.iter_mut().flat_map(|turn| &mut turn.steps);
    for call in steps.flat_map(|step| &mut step.calls) {
        let told = call.result.as_deref().unwrap_or("");
        if told.contains("Previous command outputs are truncated") {
            call.ok = None;
        }
    }
}

#[test]
fn nothing_is_found_where_nothing_is() {
    conformance::check_empty(&OpenHands);
}

#[test]
fn sessions_are_what_happened() {
    for case in CASES {
        let (mut truth, sessions) = corpus(case);
        for expected in &mut truth.sessions {
            if case == "server-1.7.0" {
                forget_lost_code(expected);
            }
            let session = of(&sessions, expected);
            expected.check(session);
            let status = match expected.state.as_str() {
                "aborted" => Status::Aborted,
                _ => Status::Ended,
            };
            assert_eq!(session.status, Some(status), "{case} {}", expected.name);
            assert!(session.issues.is_empty(), "{case}: {:?}", session.issues);
            assert!(
                events(session, EventType::Unknown).is_empty(),
                "{case}: everything is known"
            );
        }
    }
}

#[test]
fn prompts_stand_in_order_as_typed() {
    for case in CASES {
        let (truth, sessions) = corpus(case);
        for expected in &truth.sessions {
            let session = of(&sessions, expected);
            let typed: Vec<_> = expected
                .turns
                .iter()
                .map(|turn| turn.user.as_str())
                .collect();
            let own = session.events.iter().filter(|event| !event.inherited);
            let own = own.filter(|event| event.is_prompt());
            let own: Vec<_> = own.filter_map(|event| event.text.as_deref()).collect();
            assert_eq!(own, typed, "{case} {}", expected.name);
            assert!(!prompts(session).is_empty());
        }
    }
}

/// Requests that the agent made beside the conversation: for a title, a summary.
fn side_requests(session: &Session) -> (u64, u64) {
    let beside = session
        .events
        .iter()
        .filter(|event| matches!(event.kind, EventType::System | EventType::Summary));
    beside
        .filter_map(|event| event.usage)
        .fold((0, 0), |sum, usage| {
            (
                sum.0 + usage.input.unwrap_or(0),
                sum.1 + usage.output.unwrap_or(0),
            )
        })
}

#[test]
fn tokens_are_those_of_the_model() {
    for case in CASES {
        let (truth, sessions) = corpus(case);
        for expected in &truth.sessions {
            let session = of(&sessions, expected);
            let (input, output) = tokens_of(session);
            let side = side_requests(session);
            let found = (input - side.0, output - side.1);
            let (_, most) = expected.token_range();
            let name = format!("{case} {}", expected.name);
            if expected.state == "aborted" {
                assert!(
                    found.0 <= most.input && found.1 <= most.output,
                    "{name}: {found:?}"
                );
            } else {
                assert_eq!(
                    found,
                    (expected.tokens.input, expected.tokens.output),
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn what_a_killed_agent_had_told_of_its_tokens_is_counted() {
    let (truth, sessions) = corpus("server-1.7.0");
    let session = of(&sessions, truth.session("three"));
    // Two of three requests: of the third it told nothing.
    assert_eq!(tokens_of(session), (14_363, 166));
    assert_eq!(session.models.len(), 1);
}

#[test]
fn subagents_hang_below_the_call_that_started_them() {
    for case in ["cli-1.16.0", "server-1.58.0"] {
        let (truth, sessions) = corpus(case);
        let expected = truth.session("two");
        let parent = of(&sessions, expected);
        let mut children = sessions.values().filter(|session| !session.is_top_level());
        let child = children.next().unwrap();
        assert!(children.next().is_none());
        expected.turns[0].subagents[0].check(child);
        assert!(prompts(child).is_empty(), "nobody types there");
        let link = child.parent.as_ref().unwrap();
        assert_eq!((&link.id, link.kind), (&parent.id, LinkKind::Subagent));
        let is_task = |call: &&&Event| call.tool.as_ref().unwrap().name == "task";
        let calls = events(parent, EventType::ToolCall);
        let call = calls.iter().find(is_task).unwrap();
        assert_eq!(link.call_id, call.call_id, "{case}");
        assert_eq!(child.cwd, parent.cwd);
        // The parent's state repeats the subagent's tokens.
        let shared = |event: &&Event| {
            let own = child.events.iter().filter(|own| own.message.is_some());
            own.clone().any(|own| own.message == event.message)
        };
        assert!(!parent.events.iter().any(|event| shared(&event)));
    }
}

#[test]
fn a_copy_counts_what_is_its_own() {
    let (truth, sessions) = corpus("server-1.58.0");
    let original = of(&sessions, truth.session("one"));
    let copy = of(&sessions, truth.session("copy"));
    let link = copy.parent.as_ref().unwrap();
    assert_eq!((&link.id, link.kind), (&original.id, LinkKind::Fork));
    assert_eq!(copy.title.as_deref(), Some("A copy"));
    assert_eq!(
        original.title.as_deref(),
        Some("Add slugify helper with tests")
    );
    let (inherited, own): (Vec<_>, Vec<_>) = copy.events.iter().partition(|e| e.inherited);
    assert_eq!(own[0].text.as_deref(), Some("And what does git say?"));
    let copied = original
        .events
        .iter()
        .filter(|event| !event.id.starts_with("request:"));
    let copied: Vec<_> = copied.map(|event| &event.id).collect();
    assert_eq!(
        inherited.iter().map(|event| &event.id).collect::<Vec<_>>(),
        copied
    );
}

#[test]
fn a_copy_whose_original_is_gone_is_told_by_its_times() {
    let (truth, sessions) = corpus("server-1.58.0");
    let home = conformance::unpack(&testdata("server-1.58.0/home"));
    let original = truth.session("one").id.as_deref().unwrap().replace('-', "");
    let folder = home.path().join("workspace/conversations").join(original);
    fs_err::remove_dir_all(folder).unwrap();
    let alone = conformance::sessions(&OpenHands, home.path());
    let copy = truth.session("copy");
    let marks = |session: &Session| -> Vec<bool> {
        session.events.iter().map(|event| event.inherited).collect()
    };
    assert_eq!(marks(of(&alone, copy)), marks(of(&sessions, copy)));
}

#[test]
fn what_was_condensed_is_marked() {
    for case in ["cli-1.16.0", "server-1.58.0"] {
        let (truth, sessions) = corpus(case);
        let session = of(&sessions, truth.session("two"));
        let summary = events(session, EventType::Summary);
        assert_eq!(summary.len(), 1, "{case}");
        assert!(summary[0].usage.is_some() && summary[0].text.is_some());
        let compacted: Vec<_> = session
            .events
            .iter()
            .filter(|event| event.inactive == Some(Inactive::Compacted))
            .collect();
        assert!(compacted.len() >= 8, "{case}: {}", compacted.len());
        assert!(
            compacted.iter().any(|e| e.kind == EventType::ToolCall),
            "{case}"
        );
        let first = session
            .events
            .iter()
            .find(|event| event.is_prompt())
            .unwrap();
        assert_eq!(first.inactive, None, "the first prompt is kept");
        assert!(
            session
                .events
                .iter()
                .all(|e| e.inactive != Some(Inactive::Rewound))
        );
    }
}

#[test]
fn edits_say_what_was_there_before() {
    use stead_usf::{EditOperation, Scope};
    for case in ["cli-1.16.0", "server-1.58.0", "server-1.7.0", "v0.62.0"] {
        let (truth, sessions) = corpus(case);
        let session = of(&sessions, truth.session("one"));
        let edits: Vec<_> = session
            .events
            .iter()
            .flat_map(|event| &event.edits)
            .collect();
        assert_eq!(edits.len(), 3, "{case}");
        assert_eq!(edits[0].path, "/home/dev/work/demo/src/utils.py");
        assert_eq!(edits[0].scope, Some(Scope::Fragment));
        assert!(edits[0].before.as_deref().unwrap().starts_with("def shout"));
        // The first generation did not record whether the file was there.
        let written = match case {
            "v0.62.0" => EditOperation::Write,
            _ => EditOperation::Create,
        };
        assert_eq!(
            (edits[1].operation, edits[1].scope),
            (written, Some(Scope::File))
        );
    }
}

#[test]
fn a_version_is_told_where_it_was_recorded() {
    for case in ["v0.62.0", "v0.40.0"] {
        let (_, sessions) = corpus(case);
        let version = case.strip_prefix('v');
        assert!(
            sessions
                .values()
                .all(|s| s.agent_version.as_deref() == version)
        );
        // Exported conversations are sessions as well.
        assert!(sessions.contains_key("one-1"), "{case}");
    }
}
