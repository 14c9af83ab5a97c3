//! The record as other programs read it.

use std::io::BufReader;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};

use stead_edit::FilePlan;
use stead_ledger::{Signer, verify};
use stead_llm::{Form, Part, Response, ToolCall, ToolResult};
use stead_usf::{Event, Model, Session, Time, ToolKind, Usage};

use super::{
    AGENT, Clock, EVENTS, Envelope, FileState, Recorder, answered, call, digest, edits, outcome,
    result, said,
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
    Recorder::open(folder, &header, signer(), clock())
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
    };
    let mut events = vec![said("write a")];
    events.extend(answered(&response, &model, "r1", &["S3".to_owned()]));
    events.push(call(&write, ToolKind::Write, &model));
    events.push(result(&told, None, 4, &envelope));
    events.extend(edits("c1", &[plan]));
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
    let keys = [signer().verifier()];
    let verdict = verify(folder.path(), EVENTS, signer().name(), &keys, &[]).unwrap();
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
