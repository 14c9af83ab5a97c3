//! How a record is taken apart, and what counts as another outcome.

use serde_json::{Value, json};
use stead_llm::{Form, ToolCall, ToolResult};
use stead_usf::{Event, Model, Raw, Session, ToolKind, write_line};

use super::{Recorded, Step};
use crate::machine::{Checked, Outcome};
use crate::record::{
    AGENT, EVENTS, Envelope, FileState, Planned, TRAFFIC, Vouched, When, call, check, failed,
    injected, outcome, planned, result, said, setting,
};
use crate::task::TaskSpec;

/// A session of two tasks; in the first, a request was under way when it was killed.
fn session() -> Vec<Event> {
    let plan = |exchange: Option<&str>| {
        let answer = exchange.map(|name| (None, Vouched::named(name)));
        planned(&Planned {
            spec: &TaskSpec::default(),
            by: "rules",
            told: &[],
            answer,
        })
    };
    let answered = |exchange: &str| Event {
        extra: Raw::of(&json!({"exchange": exchange, "calls": 0})).ok(),
        ..Event::new("", stead_usf::EventType::Assistant)
    };
    let left = Vouched {
        request: None,
        traffic: [("r3.1".to_owned(), "00".to_owned())].into(),
    };
    let checked = Checked {
        command: "true".to_owned(),
        ok: true,
        output: String::new(),
    };
    let done = Outcome::Done {
        summary: String::new(),
        checked: false,
    };
    vec![
        setting("one", &json!({"mode": "yes"})),
        said("first"),
        plan(Some("r1")),
        check(&checked, When::Before),
        answered("r2"),
        said("typed meanwhile"),
        // Told when it went on.
        Event {
            extra: Raw::of(&left).ok(),
            ..Event::new("", stead_usf::EventType::System)
        },
        setting("two", &json!({"mode": "ask"})),
        said("second"),
        plan(None),
        injected("a note", "3 messages no longer fit"),
        failed("no answer", &Vouched::named("r4")),
        answered("r5"),
        outcome(&done),
    ]
}

fn exchange(name: &str) -> String {
    let asked = json!({
        "exchange": name, "after_us": 0, "type": "request",
        "at": "2026-11-21T12:00:00Z", "attempt": 1, "provider": "local", "wire": "openai",
        "model": "tiny-1", "method": "POST", "url": "http://127.0.0.1:1/", "headers": [],
        "body": "{}", "hash": "00",
    });
    format!("{asked}\n")
}

#[test]
fn a_record_is_taken_apart_into_its_tasks() {
    let folder = tempfile::tempdir().unwrap();
    let mut lines = Vec::new();
    write_line(&mut lines, &Session::new(AGENT, "s")).unwrap();
    for (number, mut event) in session().into_iter().enumerate() {
        event.id = format!("e{}", number + 1);
        write_line(&mut lines, &event).unwrap();
    }
    std::fs::write(folder.path().join(EVENTS), lines).unwrap();
    let names = ["r1.1", "r2.1", "r3.1", "r4.1", "r4.2", "r5.1"];
    let traffic: String = names.map(exchange).concat();
    std::fs::write(folder.path().join(TRAFFIC), traffic).unwrap();

    let recorded = Recorded::read(folder.path()).unwrap();
    let told = recorded.tasks.iter().map(|task| {
        let steps = task.steps.iter().map(|(_, step)| step.words());
        let exchanges = task.exchanges.iter().map(|exchange| exchange.id.as_str());
        (
            (task.before, task.words.as_str(), task.requests),
            steps.collect::<Vec<_>>().join("; "),
            exchanges.collect::<Vec<_>>().join(" "),
        )
    });
    let first = "check `true` ends well before any change; an answer without calls; \
                 the user says: typed meanwhile";
    let second = "a request without an answer; an answer without calls; the end: done";
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            ((0, "first", 1), first.to_owned(), "r2.1 r3.1".to_owned()),
            (
                (7, "second", 3),
                second.to_owned(),
                "r4.1 r4.2 r5.1".to_owned()
            ),
        ]
    );
    assert_eq!(recorded.setting(1)["mode"], "ask");
}

/// What is changed of a result.
type Change<'a> = &'a dyn Fn(&mut Envelope, &mut ToolResult) -> Option<i32>;

/// A result, with what is changed of it.
fn ended(change: impl FnOnce(&mut Envelope, &mut ToolResult) -> Option<i32>) -> Step {
    let mut envelope = Envelope {
        decision: "allow: rule 1".to_owned(),
        arguments: "aa".to_owned(),
        result: "bb".to_owned(),
        files: vec![FileState {
            path: "a".to_owned(),
            before: None,
            after: Some("11".to_owned()),
        }],
        ..Envelope::default()
    };
    let mut told = ToolResult {
        id: "c1".to_owned(),
        name: "shell".to_owned(),
        text: "printed".to_owned(),
        ok: true,
        images: Vec::new(),
        form: Form::Json,
    };
    let exit = change(&mut envelope, &mut told);
    Step::of(&result(&told, exit, 3, &envelope)).unwrap()
}

#[test]
fn what_counts_as_another_outcome_is_named() {
    let recorded = ended(|_, _| Some(0));
    let same = ended(|envelope, told| {
        // What is printed, and what it is called, may differ.
        envelope.result = "cc".to_owned();
        told.text = "printed later".to_owned();
        told.id = "c9".to_owned();
        Some(0)
    });
    assert_eq!(recorded.difference(&same), None);
    let changes: [(Change<'_>, &str, &str); 5] = [
        (&|_, _| Some(1), "exit code 0", "exit code 1"),
        (
            &|envelope, _| {
                envelope.decision = "deny: rule 2".to_owned();
                Some(0)
            },
            "decided: allow: rule 1",
            "decided: deny: rule 2",
        ),
        (
            &|envelope, _| {
                envelope.files[0].after = Some("22".to_owned());
                Some(0)
            },
            "a changes from nothing to sha256 11",
            "a changes from nothing to sha256 22",
        ),
        (
            &|envelope, _| {
                envelope.files.clear();
                Some(0)
            },
            "a changes from nothing to sha256 11",
            "a is not changed",
        ),
        (
            &|_, told| {
                told.ok = false;
                Some(0)
            },
            "the call is done",
            "the call is not done",
        ),
    ];
    for (change, expected, came) in changes {
        let words = recorded.difference(&ended(change));
        assert_eq!(words, Some((expected.to_owned(), came.to_owned())));
    }
}

#[test]
fn another_call_is_another_step() {
    let model = Model {
        id: "tiny-1".to_owned(),
        provider: None,
    };
    let step = |arguments: &str| {
        let wanted = ToolCall {
            id: "c1".to_owned(),
            name: "shell".to_owned(),
            arguments: arguments.to_owned(),
            form: Form::Json,
            opaque: None,
        };
        Step::of(&call(&wanted, ToolKind::Shell, &model)).unwrap()
    };
    let one = step("{\"command\":\"ls\"}");
    assert_eq!(one.difference(&step("{ \"command\": \"ls\" }")), None);
    let (expected, came) = one.difference(&step("no JSON")).unwrap();
    assert_eq!(expected, "shell {\"command\":\"ls\"}");
    assert_eq!(came, "shell no JSON");
    let end = Step::of(&outcome(&Outcome::Interrupted)).unwrap();
    let (_, came) = one.difference(&end).unwrap();
    assert_eq!(came, "the end: interrupted");
    assert_eq!(
        serde_json::to_value(&end).unwrap()["step"],
        Value::from("end")
    );
}
