//! Tasks, from the words of a user to changed files.

use stead_testkit::model::{Answer, ScriptedModel, ScriptedTask};

use super::world::{Ran, World};

/// Does a task of the testkit, and holds what has to hold for all.
pub(super) fn done(name: &str) -> (World, ScriptedModel, Ran) {
    let task = ScriptedTask::load(name, &[]);
    let world = World::of(&task, &[]);
    let model = ScriptedModel::new(task.answers.clone());
    let ran = world.do_task(&model, &task.task);
    ran.assert_ended(task.exit, &task.outcome);
    world.assert_on_record(&model);
    let files: Vec<&str> = task.files.iter().map(String::as_str).collect();
    assert_eq!(ran.end()["files"], serde_json::json!(files));
    (world, model, ran)
}

/// The user's files are as the task wants them.
pub(super) fn assert_applied(world: &World, ran: &Ran) {
    assert_eq!(serde_json::json!(world.changed()), ran.end()["files"]);
    assert_eq!(ran.end()["applied"], true);
}

pub(super) fn checks(ran: &Ran, when: &str) -> Vec<bool> {
    let checks = ran.end()[when].as_array().unwrap().iter();
    checks.map(|check| check["ok"] == true).collect()
}

#[test]
fn tests_are_added() {
    let (world, _, ran) = done("add-tests");
    assert_applied(&world, &ran);
    assert_eq!(checks(&ran, "checks_before"), [true]);
    assert_eq!(checks(&ran, "checks_after"), [true]);
}

#[test]
fn a_failing_test_is_fixed() {
    let (world, _, ran) = done("fix-failing-test");
    assert_applied(&world, &ran);
    assert_eq!(checks(&ran, "checks_before"), [false]);
    assert_eq!(checks(&ran, "checks_after"), [true]);
    let summary = ran.end()["summary"].as_str().unwrap();
    assert!(summary.contains("both tests pass"), "{summary}");
}

#[test]
fn what_a_command_changes_is_a_change_like_any_other() {
    let (world, _, ran) = done("shell-project");
    assert_applied(&world, &ran);
    let greet = std::fs::read_to_string(world.repo().join("greet.sh")).unwrap();
    assert!(greet.contains("${1:-you}"), "{greet}");
}

#[test]
fn a_model_that_changes_nothing_has_not_done_it() {
    let (world, model, ran) = done("lazy");
    assert_eq!((world.changed().len(), model.asked().len()), (0, 2));
    assert!(
        ran.end()["why"]
            .as_str()
            .unwrap()
            .contains("no file changed")
    );
    assert_eq!(ran.end()["diff"], "");
}

#[test]
fn wrong_calls_are_answered_with_what_would_be_right() {
    let (world, _, ran) = done("clumsy");
    assert_applied(&world, &ran);
    let results = ran.results();
    let expected: [(bool, &str); 10] = [
        (false, "there is no tool `open_file`; the tools are"),
        (false, "the arguments are no JSON object"),
        (false, "`path` is missing"),
        (false, ""),
        (false, ""),
        (false, ""),
        (false, "no/such.py"),
        (true, "def total"),
        (false, "the arguments are no JSON object"),
        (true, ""),
    ];
    assert_eq!(results.len(), expected.len(), "{results:#?}");
    for ((ok, text), (right, part)) in results.iter().zip(expected) {
        assert_eq!(*ok, right, "{text}");
        assert!(text.contains(part), "{text}");
        assert!(!text.is_empty());
    }
}

#[test]
fn a_question_is_answered_without_a_change() {
    let (world, _) = World::broken();
    let model = ScriptedModel::new(Answer::say("It subtracts the percentage itself."));
    let ran = world.do_task(&model, "why does tests/test_cart.py fail?");
    ran.assert_ended(0, "done");
    assert_eq!(ran.end()["summary"], "It subtracts the percentage itself.");
    assert_eq!((world.changed().len(), model.asked().len()), (0, 1));
    world.assert_on_record(&model);
}
