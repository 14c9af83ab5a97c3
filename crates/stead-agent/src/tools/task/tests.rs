//! `task` with and without helpers.

use serde_json::json;

use crate::tools::tests::Trial;
use crate::tools::{Answer, Hooks};

#[test]
fn a_helper_gets_the_goal_and_its_report_is_the_answer() {
    let mut trial = Trial::new(&[]);
    let mut goals = Vec::new();
    let mut help = |goal: &str| {
        goals.push(goal.to_owned());
        Answer {
            text: "é".repeat(100_000),
            ok: true,
            ..Answer::default()
        }
    };
    let hooks = Hooks {
        task: Some(&mut help),
        ..Hooks::default()
    };
    let answer = trial.call_with_hooks(hooks, "task", json!({"prompt": "find x\n"}));
    assert!(answer.ok && answer.text.chars().count() <= 30_000);
    assert!(answer.text.ends_with("[`prompt` was taken for `goal`]"));
    assert_eq!(goals, ["find x"]);
}

#[test]
fn without_helpers_the_model_works_itself() {
    let answer = Trial::new(&[]).call("task", json!({"goal": "find x"}));
    assert_eq!(
        (answer.text.as_str(), answer.ok),
        (
            "there are no helpers in this session; do it yourself",
            false
        )
    );
    let answer = Trial::new(&[]).call("task", json!({"goal": " "}));
    assert!(!answer.ok);
}
