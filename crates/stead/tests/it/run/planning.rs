//! The plan: shown without anything being begun, and a task without a command.

use serde_json::{Value, json};
use stead_testkit::model::{ScriptedModel, Wire};

use super::world::World;

/// A plan made by rules asks no model, begins no session and changes nothing.
#[test]
fn a_plan_is_shown_and_nothing_is_begun() {
    let (world, task) = World::broken();
    let (before, model) = (world.tree(), ScriptedModel::new(task.answers));
    let command = &mut world.command(&model, &["fix `cart.py`", "--plan", "--check", "make test"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(plan["intent"], "fix");
    assert_eq!(plan["targets"], json!(["cart.py"]));
    assert_eq!(plan["checks"], json!(["make test"]));
    assert_eq!(model.asked().len(), 0);
    assert_eq!((world.sessions().len(), world.tree()), (0, before));
}

/// `stead --task` is `stead run`.
#[test]
fn a_task_needs_no_command() {
    let (world, task) = World::broken();
    let model = ScriptedModel::new(task.answers);
    let base = model.base(Wire::Openai);
    let words = ["--task", &task.task, "--yes", "--json"];
    let models = ["--model", "openai/scripted", "--base-url", &base];
    let mut command = world
        .machine
        .command(&[&words[..], &models, &["--parser-model", "none"]].concat());
    let output = command.current_dir(world.repo()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(world.sessions().len(), 1);
}
