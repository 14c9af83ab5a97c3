//! Files as crashes, other programs and other versions leave them.

use std::fs;
use std::path::PathBuf;

use stead_testkit::truth::{prompts, tokens_of};
use stead_usf::{EventType, Session};

use super::Codex;
use crate::{Adapter, Unit, conformance};

pub(super) const ID: &str = "44444444-4444-7444-8444-444444444444";
pub(super) const META: &str = r#"{"timestamp":"2026-10-01T08:00:00.000Z","type":"session_meta","payload":{"id":"44444444-4444-7444-8444-444444444444","timestamp":"2026-10-01T08:00:00.000Z","cwd":"/w","cli_version":"0.98.0"}}"#;

pub(super) struct Home(pub(super) tempfile::TempDir);

impl Home {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(super) fn put(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(".codex").join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, content).expect("written");
        path
    }

    pub(super) fn rollout(&self, lines: &[&str]) -> PathBuf {
        self.put(
            &format!("sessions/2026/10/01/rollout-2026-10-01T10-00-00-{ID}.jsonl"),
            lines.join("\n") + "\n",
        )
    }

    pub(super) fn units(&self) -> Vec<Unit> {
        conformance::discover(&Codex, self.0.path())
    }

    pub(super) fn session(&self) -> Session {
        let units = self.units();
        let (mut sessions, ..) = crate::load(&Codex, &units[0]).expect("readable");
        let session = sessions.remove(0);
        assert_eq!(stead_usf::validate(&session), []);
        session
    }
}

pub(super) fn user(text: &str) -> String {
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
fn prompts_that_wait_in_a_queue_are_all_typed() {
    let home = Home::new();
    let twin = |text: &str| {
        format!(
            r#"{{"timestamp":"2026-10-01T08:00:02.000Z","type":"event_msg","payload":{{"type":"user_message","message":{text:?}}}}}"#
        )
    };
    let reply = r#"{"timestamp":"2026-10-01T08:00:03.000Z","type":"response_item","payload":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"hi"}]}}"#;
    home.rollout(&[
        META,
        &user("one"),
        &twin("one"),
        reply,
        &user("two"),
        &user("a hook put this in"),
        &user("three"),
        &twin("two"),
        &twin("three"),
        reply,
    ]);
    assert_eq!(prompts(&home.session()), ["one", "two", "three"]);
}

#[test]
fn a_fork_in_the_manner_of_0_125_ends_with_the_first_own_turn() {
    let home = Home::new();
    let meta = |id: &str, at: &str| {
        format!(
            r#"{{"timestamp":"{at}","type":"session_meta","payload":{{"id":"{id}","timestamp":"{at}","cwd":"/w","cli_version":"0.125.0","forked_from_id":"parent"}}}}"#
        )
    };
    let begin = |turn: &str| {
        format!(
            r#"{{"timestamp":"2026-11-21T01:40:30.010Z","type":"event_msg","payload":{{"type":"task_started","turn_id":"{turn}"}}}}"#
        )
    };
    let at = "2026-11-21T01:40:30.000Z";
    let user = |text| user(text).replace("2026-10-01T08:00:01.000Z", "2026-11-21T01:40:30.020Z");
    home.rollout(&[
        &meta(ID, at),
        &meta("parent", at),
        &begin("01a1fbc3-10c2-7702-9039-86065d42230d"),
        &user("copied"),
        // Begun after the fork (01:40:30), in the same second as the copy.
        &begin("01a1fbc3-2b39-70d2-b4ad-f0837cf630ff"),
        &user("own"),
    ]);
    let session = home.session();
    let inherited: Vec<_> = session.events.iter().map(|event| event.inherited).collect();
    assert_eq!(inherited, [true, false]);
    assert_eq!(
        session
            .parent
            .map(|parent| parent.id.native().to_owned())
            .as_deref(),
        Some("parent")
    );
}

#[test]
fn results_find_their_calls() {
    let item = |kind: &str, more: &str| {
        format!(
            r#"{{"timestamp":"2026-10-01T08:00:02.000Z","type":"response_item","payload":{{"type":"{kind}","call_id":"c1",{more}}}}}"#
        )
    };
    let call = item("function_call", r#""name":"shell","arguments":"{}""#);
    let result = item("function_call_output", r#""output":"done""#);
    let home = Home::new();
    home.rollout(&[META, &result, &call, &result, META, &call, META, &result]);
    let session = home.session();
    let results: Vec<_> = session.events.iter().map(|e| e.result.as_deref()).collect();
    assert_eq!(results, [None, Some("L2"), None, Some("L8"), None]);
}

/// Synthetic: rollouts that other programs write or convert.
#[test]
fn odd_numbers_times_and_links() {
    let home = Home::new();
    let meta = META.replace("\"cwd\"", "\"forked_from_id\":\"\",\"cwd\"");
    let item = |time: &str, payload: &str| {
        format!(r#"{{"timestamp":{time},"type":"response_item","payload":{payload}}}"#)
    };
    let said =
        r#"{"type":"message","role":"assistant","content":[{"type":"output_text","text":"yes"}]}"#;
    let count = r#"{"timestamp":"2026-10-01T08:00:02.000Z","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":"30","output_tokens":2.0},"last_token_usage":{"input_tokens":"30","output_tokens":2.0}}}}"#;
    home.rollout(&[
        &meta,
        &user("a"),
        &item("1790841601.5", said),
        count,
        &item("\"noon\"", said),
        &item("null", r#"{"type":"message","role":"user","content":null}"#),
    ]);
    let session = home.session();
    assert_eq!(session.parent, None);
    assert_eq!(prompts(&session), ["a"]);
    assert_eq!(tokens_of(&session), (30, 2));
    let at = session.events[1].at.unwrap().to_string();
    assert_eq!(at, "2026-10-01T08:00:01.5Z");
    let kept = session.events[2].extra.as_ref().unwrap().json();
    assert!(kept.contains("\"noon\""), "{kept}");
}

/// Synthetic: a patch that failed outside any call still shows what it asked for.
#[test]
fn a_failed_patch_without_a_call_keeps_its_changes() {
    let home = Home::new();
    let end = r#"{"timestamp":"2026-10-01T08:00:02.000Z","type":"event_msg","payload":{"type":"patch_apply_end","call_id":"p","success":false,"stderr":"no","duration":{"secs":18446744073709551615,"nanos":1},"changes":{"/a":{"type":"add","content":"x"}}}}"#;
    home.rollout(&[META, &user("a"), end]);
    let session = home.session();
    let kept = session.events[1].extra.as_ref().unwrap().json();
    assert!(kept.contains(r#""/a":{"type":"add""#), "{kept}");
}

/// Synthetic: a file of events alone, as other programs write it.
#[test]
fn a_file_without_items_is_read_from_its_events() {
    let event = |payload: &str| {
        format!(
            r#"{{"timestamp":"2026-10-01T08:00:02.000Z","type":"event_msg","payload":{payload}}}"#
        )
    };
    let home = Home::new();
    home.rollout(&[
        META,
        &event(r#"{"type":"user_message","message":"hello"}"#),
        &event(r#"{"type":"agent_reasoning","text":"hm"}"#),
        &event(r#"{"type":"agent_message","message":"hi"}"#),
        &event(r#"{"type":"item_completed","item":{"type":"AgentMessage","content":[{"type":"Text","text":"there"}]}}"#),
        &event(r#"{"type":"user_message","message":"bye"}"#),
    ]);
    let session = home.session();
    assert_eq!(prompts(&session), ["hello", "bye"]);
    let texts: Vec<_> = session
        .events
        .iter()
        .filter_map(|e| e.text.as_deref())
        .collect();
    assert_eq!(texts, ["hello", "hm", "hi", "there", "bye"]);
    let name = format!("home/.codex/sessions/2026/10/01/rollout-2026-10-01T10-00-00-{ID}.jsonl");
    let case = tempfile::tempdir().unwrap();
    let copy = case
        .path()
        .join(name)
        .to_string_lossy()
        .replace("home/", "");
    fs::create_dir_all(PathBuf::from(&copy).parent().unwrap()).unwrap();
    fs::copy(&home.units()[0].path, &copy).unwrap();
    conformance::check(&Codex, case.path());
}
