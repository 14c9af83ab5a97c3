//! What is shown, and together with what.

use super::*;
use crate::export::view::samples::{call, result, user};

#[derive(Default)]
struct Notes(Vec<String>);

impl Paint for Notes {
    fn item(&mut self, item: Item<'_>) -> io::Result<()> {
        self.0.push(match item {
            Item::Event(event) => event.id.clone(),
            Item::Call(call, None) => format!("{}?", call.id),
            Item::Call(call, Some(result)) => format!("{}={}", call.id, result.id),
            Item::Late(result, label) => format!("{}<-{}", result.id, label.unwrap_or("?")),
            Item::Skipped(skipped) => skipped.words(),
        });
        Ok(())
    }
}

fn items(events: &[Event]) -> Vec<String> {
    let mut flow = Flow::default();
    let mut notes = Notes::default();
    for event in events {
        flow.push(event, &mut notes).unwrap();
    }
    flow.finish(&mut notes).unwrap();
    notes.0
}

#[test]
fn parallel_calls_get_their_results() {
    let events = [
        call("1", "a", "ls"),
        call("2", "b", "make"),
        result("3", "b", "x"),
        result("4", "a", "y"),
    ];
    assert_eq!(items(&events), ["1=4", "2=3"]);
}

#[test]
fn late_results_name_their_call() {
    let events = [
        call("1", "a", "sleep 9"),
        user("2", "hello"),
        result("3", "a", "x"),
        result("4", "zz", "y"),
    ];
    assert_eq!(items(&events), ["1?", "2", "3<-Bash sleep 9", "4<-?"]);
}

#[test]
fn what_is_left_out_is_counted() {
    let marked = |id: &str, inactive| {
        let mut event = user(id, "x");
        event.inactive = Some(inactive);
        event
    };
    let mut copied = call("0", "a", "ls");
    copied.inherited = true;
    let events = [
        copied,
        marked("1", Inactive::Compacted),
        marked("2", Inactive::Rewound),
        marked("3", Inactive::Rewound),
        user("4", "x"),
    ];
    let expected = [
        "1 event was taken over from the parent session",
        "1 turn was compacted into a summary",
        "2 turns were rewound",
        "4",
    ];
    assert_eq!(items(&events), expected);
}

#[test]
fn little_is_held_back() {
    let mut flow = Flow::default();
    let mut notes = Notes::default();
    for n in 0..1_000 {
        flow.push(&call(&n.to_string(), &n.to_string(), "ls"), &mut notes)
            .unwrap();
        assert!(flow.held.len() <= HELD_EVENTS);
    }
    assert!(flow.open.len() <= REMEMBERED_CALLS);
}
