//! Stops while a session's changes are applied, and while a model takes the task apart.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use stead_testkit::model::{Answer, Fault, ScriptedModel, Wire};

use super::world::{PATH, Ran, World};
use crate::machine::Run;

/// So many files a session makes: applying them takes long enough to be stopped within.
const MANY: usize = 600;

/// A session that changed a file and made many.
fn with_changes() -> World {
    let (world, task) = World::broken();
    let make = format!("mkdir many; for n in $(seq {MANY}); do echo new > many/$n; done");
    let answers = vec![
        task.answers[2].clone(),
        Answer::shell(&make),
        Answer::say("Made."),
    ];
    let model = ScriptedModel::new(answers);
    world
        .run(&model, &[&task.task, "--yes", "--no-checks"])
        .assert_ended(0, "done");
    world
}

/// Starts applying, and sends a signal once this is there.
fn stop_once(world: &World, there: &Path, signal: &str) {
    let mut apply = world.machine.command(&["apply"]);
    apply
        .current_dir(world.repo())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut apply = apply.spawn().unwrap();
    while !there.exists() && apply.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let id = apply.id().to_string();
    // It may be over already, on a machine that is fast enough.
    let _ = Command::new("kill")
        .args(["-s", signal, &id])
        .stderr(Stdio::null())
        .status();
    apply.wait().unwrap();
}

fn made(world: &World) -> Vec<String> {
    let entries = std::fs::read_dir(world.repo().join("many"));
    let entries = entries.into_iter().flatten().flatten();
    entries
        .map(|entry| std::fs::read_to_string(entry.path()).unwrap())
        .collect()
}

#[test]
fn a_stop_while_changes_are_applied_leaves_whole_files_and_they_can_be_applied_again() {
    for signal in ["KILL", "INT"] {
        for there in [".stead-apply", "many/300"] {
            let world = with_changes();
            stop_once(&world, &world.repo().join(there), signal);
            // Each file is as it was or as it is to be.
            assert!(
                made(&world).iter().all(|held| held == "new\n"),
                "{signal} {there}"
            );
            let cart = std::fs::read_to_string(world.repo().join("cart.py")).unwrap();
            assert_eq!(cart.matches("return whole").count(), 1, "{cart}");
            let again = world
                .machine
                .command(&["apply"])
                .current_dir(world.repo())
                .output();
            let again = Run::of(again.unwrap());
            let was_over = again.code != 0 && made(&world).len() == MANY;
            assert!(
                again.code == 0 || was_over,
                "{signal} {there}: {}",
                again.err
            );
            assert_eq!(made(&world).len(), MANY, "{signal} {there}");
            let cart = std::fs::read_to_string(world.repo().join("cart.py")).unwrap();
            assert!(cart.contains("(100 - discount)"), "{cart}");
            assert!(!world.repo().join(".stead-apply").exists());
        }
    }
}

/// A run whose task a model takes apart, started.
fn parsing(world: &World, model: &ScriptedModel, arguments: &[&str]) -> Command {
    let base = model.base(Wire::Openai);
    let fixed = [
        "--model",
        "openai/scripted",
        "--parser-model",
        "openai/scripted",
    ];
    let all = [
        &["run"],
        arguments,
        &fixed,
        &["--base-url", &base, "--json"],
    ]
    .concat();
    let mut command = world.machine.command(&all);
    command.current_dir(world.repo()).env("PATH", PATH);
    command
}

#[test]
fn a_stop_while_a_model_takes_the_task_apart_leaves_a_session_that_goes_on() {
    for fault in [Fault::Silence, Fault::Hang(3)] {
        for signal in ["INT", "KILL"] {
            let (world, task) = World::broken();
            let before = world.tree();
            let model = ScriptedModel::new(vec![
                Answer::say("{\"goal\": \"fix it\"").with(fault.clone()),
            ]);
            let mut command = parsing(&world, &model, &[&task.task, "--yes"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            let started = command.spawn().unwrap();
            assert!(model.wait_for(1));
            let id = started.id().to_string();
            let sent = Command::new("kill").args(["-s", signal, &id]).status();
            assert!(sent.unwrap().success());
            let ran = Run::of(started.wait_with_output().unwrap());
            if signal == "INT" {
                Ran::of(ran).assert_ended(130, "interrupted");
            }
            assert_eq!(world.tree(), before);
            world.assert_on_record(&model);
            // Nothing was asked of the other part, and no name of a request comes twice.
            assert_eq!(model.asked().len(), 1);
            let plan = Answer::say("{\"goal\": \"fix it\", \"intent\": \"fix\"}");
            let answers = [vec![plan], task.answers[2..].to_vec()].concat();
            let model = ScriptedModel::new(answers);
            let arguments = ["--continue", task.task.as_str(), "--yes", "--apply"];
            let ran = Ran::of(Run::of(
                parsing(&world, &model, &arguments).output().unwrap(),
            ));
            ran.assert_ended(0, "done");
            assert_eq!(world.changed(), ["cart.py"], "{fault:?} {signal}");
            world.assert_on_record(&model);
            let exchanges = exchanges(&world);
            let mut once = exchanges.clone();
            once.sort();
            once.dedup();
            assert_eq!(once.len(), exchanges.len(), "{exchanges:?}");
        }
    }
}

/// The names of all exchanges that are on record.
fn exchanges(world: &World) -> Vec<String> {
    let text = std::fs::read_to_string(world.session().join("traffic.jsonl")).unwrap();
    let lines = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let requests = lines.filter(|line| line["type"] == "request");
    requests
        .map(|line| line["exchange"].as_str().unwrap().to_owned())
        .collect()
}
