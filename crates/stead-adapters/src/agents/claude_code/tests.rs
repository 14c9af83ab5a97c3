//! Held against real stores of four versions, and against damage.

mod damage;
mod kin;
mod made;
mod store;
mod talk;

use std::collections::BTreeMap;

use stead_testkit::truth::{prompts, tokens_of};
use stead_usf::{EventType, LinkKind, SessionId, Usage};

use self::store::{Store, case, sum_of};
use super::ClaudeCode;
use crate::{Adapter, conformance};

#[test]
fn version_0_2_126() {
    conformance::check(&ClaudeCode, &case("v0.2.126/home"));
    let store = Store::of("v0.2.126");
    store.check();
    let one = &store.truth.session("one");
    let two = &store.truth.session("two");
    for expected in [one, two] {
        let ids: Vec<_> = expected.ids.as_deref().unwrap().split(' ').collect();
        let mut sum = (0, 0);
        for (place, id) in ids.iter().enumerate() {
            let session = &store.sessions[*id];
            let (input, output) = tokens_of(session);
            sum = (sum.0 + input, sum.1 + output);
            let parent = session.parent.as_ref();
            assert_eq!(
                parent.map(|p| p.id.native()),
                place.checked_sub(1).map(|i| ids[i])
            );
            assert!(parent.is_none_or(|parent| parent.kind == LinkKind::Resume));
        }
        assert_eq!(sum, sum_of(expected), "{}", expected.name);
    }
}

#[test]
fn version_1_0_128() {
    conformance::check(&ClaudeCode, &case("v1.0.128/home"));
    let store = Store::of("v1.0.128");
    store.check();
    store.check_tokens(&["one", "fork"]);
    store.check_side("two");
    let terminal = store.read(store.truth.session("terminal"));
    let commands = terminal
        .events
        .iter()
        .filter(|event| event.kind == EventType::System);
    let commands: Vec<_> = commands.filter_map(|event| event.text.as_deref()).collect();
    assert_eq!(commands, ["Unknown slash command: rename"]);
    store.check_compaction("two", &[]);
    let killed = store.read(store.truth.session("killed"));
    assert_eq!(killed.models.len(), 1, "<synthetic> is no model");
}

#[test]
fn version_2_0_77() {
    conformance::check(&ClaudeCode, &case("v2.0.77/home"));
    let store = Store::of("v2.0.77");
    store.check();
    store.check_tokens(&["one", "fork"]);
    store.check_side("two");
    store.check_compaction("two", &[]);
    let warmups = store
        .sessions
        .values()
        .filter(|s| s.title.as_deref() == Some("Warmup"));
    let warmups: Vec<_> = warmups.collect();
    assert_eq!(warmups.len(), 3);
    for warmup in warmups {
        assert!(!warmup.is_top_level());
        assert_eq!(prompts(warmup), [""; 0], "nobody typed it");
    }
}

#[test]
fn version_2_1_329() {
    conformance::check(&ClaudeCode, &case("v2.1.329/home"));
    let store = Store::of("v2.1.329");
    store.check();
    store.check_tokens(&["one", "fork", "terminal"]);
    store.check_side("two");
    store.check_compaction("two", &["NOTES.md says where the helpers live."]);
    let two = store.read(store.truth.session("two"));
    assert_eq!(two.cost_usd, Some(0.503_364));
    let fork = store.read(store.truth.session("fork"));
    assert_eq!(
        fork.cost_usd, None,
        "the recorded cost is the parent's as well"
    );
}

#[test]
fn nothing_is_found_where_nothing_is() {
    conformance::check_empty(&ClaudeCode);
}

/// The short way gives the same tokens as reading all.
#[test]
fn scanning_counts_what_reading_counts() {
    for version in ["v0.2.126", "v1.0.128", "v2.0.77", "v2.1.329"] {
        let home = conformance::unpack(&case(version).join("home"));
        let mut scanned: BTreeMap<SessionId, Usage> = BTreeMap::new();
        for unit in conformance::discover(&ClaudeCode, home.path()) {
            let mut add = |record: crate::UsageRecord| {
                *scanned.entry(record.session).or_default() += record.usage;
            };
            assert!(ClaudeCode.scan_usage(&unit, &mut add).unwrap());
        }
        let read = conformance::sessions(&ClaudeCode, home.path());
        let read = read
            .into_values()
            .filter(|session| !session.usage.is_empty());
        let read: BTreeMap<_, _> = read.map(|session| (session.id, session.usage)).collect();
        assert_eq!(scanned, read, "{version}");
    }
}
