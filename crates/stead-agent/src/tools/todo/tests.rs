//! `todo`.

use serde_json::json;

use crate::tools::tests::Trial;
use crate::tools::{Status, Todo};

#[test]
fn a_plan_is_kept_whole_in_the_words_of_many_agents() {
    let mut trial = Trial::new(&[]);
    let answer = trial.call("todo", json!({"items": [
        {"text": "read", "status": "done"}, {"text": "write\n it", "status": "active"}, {"text": "test"},
    ]}));
    assert_eq!(answer.text, "the plan is kept; 2 items to do");
    let todo = |text: &str, status| Todo {
        text: text.to_owned(),
        status,
    };
    let plan = [
        todo("read", Status::Done),
        todo("write it", Status::Active),
        todo("test", Status::Pending),
    ];
    assert_eq!(trial.todo, plan);
    let answer = trial.call("todo", json!({"todos": [
        {"content": "a", "status": "completed", "id": "1"}, {"step": "b", "status": "in_progress"}, "c",
    ]}));
    assert_eq!(
        answer.text,
        "the plan is kept; 2 items to do\n[`todos` was taken for `items`]"
    );
    assert_eq!(trial.todo[1], todo("b", Status::Active));
    assert_eq!(
        trial.call("todo", json!({"items": ["a"]})).text,
        "the plan is kept; 1 item to do"
    );
}

#[test]
fn what_is_no_plan_leaves_the_one_before() {
    let mut trial = Trial::new(&[]);
    trial.call("todo", json!({"items": ["a"]}));
    for (items, why) in [
        (json!("a"), "`items` must be a list of {text, status}"),
        (json!([{"status": "done"}]), "item 1: `text` is missing"),
        (json!(["a", " "]), "item 2: `text` is empty"),
        (
            json!([{"text": "a", "status": "soon"}]),
            "item 1: `soon` is no status; they are pending, active, done",
        ),
        (json!(vec!["a"; 101]), "a plan has at most 100 items"),
    ] {
        let answer = trial.call("todo", json!({"items": items}));
        assert_eq!((answer.text.as_str(), answer.ok), (why, false));
    }
    assert_eq!(trial.todo.len(), 1);
}
