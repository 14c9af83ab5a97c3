//! Held against real stores, and against damage.

mod made;
mod store;

use stead_testkit::truth::{prompts, tokens_of};
use stead_usf::{EditOperation, LinkKind};

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
    let two = store.truth.session("two");
    let parent = store.read(two);
    assert_eq!(tokens_of(parent), (two.tokens.input, two.tokens.output));
    let truth = &two.turns[0].subagents[0];
    let children = store
        .sessions
        .values()
        .filter(|session| !session.is_top_level());
    let children: Vec<_> = children.collect();
    let [child] = children.as_slice() else {
        panic!("{children:#?}");
    };
    let link = child.parent.as_ref().unwrap();
    assert_eq!(
        (link.id.clone(), link.kind),
        (parent.id.clone(), LinkKind::Subagent)
    );
    assert_eq!(
        link.call_id.as_deref(),
        two.turns[0].steps[0].calls[0].id.as_deref()
    );
    assert_eq!(tokens_of(child), (truth.tokens.input, truth.tokens.output));
    assert_eq!(prompts(child), [""; 0], "nobody typed it");
    assert_eq!(child.events[0].text.as_ref(), Some(&truth.prompt));
}

#[test]
fn nothing_is_found_where_nothing_is() {
    conformance::check_empty(&Cline);
}
