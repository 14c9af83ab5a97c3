//! The record as other programs read it.

use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::json;
use stead_edit::FilePlan;
use stead_ledger::{Signer, verify};
use stead_llm::traffic::{Line, Tape};
use stead_llm::{Form, Part, Response, ToolCall, ToolResult};
use stead_usf::{Event, Model, Session, Time, ToolKind, Usage};

use super::{
    AGENT, Clock, EVENTS, Envelope, Exchanges, FileState, Recorder, TRAFFIC, Vouched, Witness,
    answered, call, digest, edits, origin, outcome, result, said, tape,
};
use crate::machine::Outcome;

fn clock() -> Clock {
    let now = AtomicI64::new(1_760_000_000_000);
    Box::new(move || Time::from_millis(now.fetch_add(5, Ordering::Relaxed)).unwrap())
}

fn signer() -> Signer {
    Signer::new("stead.test/session", [7; 32]).unwrap()
}

fn open(folder: &Path) -> Recorder {
    let header = Session::new(AGENT, "0001");
    Recorder::open(folder, &header, &signer(), clock())
        .unwrap()
        .0
}

fn session() -> Vec<Event> {
    let model = Model {
        id: "m-1".to_owned(),
        provider: Some("local".to_owned()),
    };
    let write = ToolCall {
        id: "c1".to_owned(),
        name: "write".to_owned(),
        arguments: "{\"path\":\"a\"}".to_owned(),
        form: Form::Json,
        opaque: None,
    };
    let response = Response {
        parts: vec![Part::text("I write it."), Part::ToolCall(write.clone())],
        usage: Usage {
            input: Some(12),
            output: Some(3),
            ..Usage::default()
        },
        id: Some("msg-1".to_owned()),
        ..Response::default()
    };
    let plan = FilePlan {
        path: "a".to_owned(),
        before: None,
        after: Some(b"x\n".to_vec()),
        moved_from: None,
    };
    let told = ToolResult {
        id: "c1".to_owned(),
        name: "write".to_owned(),
        text: "written".to_owned(),
        ok: true,
        images: Vec::new(),
        form: Form::Json,
    };
    let envelope = Envelope {
        arguments: digest(write.arguments.as_bytes()),
        result: digest(told.text.as_bytes()),
        decision: "allow: rule 1 of the defaults".to_owned(),
        files: vec![FileState::of(&plan)],
        unkept: Vec::new(),
        ..Envelope::new("c1", None)
    };
    let mut events = vec![said("write a")];
    events.extend(answered(
        &response,
        &model,
        &Vouched::named("r1"),
        &["S3".to_owned()],
    ));
    events.push(call(&write, ToolKind::Write, &model));
    events.push(result(&told, None, 4, &envelope));
    events.extend(edits("c1", &[plan], &model));
    events.push(outcome(&Outcome::Done {
        summary: "I wrote it.".to_owned(),
        checked: false,
    }));
    events
}

#[test]
fn the_record_is_a_session_that_usf_reads_and_the_ledger_vouches_for() {
    let folder = tempfile::tempdir().unwrap();
    let recorded = open(folder.path()).append(session()).unwrap();
    let file = std::fs::File::open(folder.path().join(EVENTS)).unwrap();
    let (mut header, events) = stead_usf::read_lines(BufReader::new(file)).unwrap();
    header.events = events.map(Result::unwrap).collect();
    assert_eq!(header.events, recorded);
    for event in &recorded {
        header.absorb(event);
    }
    assert_eq!(stead_usf::validate(&header), []);
    let ids: Vec<&str> = header
        .events
        .iter()
        .map(|event| event.id.as_str())
        .collect();
    assert_eq!(ids, ["e1", "e2", "e3", "e3r", "e5", "e6"]);
    let edit = &header.events[4].edits[0];
    assert_eq!(
        (edit.path.as_str(), edit.after.as_deref()),
        ("a", Some("x\n"))
    );
    let extra = header.events[3].extra.as_ref().unwrap().json();
    // The digest is what `printf 'x\n' | sha256sum` prints.
    let sum = "73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac";
    assert!(extra.contains(sum), "{extra}");
    let origin = origin(signer().name(), "0001");
    let keys = [signer().named(&origin).unwrap().verifier()];
    let verdict = verify(folder.path(), EVENTS, &origin, &keys, &[]).unwrap();
    assert_eq!(
        (verdict.records, verdict.to_string().as_str()),
        (7, "nothing changed")
    );
}

#[test]
fn a_session_goes_on_where_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).append(session()).unwrap();
    let more = open(folder.path()).append(vec![said("go on")]).unwrap();
    assert_eq!(
        (more[0].id.as_str(), more[0].parent.as_deref()),
        ("e7", Some("e6"))
    );
    let text = std::fs::read_to_string(folder.path().join(EVENTS)).unwrap();
    assert_eq!(text.lines().count(), 8);
}

#[test]
fn a_result_that_comes_after_a_restart_is_that_of_its_call() {
    let folder = tempfile::tempdir().unwrap();
    let mut events = session();
    let late = events.split_off(3).swap_remove(0);
    open(folder.path()).append(events).unwrap();
    let more = open(folder.path()).append(vec![late]).unwrap();
    assert_eq!(more[0].id, "e3r");
}

fn lines(exchange: &str) -> Vec<Line> {
    let asked = json!({
        "exchange": exchange, "after_us": 0, "type": "request",
        "at": "2026-11-21T12:00:00Z", "attempt": 1, "provider": "local", "wire": "openai",
        "model": "tiny-1", "method": "POST", "url": "http://127.0.0.1:1/", "headers": [],
        "body": "{\"q\":1}", "hash": "00",
    });
    let end = json!({
        "exchange": exchange, "after_us": 7, "type": "end", "end": {"how": "complete"},
    });
    [asked, end]
        .map(|line| serde_json::from_value(line).unwrap())
        .into()
}

/// What another program makes of an exchange's lines.
fn sum(file: &str, exchange: &str) -> String {
    let of = |line: &&str| line.contains(&format!("\"exchange\":\"{exchange}\""));
    digest(
        file.split_inclusive('\n')
            .filter(of)
            .collect::<String>()
            .as_bytes(),
    )
}

#[test]
fn each_exchange_of_the_traffic_has_its_digest_in_an_event() {
    let folder = tempfile::tempdir().unwrap();
    let witness = Witness::new(Arc::new(tape(folder.path()).unwrap()));
    for pair in lines("r1.1").iter().zip(&lines("r1.2")) {
        witness.line(pair.0).unwrap();
        witness.line(pair.1).unwrap();
    }
    let vouched = witness.vouch("r1");
    let file = std::fs::read_to_string(folder.path().join(TRAFFIC)).unwrap();
    assert_eq!(vouched.traffic["r1.1"], sum(&file, "r1.1"));
    assert_eq!(vouched.traffic["r1.2"], sum(&file, "r1.2"));
    let read = Exchanges::of(folder.path()).unwrap();
    assert_eq!(read.all, vouched.traffic.into_iter().collect::<Vec<_>>());
    assert_eq!(witness.vouch("r2").traffic.len(), 0);
}

#[test]
fn a_session_that_broke_off_says_so_when_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).append(session()).unwrap();
    let log = folder.path().join(EVENTS);
    let whole = std::fs::read_to_string(&log).unwrap();
    // A record without a signature, and one that is not whole; a request without an event.
    let more = whole.lines().last().unwrap().replace("\"e6\"", "\"e7\"");
    std::fs::write(&log, format!("{whole}{more}\n{{\"id\"")).unwrap();
    let traffic = folder.path().join(TRAFFIC);
    let request = serde_json::to_string(&lines("r2.1")[0]).unwrap();
    std::fs::write(&traffic, format!("{request}\n{{\"exch")).unwrap();

    let told = open(folder.path()).append(vec![said("go on")]).unwrap();
    assert_eq!(
        (told[0].id.as_str(), told[0].parent.as_deref()),
        ("e9", Some("e8"))
    );
    let text = std::fs::read_to_string(&log).unwrap();
    let event: Event = serde_json::from_str(text.lines().nth(8).unwrap()).unwrap();
    assert_eq!(
        event.text.as_deref(),
        Some(
            "the session broke off before; records without a signature: 1; bytes of a record \
             that was not whole: 5; exchanges that no event tells of: 1"
        )
    );
    let extra = event.extra.unwrap();
    let sum = digest(format!("{request}\n").as_bytes());
    assert_eq!(
        extra.json(),
        format!("{{\"unsigned\":1,\"torn\":5,\"traffic\":{{\"r2.1\":\"{sum}\"}}}}")
    );
    // The traffic goes on behind its last whole line, and all of it is told only once.
    tape(folder.path())
        .unwrap()
        .line(&lines("r3.1")[0])
        .unwrap();
    assert_eq!(
        std::fs::read_to_string(&traffic).unwrap().lines().count(),
        2
    );
    std::fs::remove_file(&traffic).unwrap();
    assert_eq!(open(folder.path()).append(vec![]).unwrap(), []);
    assert_eq!(std::fs::read_to_string(&log).unwrap(), text);
}
