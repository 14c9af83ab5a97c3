//! Parts of a task that a model hands to a helper: a conversation of its own in the same
//! session, with the same rules, on the same record.

use serde_json::{Value, json};
use stead_testkit::model::{Answer, Fault, ScriptedModel, ScriptedTask, git};

use super::world::World;

const GOAL: &str = "Find where the discount is applied. Report path and line.";

fn hands_over() -> Answer {
    Answer::call("task", json!({ "goal": GOAL })).saying("I have it looked up [S3].")
}

/// The task of a failing test, in which a look-up is handed to a helper first.
fn delegated(task: &ScriptedTask, helper: Vec<Answer>) -> Vec<Answer> {
    [vec![hands_over()], helper, task.answers[2..].to_vec()].concat()
}

fn looks_up() -> Vec<Answer> {
    vec![
        Answer::call("read", json!({"path": "cart.py"})),
        Answer::say("cart.py, line 4: `return whole - discount`."),
    ]
}

fn of<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events
        .iter()
        .filter(|event| event["type"] == kind)
        .collect()
}

#[test]
fn a_helper_looks_up_and_the_session_goes_on_with_its_report() {
    let (world, task) = World::broken();
    let model = ScriptedModel::new(delegated(&task, looks_up()));
    world.do_task(&model, &task.task).assert_ended(0, "done");
    world.assert_on_record(&model);
    let asked = model.asked();
    // The helper sees its goal alone, and has no helpers itself.
    let first = asked[1].json["messages"].to_string();
    assert!(
        first.contains("Report path and line") && !first.contains("failing test"),
        "{first}"
    );
    let names = |number: usize| -> Vec<String> {
        let tools: Vec<_> = asked[number].tools();
        tools.into_iter().map(|(name, _)| name).collect()
    };
    assert!(names(0).contains(&"task".to_owned()) && !names(1).contains(&"task".to_owned()));
    // Of its work, the session sees the report.
    assert_eq!(
        asked[3].results(),
        ["cart.py, line 4: `return whole - discount`."]
    );
    assert!(
        !asked[3].text().contains("def total"),
        "{}",
        asked[3].text()
    );

    let events = world.events();
    let call = of(&events, "tool_call")[0];
    assert_eq!(call["tool"]["kind"], "task");
    let inside: Vec<&Value> = events
        .iter()
        .filter(|event| event["extra"]["helper"] == call["id"])
        .collect();
    let kinds: Vec<&str> = inside
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["user", "assistant", "tool_call", "tool_result", "assistant"]
    );
    assert_eq!(
        (&inside[0]["parent"], &inside[0]["injected"]),
        (&call["id"], &json!(true))
    );
    let result = events
        .iter()
        .find(|event| event["id"] == call["result"])
        .unwrap();
    assert_eq!(result["parent"], call["id"]);
    // The envelope is of the answer that handed it over, not of the helper's.
    assert_eq!(result["extra"]["envelope"]["exchange"], "r1");
    assert_eq!(result["extra"]["envelope"]["follows"], json!(["S3"]));
    assert!(inside[3]["extra"]["envelope"]["exchange"] == "r2");
}

#[test]
fn what_a_helper_did_is_shown_within_and_traced_through() {
    let (world, task) = World::broken();
    // Here the helper makes the change itself.
    let edit = task.answers[2].clone();
    let helper = vec![edit, Answer::say("I changed cart.py, line 4.")];
    let answers = [vec![hands_over()], helper, vec![Answer::say("Fixed.")]].concat();
    let model = ScriptedModel::new(answers);
    let ran = world.do_task(&model, &task.task);
    ran.assert_ended(0, "done");
    assert_eq!(ran.end()["files"], json!(["cart.py"]));
    // And it can be done again.
    world.same(&[]);
    let id = world
        .session()
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    let shown = world.machine.ok(&["show", &id]);
    let rows: Vec<&str> = shown
        .lines()
        .filter(|row| row.contains("whole * (100"))
        .collect();
    assert!(
        !rows.is_empty() && rows.iter().all(|row| row.starts_with("┆ ")),
        "{shown}"
    );
    assert!(
        shown
            .lines()
            .any(|row| row.starts_with("Fixed.") || row.trim() == "Fixed."),
        "{shown}"
    );
    git(world.repo(), &["commit", "-qam", "fix"]);
    let line = std::fs::read_to_string(world.repo().join("cart.py")).unwrap();
    let line = line
        .lines()
        .position(|line| line.contains("(100 - discount)"))
        .unwrap()
        + 1;
    let mut why = world
        .machine
        .command(&["why", &format!("cart.py:{line}"), "--json"]);
    let why = why.current_dir(world.repo()).output().unwrap();
    let why: Value = serde_json::from_slice(&why.stdout).unwrap();
    assert_eq!(why["request"]["text"], json!(task.task), "{why:#}");
    assert_eq!(why["account"]["exchange"], "r2", "{why:#}");
}

#[test]
fn a_helper_that_is_stopped_by_a_rule_stops_the_session() {
    let (world, task) = World::broken();
    let rules = "[[rule]]\ntool = 'edit'\npath = '**'\ndecision = 'ask'\n";
    std::fs::create_dir(world.repo().join(".stead")).unwrap();
    std::fs::write(world.repo().join(".stead/policy.toml"), rules).unwrap();
    let model = ScriptedModel::new(delegated(&task, vec![task.answers[2].clone()]));
    world.run(&model, &[&task.task]).assert_ended(6, "blocked");
    world.assert_on_record(&model);
}

#[test]
fn a_helper_has_no_more_rounds_than_the_task_and_failing_is_told() {
    let (world, task) = World::broken();
    let list = || Answer::call("list", json!({}));
    let model = ScriptedModel::new(vec![hands_over(), list(), list(), list(), list()]);
    let ran = world.run(&model, &[&task.task, "--yes", "--rounds", "4"]);
    ran.assert_ended(1, "failed");
    assert_eq!(model.asked().len(), 4);
    let report = ran.results().pop().unwrap();
    assert!(
        !report.0
            && report
                .1
                .contains("did not come to an end: not done after 3"),
        "{report:?}"
    );
}

#[test]
fn a_session_that_was_interrupted_in_a_helper_goes_on() {
    let (world, task) = World::broken();
    let (before, model) = (
        world.tree(),
        ScriptedModel::new(delegated(&task, vec![Answer::fault(Fault::Silence)])),
    );
    let started = world.start(&model, &[&task.task, "--yes"]);
    assert!(model.wait_for(2));
    started.stop("INT").assert_ended(130, "interrupted");
    assert_eq!(world.tree(), before);
    world.assert_on_record(&model);
    let model = ScriptedModel::new(task.answers[2..].to_vec());
    let ran = world.run(&model, &["--continue", "go on", "--yes", "--apply"]);
    ran.assert_ended(0, "done");
    assert_eq!(world.changed(), ["cart.py"]);
    // The conversation holds the call with its result, and nothing of the helper's.
    let first = model.asked()[0].text();
    assert!(
        first.contains("interrupted by the user") && !first.contains("A part of a larger task"),
        "{first}"
    );
}
