//! Held against real stores.

mod made;
mod store;

use stead_usf::{EditOperation, EventType, LinkKind};

use self::store::{Store, case};
use super::RooCode;
use crate::conformance;

#[test]
fn version_3_40_0() {
    conformance::check(&RooCode, &case("v3.40.0/home"));
    check(&Store::of("v3.40.0"));
}

#[test]
fn version_3_51_0() {
    conformance::check(&RooCode, &case("v3.51.0/home"));
    check(&Store::of("v3.51.0"));
}

fn check(store: &Store) {
    store.check();
    let one = store.read(store.truth.session("one"));
    let edits = one.events.iter().flat_map(|event| &event.edits);
    let operations: Vec<_> = edits.map(|edit| edit.operation).collect();
    assert_eq!(operations, [EditOperation::Modify, EditOperation::Create]);
    let three = store.read(store.truth.session("three"));
    let codes = three.events.iter().filter_map(|event| event.exit_code);
    assert_eq!(codes.collect::<Vec<_>>(), [2]);
    check_subtask(store);
}

/// A subtask is a session of its own, which nobody typed into.
fn check_subtask(store: &Store) {
    let expected = store.truth.session("two");
    let parent = store.read(expected);
    let truth = &expected.turns[0].subagents[0];
    let is_child = |session: &&stead_usf::Session| session.parent.is_some();
    let children: Vec<_> = store.sessions.values().filter(is_child).collect();
    let [child] = children.as_slice() else {
        panic!("{children:#?}");
    };
    let link = child.parent.as_ref().unwrap();
    assert_eq!((&link.id, link.kind), (&parent.id, LinkKind::Subagent));
    assert_eq!(child.cwd, parent.cwd);
    assert!(child.events.iter().all(|event| !event.is_prompt()));
    let asked = child
        .events
        .iter()
        .find(|event| event.kind == EventType::User);
    assert_eq!(asked.unwrap().text.as_ref(), Some(&truth.prompt));
    store::check_tokens(child, truth.tokens);
}

#[test]
fn nothing_is_found_where_nothing_is() {
    conformance::check_empty(&RooCode);
}
