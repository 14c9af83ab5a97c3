//! What is put in is found again, wherever it lies.

use std::path::PathBuf;

use jiff::tz::TimeZone;
use proptest::prelude::*;
use stead_usf::{EventType, ToolKind};

use super::{Entries, Entry, Facts, Outcome, Request, SegmentBuilder, search};
use crate::query;

const NOW_MS: i64 = 1_795_000_000_000;

fn entry(session: u64, sequence: u64, kind: EventType, text: &str) -> Entry<'_> {
    Entry {
        session,
        sequence,
        id: "e1",
        kind,
        tool_kind: None,
        tool_name: "",
        failed: false,
        injected: false,
        at_ms: Some(NOW_MS - sequence as i64 * 1000),
        paths: Vec::new(),
        text,
    }
}

struct Built {
    _folder: tempfile::TempDir,
    segments: Vec<PathBuf>,
}

fn build(segments: &[&[Entry<'_>]]) -> Built {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for (number, entries) in segments.iter().enumerate() {
        let path = folder.path().join(format!("{number}.seg"));
        let mut builder = SegmentBuilder::create(&path).unwrap();
        for entry in *entries {
            builder.add(entry).unwrap();
        }
        if builder.finish().unwrap() {
            paths.push(path);
        }
    }
    Built {
        _folder: folder,
        segments: paths,
    }
}

fn find(built: &Built, query: &str, limit: usize) -> Outcome {
    let now = jiff::Timestamp::from_millisecond(NOW_MS).unwrap();
    let query = query::parse(query, now, &TimeZone::UTC).unwrap();
    let request = Request {
        expr: &query.expr,
        limit,
        now_ms: NOW_MS,
        admit: &|_| true,
    };
    let mut facts = |session| {
        Some(Facts {
            id: format!("demo:{session}"),
            agent: "demo".into(),
            ..Facts::default()
        })
    };
    search(&built.segments, &request, &mut facts).unwrap()
}

fn sessions(built: &Built, query: &str) -> Vec<u64> {
    let mut sessions: Vec<_> = find(built, query, 100)
        .hits
        .iter()
        .map(|hit| hit.session)
        .collect();
    sessions.sort_unstable();
    sessions
}

#[test]
fn words_parts_phrases_and_scripts() {
    let built = build(&[
        &[
            entry(
                1,
                0,
                EventType::User,
                "Rename parseConfigFile to readConfig",
            ),
            entry(
                2,
                0,
                EventType::Assistant,
                "修复了登录页面的错误 and Ünïcode ТЕКСТ",
            ),
        ],
        &[entry(
            3,
            0,
            EventType::ToolResult,
            "error[E0382]: borrow of moved value",
        )],
    ]);
    for (query, expected) in [
        ("configfile", &[1][..]),
        ("PARSECONFIG", &[1]),
        ("config*", &[]),
        ("parseconf*", &[1]),
        ("登录", &[2]),
        ("录", &[2]),
        ("ünÏcode", &[2]),
        ("текст", &[2]),
        ("\"of moved value\"", &[3]),
        ("error[E0382]:", &[3]),
        ("o", &[1, 2, 3]),
        ("rename OR borrow", &[1, 3]),
        ("rename borrow", &[]),
        ("-rename", &[2, 3]),
        ("is:user", &[1]),
        ("agent:demo borrow", &[3]),
        ("agent:other borrow", &[]),
        ("", &[1, 2, 3]),
    ] {
        assert_eq!(sessions(&built, query), expected, "{query}");
    }
}

#[test]
fn tools_files_and_failures() {
    let call = Entry {
        tool_kind: Some(ToolKind::Edit),
        tool_name: "MultiEdit",
        paths: vec!["/home/dev/src/deep/utils.py"],
        ..entry(1, 0, EventType::ToolCall, "x")
    };
    let failed = Entry {
        tool_kind: Some(ToolKind::Shell),
        tool_name: "Bash",
        failed: true,
        ..entry(2, 5, EventType::ToolResult, "exit 1")
    };
    let built = build(&[&[call, failed]]);
    for (query, expected) in [
        ("tool:edit", &[1][..]),
        ("tool:multiedit", &[1]),
        ("tool:shell is:error", &[2]),
        ("tool:edit is:error", &[]),
        ("file:utils.py", &[1]),
        ("file:src/**/*.py", &[1]),
        ("file:*.rs", &[]),
        ("utils.py", &[1]),
        ("since:2026-11-01", &[1, 2]),
        ("since:2027-01-01", &[]),
        ("before:2026-01-01", &[]),
    ] {
        assert_eq!(sessions(&built, query), expected, "{query}");
    }
}

#[test]
fn prompts_and_new_things_come_first() {
    let old = Entry {
        at_ms: Some(NOW_MS - 300 * 86_400_000),
        ..entry(3, 0, EventType::User, "the needle")
    };
    let built = build(&[&[
        entry(1, 0, EventType::ToolResult, "a needle"),
        entry(2, 0, EventType::User, "the needle"),
        old,
        entry(4, 0, EventType::User, "needles"),
    ]]);
    let found = find(&built, "needle", 10);
    let order: Vec<_> = found.hits.iter().map(|hit| hit.session).collect();
    assert_eq!(order, [2, 4, 3, 1]);
    assert!(found.complete);
    let best = &found.hits[0];
    assert_eq!(
        &best.snippet.text[best.snippet.matches[0].clone()],
        "needle"
    );
}

#[test]
fn stopping_early_never_changes_the_best() {
    let texts: Vec<String> = (0..3000)
        .map(|i| format!("common {} filler {}", "x".repeat(i % 400), i))
        .collect();
    let entries: Vec<_> = texts
        .iter()
        .enumerate()
        .map(|(i, text)| {
            let kind = if i % 7 == 0 {
                EventType::User
            } else {
                EventType::ToolResult
            };
            Entry {
                at_ms: Some(NOW_MS - i as i64 * 3_600_000),
                ..entry(i as u64, 0, kind, text)
            }
        })
        .collect();
    let built = build(&[&entries[..1000], &entries[1000..]]);
    let all = find(&built, "common", 3000);
    assert!(all.complete);
    assert_eq!(all.hits.len(), 3000);
    let few = find(&built, "common", 10);
    assert!(!few.complete, "it need not look at everything");
    assert_eq!(few.hits[..], all.hits[..10]);
}

#[test]
fn long_events_are_searched_to_their_end() {
    let text = format!(
        "{}édge{}tail",
        "a ".repeat(300 << 10),
        "b ".repeat(400 << 10)
    );
    let built = build(&[&[entry(1, 0, EventType::ToolResult, &text)]]);
    for query in ["édge", "tail", "\"a édgeb b\""] {
        assert_eq!(sessions(&built, query), [1], "{query}");
    }
}

#[test]
fn damaged_segments_are_noticed() {
    let built = build(&[&[entry(1, 0, EventType::User, "hello world")]]);
    let bytes = std::fs::read(&built.segments[0]).unwrap();
    for length in 0..bytes.len() {
        std::fs::write(&built.segments[0], &bytes[..length]).unwrap();
        assert!(
            super::Segment::open(&built.segments[0]).is_err(),
            "cut at {length}"
        );
    }
}

proptest! {
    #[test]
    fn every_substring_is_found(text in "\\PC{3,200}", from in 0_usize..200, length in 3_usize..20) {
        let from = text.floor_char_boundary(from.min(text.len()));
        let to = text.ceil_char_boundary((from + length).min(text.len()));
        let part = &text[from..to];
        prop_assume!(part.len() >= 3 && !part.contains(['"', '\\']) && !part.trim().is_empty());
        let built = build(&[&[entry(7, 0, EventType::User, &text)]]);
        prop_assert_eq!(sessions(&built, &format!("\"{part}\"")), [7]);
    }

    #[test]
    fn any_bytes_read_as_a_block(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let count = Entries::new(&bytes).count();
        prop_assert!(count <= bytes.len());
    }
}
