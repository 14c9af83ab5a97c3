//! Tokens and cost: what truly happened, each request once, however counted.

mod made;

use fs_err as fs;
use stead_index::{Filter, ModelRequest, ProjectFilter};
use stead_testkit::truth::Truth;
use stead_usf::{Session, Time, Usage};

use super::machine::{CLAUDE, GROUPS, Machine, all, cases, load, state, stats};
use crate::stats::counted::{Counted, scan_unit};
use crate::{App, GroupBy, ListOptions, Stats, StatsOptions};

fn total(app: &mut App) -> Stats {
    app.stats(&StatsOptions::default()).unwrap()
}

/// Prompt tokens, cached ones included, and answer tokens.
fn both(usage: Usage) -> (u64, u64) {
    let input = [usage.input, usage.cache_read, usage.cache_write];
    (input.iter().flatten().sum(), usage.output.unwrap_or(0))
}

/// By how much the files of a version differ from all steps that must have
/// reached the disk and all subagents, and why.
const DIFFERENCES: &[(&str, (i64, i64), &str)] = &[
    ("codex/v0.22.0", (-109_722, -680), "records no tokens"),
    ("codex/v0.50.0", (3_400, 25), "the request for a summary"),
    ("codex/v0.125.0", (6_109, 29), "the request for a summary"),
    ("codex/v0.169.0", (14_876, 29), "the request for a summary"),
    ("opencode/v0.5.29", (570, 19), "the request for a summary"),
    ("opencode/v1.0.185", (583, 19), "the request for a summary"),
    ("opencode/v1.18.33", (758, 25), "the request for a summary"),
    // Claude Code leaves requests for summaries out, and writes interrupted
    // replies down with their prompt's tokens.
    (
        "claude_code/v0.2.126",
        (-2_072, -58),
        "no summary, half a reply",
    ),
    (
        "claude_code/v1.0.128",
        (13_511, -182),
        "no summary, half replies",
    ),
    (
        "claude_code/v2.0.77",
        (40_564, -207),
        "no summary, half replies, warm-ups",
    ),
    (
        "claude_code/v2.1.329",
        (29, -57),
        "no summary, half a reply",
    ),
];

#[test]
fn totals_are_what_happened() {
    for (name, difference, why) in DIFFERENCES {
        let agents = cases()[0].ancestors().nth(3).unwrap().to_owned();
        let (agent, version) = name.split_once('/').unwrap();
        let case = agents.join(agent).join("testdata").join(version);
        let truth = Truth::load(&case.join("EXPECTED.json"));
        let mut expected = (0, 0);
        for session in &truth.sessions {
            let (least, _) = session.token_range();
            expected.0 += least.input;
            expected.1 += least.output;
            let subagents = session.turns.iter().flat_map(|turn| &turn.subagents);
            for subagent in subagents.filter(|subagent| subagent.prompt != "Warmup") {
                expected.0 += subagent.tokens.input;
                expected.1 += subagent.tokens.output;
            }
        }
        let expected = (
            expected.0.checked_add_signed(difference.0).unwrap(),
            expected.1.checked_add_signed(difference.1).unwrap(),
        );
        let machine = Machine::of(&case);
        assert_eq!(
            both(total(&mut machine.open()).total.usage),
            expected,
            "{name}: {why}"
        );
        assert_eq!(
            both(total(&mut machine.synced()).total.usage),
            expected,
            "{name}: {why}"
        );
    }
}

/// Holds the way without an index against the one with it, and both against
/// the headers' own sums.
fn check(machine: &Machine, name: &str) {
    let (empty, mut settings) = (tempfile::tempdir().unwrap(), machine.settings());
    settings.data_dir = empty.path().to_owned();
    let (mut scanning, mut indexed) = (App::open(settings).unwrap(), machine.synced());
    for by in GROUPS {
        let (scanned, counted) = (stats(&mut scanning, by), stats(&mut indexed, by));
        for (scanned, counted) in scanned.lines().zip(counted.lines()) {
            assert_eq!(scanned, counted, "{name}");
        }
        assert_eq!(scanned.len(), counted.len(), "{name}");
    }
    assert!(
        scanning.catalog.units().unwrap().is_empty(),
        "it has built no index"
    );
    let mut sum = Usage::default();
    for header in indexed.list(&all()).unwrap() {
        assert_eq!(
            load(&indexed, header.id.as_str()).usage,
            header.usage,
            "{}",
            header.id
        );
        sum += header.usage;
    }
    assert_eq!(total(&mut indexed).total.usage, sum, "{name}");
}

/// Every request without its key, as text: of all units by the way without an
/// index, and of the index.
fn requests(app: &App) -> (Vec<String>, Vec<String>) {
    let show = |one: &Counted| {
        let at = one.at.map(Time::as_millis);
        let (session, cwd, model) = (&one.session, &one.cwd, &one.model);
        format!(
            "{session} in {cwd:?} at {at:?} {model:?} {:?} {:?}",
            one.usage, one.cost_usd
        )
    };
    let (mut scanned, mut indexed) = (Vec::new(), Vec::new());
    for unit in &app.units {
        let mut found = Vec::new();
        scan_unit(unit, &mut found).unwrap();
        scanned.extend(found.iter().map(show));
    }
    let mut add = |header: &Session, requests: Vec<ModelRequest>| {
        indexed.extend(Counted::of(header, requests).iter().map(show));
    };
    let everything = Filter {
        all: true,
        ..Filter::default()
    };
    app.catalog.model_requests(&everything, &mut add).unwrap();
    scanned.sort();
    indexed.sort();
    (scanned, indexed)
}

/// The way without an index finds the requests that the index has, each with the
/// same session, folder, time, model, tokens and cost.
#[test]
fn every_request_is_the_same_with_and_without_an_index() {
    for case in cases() {
        let (scanned, indexed) = requests(&Machine::of(&case).synced());
        assert_eq!(scanned, indexed, "{}", case.display());
    }
}

#[test]
fn every_fixture_counts_the_same_with_and_without_an_index() {
    for case in cases() {
        check(&Machine::of(&case), &case.to_string_lossy());
    }
}

#[test]
fn all_fixtures_together_count_the_same_with_and_without_an_index() {
    let machine = Machine::with_everything();
    check(&machine, "everything");
    let mut sum = Usage::default();
    for case in cases() {
        sum += total(&mut Machine::of(&case).open()).total.usage;
    }
    assert_eq!(total(&mut machine.synced()).total.usage, sum);
}

/// Copies of a home count once, wherever they lie.
#[test]
fn a_copied_home_counts_once() {
    let machine = Machine::with_samples();
    let expected = total(&mut machine.synced()).total;
    let copy = Machine::with_samples();
    for indexed in [false, true] {
        let mut settings = machine.settings();
        settings.env.roots.push(copy.home().to_owned());
        let data = tempfile::tempdir().unwrap();
        settings.data_dir = data.path().to_owned();
        let mut app = App::open(settings).unwrap();
        if indexed {
            app.sync(&|_| {}).unwrap();
        }
        assert_eq!(total(&mut app).total, expected, "indexed: {indexed}");
    }
}

#[test]
fn numbers_go_on_with_the_files() {
    let machine = Machine::with_samples();
    let before = total(&mut machine.synced()).total;
    let reply = serde_json::json!({
        "parentUuid": null, "isSidechain": false, "type": "assistant",
        "message": {
            "id": "msg_new", "type": "message", "role": "assistant", "model": "claude-new",
            "content": [{"type": "text", "text": "counted"}],
            "usage": {"input_tokens": 1000, "output_tokens": 7}
        },
        "uuid": "00000000-0000-4000-8000-000000000001",
        "timestamp": "2026-11-22T09:00:00.000Z", "sessionId": CLAUDE, "version": "2.1.329",
    });
    // Streamed partial records repeat the request with other counts.
    let partial = reply.to_string().replace(":7", ":1");
    let whole = reply
        .to_string()
        .replace("8000-000000000001", "8000-000000000002");
    machine.synced();
    machine.append(CLAUDE, &format!("{partial}\n{whole}\n"));
    let mut app = machine.open();
    let after = total(&mut app).total;
    assert_eq!(after.requests, before.requests + 1);
    let (input, output) = both(before.usage);
    assert_eq!(both(after.usage), (input + 1000, output + 7));
    super::machine::assert_same(&state(&mut app), &machine.fresh_state());
}

#[test]
fn requests_are_narrowed_down_by_their_own_time() {
    let machine = Machine::with_samples();
    let mut app = machine.synced();
    let millis = |time: &str| {
        time.parse::<jiff::Timestamp>()
            .ok()
            .map(jiff::Timestamp::as_millisecond)
    };
    let noon = millis("2026-11-21T01:12:02Z");
    let mut count = |list: ListOptions| {
        let options = StatsOptions {
            list,
            by: vec![GroupBy::Model],
        };
        let stats = app.stats(&options).unwrap();
        let sum: u64 = stats.rows.iter().map(|row| row.requests).sum();
        assert_eq!(sum, stats.total.requests);
        sum
    };
    let plain = ListOptions::default;
    let whole = count(plain());
    let before = count(ListOptions {
        before_ms: noon,
        ..plain()
    });
    let since = count(ListOptions {
        since_ms: noon,
        ..plain()
    });
    assert!(before > 0 && since > 0);
    assert_eq!(before + since, whole);
    let agents = ["claude-code", "codex", "opencode"].map(|agent| {
        count(ListOptions {
            agents: vec![agent.into()],
            ..plain()
        })
    });
    assert_eq!(agents, [30, 28, 26]);
    let other = count(ListOptions {
        project: Some(ProjectFilter::part("work/Other")),
        ..plain()
    });
    assert_eq!(other, 3);
}

#[test]
fn the_deleted_still_counts() {
    let machine = Machine::with_samples();
    let before = total(&mut machine.synced()).total;
    fs::remove_file(machine.file_of(CLAUDE)).unwrap();
    assert_eq!(total(&mut machine.open()).total, before);
}
