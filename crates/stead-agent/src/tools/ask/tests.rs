//! `ask` with and without somebody there.

use serde_json::{Value, json};

use crate::tools::tests::Trial;
use crate::tools::{Hooks, Question};

fn ask(given: Value, says: Option<&str>) -> (String, Vec<Question>) {
    let mut trial = Trial::new(&[]);
    let mut heard = Vec::new();
    let mut hear = |question: &Question| {
        heard.push(question.clone());
        says.map(str::to_owned)
    };
    let hooks = Hooks {
        ask: Some(&mut hear),
        ..Hooks::default()
    };
    let answer = trial.call_with_hooks(hooks, "ask", given);
    (answer.text, heard)
}

#[test]
fn what_the_user_says_is_the_answer() {
    let given = json!({"question": " Which one?\n", "options": ["left\nside", {"label": "right", "description": "x"}]});
    let (said, heard) = ask(given, Some(" left side "));
    assert_eq!(said, "the user answers: left side");
    let question = Question {
        text: "Which one?".to_owned(),
        options: vec!["left side".to_owned(), "right".to_owned()],
    };
    assert_eq!(heard, [question]);
    let (said, _) = ask(json!({"question": "Well?"}), Some("\n"));
    assert_eq!(said, "the user gives no answer: decide yourself");
}

#[test]
fn where_nobody_is_there_the_model_decides_and_says_so() {
    let nobody =
        "nobody is there to answer: decide yourself, and say in your summary what you decided";
    assert_eq!(ask(json!({"question": "Well?"}), None).0, nobody);
    let answer = Trial::new(&[]).call("ask", json!({"question": "Well?"}));
    assert_eq!((answer.text.as_str(), answer.ok), (nobody, false));
}

#[test]
fn questions_without_sense_reach_nobody() {
    for given in [
        json!({}),
        json!({"question": " "}),
        json!({"question": "x".repeat(3000)}),
        json!({"question": "x", "options": "a or b"}),
        json!({"question": "x", "options": [1]}),
        json!({"question": "x", "options": vec!["a"; 9]}),
    ] {
        let (said, heard) = ask(given.clone(), Some("yes"));
        assert!(heard.is_empty(), "{given}: {said}");
    }
}
