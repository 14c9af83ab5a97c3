//! Held against real stores, and against damage.

mod made;
mod sessions;
mod store;

use stead_testkit::truth::tokens_of;
use stead_usf::{EditOperation, EventType};

use self::store::{Store, case};
use super::Cline;
use crate::conformance;

#[test]
fn version_2_18_0() {
    conformance::check(&Cline, &case("v2.18.0/home"));
    let store = Store::of("v2.18.0");
    store.check();
    let one = store.truth.session("one");
    let session = store.read(one);
    assert_eq!(tokens_of(session), (one.tokens.input, one.tokens.output));
    let edits = session.events.iter().flat_map(|event| &event.edits);
    let operations: Vec<_> = edits.map(|edit| edit.operation).collect();
    let expected = [
        EditOperation::Modify,
        EditOperation::Create,
        EditOperation::Modify,
    ];
    assert_eq!(operations, expected);
    assert_eq!(session.agent_version.as_deref(), Some("2.18.0"));
}

#[test]
fn version_2_18_0_native() {
    conformance::check(&Cline, &case("v2.18.0-native/home"));
    let store = Store::of("v2.18.0-native");
    store.check();
    store.check_subagent(store.truth.session("two"));
}

#[test]
fn version_3_0_65() {
    conformance::check(&Cline, &case("v3.0.65/home"));
    let store = Store::of("v3.0.65");
    store.check();
    for name in ["two", "terminal"] {
        let expected = store.truth.session(name);
        store.check_subagent(expected);
    }
    let terminal = store.read(store.truth.session("terminal"));
    let inactive = terminal
        .events
        .iter()
        .filter(|event| event.inactive.is_some());
    let calls: Vec<_> = inactive.filter_map(|event| event.tool.as_ref()).collect();
    assert_eq!(calls[0].name, "spawn_agent");
    let summary = terminal
        .events
        .iter()
        .find(|event| event.kind == EventType::Summary);
    assert!(
        summary
            .unwrap()
            .text
            .as_ref()
            .unwrap()
            .starts_with("I read the module.")
    );
    let one = store.read(store.truth.session("one"));
    let git = one.git.as_ref().and_then(|git| git.branch.as_deref());
    assert_eq!(git, Some("main"));
    assert_eq!(one.agent_version.as_deref(), Some("3.0.65"));
    let failed = one.events.iter().filter_map(|event| event.exit_code);
    assert_eq!(failed.collect::<Vec<_>>(), [2]);
}

#[test]
fn nothing_is_found_where_nothing_is() {
    conformance::check_empty(&Cline);
}
