//! What a user sees of real sessions, held against what truly happened.

mod made;
mod oddities;
mod patches;
mod stores;
mod to_0_125;
mod v0_169;

use std::collections::BTreeMap;
use std::path::PathBuf;

use stead_testkit::truth::{Tokens, TrueSession, Truth};
use stead_usf::{Inactive, Session, Usage};

use super::Codex;
use crate::{Adapter, conformance};

fn case(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src/agents/codex/testdata")
        .join(name)
}

fn home(name: &str) -> PathBuf {
    case(name).join("home")
}

/// The sessions of a fixture by native id, and what happened in them.
fn load(name: &str) -> (BTreeMap<String, Session>, Truth) {
    let home = conformance::unpack(&home(name));
    let sessions = conformance::sessions(&Codex, home.path());
    (sessions, Truth::load(&case(name).join("EXPECTED.json")))
}

fn id(truth: &TrueSession) -> &str {
    truth.id.as_deref().expect("the corpus names its sessions")
}

/// The model was told some results in other words than the file keeps: there
/// they stand as `{"output", "metadata"}`.
fn as_kept(mut truth: Truth) -> Truth {
    let turns = truth
        .sessions
        .iter_mut()
        .flat_map(|session| &mut session.turns);
    let calls = turns
        .flat_map(|turn| &mut turn.steps)
        .flat_map(|step| &mut step.calls);
    for result in calls.filter_map(|call| call.result.as_mut()) {
        if let Some((_, told)) = result.split_once("Wall time: 0 seconds\nOutput:\n") {
            *result = told.to_owned();
        }
    }
    truth
}

/// Prompt tokens and answer tokens that must have been counted.
fn counted(truth: &TrueSession, side: (u64, u64)) -> (u64, u64) {
    let Tokens { input, output, .. } = truth.token_range().0;
    (input + side.0, output + side.1)
}

/// Prompts with whether they are still part of the talk.
fn talk(session: &Session) -> Vec<(&str, Option<Inactive>)> {
    let typed = session.events.iter().filter(|event| event.is_prompt());
    typed
        .map(|event| (event.text.as_deref().unwrap_or(""), event.inactive))
        .collect()
}

/// The totals of the fast path are those of reading.
fn check_scan(name: &str) {
    let home = conformance::unpack(&home(name));
    for unit in conformance::discover(&Codex, home.path()) {
        let (sessions, ..) = crate::load(&Codex, &unit).expect("readable");
        let mut sum = Usage::default();
        let scanned = Codex.scan_usage(&unit, &mut |record| {
            assert_eq!(record.session, sessions[0].id);
            sum += record.usage;
        });
        assert!(scanned.expect("readable"));
        assert_eq!(sum, sessions[0].usage, "{}", sessions[0].id);
    }
}

#[test]
fn laws_0_22() {
    conformance::check(&Codex, &home("v0.22.0"));
}

#[test]
fn laws_0_50() {
    conformance::check(&Codex, &home("v0.50.0"));
}

#[test]
fn laws_0_125() {
    conformance::check(&Codex, &home("v0.125.0"));
}

#[test]
fn laws_0_169() {
    conformance::check(&Codex, &home("v0.169.0"));
}

#[test]
fn nothing_is_found_where_nothing_is() {
    conformance::check_empty(&Codex);
}

#[test]
fn fast_totals_are_the_totals() {
    for name in ["v0.22.0", "v0.50.0", "v0.125.0", "v0.169.0", "made"] {
        check_scan(name);
    }
}
