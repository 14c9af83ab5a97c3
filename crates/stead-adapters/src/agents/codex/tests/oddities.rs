//! Files as crashes, other programs and other versions leave them.

use std::fs;
use std::path::{Path, PathBuf};

use stead_testkit::truth::{prompts, tokens_of};
use stead_usf::{EventType, Session};

use super::{Codex, home};
use crate::{Adapter, Env, Unit, conformance};

const ID: &str = "44444444-4444-7444-8444-444444444444";
const META: &str = r#"{"timestamp":"2026-10-01T08:00:00.000Z","type":"session_meta","payload":{"id":"44444444-4444-7444-8444-444444444444","timestamp":"2026-10-01T08:00:00.000Z","cwd":"/w","cli_version":"0.98.0"}}"#;

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(".codex").join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, content).expect("written");
        path
    }

    fn rollout(&self, lines: &[&str]) -> PathBuf {
        self.put(
            &format!("sessions/2026/10/01/rollout-2026-10-01T10-00-00-{ID}.jsonl"),
            lines.join("\n") + "\n",
        )
    }

    fn units(&self) -> Vec<Unit> {
        conformance::discover(&Codex, self.0.path())
    }

    fn session(&self) -> Session {
        let units = self.units();
        let (mut sessions, ..) = crate::load(&Codex, &units[0]).expect("readable");
        let session = sessions.remove(0);
        assert_eq!(stead_usf::validate(&session), []);
        session
    }
}

fn user(text: &str) -> String {
    format!(
        r#"{{"timestamp":"2026-10-01T08:00:01.000Z","type":"response_item","payload":{{"type":"message","role":"user","content":[{{"type":"input_text","text":{text:?}}}]}}}}"#
    )
}

#[test]
fn versions_mixed_in_one_file() {
    let home = Home::new();
    home.rollout(&[
        r#"{"id":"44444444-4444-7444-8444-444444444444","timestamp":"2026-10-01T08:00:00.000Z","instructions":null}"#,
        r#"{"type":"message","role":"user","content":[{"type":"input_text","text":"bare"}]}"#,
        &user("wrapped"),
    ]);
    assert_eq!(prompts(&home.session()), ["bare", "wrapped"]);
}

#[test]
fn damage_costs_only_its_record() {
    let home = Home::new();
    let two = format!("{}{}", user("b"), user("c"));
    let long = user(&"x".repeat(2 << 20));
    home.rollout(&[
        META,
        &user("a"),
        &two,
        "{\"broken\":",
        "\0\0\0",
        "\u{fffd}{]",
        &long,
        &user("d"),
    ]);
    let mut session = home.session();
    assert_eq!(prompts(&session).len(), 5);
    assert_eq!(
        session
            .events
            .iter()
            .filter(|e| e.id.starts_with("L3"))
            .count(),
        2
    );
    let codes: Vec<_> = session
        .issues
        .iter()
        .map(|issue| issue.code.as_ref())
        .collect();
    assert_eq!(codes, ["bad-json", "bad-json"]);
    let path = home.rollout(&[META, &user("a")]);
    let mut bytes = fs::read(&path).expect("read");
    bytes.extend_from_slice(&user("cut").as_bytes()[..60]);
    fs::write(&path, bytes).expect("written");
    session = home.session();
    assert_eq!(prompts(&session), ["a"]);
    assert_eq!(session.issues[0].code, "cut-line");
}

#[test]
fn unknown_records_are_kept_and_named_once() {
    let home = Home::new();
    let unknown = r#"{"timestamp":"2026-10-01T08:00:02.000Z","type":"event_msg","payload":{"type":"new_thing","x":1}}"#;
    home.rollout(&[META, unknown, unknown, r#"{"type":"other","y":2}"#]);
    let session = home.session();
    let kept: Vec<_> = session
        .events
        .iter()
        .filter(|e| e.kind == EventType::Unknown)
        .collect();
    assert_eq!(kept.len(), 3);
    assert!(
        kept[0]
            .extra
            .as_ref()
            .is_some_and(|extra| extra.json().contains("\"x\":1"))
    );
    assert_eq!(session.issues.len(), 2);
    assert!(session.issues[0].message.contains("new_thing"));
}

#[test]
fn results_without_calls_and_calls_without_results() {
    let home = Home::new();
    home.rollout(&[
        META,
        r#"{"timestamp":"2026-10-01T08:00:09.000Z","type":"response_item","payload":{"type":"function_call_output","call_id":"gone","output":"late"}}"#,
        r#"{"timestamp":"2026-10-01T08:00:02.000Z","type":"response_item","payload":{"type":"function_call","name":"shell","arguments":"not json","call_id":"c"}}"#,
        r#"{"timestamp":"2026-10-01T08:00:03.000Z","type":"response_item","payload":{"type":"function_call","name":"shell","arguments":"{}","call_id":"c"}}"#,
        r#"{"timestamp":"bad","type":"response_item","payload":{"type":"function_call_output","call_id":"c"}}"#,
        r#"{"timestamp":"2026-10-01T08:00:04.000Z","type":"response_item","payload":{"type":"custom_tool_call_output","call_id":"c","output":{"content":"no","success":false}}}"#,
    ]);
    let session = home.session();
    assert_eq!(session.events.len(), 5);
    assert_eq!(
        session.events[1].input.as_ref().map(stead_usf::Raw::json),
        Some("\"not json\"")
    );
    assert_eq!(session.events[1].result, None);
    assert_eq!(
        session.events[2].result.as_ref(),
        Some(&session.events[3].id)
    );
    assert_eq!(session.events[4].ok, Some(false));
    assert_eq!(
        session.updated_at.expect("a time").to_string(),
        "2026-10-01T08:00:09Z"
    );
}

#[test]
fn tokens_told_before_a_reply_that_never_came() {
    let home = Home::new();
    let count = r#"{"timestamp":"2026-10-01T08:00:02.000Z","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":7,"output_tokens":1},"last_token_usage":{"input_tokens":7,"output_tokens":1}}}}"#;
    let reply = r#"{"timestamp":"2026-10-01T08:00:03.000Z","type":"response_item","payload":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"hi"}]}}"#;
    let path = home.rollout(&[META, &user("a"), count]);
    assert_eq!(tokens_of(&home.session()), (7, 1));
    let unit = home.units().remove(0);
    let (.., checkpoint) = crate::load(&Codex, &unit).expect("readable");
    fs::write(&path, [META, &user("a"), count, reply, ""].join("\n")).expect("written");
    let mut document = crate::Document::default();
    let again = Codex.read(
        &unit,
        Some(&checkpoint),
        &mut crate::Output::new(&mut document),
    );
    assert!(matches!(again, Err(crate::ReadError::Rewritten { .. })));
    let session = home.session();
    assert_eq!((tokens_of(&session), session.events.len()), ((7, 1), 2));
}

#[test]
fn compressed_rollouts_read_like_plain_ones() {
    let plain = conformance::unpack(&home("v0.125.0"));
    let expected = conformance::sessions(&Codex, plain.path());
    let packed = conformance::unpack(&home("v0.125.0"));
    for unit in conformance::discover(&Codex, packed.path()) {
        let bytes = fs::read(&unit.path).expect("read");
        let mut path = unit.path.clone().into_os_string();
        path.push(".zst");
        let compressed = zstd::encode_all(bytes.as_slice(), 3).expect("compressed");
        fs::write(path, compressed).expect("written");
        if unit.path.to_string_lossy().ends_with("8a.jsonl") {
            continue; // both forms lie side by side while Codex changes one into the other
        }
        fs::remove_file(&unit.path).expect("removed");
    }
    let found = conformance::sessions(&Codex, packed.path());
    assert_eq!(found.len(), expected.len());
    for (id, session) in &found {
        assert_eq!(session.events.len(), expected[id].events.len());
        assert_eq!(session.usage, expected[id].usage);
        assert_eq!(session.title, expected[id].title);
    }
    for unit in conformance::discover(&Codex, packed.path()) {
        let mut sum = stead_usf::Usage::default();
        Codex
            .scan_usage(&unit, &mut |record| sum += record.usage)
            .expect("readable");
        assert_eq!(
            crate::load(&Codex, &unit).expect("readable").0[0].usage,
            sum
        );
    }
}

#[test]
fn damaged_compression_keeps_what_comes_before() {
    let home = Home::new();
    let mut text = [META, &user("a"), ""].join("\n");
    for line in 0..20_000 {
        text += &user(&format!("{line} {:x}", line * 2_654_435_761_u64));
        text.push('\n');
    }
    let mut bytes = zstd::encode_all(text.as_bytes(), 3).expect("compressed");
    bytes.truncate(bytes.len() / 2);
    home.put(
        &format!("archived_sessions/rollout-2026-10-01T10-00-00-{ID}.jsonl.zst"),
        bytes,
    );
    let session = home.session();
    assert!(prompts(&session).len() > 10);
    assert!(
        session
            .issues
            .iter()
            .any(|issue| issue.code == "bad-compression")
    );
}

#[test]
fn names_in_the_database_are_titles_and_change_only_their_thread() {
    let home = conformance::unpack(&home("v0.169.0"));
    let stamps = || {
        let units = conformance::discover(&Codex, home.path());
        units.iter().map(|unit| unit.stamp).collect::<Vec<_>>()
    };
    let before = stamps();
    let database =
        rusqlite::Connection::open(home.path().join(".codex/state_5.sqlite")).expect("open");
    let thread = "01a1fbc5-763d-7443-8be7-e5cbf19667b9";
    database
        .execute(
            "UPDATE threads SET name = 'My name' WHERE id = ?1",
            [thread],
        )
        .expect("renamed");
    drop(database);
    let after = stamps();
    assert_eq!(before.iter().zip(&after).filter(|(a, b)| a != b).count(), 1);
    let sessions = conformance::sessions(&Codex, home.path());
    assert_eq!(sessions[thread].title.as_deref(), Some("My name"));
    assert_eq!(
        sessions
            .values()
            .filter(|session| session.title.is_some())
            .count(),
        1
    );
    for unit in conformance::discover(&Codex, home.path()) {
        if !unit.path.to_string_lossy().contains(thread) {
            fs::remove_file(unit.path).expect("removed");
        }
    }
    conformance::check(&Codex, home.path());
}

#[test]
fn stores_are_found_by_every_way_and_once() {
    let home = conformance::unpack(&home("v0.22.0"));
    let store = home.path().join(".codex");
    let count = |env: &Env| {
        let mut found = 0;
        Codex.discover(env, &mut |_| found += 1).expect("listed");
        found
    };
    let bare = Env::empty(crate::Os::Linux);
    assert_eq!(count(&bare.clone().with_variable("CODEX_HOME", &store)), 3);
    assert_eq!(count(&bare.clone().with_root(&store)), 3);
    assert_eq!(count(&bare.clone().with_root(home.path())), 3);
    let all = Env::at_home(home.path())
        .with_variable("CODEX_HOME", &store)
        .with_root(&store);
    assert_eq!(count(&all.with_root(home.path())), 3);
    #[cfg(unix)]
    {
        let link = home.path().join("link");
        std::os::unix::fs::symlink(&store, &link).expect("linked");
        assert_eq!(count(&Env::at_home(home.path()).with_root(&link)), 3);
    }
}

#[test]
fn a_thread_in_both_folders_counts_once() {
    let home = Home::new();
    home.rollout(&[META, &user("live")]);
    let name = format!("archived_sessions/rollout-2026-10-01T10-00-00-{ID}.jsonl");
    home.put(&name, [META, &user("archived"), ""].join("\n"));
    home.put("sessions/notes.txt", "no rollout");
    assert_eq!(home.units().len(), 1);
    assert_eq!(prompts(&home.session()), ["live"]);
}

#[test]
fn a_file_that_is_gone_is_an_error_and_no_panic() {
    let home = Home::new();
    let path = home.rollout(&[META]);
    let unit = home.units().remove(0);
    fs::remove_file(path).expect("removed");
    assert!(crate::load(&Codex, &unit).is_err());
    assert!(Codex.scan_usage(&unit, &mut |_| {}).is_err());
    assert!(super::super::locate::store_of(Path::new("/x/y.jsonl")).is_none());
}
