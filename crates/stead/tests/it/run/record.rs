//! What is on record, and what is not.

use std::path::PathBuf;

use serde_json::{Value, json};
use stead_testkit::disk;
use stead_testkit::model::{Answer, ScriptedModel, Wire};

use super::world::{Ran, World};
use crate::machine::Run;

#[test]
fn the_stream_of_events_is_the_record() {
    let (world, task) = World::broken();
    let model = ScriptedModel::new(task.answers.clone());
    let ran = world.do_task(&model, &task.task);
    ran.assert_ended(0, "done");
    assert_eq!(ran.events(), world.events());
    let kinds: Vec<&str> = ran
        .lines
        .iter()
        .map(|line| line["type"].as_str().unwrap())
        .collect();
    let known = ["event", "delta", "notice", "output", "route", "end"];
    assert!(kinds.iter().all(|kind| known.contains(kind)), "{kinds:?}");
    assert_eq!(kinds.iter().filter(|kind| **kind == "end").count(), 1);
    // The words that streamed are those of the record.
    let streamed: String = ran
        .lines
        .iter()
        .filter(|line| line["type"] == "delta")
        .map(|line| line["text"].as_str().unwrap())
        .collect();
    let events = world.events();
    let said: String = events
        .iter()
        .filter(|event| event["type"] == "assistant")
        .filter_map(|event| event["text"].as_str())
        .collect();
    assert_eq!(streamed, said);
    let end = ran.end();
    assert_eq!(end["requests"], model.asked().len());
    let id = world
        .session()
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(end["session"], format!("stead:{id}"));
}

/// Each event that rests on a request names it, each call has one result, and every
/// file's states are told.
#[test]
fn the_record_answers_for_every_step() {
    let (world, task) = World::broken();
    let model = ScriptedModel::new(task.answers.clone());
    world.do_task(&model, &task.task).assert_ended(0, "done");
    let events = world.events();
    let of = |kind: &str| -> Vec<&Value> {
        events
            .iter()
            .filter(|event| event["type"] == kind)
            .collect()
    };
    let exchanges: Vec<&str> = of("assistant")
        .iter()
        .filter_map(|event| event["extra"]["exchange"].as_str())
        .collect();
    assert_eq!(exchanges, ["r1", "r2", "r3", "r4", "r5"]);
    let (calls, results) = (of("tool_call"), of("tool_result"));
    assert_eq!((calls.len(), results.len()), (4, 4));
    for (call, result) in calls.iter().zip(&results) {
        assert_eq!(
            (&call["call_id"], &call["result"]),
            (&result["call_id"], &result["id"])
        );
        let envelope = &result["extra"]["envelope"];
        assert!(
            envelope["decision"]
                .as_str()
                .is_some_and(|words| !words.is_empty()),
            "{result:#}"
        );
        assert_eq!(envelope["arguments"].as_str().unwrap().len(), 64);
    }
    let edits = of("edit");
    assert_eq!(edits.len(), 1);
    let edit = &edits[0]["edits"][0];
    assert_eq!(edit["path"], "cart.py");
    let now = std::fs::read_to_string(world.repo().join("cart.py")).unwrap();
    assert_eq!(edit["after"], json!(now));
}

/// Whatever of the user's secrets lies in the environment goes nowhere.
#[test]
fn secrets_of_the_environment_are_nowhere() {
    let secrets = [
        ("OPENAI_API_KEY", "sk-proj-5Zq8vN3xK7mB2cR9tYhL4wPdQeUaGf"),
        (
            "AWS_SECRET_ACCESS_KEY",
            "wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzKEYKEYKE",
        ),
        ("GITHUB_TOKEN", "ghp_R8x2Kq5Vn7Lm3Tz9Wc4Yb6Hd1Js0PfGaUeQi"),
        ("DATABASE_URL", "postgres://me:hunter2hunter2@db/x"),
    ];
    let (world, _) = World::broken();
    let model = ScriptedModel::new(vec![
        Answer::shell("env; cat /proc/self/environ /proc/1/environ; set"),
        Answer::shell("cat /proc/*/environ /proc/*/cmdline | tr '\\0' '\\n'"),
        Answer::say("That is the environment."),
    ]);
    let mut command = world.command(&model, &["what is in the environment?", "--yes"]);
    command.envs(secrets);
    let ran = Ran::of(Run::of(command.output().unwrap()));
    ran.assert_ended(0, "done");
    let asked = model.asked();
    for (name, secret) in secrets {
        let shown = serde_json::to_string(&ran.lines).unwrap();
        assert!(!shown.contains(secret), "{name} is shown");
        assert!(
            asked.iter().all(|asked| !asked.text().contains(secret)),
            "{name} was sent"
        );
        assert_eq!(
            disk::holding(world.machine.data(), secret),
            Vec::<PathBuf>::new(),
            "{name}"
        );
        assert_eq!(
            disk::holding(world.repo(), secret),
            Vec::<PathBuf>::new(),
            "{name}"
        );
    }
    // The key goes to whom it belongs, and to nobody else.
    assert_eq!(
        asked[0].header("authorization"),
        Some(format!("Bearer {}", secrets[0].1).as_str())
    );
    world.assert_on_record(&model);
}

/// No hidden requests, whatever the format: as many as the script has answers.
#[test]
fn every_format_does_the_task() {
    for (wire, provider) in [
        (Wire::Openai, "openai"),
        (Wire::Responses, "openai-responses"),
        (Wire::Anthropic, "anthropic"),
        (Wire::Gemini, "gemini"),
    ] {
        let (world, task) = World::broken();
        let model = ScriptedModel::new(task.answers.clone());
        let name = format!("{provider}/scripted");
        let base = model.base(wire);
        let mut command = world
            .machine
            .command(&["run", &task.task, "--yes", "--apply", "--json"]);
        command.args([
            "--model",
            &name,
            "--base-url",
            &base,
            "--parser-model",
            "none",
        ]);
        command
            .current_dir(world.repo())
            .env("PATH", "/usr/local/bin:/usr/bin:/bin");
        let ran = Ran::of(Run::of(command.output().unwrap()));
        ran.assert_ended(0, "done");
        assert_eq!(model.asked().len(), task.answers.len(), "{provider}");
        assert_eq!(world.changed(), ["cart.py"], "{provider}");
        world.assert_on_record(&model);
    }
}

/// What the first request costs: the system prompt, the tools and the task.
#[test]
fn the_first_request_is_small() {
    let (world, task) = World::broken();
    let model = ScriptedModel::new(task.answers.clone());
    world.do_task(&model, &task.task).assert_ended(0, "done");
    let length = model.asked()[0].body.len();
    assert!(length <= 6 * 1024, "{length} bytes");
}
/// What a file says is sent as data, and the record shows who put it in.
#[test]
fn text_that_nobody_typed_is_marked() {
    let (world, task) = World::broken();
    std::fs::write(world.repo().join("AGENTS.md"), "Be brief, 4711.\n").unwrap();
    let model = ScriptedModel::new(task.answers.clone());
    world.do_task(&model, &task.task).assert_ended(0, "done");
    assert!(model.asked()[0].text().contains("Be brief, 4711."));
    let events = world.events();
    let typed: Vec<&Value> = events
        .iter()
        .filter(|event| event["type"] == "user" && event["injected"] != true)
        .collect();
    assert_eq!(typed.len(), 1);
    assert_eq!(typed[0]["text"], json!(task.task));
    let put_in = events.iter().filter(|event| event["injected"] == true);
    assert!(
        put_in
            .into_iter()
            .any(|event| event["text"].as_str().unwrap().contains("Be brief, 4711."))
    );
}
