//! Histories grow while they are read: in parts as at once.

use std::collections::BTreeMap;
use std::path::Path;

use fs_err as fs;
use stead_usf::Session;

use super::super::Aider;
use super::store::case;
use crate::Adapter;
use crate::{Checkpoint, Document, Output, ReadError, Unit, conformance, load};

/// How an appended part was read.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    GoneOn,
    FromTheStart,
}

/// Reads a history up to each cut, then the rest, and compares with reading at once.
/// Returns how often it could go on.
pub(super) fn check(unit: &Unit, bytes: &[u8], cuts: &[usize]) -> usize {
    fs::write(&unit.path, bytes).unwrap();
    let at_once = by_name(load(&Aider, unit).unwrap().0);
    let mut gone_on = 0;
    for cut in cuts {
        let (sessions, way) = in_two(unit, &bytes[..*cut], bytes);
        assert_eq!(
            sessions.keys().collect::<Vec<_>>(),
            at_once.keys().collect::<Vec<_>>(),
            "cut at {cut}"
        );
        for (name, session) in &sessions {
            let (found, expected) = (json(session), json(&at_once[name]));
            let lines = found.lines().zip(expected.lines());
            let differ: Vec<_> = lines.filter(|(a, b)| a != b).take(3).collect();
            assert!(
                found == expected,
                "{name}, cut at {cut}, {way:?}: {differ:#?}"
            );
        }
        gone_on += usize::from(way == Way::GoneOn);
    }
    gone_on
}

fn in_two(unit: &Unit, first: &[u8], all: &[u8]) -> (BTreeMap<String, Session>, Way) {
    fs::write(&unit.path, first).unwrap();
    let (earlier, _, checkpoint) = load(&Aider, unit).unwrap();
    let stored = serde_json::to_string(&checkpoint).unwrap();
    let checkpoint: Checkpoint = serde_json::from_str(&stored).unwrap();
    fs::write(&unit.path, all).unwrap();
    let known = checkpoint
        .sessions
        .first()
        .map(|header| header.native_id.clone());
    let mut sessions = by_name(earlier);
    let last = known.and_then(|name| sessions.get(&name).cloned());
    let mut document = Document::with_earlier(last.into_iter().collect());
    let mut output = Output::new(&mut document);
    match Aider.read(unit, Some(&checkpoint), &mut output) {
        Ok(_) => {
            output.end_all();
            sessions.extend(by_name(document.sessions));
            (sessions, Way::GoneOn)
        }
        Err(ReadError::Rewritten { .. }) => {
            (by_name(load(&Aider, unit).unwrap().0), Way::FromTheStart)
        }
        Err(error) => panic!("{error}"),
    }
}

fn by_name(sessions: Vec<Session>) -> BTreeMap<String, Session> {
    sessions
        .into_iter()
        .map(|session| (session.native_id.clone(), session))
        .collect()
}

fn json(session: &Session) -> String {
    serde_json::to_string_pretty(session).unwrap()
}

/// The units of a fixture with their bytes. Without the log of requests: while a
/// history grows it never holds what is still to come.
fn units(home: &Path) -> Vec<(Unit, Vec<u8>)> {
    let mut units = Vec::new();
    for mut unit in conformance::discover(&Aider, home) {
        unit.parts
            .retain(|part| !part.ends_with(".aider.llm.history"));
        let bytes = fs::read(&unit.path).unwrap();
        units.push((unit, bytes));
    }
    units
}

#[test]
fn in_parts_as_at_once() {
    for name in super::CASES {
        let home = conformance::unpack(&case(name).join("home"));
        for (unit, bytes) in units(home.path()) {
            let ends: Vec<usize> = memchr::memchr_iter(b'\n', &bytes).collect();
            let step = (ends.len() / 20).max(1);
            let near = ends.iter().step_by(step).flat_map(|end| [*end, end + 1]);
            let cuts: Vec<usize> = near.chain([0, bytes.len() / 2, bytes.len()]).collect();
            check(&unit, &bytes, &cuts);
        }
    }
}

/// Where the program pauses to wait for the user, reading goes on.
#[test]
fn a_pause_costs_nothing() {
    for name in super::CASES {
        let home = conformance::unpack(&case(name).join("home"));
        for (unit, bytes) in units(home.path()) {
            let text = String::from_utf8(bytes.clone()).unwrap();
            let pauses: Vec<usize> = ["\n#### ", "\n# aider chat started at "]
                .iter()
                .flat_map(|mark| text.match_indices(mark))
                // A plan is handed on at once, without a pause.
                .filter(|(place, _)| !text[*place..].starts_with("\n#### PLAN"))
                .map(|(place, _)| place)
                .collect();
            let gone_on = check(&unit, &bytes, &pauses);
            assert_eq!(gone_on, pauses.len(), "{name}");
        }
    }
}

#[test]
fn a_file_that_does_not_begin_as_before_is_read_anew() {
    let home = conformance::unpack(&case("v0.86.2").join("home"));
    let (unit, bytes) = units(home.path()).remove(0);
    let mut other = bytes.clone();
    other[10] = b'X';
    let (_, way) = in_two(&unit, &bytes, &other);
    assert_eq!(way, Way::FromTheStart);
}

/// The time of a message comes from a file that grows by itself.
#[test]
fn times_are_found_in_what_came_since() {
    let home = conformance::unpack(&case("v0.86.2").join("home"));
    let (unit, chat) = units(home.path()).remove(0);
    let typed = fs::read(&unit.parts[0]).unwrap();
    let at_once = by_name(load(&Aider, &unit).unwrap().0);
    let cut = |bytes: &[u8], mark: &str| String::from_utf8_lossy(bytes).find(mark).unwrap();
    let chat_cut = cut(&chat, "\n#### Add a helper reverse to the end");
    let typed_cut = cut(&typed, "\n# 2026-11-21 08:08:02");
    fs::write(&unit.parts[0], &typed[..typed_cut]).unwrap();
    fs::write(&unit.path, &chat[..chat_cut]).unwrap();
    let (earlier, _, checkpoint) = load(&Aider, &unit).unwrap();
    fs::write(&unit.parts[0], &typed).unwrap();
    fs::write(&unit.path, &chat).unwrap();
    let mut document = Document::with_earlier(earlier.last().cloned().into_iter().collect());
    let mut output = Output::new(&mut document);
    Aider.read(&unit, Some(&checkpoint), &mut output).unwrap();
    output.end_all();
    for session in document.sessions {
        assert_eq!(json(&session), json(&at_once[&session.native_id]));
    }
}
