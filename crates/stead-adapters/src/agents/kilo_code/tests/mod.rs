//! The corpora of real versions, held against what truly happened.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use stead_testkit::truth::{TrueSession, Truth, prompts, tokens_of};
use stead_usf::{EventType, Inactive, LinkKind, Session, Status};

use super::KiloCode;
use crate::{Adapter, conformance, load};

mod migrated;
mod places;
mod tasks;

const VERSIONS: [&str; 2] = ["7.0.33", "7.7.9"];

fn case(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/agents/kilo_code/testdata")
        .join(format!("v{version}"))
}

fn home(version: &str) -> tempfile::TempDir {
    conformance::unpack(&case(version).join("home"))
}

/// What happened as far as a version keeps it, and what was read.
fn corpus(version: &str) -> (Truth, BTreeMap<String, Session>) {
    let mut truth = Truth::load(&case(version).join("EXPECTED.json"));
    if version == "7.0.33" {
        // What is taken back is deleted, and no log tells of it.
        for session in &mut truth.sessions {
            let rewound = session.rewound.take();
            session
                .turns
                .retain(|turn| Some(&turn.user) != rewound.as_ref());
        }
    }
    (
        truth,
        conformance::sessions(&KiloCode, home(version).path()),
    )
}

fn of<'s>(sessions: &'s BTreeMap<String, Session>, truth: &TrueSession) -> &'s Session {
    &sessions[truth.id.as_deref().unwrap()]
}

#[test]
fn version_7_0_keeps_the_laws() {
    conformance::check(&KiloCode, &case("7.0.33").join("home"));
}

#[test]
fn version_7_7_keeps_the_laws() {
    conformance::check(&KiloCode, &case("7.7.9").join("home"));
}

#[test]
fn nothing_is_found_where_nothing_is() {
    conformance::check_empty(&KiloCode);
}

#[test]
fn sessions_are_what_happened() {
    for version in VERSIONS {
        let (truth, sessions) = corpus(version);
        assert_eq!(sessions.len(), 6, "{version}");
        for expected in &truth.sessions {
            let session = of(&sessions, expected);
            expected.check(session);
            let typed: Vec<_> = expected.turns.iter().map(|turn| &*turn.user).collect();
            assert_eq!(prompts(session), typed, "{version} {}", expected.name);
            assert_eq!(session.agent_version.as_deref(), Some(version));
            let status = match expected.state.as_str() {
                "aborted" => Status::Aborted,
                _ => Status::Ended,
            };
            assert_eq!(session.status, Some(status), "{version} {}", expected.name);
            assert_eq!(session.issues, [], "{version} {}", expected.name);
        }
    }
}

/// The agent's own sums leave out what was taken back and what compacted.
#[test]
fn every_request_is_counted_once() {
    for version in VERSIONS {
        let (truth, sessions) = corpus(version);
        for expected in &truth.sessions {
            let session = of(&sessions, expected);
            let (mut input, mut output) = tokens_of(session);
            for event in &session.events {
                if let (EventType::Summary, Some(usage)) = (event.kind, event.usage) {
                    input -= usage.input.unwrap();
                    output -= usage.output.unwrap();
                }
            }
            let (kept, _) = expected.token_range();
            let found = (input, output);
            assert_eq!(
                found,
                (kept.input, kept.output),
                "{version} {}",
                expected.name
            );
            let cost = (input as f64 + 2.0 * output as f64) / 1e6;
            let recorded = session.cost_usd.unwrap();
            assert!(recorded >= cost - 1e-9, "{version}: {recorded} {cost}");
        }
    }
}

#[test]
fn subagents_hang_below_the_call_that_started_them() {
    for version in VERSIONS {
        let (truth, sessions) = corpus(version);
        let children: Vec<_> = sessions.values().filter(|s| !s.is_top_level()).collect();
        assert_eq!(children.len(), 2);
        for expected in &truth.sessions {
            let turns = expected.turns.iter();
            for (turn, subagent) in turns.flat_map(|t| t.subagents.iter().map(move |s| (t, s))) {
                let parent = of(&sessions, expected);
                let is_child = |c: &&&Session| c.parent.as_ref().unwrap().id == parent.id;
                let child = children.iter().find(is_child).unwrap();
                subagent.check(child);
                assert!(prompts(child).is_empty(), "nobody types there");
                let asked = child.events[0].text.as_deref();
                assert_eq!(asked, Some(subagent.prompt.as_str()));
                let link = child.parent.as_ref().unwrap();
                assert_eq!(link.kind, LinkKind::Subagent);
                assert_eq!(link.call_id, turn.steps[0].calls[0].id, "{version}");
            }
        }
    }
}

#[test]
fn what_was_taken_back_or_compacted_is_marked() {
    for version in VERSIONS {
        let (truth, sessions) = corpus(version);
        let session = of(&sessions, truth.session("terminal"));
        let said = |state| {
            let events = session.events.iter();
            let events = events.filter(move |e| e.inactive == Some(state) && !e.injected);
            events
                .filter_map(|event| event.text.as_deref())
                .collect::<Vec<_>>()
        };
        let rewound = said(Inactive::Rewound);
        if version == "7.7.9" {
            let expected = ["Say what git says", "I ask git.", "The history is short."];
            assert_eq!(rewound, expected);
        } else {
            assert_eq!(rewound, [""; 0], "deleted");
        }
        let compacted = said(Inactive::Compacted);
        assert_eq!(compacted[0], "How many functions are there?");
        assert!(!compacted.contains(&"Say what git says now"));
    }
}

#[test]
fn what_the_agent_adds_is_not_the_users() {
    let (truth, sessions) = corpus("7.7.9");
    let session = of(&sessions, truth.session("terminal"));
    let mut added = session
        .events
        .iter()
        .filter(|e| e.kind == EventType::User && e.injected);
    let text = added.next().unwrap().text.as_deref().unwrap();
    assert!(text.contains("<system-reminder>"), "{text}");
}

#[test]
fn titles_and_edits() {
    let (truth, sessions) = corpus("7.7.9");
    assert_eq!(of(&sessions, truth.session("one")).title, None, "a default");
    let title = of(&sessions, truth.session("terminal")).title.as_deref();
    assert_eq!(title, Some("Count the functions"));
    for version in VERSIONS {
        let (truth, sessions) = corpus(version);
        let session = of(&sessions, truth.session("one"));
        let edit = session.events.iter().flat_map(|e| &e.edits).next().unwrap();
        assert!(edit.before.as_deref().unwrap().starts_with("def shout"));
        assert_eq!(edit.hunks[0].old_start, Some(1), "{version}");
    }
}

/// Marks of steps tell nothing but times and speeds: no events come of them.
#[test]
fn steps_leave_no_empty_events() {
    let (_, sessions) = corpus("7.7.9");
    for event in sessions.values().flat_map(|session| &session.events) {
        let said = event.text.as_deref().unwrap_or_default();
        assert!(!said.contains("Initializing"), "{said}");
        let told = event.text.is_some() || event.usage.is_some() || event.attachments.is_some();
        let compaction = event
            .extra
            .as_ref()
            .is_some_and(|e| e.json().contains("compaction"));
        assert!(
            event.kind != EventType::System || told || compaction,
            "{event:#?}"
        );
    }
}

#[test]
fn scanned_usage_is_that_of_reading() {
    for version in VERSIONS {
        let home = home(version);
        for unit in conformance::discover(&KiloCode, home.path()) {
            check_scan(&unit);
        }
    }
}

fn check_scan(unit: &crate::Unit) {
    let mut scanned = BTreeMap::<_, stead_usf::Usage>::new();
    let mut count = |record: crate::UsageRecord| {
        *scanned.entry(record.session).or_default() += record.usage;
    };
    if !KiloCode.scan_usage(unit, &mut count).unwrap() {
        return; // a task
    }
    for session in load(&KiloCode, unit).unwrap().0 {
        let usage = scanned.remove(&session.id).unwrap_or_default();
        assert_eq!(usage, session.usage, "{}", session.id);
    }
    assert!(scanned.is_empty(), "{scanned:?}");
}
