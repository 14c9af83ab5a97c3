//! Damage, repetitions, unknown records, and reading on.

use fs_err as fs;
use stead_testkit::truth::prompts;
use stead_usf::{EventType, Status};

use super::super::ClaudeCode;
use super::made::{Home, ID, answers, calls, codes, one, says, user};
use crate::{Adapter, Unit, conformance, load};

#[test]
fn damage_costs_only_the_damaged_record() {
    let mut bytes = Vec::new();
    bytes.extend_from_slice(b"\xef\xbb\xbf");
    bytes.extend_from_slice(user(1, None, "first").as_bytes());
    bytes.extend_from_slice(b"\0\0\0\0\0\0\n");
    bytes.extend_from_slice(b"{\"type\":\"user\",\"uuid\":\n");
    // Two writers, one line.
    let two = says(10, 1, "yes") + &user(20, Some(10), "second");
    bytes.extend_from_slice(two.replacen('\n', "", 1).as_bytes());
    bytes.extend_from_slice(b"\xff\xfe not text\n[1,2]\n");
    bytes.extend_from_slice(&says(30, 20, "cut").as_bytes()[..90]);
    let home = Home::new().with(&format!("{ID}.jsonl"), bytes);
    let session = home.session();
    assert_eq!(prompts(&session), ["first", "second"]);
    assert_eq!(
        codes(&session),
        ["bad-json", "bad-json", "bad-json", "cut-line"]
    );
    assert_eq!(session.status, Some(Status::Aborted));
}

#[test]
fn a_megabyte_on_a_line_is_nothing_special() {
    let long = "x".repeat(3 << 20);
    let session = one(&[user(1, None, &long), says(10, 1, "long")]);
    assert_eq!(prompts(&session)[0].len(), 3 << 20);
    assert_eq!(session.status, Some(Status::Ended));
}

#[test]
fn files_without_a_session_give_none() {
    let foreign = "{\"type\":\"summary\",\"summary\":\"Other\",\"leafUuid\":\"elsewhere\"}\n";
    let home = Home::new().with(&format!("{ID}.jsonl"), foreign);
    assert!(home.sessions().is_empty());
    let home = Home::new()
        .with(&format!("{ID}.jsonl"), "")
        .with("notes.jsonl", "{}")
        .with("memory/MEMORY.md", "");
    assert!(conformance::discover(&ClaudeCode, home.0.path()).is_empty());
}

#[test]
fn unknown_records_are_kept_and_named_once() {
    let odd = "{\"type\":\"odd\",\"value\":[1, 2.50]}\n";
    let session = one(&[user(1, None, "hi"), odd.to_owned(), odd.to_owned()]);
    assert_eq!(codes(&session), ["unknown-record"]);
    let kept = session
        .events
        .iter()
        .filter(|event| event.kind == EventType::Unknown);
    let kept: Vec<_> = kept
        .map(|event| event.extra.as_ref().unwrap().json())
        .collect();
    assert_eq!(kept, ["{\"type\":\"odd\",\"value\":[1, 2.50]}"; 2]);
}

#[test]
fn lost_parents_and_lone_calls_and_results_are_no_problem() {
    let session = one(&[
        user(1, Some(99), "hi"),
        answers(2, 1, 77, "\"alone\"", ""),
        calls(10, 1, "Bash", "{\"command\":\"ls\"}"),
    ]);
    assert_eq!(codes(&session), ["dangling-parent"]);
    let first = &session.events[0];
    assert_eq!(first.parent, None);
    assert_eq!(
        first.extra.as_ref().unwrap().json(),
        "{\"parentUuid\":\"r99\"}"
    );
    assert_eq!(session.events[1].output.as_deref(), Some("alone"));
    assert_eq!(session.events[2].result, None);
    assert_eq!(session.status, Some(Status::Aborted));
}

/// Lines of several writers get mixed up, and some providers count their calls
/// anew in every session that a file holds.
#[test]
fn results_find_their_calls() {
    let session = one(&[
        user(1, None, "hi"),
        answers(2, 1, 10, "\"early\"", ""),
        calls(10, 2, "Bash", "{}"),
        answers(3, 10, 10, "\"again\"", ""),
        calls(20, 3, "Read", "{}"),
        calls(21, 20, "Read", "{}").replace("t21", "t20"),
        answers(22, 21, 20, "\"later\"", ""),
    ]);
    let call = |id: &str| {
        let event = session.events.iter().find(|event| event.id == id);
        event.unwrap().result.as_deref()
    };
    assert_eq!(call("r10"), Some("r2"));
    assert_eq!((call("r20"), call("r21")), (None, Some("r22")));
}

#[test]
fn a_record_written_twice_counts_once() {
    let reply = says(10, 1, "yes");
    let lines = [
        user(1, None, "hi"),
        reply.clone(),
        user(1, None, "hi"),
        reply,
    ];
    let session = one(&lines);
    assert_eq!(session.events.len(), 2);
    assert_eq!(session.usage.output, Some(5));
    // The same id with something else in it is another record.
    let session = one(&[user(1, None, "hi"), user(1, None, "ho")]);
    assert_eq!(prompts(&session), ["hi", "ho"]);
}

#[test]
fn versions_mix_in_one_file() {
    let old = "{\"parentUuid\":null,\"isSidechain\":false,\"sessionId\":\"x\",\"version\":\"0.2.9\",\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"old\"},\"uuid\":\"r1\",\"timestamp\":\"2026-01-01T00:00:01.000Z\"}\n";
    let session = one(&[
        old.to_owned(),
        says(10, 1, "yes"),
        user(5, Some(10), "earlier time"),
    ]);
    assert_eq!(prompts(&session), ["old", "earlier time"]);
    assert_eq!(session.agent_version.as_deref(), Some("2.1.329"));
    assert_eq!(
        session.updated_at.unwrap().to_string(),
        "2026-01-01T00:00:10Z"
    );
}

#[test]
fn a_long_session_is_read_on_from_where_it_stood() {
    let mut lines = vec![user(1, None, "start")];
    for number in 2..5000 {
        lines.push(user(number, Some(number - 1), "more"));
    }
    let (first, rest) = lines.split_at(4000);
    let name = format!("{ID}.jsonl");
    let home = Home::new().with(&name, first.concat());
    // An own reply settles where the session comes from.
    let home = home.with(&name, first.concat() + &says(6000, 4000, "yes"));
    let unit: Unit = conformance::discover(&ClaudeCode, home.0.path()).remove(0);
    let (_, _, checkpoint) = load(&ClaudeCode, &unit).unwrap();
    assert!(checkpoint.state.as_ref().unwrap().json().len() < 400_000);
    let all = first.concat() + &says(6000, 4000, "yes") + &rest.concat();
    let home = home.with(&name, all);
    let mut document = crate::Document::default();
    let mut output = crate::Output::new(&mut document);
    ClaudeCode
        .read(&unit, Some(&checkpoint), &mut output)
        .unwrap();
    output.end_all();
    assert_eq!(document.sessions[0].events.len(), 999);
    // A rewind to what is forgotten is left to a new reading.
    let path = home.project().join(&name);
    let text = fs::read_to_string(&path).unwrap() + &user(7000, Some(3), "back");
    fs::write(path, text).unwrap();
    let mut document = crate::Document::default();
    let result = ClaudeCode.read(
        &unit,
        Some(&checkpoint),
        &mut crate::Output::new(&mut document),
    );
    assert!(matches!(result, Err(crate::ReadError::Rewritten { .. })));
}

/// Synthetic: content that is neither text nor blocks, after a lost record.
#[test]
fn content_of_any_kind_is_kept() {
    for content in [
        "5",
        "true",
        "[5]",
        "{\"a\":1}",
        "[{\"type\":\"text\",\"text\":\"x\",\"zz\":1}]",
    ] {
        let line =
            user(2, Some(99), "x").replace("\"content\":\"x\"", &format!("\"content\":{content}"));
        let session = one(&[user(1, None, "hi"), line]);
        let all = serde_json::to_string(&session.events[1]).unwrap();
        let extra = session.events[1].extra.as_ref().unwrap().json();
        assert!(
            extra.starts_with('{') && extra.contains("\"parentUuid\":\"r99\""),
            "{extra}"
        );
        for kept in ["5", "true", "\"a\":1", "\"zz\":1"] {
            assert!(
                !content.contains(kept) || all.contains(kept),
                "{content}: {all}"
            );
        }
    }
}
