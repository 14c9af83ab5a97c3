//! The corpora of real versions, held against what truly happened.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use stead_testkit::truth::{TrueSession, Truth, prompts, tokens_of};
use stead_usf::{Event, EventType, Inactive, LinkKind, Session, Status};

use super::OpenCode;
use crate::{Adapter, Env, conformance, load};

mod changes;
mod damage;
mod parts;
mod store;
mod talk;

fn testdata(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/agents/opencode/testdata")
        .join(case)
}

fn corpus(version: &str) -> (Truth, BTreeMap<String, Session>) {
    let case = testdata(&format!("v{version}"));
    let truth = Truth::load(&case.join("EXPECTED.json"));
    let home = conformance::unpack(&case.join("home"));
    (truth, conformance::sessions(&OpenCode, home.path()))
}

fn of<'s>(sessions: &'s BTreeMap<String, Session>, truth: &TrueSession) -> &'s Session {
    &sessions[truth.id.as_deref().unwrap()]
}

fn summary_tokens(session: &Session) -> (u64, u64) {
    let summaries = session
        .events
        .iter()
        .filter(|e| e.kind == EventType::Summary);
    summaries
        .filter_map(|event| event.usage)
        .fold((0, 0), |sum, usage| {
            (sum.0 + usage.input.unwrap(), sum.1 + usage.output.unwrap())
        })
}

/// Damages every file of a session and of its subagent; all sessions would take
/// a minute.
fn check_tree(version: &str) {
    let (truth, _) = corpus(version);
    let home = conformance::unpack(&testdata(&format!("v{version}/home")));
    let id = truth.session("two").id.as_deref().unwrap();
    let units = conformance::discover(&OpenCode, home.path());
    for unit in units {
        let session = &load(&OpenCode, &unit).unwrap().0[0];
        let parent = session.parent.as_ref().map(|parent| parent.id.native());
        if session.native_id != id && parent != Some(id) {
            fs_err::remove_file(&unit.path).unwrap();
        }
    }
    conformance::check(&OpenCode, home.path());
}

#[test]
fn v0_5_keeps_the_laws() {
    check_tree("0.5.29");
}

#[test]
fn v1_0_keeps_the_laws() {
    check_tree("1.0.185");
}

#[test]
fn v1_18_keeps_the_laws() {
    conformance::check(&OpenCode, &testdata("v1.18.33/home"));
}

#[test]
fn nothing_is_found_where_nothing_is() {
    conformance::check_empty(&OpenCode);
}

/// 0.5 overwrote the tool parts of a turn that was taken back as aborted.
fn forget_outcomes(expected: &mut TrueSession) {
    let rewound = expected.rewound.clone();
    for turn in &mut expected.turns {
        if Some(&turn.user) == rewound.as_ref() {
            let calls = turn.steps.iter_mut().flat_map(|step| &mut step.calls);
            calls.for_each(|call| call.ok = None);
        }
    }
}

#[test]
fn sessions_are_what_happened() {
    for version in ["0.5.29", "1.0.185", "1.18.33"] {
        let (mut truth, sessions) = corpus(version);
        assert_eq!(sessions.len(), 6, "{version}");
        for expected in &mut truth.sessions {
            if version == "0.5.29" {
                forget_outcomes(expected);
            }
            let session = of(&sessions, expected);
            expected.check(session);
            assert_eq!(session.agent_version.as_deref(), Some(version));
            let status = match expected.state.as_str() {
                "aborted" => Status::Aborted,
                _ => Status::Ended,
            };
            assert_eq!(session.status, Some(status), "{}", expected.name);
            let (least, most) = expected.token_range();
            let ((input, output), summary) = (tokens_of(session), summary_tokens(session));
            let (input, output) = (input - summary.0, output - summary.1);
            assert!(
                (least.input..=most.input).contains(&input),
                "{input} {least:?}"
            );
            assert!(
                (least.output..=most.output).contains(&output),
                "{output} {least:?}"
            );
            assert!(session.issues.is_empty(), "{:?}", session.issues);
        }
    }
}

#[test]
fn prompts_stand_in_order_as_typed() {
    for version in ["0.5.29", "1.0.185", "1.18.33"] {
        let (truth, sessions) = corpus(version);
        for expected in &truth.sessions {
            let session = of(&sessions, expected);
            let typed: Vec<_> = expected
                .turns
                .iter()
                .map(|turn| turn.user.as_str())
                .collect();
            assert_eq!(prompts(session), typed, "{version} {}", expected.name);
            assert_eq!(session.first_prompt.as_deref(), Some(typed[0]));
        }
    }
}

#[test]
fn subagents_hang_below_the_call_that_started_them() {
    for version in ["0.5.29", "1.0.185", "1.18.33"] {
        let (truth, sessions) = corpus(version);
        let children: Vec<_> = sessions.values().filter(|s| !s.is_top_level()).collect();
        assert_eq!(children.len(), 2);
        for expected in &truth.sessions {
            for subagent in expected.turns.iter().flat_map(|turn| &turn.subagents) {
                let parent = of(&sessions, expected);
                let child = children
                    .iter()
                    .find(|c| c.parent.as_ref().unwrap().id == parent.id)
                    .unwrap();
                subagent.check(child);
                assert!(prompts(child).is_empty(), "nobody types there");
                let asked = child.events[0].text.as_deref();
                assert_eq!(asked, Some(subagent.prompt.as_str()));
                let link = child.parent.as_ref().unwrap();
                assert_eq!(link.kind, LinkKind::Subagent);
                let call = parent
                    .events
                    .iter()
                    .find(|event| event.tool.as_ref().is_some_and(|tool| tool.name == "task"));
                assert_eq!(link.call_id, call.unwrap().call_id, "{version}");
            }
        }
    }
}

#[test]
fn a_prompt_that_was_taken_back_is_found_again_and_marked() {
    for version in ["0.5.29", "1.0.185", "1.18.33"] {
        let (truth, sessions) = corpus(version);
        let session = of(&sessions, truth.session("terminal"));
        let rewound: Vec<_> = session
            .events
            .iter()
            .filter(|event| event.inactive == Some(Inactive::Rewound))
            .collect();
        let said: Vec<_> = rewound
            .iter()
            .filter_map(|event| event.text.as_deref())
            .collect();
        assert_eq!(
            said,
            ["Say what git says", "I ask git.", "The history is short."]
        );
        assert!(
            rewound
                .iter()
                .any(|event| event.kind == EventType::ToolResult)
        );
    }
}

#[test]
fn what_was_compacted_is_marked() {
    for version in ["0.5.29", "1.0.185", "1.18.33"] {
        let (truth, sessions) = corpus(version);
        let session = of(&sessions, truth.session("terminal"));
        let summary = session
            .events
            .iter()
            .position(|e| e.kind == EventType::Summary);
        let summary = summary.unwrap();
        let (before, after) = session.events.split_at(summary);
        let (compacted, _): (Vec<_>, Vec<_>) = before
            .iter()
            .partition(|e| e.inactive == Some(Inactive::Compacted));
        assert!(compacted.len() >= 10, "{version}: {}", compacted.len());
        assert_eq!(
            compacted[0].text.as_deref(),
            Some("How many functions are there?")
        );
        assert!(
            after
                .iter()
                .all(|e| e.inactive != Some(Inactive::Compacted))
        );
    }
}

#[test]
fn titles_that_nobody_gave_are_absent() {
    let (truth, sessions) = corpus("1.0.185");
    assert_eq!(of(&sessions, truth.session("one")).title, None);
    let (truth, sessions) = corpus("1.18.33");
    let title = of(&sessions, truth.session("one")).title.as_deref();
    assert_eq!(title, Some("Add slugify helper with tests"));
}

#[test]
fn edits_have_places_and_lines() {
    for version in ["0.5.29", "1.0.185", "1.18.33"] {
        let (truth, sessions) = corpus(version);
        let session = of(&sessions, truth.session("one"));
        let edit = session.events.iter().flat_map(|e| &e.edits).next().unwrap();
        assert_eq!(edit.path, "/home/dev/work/demo/src/utils.py");
        assert!(edit.before.as_deref().unwrap().starts_with("def shout"));
        assert_eq!(edit.hunks[0].old_start, Some(1), "{version}");
        assert_eq!(edit.hunks[0].lines[2], "+", "{version}");
        let error = |event: &&Event| event.ok == Some(false);
        let failed: Vec<_> = session.events.iter().filter(error).collect();
        let codes: Vec<_> = failed.iter().filter_map(|event| event.exit_code).collect();
        assert_eq!(codes, [2], "{version}: the shell's code");
    }
}

#[test]
fn scanned_usage_is_that_of_reading() {
    for version in ["0.5.29", "1.0.185", "1.18.33"] {
        let home = conformance::unpack(&testdata(&format!("v{version}/home")));
        for unit in conformance::discover(&OpenCode, home.path()) {
            check_scan(&unit);
        }
    }
}

fn check_scan(unit: &crate::Unit) {
    let mut scanned = BTreeMap::<_, (stead_usf::Usage, u32, f64)>::new();
    let complete = OpenCode
        .scan_usage(unit, &mut |record| {
            let sum = scanned.entry(record.session.clone()).or_default();
            sum.0 += record.usage;
            sum.1 += 1;
            sum.2 += record.cost_usd.unwrap_or(0.0);
            assert!(record.message.is_some());
        })
        .unwrap();
    assert!(complete);
    for session in load(&OpenCode, unit).unwrap().0 {
        let (usage, requests, cost) = scanned.remove(&session.id).unwrap_or_default();
        assert_eq!(usage, session.usage, "{}", session.id);
        let counted = session
            .events
            .iter()
            .filter(|event| event.usage.is_some() && !event.inherited);
        assert_eq!(counted.count() as u32, requests, "{}", session.id);
        assert!((cost - session.cost_usd.unwrap_or(0.0)).abs() < 1e-9);
    }
    assert!(scanned.is_empty(), "{scanned:?}");
}

#[test]
fn a_root_is_a_home_or_the_data_folder_and_is_found_once() {
    let home = conformance::unpack(&testdata("v1.0.185/home"));
    let data = home.path().join(".local/share/opencode");
    let count = |env: Env| {
        let mut units = 0;
        OpenCode
            .discover(&env, &crate::Disk::default(), &mut |_| units += 1)
            .unwrap();
        units
    };
    let nowhere = Env::empty(crate::Os::Linux);
    assert_eq!(count(nowhere.clone().with_root(home.path())), 6);
    assert_eq!(count(nowhere.clone().with_root(&data)), 6);
    assert_eq!(
        count(nowhere.clone().with_variable("OPENCODE_DATA_DIR", &data)),
        6
    );
    let shared = data.parent().unwrap();
    assert_eq!(count(nowhere.with_variable("XDG_DATA_HOME", shared)), 6);
    let twice = Env::at_home(home.path())
        .with_root(&data)
        .with_root(home.path());
    assert_eq!(count(twice), 6);
}

#[test]
fn a_session_of_two_generations_is_found_in_the_newer() {
    let home = conformance::unpack(&testdata("v0.5.29/home"));
    let id = "ses_e0418c46dffeSOn3ZTUdC58ZB1";
    let data = home.path().join(".local/share/opencode");
    let newer = data.join(format!("storage/session/global/{id}.json"));
    fs_err::create_dir_all(newer.parent().unwrap()).unwrap();
    fs_err::write(&newer, "{\"title\":\"moved\"}").unwrap();
    let units = conformance::discover(&OpenCode, home.path());
    assert_eq!(units.len(), 6);
    let sessions = conformance::sessions(&OpenCode, home.path());
    assert_eq!(sessions[id].title.as_deref(), Some("moved"));
}
