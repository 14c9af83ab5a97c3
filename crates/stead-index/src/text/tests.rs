//! What is put in is found again, wherever it lies.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use proptest::prelude::*;
use stead_usf::{EventType, ToolKind};

use super::{
    Bits, Entries, Entry, Facts, Input, Outcome, Request, Segment, SegmentBuilder, TITLE, merge,
    search,
};
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
    folder: tempfile::TempDir,
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
        folder,
        segments: paths,
    }
}

fn find(built: &Built, query: &str, limit: usize) -> Outcome {
    try_find(&built.segments, query, limit, &|_| true).unwrap()
}

fn try_find(
    segments: &[PathBuf],
    query: &str,
    limit: usize,
    alive: &dyn Fn(u64) -> bool,
) -> std::io::Result<Outcome> {
    let now = jiff::Timestamp::from_millisecond(NOW_MS).unwrap();
    let query = query::parse(query, now, &TimeZone::UTC).unwrap();
    let request = Request {
        expr: &query.expr,
        limit,
        now_ms: NOW_MS,
        admit: &|_| true,
    };
    let mut facts = |session| alive(session).then(|| facts_of(session));
    search(segments, &request, &mut facts)
}

fn facts_of(session: u64) -> Facts {
    Facts {
        id: format!("demo:{session}"),
        agent: if session.is_multiple_of(5) {
            "five"
        } else {
            "demo"
        }
        .into(),
        title: format!("title of needle {session}"),
        subagent: session.is_multiple_of(7),
        updated_ms: Some(NOW_MS - session as i64 * 1_000_000),
        ..Facts::default()
    }
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
    let built = build(&[&[
        entry(1, 0, EventType::User, "hello world"),
        entry(2, 0, EventType::ToolResult, "hello there"),
    ]]);
    let path = &built.segments[0];
    let bytes = std::fs::read(path).unwrap();
    for length in 0..bytes.len() {
        std::fs::write(path, &bytes[..length]).unwrap();
        assert!(Segment::open(path).is_err(), "cut at {length}");
    }
    // The first bytes are never read again.
    for place in 8..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x10;
        std::fs::write(path, &damaged).unwrap();
        // What is not asked for may be damaged; no answer is ever wrong.
        if let Ok(found) = try_find(&built.segments, "hello", 10, &|_| true) {
            assert_eq!(found.hits.len(), 2, "byte {place}");
        }
        let all = try_find(&built.segments, "is:user OR is:tool", 10, &|_| true);
        let missed = all.is_ok_and(|found| found.hits.len() != 2);
        assert!(!missed, "byte {place}");
    }
}

/// The unpacked blocks of a segment.
fn blocks(path: &Path) -> Vec<Vec<u8>> {
    let mut segment = Segment::open(path).unwrap();
    let table = segment.table(&mut Vec::new()).unwrap().to_vec();
    let mut decompressor = zstd::bulk::Decompressor::new().unwrap();
    let mut unpack = |placed| {
        let mut block = Vec::new();
        segment
            .read_block(placed, &mut decompressor, &mut Vec::new(), &mut block)
            .unwrap();
        block
    };
    table.iter().map(&mut unpack).collect()
}

/// Entries of all kinds, from dice.
fn made_up<'a>(dice: &[u32], texts: &'a [String], titles: &'a [String]) -> Vec<Entry<'a>> {
    let entry_of = |(place, die): (usize, &u32)| {
        let pick = |part: u32, of: u32| die / part % of;
        let kind = EventType::ALL[pick(1, 10) as usize];
        let session = u64::from(pick(10, 40));
        let sequence = if pick(400, 20) == 0 {
            TITLE
        } else {
            place as u64
        };
        let text = if sequence == TITLE {
            &titles[session as usize]
        } else {
            &texts[place % texts.len()]
        };
        let tool = ToolKind::ALL.get(pick(8_000, 20) as usize);
        Entry {
            id: "e",
            tool_kind: tool.copied(),
            tool_name: tool.map_or("", |kind| {
                if pick(3, 2) == 0 {
                    "Bash"
                } else {
                    kind.as_str()
                }
            }),
            failed: pick(7, 3) == 0,
            injected: pick(11, 4) == 0,
            at_ms: (pick(13, 9) > 0).then(|| NOW_MS - i64::from(pick(17, 300)) * 40_000_000),
            paths: if pick(19, 6) == 0 {
                vec!["/src/needle.rs"]
            } else {
                Vec::new()
            },
            ..entry(session, sequence, kind, text)
        }
    };
    dice.iter().enumerate().map(entry_of).collect()
}

const QUERIES: [&str; 18] = [
    "needle",
    "need*",
    "needle hay",
    "needle OR stack",
    "needle OR (hay stack)",
    "(needle is:error) OR is:user",
    "-needle",
    "needle -hay",
    "is:error",
    "tool:shell is:error",
    "tool:bash",
    "is:edit -is:error",
    "is:user OR is:reasoning",
    "since:2026-11-01 needle",
    "agent:five needle",
    "is:subagent",
    "file:needle.rs",
    "title:needle -is:tool",
];

fn rewrite(
    built: &Built,
    name: &str,
    segments: &[PathBuf],
    keep: impl Fn(usize) -> bool,
) -> PathBuf {
    let path = built.folder.path().join(name);
    let open = |path: &PathBuf| {
        let segment = Segment::open(path).unwrap();
        let keep = Bits::which(segment.count, &keep);
        Input { segment, keep }
    };
    let mut inputs: Vec<_> = segments.iter().map(open).collect();
    assert!(merge(&mut inputs, &path).unwrap());
    path
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
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Neither masks, bounds nor the order of looking change an answer: with a
    /// segment for each entry nothing can be passed over by mistake.
    #[test]
    fn blocks_are_passed_over_rightly(dice in proptest::collection::vec(any::<u32>(), 1..120), dead in 1_u64..40, long in 1_usize..3000) {
        let texts: Vec<_> = ["the needle", "hay and needles", "hay stack", "stack"]
            .map(|text| format!("{text} {}", "x ".repeat(long))).into();
        let titles: Vec<_> = (0..40).map(|session| facts_of(session).title).collect();
        let entries = made_up(&dice, &texts, &titles);
        let single: Vec<_> = entries.chunks(1).collect();
        let half = entries.len() / 2;
        let (alone, packed) = (build(&single), build(&[&entries[..half], &entries[half..]]));
        let merged = [rewrite(&packed, "merged.seg", &packed.segments, |_| true)];
        let alive = |session: u64| !session.is_multiple_of(dead + 1);
        for query in QUERIES {
            let truth = try_find(&alone.segments, query, usize::MAX, &alive).unwrap();
            prop_assert!(truth.complete);
            for segments in [&packed.segments[..], &merged] {
                let all = try_find(segments, query, usize::MAX, &alive).unwrap();
                prop_assert_eq!(&all.hits, &truth.hits, "{}", query);
                let few = try_find(segments, query, 3, &alive).unwrap();
                for (few, all) in few.hits.iter().zip(&truth.hits) {
                    prop_assert_eq!((few.session, few.sequence, few.score), (all.session, all.sequence, all.score), "{}", query);
                    prop_assert!(few.matches <= all.matches);
                }
                prop_assert_eq!(few.hits.len(), truth.hits.len().min(3));
            }
        }
    }

    #[test]
    fn merging_leaves_out_what_is_not_kept(dice in proptest::collection::vec(any::<u32>(), 1..200), nth in 1_usize..5) {
        let texts: Vec<_> = (0..40).map(|i| format!("needle {i} {}", "filler".repeat(i * 40))).collect();
        let titles: Vec<_> = (0..40).map(|session| facts_of(session).title).collect();
        let entries = made_up(&dice, &texts, &titles);
        let half = entries.len() / 2;
        let packed = build(&[&entries[..half], &entries[half..]]);
        let kept = [rewrite(&packed, "kept.seg", &packed.segments, |block| block % (nth + 1) != 1)];
        // Merging what was kept once more changes nothing.
        let again = [rewrite(&packed, "again.seg", &kept, |_| true)];
        prop_assert_eq!(std::fs::read(&kept[0]).unwrap(), std::fs::read(&again[0]).unwrap());
        for (query, needle) in [("needle", ""), ("filler", "filler"), ("\"needle 7 \"", "needle 7 ")] {
            let mut expected = std::collections::BTreeSet::new();
            for path in &packed.segments {
                for (_, block) in blocks(path).into_iter().enumerate().filter(|(at, _)| at % (nth + 1) != 1) {
                    let found = Entries::new(&block).filter(|entry| {
                        entry.text.contains(needle)
                    });
                    expected.extend(found.map(|entry| entry.session));
                }
            }
            let found: std::collections::BTreeSet<_> =
                try_find(&kept, query, 100, &|_| true).unwrap().hits.iter().map(|hit| hit.session).collect();
            prop_assert_eq!(&found, &expected, "{}", query);
        }
    }

    #[test]
    fn any_bytes_read_as_a_block(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let count = Entries::new(&bytes).count();
        prop_assert!(count <= bytes.len());
    }
}
