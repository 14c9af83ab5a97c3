//! Files made by hand: what the recorded sessions lack, and how it is told in
//! several readings.

use fs_err as fs;
use serde_json::{Value, json};
use stead_usf::Usage;

use super::{requests, total};
use crate::SyncReport;
use crate::tests::machine::{CLAUDE, Machine, assert_same, found, state};

const THREAD: &str = "44444444-4444-7444-8444-444444444444";
const SESSION: &str = "55555555-5555-4555-8555-555555555555";

/// A rollout of Codex, line by line, a second each.
fn rollout(payloads: &[(&str, Value)]) -> Vec<String> {
    let line = |(place, (kind, payload)): (usize, &(&str, Value))| {
        let at = format!("2026-10-01T08:00:{place:02}.000Z");
        json!({"timestamp": at, "type": kind, "payload": payload}).to_string()
    };
    payloads.iter().enumerate().map(line).collect()
}

fn meta() -> (&'static str, Value) {
    let at = "2026-10-01T08:00:00.000Z";
    let payload = json!({"id": THREAD, "timestamp": at, "cwd": "/w", "cli_version": "0.125.0"});
    ("session_meta", payload)
}

fn said(role: &str, text: &str) -> (&'static str, Value) {
    let kind = if role == "user" {
        "input_text"
    } else {
        "output_text"
    };
    let content = json!([{"type": kind, "text": text}]);
    (
        "response_item",
        json!({"type": "message", "role": role, "content": content}),
    )
}

fn item(payload: Value) -> (&'static str, Value) {
    ("response_item", payload)
}

fn call(id: &str) -> (&'static str, Value) {
    item(json!({"type": "function_call", "name": "shell", "arguments": "{}", "call_id": id}))
}

fn answer(id: &str) -> (&'static str, Value) {
    item(json!({"type": "function_call_output", "call_id": id, "output": "done"}))
}

/// The running total after so many requests of 10 and 1 tokens.
fn count(requests: u64) -> (&'static str, Value) {
    let tokens = |n: u64| json!({"input_tokens": 10 * n, "output_tokens": n});
    let info = json!({"total_token_usage": tokens(requests), "last_token_usage": tokens(1)});
    ("event_msg", json!({"type": "token_count", "info": info}))
}

fn event(kind: &str) -> (&'static str, Value) {
    ("event_msg", json!({"type": kind}))
}

fn model(name: &str) -> (&'static str, Value) {
    ("turn_context", json!({"model": name}))
}

/// A machine with one file that grows by a line before each sync; after each,
/// the index must tell what the files tell.
fn grow(path: &str, lines: &[String]) -> Machine {
    let machine = Machine::empty();
    let path = machine.home().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut text = String::new();
    for (place, line) in lines.iter().enumerate() {
        text.push_str(line);
        text.push('\n');
        fs::write(&path, &text).unwrap();
        let mut app = machine.synced();
        let (scanned, indexed) = requests(&app);
        assert_eq!(scanned, indexed, "after line {place}: {line}");
        assert_same(&state(&mut app), &machine.fresh_state());
    }
    machine
}

fn codex(payloads: &[(&str, Value)]) -> Machine {
    let path = format!(".codex/sessions/2026/10/01/rollout-2026-10-01T10-00-00-{THREAD}.jsonl");
    grow(&path, &rollout(payloads))
}

#[test]
fn every_count_of_codex_is_a_request() {
    let hidden = json!({"type": "reasoning", "summary": [], "encrypted_content": "x"});
    let machine = codex(&[
        meta(),
        event("task_started"),
        model("one"),
        said("user", "go"),
        // Two counts for one reply, and one for a reply of which nothing is shown.
        said("assistant", "a"),
        call("1"),
        count(1),
        count(1),
        answer("1"),
        item(hidden),
        count(2),
        // Told after the result, as no Codex does.
        call("2"),
        answer("2"),
        count(3),
        said("assistant", "b"),
        count(4),
        count(5),
        event("task_complete"),
        // Told before the reply, and never followed by one.
        model("two"),
        count(6),
        said("assistant", "c"),
        call("3"),
        answer("3"),
        model("two"),
        count(7),
        event("turn_aborted"),
    ]);
    let stats = total(&mut machine.open()).total;
    assert_eq!(stats.requests, 7);
    let sum = Usage {
        input: Some(70),
        output: Some(7),
        ..Usage::default()
    };
    assert_eq!(stats.usage, sum);
}

/// A message that nobody typed is found out when the model answers, be that in
/// another reading.
#[test]
fn what_turns_out_to_be_nobodys_is_no_users_word() {
    let machine = codex(&[
        meta(),
        said("user", "plain quokka"),
        (
            "event_msg",
            json!({"type": "user_message", "message": "plain quokka"}),
        ),
        said("assistant", "yes"),
        said("user", "injected quokka"),
        said("assistant", "well"),
        said("user", "typed wombat"),
        (
            "event_msg",
            json!({"type": "user_message", "message": "typed wombat"}),
        ),
    ]);
    let app = machine.synced();
    assert_eq!(found(&app, "is:user plain"), [THREAD]);
    assert_eq!(found(&app, "is:user wombat"), [THREAD]);
    assert_eq!(found(&app, "is:user injected"), [""; 0]);
    assert_eq!(found(&app, "injected"), [THREAD]);
}

/// A record of a reply of Claude Code.
fn reply(number: u32, ids: (&str, Option<&str>), cwd: &str, tokens: (u64, u64)) -> String {
    json!({
        "parentUuid": null, "isSidechain": false, "type": "assistant", "cwd": cwd,
        "message": {
            "id": ids.0, "type": "message", "role": "assistant", "model": "claude-new",
            "content": [{"type": "text", "text": format!("reply {number}")}],
            "usage": {"input_tokens": tokens.0, "output_tokens": tokens.1}
        },
        "requestId": ids.1, "uuid": format!("00000000-0000-4000-8000-{number:012}"),
        "timestamp": format!("2026-11-21T09:00:{number:02}.000Z"),
        "sessionId": SESSION, "version": "2.1.329",
    })
    .to_string()
}

fn cost(total: f64) -> String {
    json!({"type": "cost-state", "sessionId": SESSION, "totalCostUSD": total}).to_string()
}

/// Partial records, replies of one name, a folder that changes, and costs of the
/// whole session.
#[test]
fn claude_counts_requests_by_both_ids_and_cost_once() {
    let path = format!(".claude/projects/-w/{SESSION}.jsonl");
    let machine = grow(
        &path,
        &[
            reply(1, ("msg", Some("req_1")), "/w", (100, 1)),
            reply(2, ("msg", Some("req_1")), "/w", (100, 7)),
            cost(0.25),
            reply(3, ("msg", Some("req_2")), "/w/below", (100, 1)),
            reply(4, ("msg", Some("req_3")), "/w/below", (100, 1)),
            // The last but one is told more.
            reply(5, ("msg", Some("req_2")), "/w/below", (100, 9)),
            cost(0.5),
            cost(0.75),
        ],
    );
    let check = |machine: &Machine| {
        let stats = total(&mut machine.open()).total;
        let (usage, cost) = (stats.usage, stats.cost_usd);
        let sums = (stats.requests, usage.input, usage.output, cost);
        assert_eq!(sums, (3, Some(300), Some(17), Some(0.75)));
    };
    check(&machine);
    // A copy of an earlier state of the file counts nothing more.
    let all = fs::read_to_string(machine.home().join(&path)).unwrap();
    let earlier: Vec<_> = all.lines().take(4).collect();
    let copy = machine
        .home()
        .join(format!(".config/claude/projects/-w/{SESSION}.jsonl"));
    fs::create_dir_all(copy.parent().unwrap()).unwrap();
    fs::write(copy, earlier.join("\n") + "\n").unwrap();
    check(&machine);
    let (scanned, _) = requests(&machine.synced());
    assert!(scanned.len() >= 4, "{scanned:?}");
}

/// The cost of a session is in the sum, once, and no fork adds its parent's.
#[test]
fn costs_of_sessions_are_in_stats() {
    let case = super::cases();
    let case = case.iter().find(|case| case.ends_with("v2.1.329")).unwrap();
    let machine = Machine::of(case);
    let expected = 0.503_364 + 0.432_316 + 0.551_68;
    for mut app in [machine.open(), machine.synced()] {
        let cost = total(&mut app).total.cost_usd.unwrap();
        assert!((cost - expected).abs() < 1e-9, "{cost}");
    }
}

#[test]
fn doctor_counts_the_records_of_all_readings() {
    let machine = Machine::with_samples();
    let counts = |machine: &Machine| {
        let report = machine.synced().doctor(&SyncReport::default()).unwrap();
        let agents = report.agents.into_iter();
        agents
            .map(|agent| (agent.agent, agent.records, agent.ignored))
            .collect::<Vec<_>>()
    };
    let before = counts(&machine);
    machine.say(CLAUDE, 1, "one more");
    let after = counts(&machine);
    let records = |counts: &[(String, u64, _)]| counts.iter().map(|one| one.1).sum::<u64>();
    assert_eq!(records(&after), records(&before) + 1);
    assert!(before.iter().zip(&after).all(|(one, two)| one.2 == two.2));
}
