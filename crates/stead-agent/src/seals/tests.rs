//! What a person learns of sessions that were altered in any way.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use stead_ledger::{Ending, Proof, Signer, VerifierKey};
use stead_llm::traffic::Tape;
use stead_usf::{Session, Time};

use super::{FILE, Key, Machine, Report, SEALS, folder, seal, sessions};
use crate::record::{AGENT, EVENTS, Recorder, TRAFFIC, Witness, failed, said, setting, tape};

const FIRST: &str = "0199f3a4-0000-7000-8000-000000000001";
const SECOND: &str = "0199f3a4-0000-7000-8000-000000000002";

fn signer() -> Signer {
    Signer::new("stead.test/machine", [7; 32]).unwrap()
}

fn key() -> Key {
    signer().verifier().to_string().parse().unwrap()
}

fn lines(tape: &dyn Tape, exchange: &str) {
    let asked = json!({
        "exchange": exchange, "after_us": 0, "type": "request",
        "at": "2026-11-21T12:00:00Z", "attempt": 1, "provider": "local", "wire": "openai",
        "model": "tiny-1", "method": "POST", "url": "http://127.0.0.1:1/", "headers": [],
        "body": "{\"q\":1}", "hash": "00",
    });
    let end = json!({
        "exchange": exchange, "after_us": 7, "type": "end", "end": {"how": "complete"},
    });
    for line in [asked, end] {
        tape.line(&serde_json::from_value(line).unwrap()).unwrap();
    }
}

/// A session of two requests, sealed at its begin and its end.
fn session(data: &Path, id: &str) {
    let folder = folder(data, id);
    let clock = Box::new(|| Time::from_millis(1_760_000_000_000).unwrap());
    let header = Session::new(AGENT, id);
    let (mut recorder, _) = Recorder::open(&folder, &header, &signer(), clock).unwrap();
    seal(data, &signer(), recorder.log().note(), Ending::Begun).unwrap();
    recorder.append(vec![said("go"), said("on")]).unwrap();
    let tape = Arc::new(tape(&folder).unwrap());
    for request in ["r1", "r2"] {
        let witness = Witness::new(tape.clone());
        lines(&witness, &format!("{request}.1"));
        let event = failed("no answer", &witness.vouch(request));
        recorder.append(vec![event]).unwrap();
    }
    seal(data, &signer(), recorder.log().note(), Ending::Finished).unwrap();
}

fn two() -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    session(data.path(), FIRST);
    session(data.path(), SECOND);
    data
}

fn all(data: &Path) -> Machine {
    Machine::check(data, &key(), None).unwrap()
}

fn first(data: &Path) -> Report {
    all(data).sessions.swap_remove(0)
}

/// What somebody does to a file.
type Change<'a> = &'a dyn Fn(&str) -> String;

/// What is left without the first two lines.
fn but_two(text: &str) -> String {
    text.split_inclusive('\n').skip(2).collect()
}

/// Changes a file of the first session.
fn alter(data: &Path, file: &str, change: impl Fn(&str) -> String) {
    let path = folder(data, FIRST).join(file);
    let text = fs::read_to_string(&path).unwrap();
    let changed = change(&text);
    assert_ne!(text, changed);
    fs::write(path, changed).unwrap();
}

#[test]
fn sessions_that_nobody_touched_are_as_they_were_signed() {
    let data = two();
    let machine = all(data.path());
    assert!(machine.is_well(), "{machine:?}");
    assert_eq!(sessions(data.path()).unwrap(), [FIRST, SECOND]);
    let report = &machine.sessions[0];
    assert_eq!((report.records, report.exchanges, report.seals), (5, 2, 2));
    assert_eq!(report.signer, format!("stead.test/machine/{FIRST}"));
    assert_eq!(report.remarks, [""; 0]);
    assert_eq!(machine.seals.as_ref().map(|seals| seals.records), Some(4));
    let shown: Value = serde_json::to_value(&machine).unwrap();
    assert_eq!(shown["sessions"][0]["altered"], json!([]));
}

#[test]
fn a_changed_event_is_named_and_so_is_one_that_was_added() {
    let data = two();
    alter(data.path(), EVENTS, |text| {
        text.replacen("\"go\"", "\"no\"", 1)
    });
    assert_eq!(
        first(data.path()).altered,
        ["record 1 is not what was signed"]
    );
    assert!(!all(data.path()).is_well());

    let data = two();
    alter(data.path(), EVENTS, |text| {
        let last = text.lines().last().unwrap();
        format!("{text}{last}\n")
    });
    let told = first(data.path()).altered;
    assert!(
        told[0].starts_with("1 records were added after signing, from record 5 on: a crash"),
        "{told:?}"
    );
}

#[test]
fn the_traffic_is_held_against_the_events() {
    let turned = |text: &str| text.replacen("tiny-1", "tiny-2", 1);
    let added = |text: &str| {
        format!(
            "{}{text}",
            text.replace("r1.1", "r0.1").replace("r2.1", "r0.2")
        )
    };
    let stray = |text: &str| format!("{{}}\n{text}");
    let cases: [(Change<'_>, &[&str]); 4] = [
        (
            &turned,
            &["exchange r1.1 of the traffic is not what it was"],
        ),
        (&but_two, &["exchange r1.1 is gone from the traffic"]),
        (
            &added,
            &[
                "exchange r0.1 stands in the traffic, but no event tells of it",
                "exchange r0.2 stands in the traffic, but no event tells of it",
            ],
        ),
        (&stray, &["line 1 of the traffic belongs to no exchange"]),
    ];
    for (change, told) in cases {
        let data = two();
        alter(data.path(), TRAFFIC, change);
        assert_eq!(first(data.path()).altered, told);
    }
    let data = two();
    fs::remove_file(folder(data.path(), FIRST).join(TRAFFIC)).unwrap();
    assert_eq!(first(data.path()).altered.len(), 2);
}

#[test]
fn a_request_that_was_under_way_when_a_session_broke_off_is_no_alteration() {
    let data = two();
    alter(data.path(), TRAFFIC, |text| {
        let line = text.lines().next().unwrap().replace("r1.1", "r3.1");
        format!("{text}{line}\n{{\"exch")
    });
    let report = first(data.path());
    assert!(report.is_well());
    assert_eq!(report.remarks.len(), 2, "{report:?}");
}

#[test]
fn a_session_that_was_removed_or_put_back_is_missed() {
    let data = two();
    let (folder, copy) = (folder(data.path(), FIRST), data.path().join("copy"));
    fs::rename(&folder, &copy).unwrap();
    let machine = all(data.path());
    assert_eq!(machine.gone, [FIRST]);
    assert!(!machine.is_well());
    let only = Machine::check(data.path(), &key(), Some(&[SECOND.to_owned()])).unwrap();
    assert!(only.is_well() && only.gone.is_empty());

    // The same id with less in it, rightly signed.
    let clock = Box::new(|| Time::from_millis(1_760_000_000_000).unwrap());
    let header = Session::new(AGENT, FIRST);
    drop(Recorder::open(&folder, &header, &signer(), clock).unwrap());
    let told = first(data.path()).altered;
    assert_eq!(
        told,
        ["the log was put back to record 1, but 5 records were signed"]
    );
}

#[test]
fn a_session_in_anothers_place_is_not_believed() {
    let data = two();
    let from = folder(data.path(), SECOND);
    for file in ["checkpoint", "leaves", EVENTS, TRAFFIC] {
        fs::copy(from.join(file), folder(data.path(), FIRST).join(file)).unwrap();
    }
    let told = first(data.path()).altered;
    assert!(told[0].contains("cannot be believed"), "{told:?}");
}

#[test]
fn seals_that_are_gone_or_were_changed_are_missed() {
    let data = two();
    let seals = data.path().join(SEALS);
    let text = fs::read_to_string(seals.join(FILE)).unwrap();
    fs::write(seals.join(FILE), but_two(&text)).unwrap();
    let machine = all(data.path());
    let told = &machine.seals.as_ref().unwrap().altered;
    assert!(!told.is_empty() && !machine.is_well(), "{machine:?}");
    assert!(machine.sessions[0].altered[0].starts_with("the seals of this machine do not know it"));

    fs::remove_dir_all(&seals).unwrap();
    let machine = all(data.path());
    assert!(machine.is_well());
    assert!(machine.sessions[0].remarks[0].contains("keeps no seals"));
}

/// A session whose setting names how far the log of seals was.
fn naming(data: &Path, id: &str) {
    let folder = folder(data, id);
    let clock = Box::new(|| Time::from_millis(1_760_000_000_000).unwrap());
    let header = Session::new(AGENT, id);
    let (mut recorder, _) = Recorder::open(&folder, &header, &signer(), clock).unwrap();
    let seals = seal(data, &signer(), recorder.log().note(), Ending::Begun).unwrap();
    let seals = json!({"records": seals.size, "root": seals.root.to_string()});
    let event = setting("in place", &json!({ "seals": seals }));
    recorder.append(vec![event]).unwrap();
    seal(data, &signer(), recorder.log().note(), Ending::Finished).unwrap();
}

#[test]
fn any_session_proves_that_there_was_a_log_of_seals() {
    let data = tempfile::tempdir().unwrap();
    session(data.path(), FIRST);
    naming(data.path(), SECOND);
    assert!(all(data.path()).is_well());
    // All of the machine's seals, removed and begun again with what is left.
    let seals = data.path().join(SEALS);
    fs::remove_dir_all(&seals).unwrap();
    let machine = all(data.path());
    assert!(machine.sessions[0].is_well() && !machine.is_well());
    assert_eq!(
        machine.sessions[1].altered,
        ["this machine had a log of seals when the session began, and it is gone"]
    );
    fs::remove_dir_all(folder(data.path(), FIRST)).unwrap();
    let (folder, clock) = (
        folder(data.path(), SECOND),
        Box::new(|| Time::from_millis(1_760_000_000_000).unwrap()),
    );
    let header = Session::new(AGENT, SECOND);
    let (recorder, _) = Recorder::open(&folder, &header, &signer(), clock).unwrap();
    seal(
        data.path(),
        &signer(),
        recorder.log().note(),
        Ending::Finished,
    )
    .unwrap();
    drop(recorder);
    let machine = all(data.path());
    assert_eq!(
        machine.seals.unwrap().altered,
        ["the log was put back to record 1, but 3 records were signed"]
    );
}

#[test]
fn another_key_proves_nothing() {
    let data = two();
    let other = Signer::new("stead.test/machine", [8; 32]).unwrap();
    let key: Key = other.verifier().to_string().parse().unwrap();
    assert!(!Machine::check(data.path(), &key, None).unwrap().is_well());
}

#[test]
fn an_event_is_proved_to_others() {
    let data = two();
    let public: VerifierKey = key().of_session(FIRST).unwrap().parse().unwrap();
    let proof: Proof = key()
        .proof(data.path(), FIRST, "e2")
        .unwrap()
        .parse()
        .unwrap();
    let origin = format!("stead.test/machine/{FIRST}");
    let checkpoint = proof.verify(&origin, &[public], None).unwrap();
    assert_eq!((proof.index, checkpoint.size), (2, 5));
    let record: Value = serde_json::from_slice(proof.record.as_deref().unwrap()).unwrap();
    assert_eq!(record["text"], "on");
    let note = key().checkpoint(data.path(), FIRST).unwrap();
    assert!(note.starts_with(&format!("{origin}\n5\n")), "{note}");
    let missing = key().proof(data.path(), FIRST, "e9").unwrap_err();
    assert_eq!(
        missing.to_string(),
        format!("session {FIRST} has no event `e9`")
    );
}

#[test]
fn a_session_that_is_being_written_is_checked_as_far_as_it_is_signed() {
    let data = two();
    let clock = Box::new(|| Time::from_millis(1_760_000_000_000).unwrap());
    let header = Session::new(AGENT, FIRST);
    let open = Recorder::open(&folder(data.path(), FIRST), &header, &signer(), clock).unwrap();
    let report = first(data.path());
    assert!(report.is_well() && report.being_written, "{report:?}");
    drop(open);
}
