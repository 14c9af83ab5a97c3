//! The corpora of real versions, held against what truly happened.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use stead_testkit::truth::{TrueSession, Truth, prompts, tokens_of};
use stead_usf::{EditOperation, Event, EventType, Inactive, LinkKind, Session, Status};

use super::Goose;
use crate::{Adapter, Env, conformance};

mod changes;
mod files;
mod oddities;
mod schemas;
mod store;

const VERSIONS: [&str; 4] = ["1.34.0", "1.37.0", "1.50.0", "1.52.0"];

fn testdata(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/agents/goose/testdata")
        .join(format!("v{version}"))
}

fn corpus(version: &str) -> (Truth, BTreeMap<String, Session>) {
    let case = testdata(version);
    let truth = Truth::load(&case.join("EXPECTED.json"));
    let home = conformance::unpack(&case.join("home"));
    (truth, conformance::sessions(&Goose, home.path()))
}

fn of<'s>(sessions: &'s BTreeMap<String, Session>, truth: &TrueSession) -> &'s Session {
    &sessions[truth.id.as_deref().unwrap()]
}

/// What was done in a session, not what it brought along.
fn own(session: &Session) -> Session {
    let mut own = session.clone();
    own.events.retain(|event| !event.inherited);
    own
}

fn call<'s>(session: &'s Session, tool: &str) -> &'s Event {
    let named = |event: &&Event| event.tool.as_ref().is_some_and(|t| t.name == tool);
    session.events.iter().find(named).unwrap()
}

#[test]
fn v1_34_keeps_the_laws() {
    conformance::check(&Goose, &testdata("1.34.0").join("home"));
}

#[test]
fn v1_37_keeps_the_laws() {
    conformance::check(&Goose, &testdata("1.37.0").join("home"));
}

#[test]
fn v1_50_keeps_the_laws() {
    conformance::check(&Goose, &testdata("1.50.0").join("home"));
}

#[test]
fn v1_52_keeps_the_laws() {
    conformance::check(&Goose, &testdata("1.52.0").join("home"));
}

#[test]
fn nothing_is_found_where_nothing_is() {
    conformance::check_empty(&Goose);
}

#[test]
fn sessions_are_what_happened() {
    for version in VERSIONS {
        let (truth, sessions) = corpus(version);
        assert_eq!(sessions.len(), 6, "{version}");
        for expected in &truth.sessions {
            let session = of(&sessions, expected);
            expected.check(&own(session));
            let status = match expected.state.as_str() {
                "aborted" => Status::Aborted,
                _ => Status::Ended,
            };
            assert_eq!(session.status, Some(status), "{version} {}", expected.name);
            assert!(session.issues.is_empty(), "{:?}", session.issues);
            let kept = session.events.iter().find(|event| event.extra.is_some());
            let kept = kept.filter(|event| event.id != "session");
            assert!(
                kept.is_none(),
                "{version}: everything has a place: {kept:?}"
            );
        }
    }
}

#[test]
fn prompts_stand_in_order_as_typed() {
    for version in VERSIONS {
        let (truth, sessions) = corpus(version);
        for expected in &truth.sessions {
            let session = own(of(&sessions, expected));
            let mut found = prompts(&session);
            found.retain(|prompt| !prompt.starts_with('/'));
            let typed: Vec<_> = expected
                .turns
                .iter()
                .map(|turn| turn.user.as_str())
                .collect();
            assert_eq!(found, typed, "{version} {}", expected.name);
        }
    }
}

#[test]
fn tokens_are_those_that_the_server_counted() {
    for version in VERSIONS {
        let (truth, sessions) = corpus(version);
        for expected in truth.sessions.iter().filter(|one| one.name != "legacy") {
            let session = of(&sessions, expected);
            let (least, _) = expected.token_range();
            // The summary of the copy was made by a request of its own.
            let summary = match (expected.name.as_str(), version) {
                ("copy", "1.34.0" | "1.37.0") => (778, 52),
                ("copy", "1.50.0") => (1034, 52),
                ("copy", _) => (1025, 52),
                _ => (0, 0),
            };
            let all = (least.input + summary.0, least.output + summary.1);
            assert_eq!(tokens_of(session), all, "{version} {}", expected.name);
            assert_eq!(session.cost_usd, None);
            assert_eq!(session.models.len(), 1, "{:?}", session.models);
            assert_eq!(session.models[0].provider.as_deref(), Some("openai"));
        }
        let legacy = of(&sessions, truth.session("legacy"));
        assert_eq!(tokens_of(legacy), (4030, 120));
    }
}

#[test]
fn replies_have_their_tokens_where_those_are_recorded() {
    let (truth, sessions) = corpus("1.52.0");
    for expected in truth.sessions.iter().filter(|one| one.name != "legacy") {
        let session = own(of(&sessions, expected));
        let steps = expected.turns.iter().flat_map(|turn| &turn.steps);
        let steps: Vec<_> = steps
            .filter(|step| !step.cut)
            .map(|step| step.tokens.input)
            .collect();
        let told = session
            .events
            .iter()
            .filter(|event| event.kind != EventType::Summary);
        let told: Vec<_> = told
            .filter_map(|event| Some(event.usage?.input? + event.usage?.cache_read?))
            .collect();
        assert_eq!(told, steps, "{}", expected.name);
        assert!(session.events.iter().all(|event| event.id != "usage"));
    }
}

#[test]
fn a_reply_is_one_message() {
    for version in VERSIONS {
        let (truth, sessions) = corpus(version);
        let session = of(&sessions, truth.session("one"));
        let mut replies: Vec<_> = session
            .events
            .iter()
            .filter_map(|event| event.message.as_deref())
            .collect();
        replies.dedup();
        // The third reply has no words: until 1.37 its only id is Goose's own.
        assert_eq!(replies.len(), 8, "{version}: {replies:#?}");
    }
}

#[test]
fn subagents_hang_below_the_call_that_started_them() {
    for version in VERSIONS {
        let (truth, sessions) = corpus(version);
        let children: Vec<_> = sessions.values().filter(|s| !s.is_top_level()).collect();
        assert_eq!(children.len(), 1, "{version}");
        let child = children[0];
        let parent = of(&sessions, truth.session("two"));
        truth.session("two").turns[0].subagents[0].check(child);
        assert!(prompts(child).is_empty(), "nobody types there");
        let link = child.parent.as_ref().unwrap();
        assert_eq!((&link.id, link.kind), (&parent.id, LinkKind::Subagent));
        assert_eq!(link.call_id, call(parent, "delegate").call_id, "{version}");
        assert_eq!(child.status, Some(Status::Ended));
    }
}

#[test]
fn a_copy_knows_what_it_brought_along() {
    for version in VERSIONS {
        let (truth, sessions) = corpus(version);
        let original = of(&sessions, truth.session("two"));
        let copy = of(&sessions, truth.session("copy"));
        let link = copy.parent.as_ref().unwrap();
        assert_eq!((&link.id, link.kind), (&original.id, LinkKind::Fork));
        assert!(original.parent.is_none());
        let inherited = copy.events.iter().filter(|event| event.inherited);
        let talk = original.events.iter().filter(|event| event.id != "usage");
        assert_eq!(inherited.count(), talk.count(), "{version}");
    }
}

#[test]
fn what_was_compacted_is_marked() {
    for version in VERSIONS {
        let (truth, sessions) = corpus(version);
        let session = of(&sessions, truth.session("copy"));
        let is_summary = |event: &Event| event.kind == EventType::Summary;
        let place = session.events.iter().position(is_summary).unwrap();
        let summary = &session.events[place];
        assert!(
            summary
                .text
                .as_deref()
                .unwrap()
                .ends_with("the function is shout.")
        );
        let (before, after) = session.events.split_at(place);
        let compacted = |event: &Event| event.inactive == Some(Inactive::Compacted);
        // The summary's own reasoning stands before it.
        let thought = before.last().unwrap();
        assert_eq!(
            (thought.kind, thought.inactive),
            (EventType::Reasoning, None)
        );
        assert!(before[..place - 1].iter().all(compacted), "{version}");
        assert!(!after.iter().any(compacted), "{version}");
        let said: Vec<_> = after
            .iter()
            .skip(1)
            .filter_map(|event| Some((event.kind, event.text.as_deref()?.lines().next()?)))
            .collect();
        assert!(said[0].1.starts_with("Your context was compacted"));
        assert_eq!(said[0].0, EventType::System);
        assert_eq!(said[1], (EventType::User, "/compact"));
        assert_eq!(said[2], (EventType::System, "Compaction complete"));
    }
}

#[test]
fn results_and_edits_say_what_was_done() {
    for version in VERSIONS {
        let (truth, sessions) = corpus(version);
        let session = of(&sessions, truth.session("one"));
        let failed: Vec<_> = session
            .events
            .iter()
            .filter(|event| event.ok == Some(false))
            .collect();
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0].exit_code, Some(2));
        let edit = &call(session, "edit").edits[0];
        assert!(edit.before.as_deref().unwrap().starts_with("def shout"));
        assert_eq!(edit.operation, EditOperation::Modify);
        let write = &call(session, "write").edits[0];
        assert_eq!(
            write.operation,
            EditOperation::Create,
            "{version}: it was new"
        );
        let copy = own(of(&sessions, truth.session("copy")));
        assert_eq!(
            call(&copy, "write").edits[0].operation,
            EditOperation::Write
        );
    }
}

#[test]
fn titles_are_those_that_were_given_or_made() {
    let (truth, sessions) = corpus("1.52.0");
    let title = |name| of(&sessions, truth.session(name)).title.as_deref();
    assert_eq!(title("one"), Some("Add slugify helper with tests"));
    assert_eq!(title("two"), Some("counting"));
    assert_eq!(title("legacy"), Some("Old slug helper"));
}

#[test]
fn a_session_that_was_taken_over_is_read_once() {
    let home = conformance::unpack(&testdata("1.52.0").join("home"));
    let sessions = home.path().join(".local/share/goose/sessions");
    let read = || conformance::sessions(&Goose, home.path())["20250325_200615"].clone();
    let count = || {
        let units = conformance::discover(&Goose, home.path());
        let loaded = units
            .iter()
            .map(|unit| crate::load(&Goose, unit).unwrap().0.len());
        loaded.collect::<Vec<_>>()
    };
    assert_eq!(count(), [0, 6], "the file yields nothing");
    let taken_over = read();
    for name in ["sessions.db", "sessions.db-wal"] {
        fs_err::remove_file(sessions.join(name)).unwrap();
    }
    assert_eq!(count(), [1]);
    let file = read();
    assert_eq!(
        (&file.title, &file.cwd, file.usage),
        (&taken_over.title, &taken_over.cwd, taken_over.usage)
    );
    let texts = |session: &Session| -> Vec<_> {
        session
            .events
            .iter()
            .map(|event| (event.kind, event.text.clone(), event.output.clone()))
            .collect()
    };
    let (file, taken_over) = (texts(&file), texts(&taken_over));
    assert_eq!(file.len(), taken_over.len());
    assert_eq!(file[..6], taken_over[..6]);
}

#[test]
fn a_root_is_a_home_or_the_data_folder_and_is_found_once() {
    let home = conformance::unpack(&testdata("1.50.0").join("home"));
    let data = home.path().join(".local/share/goose");
    let count = |env: Env| {
        let mut units = 0;
        let disk = crate::Disk::default();
        Goose.discover(&env, &disk, &mut |_| units += 1).unwrap();
        units
    };
    let nowhere = Env::empty(crate::Os::Linux);
    assert_eq!(count(nowhere.clone().with_root(home.path())), 2);
    assert_eq!(count(nowhere.clone().with_root(&data)), 2);
    assert_eq!(count(nowhere.clone().with_root(data.join("sessions"))), 2);
    let shared = data.parent().unwrap();
    assert_eq!(
        count(nowhere.clone().with_variable("XDG_DATA_HOME", shared)),
        2
    );
    let twice = Env::at_home(home.path())
        .with_root(&data)
        .with_root(home.path());
    assert_eq!(count(twice), 2);
    let root = home.path().join("root");
    fs_err::create_dir_all(&root).unwrap();
    fs_err::rename(&data, root.join("data")).unwrap();
    assert_eq!(
        count(nowhere.clone().with_variable("GOOSE_PATH_ROOT", &root)),
        2
    );
    assert_eq!(count(nowhere.clone().with_root(&root)), 2);
    assert_eq!(
        count(nowhere.with_variable("GOOSE_PATH_ROOT", "root")),
        0,
        "relative"
    );
}
