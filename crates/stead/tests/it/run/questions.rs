//! What the model asks the user, and what the user answers.

use serde_json::json;
use stead_testkit::model::{Answer, ScriptedModel};

use super::terminal::{END, INTERRUPT};
use super::world::World;

const TASK: &str = "what is the discount to be?";

fn asks() -> Vec<Answer> {
    let question = json!({"question": "Percent or\u{1b}[2J money?", "options": ["percent", "an amount of money"]});
    vec![
        Answer::call("ask", question),
        Answer::say("You said \"an amount of money\" [S3]. I look again.")
            .and_call("list", json!({})),
        Answer::say("So be it."),
    ]
}

/// What the tool `ask` answered, with the user's words as they are on record.
fn answered(world: &World) -> (bool, String, serde_json::Value) {
    let events = world.events();
    let result = events
        .iter()
        .find(|event| event["type"] == "tool_result")
        .unwrap();
    let text = result["output"].as_str().unwrap().to_owned();
    (result["ok"] == true, text, result["extra"]["said"].clone())
}

#[test]
fn the_user_answers_with_a_number_and_it_is_on_record() {
    let (world, _) = World::broken();
    let model = ScriptedModel::new(asks());
    let ran = world.at_terminal(&model, &[TASK], &[("other words", "2\n")]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(
        ran.out.contains("? Percent or") && ran.out.contains("1: percent"),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("\u{1b}[2J"), "{:?}", ran.out);
    assert_eq!(
        model.asked()[1].results(),
        ["the user answers: an amount of money"]
    );
    let (ok, _, said) = answered(&world);
    assert!(ok && said == "an amount of money", "{said}");
    // What the user answered counts for what later calls follow.
    let events = world.events();
    let mut results = events.iter().filter(|event| event["type"] == "tool_result");
    let last = results.next_back().unwrap();
    assert_eq!(
        last["extra"]["envelope"]["quotes"],
        json!(["an amount of money"])
    );
    world.assert_on_record(&model);
}

#[test]
fn other_words_are_an_answer_too_and_the_end_of_input_is_none() {
    for (typed, told) in [
        ("both, please\n", "the user answers: both, please"),
        (
            END,
            "Error: nobody is there to answer: decide yourself, and say in your summary what you decided",
        ),
    ] {
        let (world, _) = World::broken();
        let model = ScriptedModel::new(asks());
        let ran = world.at_terminal(&model, &[TASK], &[("other words", typed)]);
        assert_eq!(ran.code, 0, "{}", ran.out);
        assert_eq!(model.asked()[1].results(), [told]);
    }
}

#[test]
fn a_question_can_be_interrupted() {
    let (world, _) = World::broken();
    let model = ScriptedModel::new(asks());
    let ran = world.at_terminal(&model, &[TASK], &[("other words", INTERRUPT)]);
    assert_eq!(ran.code, 130, "{}", ran.out);
    assert_eq!(model.asked().len(), 1);
    world.assert_on_record(&model);
}

#[test]
fn nobody_is_asked_where_nobody_is_there() {
    let (world, _) = World::broken();
    let model = ScriptedModel::new(vec![Answer::say("It is percent.")]);
    world.run(&model, &[TASK]).assert_ended(0, "done");
    let tools = model.asked()[0].tools();
    assert!(tools.iter().all(|(name, _)| name != "ask"), "{tools:?}");
}
