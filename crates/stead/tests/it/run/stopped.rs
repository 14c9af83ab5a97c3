//! Runs that are interrupted or killed in the middle of each phase. Afterwards the record
//! can be verified, the user's files are as they were, nothing runs on, and the session
//! can go on.

use serde_json::Value;
use stead_testkit::model::{Answer, Fault, ScriptedModel, ScriptedTask};

use super::started::Started;
use super::world::{Ran, World};

/// In the middle of what a run is stopped.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    Before,
    Asking,
    Streaming,
    Working,
    Checking,
}

const PHASES: [Phase; 5] = [
    Phase::Before,
    Phase::Asking,
    Phase::Streaming,
    Phase::Working,
    Phase::Checking,
];

/// Waits by a number that no other process has, so that it can be looked for.
fn wait(number: u32) -> String {
    format!("echo waiting; sleep 61.{number}; echo no more")
}

fn answers(phase: Phase, task: &ScriptedTask) -> Vec<Answer> {
    let edit = || task.answers[2].clone();
    match phase {
        Phase::Before => Vec::new(),
        Phase::Asking => vec![edit(), Answer::fault(Fault::Silence)],
        Phase::Streaming => {
            let long = "I begin to think about it. ".repeat(20);
            vec![edit(), Answer::say(long).with(Fault::Hang(6))]
        }
        Phase::Working => vec![edit(), Answer::shell(&wait(number(phase)))],
        Phase::Checking => vec![edit(), Answer::say("Fixed.")],
    }
}

fn number(phase: Phase) -> u32 {
    std::process::id() * 10 + phase as u32
}

/// The check of the phases in which one is waited for.
fn check(phase: Phase) -> Option<String> {
    let wait = wait(number(phase));
    match phase {
        Phase::Before => Some(wait),
        // The first time, before any change, it ends at once.
        Phase::Checking => Some(format!(
            "grep -q '100 - discount' cart.py || exit 1; {wait}"
        )),
        _ => None,
    }
}

fn reach(started: &mut Started, model: &ScriptedModel, phase: Phase) {
    match phase {
        Phase::Asking => assert!(model.wait_for(2)),
        Phase::Streaming => started.until(|line| line["type"] == "delta"),
        _ => started.until(|line| {
            line["text"]
                .as_str()
                .is_some_and(|text| text.contains("waiting"))
                && line["type"] == "output"
        }),
    }
}

fn is_running(number: u32) -> bool {
    let wanted = format!("61.{number}");
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut lines = processes.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines.any(|line| {
        let line = String::from_utf8_lossy(&line).into_owned();
        line.starts_with("sleep") && line.contains(&wanted)
    })
}

fn stopped(phase: Phase, signal: &str) -> (World, ScriptedTask, Ran) {
    let (world, task) = World::broken();
    let (before, model) = (world.tree(), ScriptedModel::new(answers(phase, &task)));
    let check = check(phase);
    let mut arguments = vec![task.task.as_str(), "--yes"];
    arguments.extend(check.iter().flat_map(|check| ["--check", check.as_str()]));
    let mut started = world.start(&model, &arguments);
    reach(&mut started, &model, phase);
    let ran = started.stop(signal);
    assert_eq!(world.tree(), before, "{phase:?} {signal}");
    world.assert_on_record(&model);
    // What a killed program leaves is ended by the kernel, a moment later.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while is_running(number(phase)) {
        assert!(
            std::time::Instant::now() < deadline,
            "{phase:?} {signal}: it runs on"
        );
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    (world, task, ran)
}

/// The session goes on with what the model needs to end it.
fn go_on(world: &World, task: &ScriptedTask, phase: Phase) {
    let mut rest = task.answers[2..].to_vec();
    if phase != Phase::Before {
        // The edit was made before.
        rest.remove(0);
    }
    let model = ScriptedModel::new(rest);
    let check = "python3 -m unittest discover -s tests";
    let ran = world.run(
        &model,
        &["--continue", "go on", "--yes", "--apply", "--check", check],
    );
    ran.assert_ended(0, "done");
    assert_eq!(world.changed(), ["cart.py"], "{phase:?}");
    world.assert_on_record(&model);
    // No call is without its result, or providers refuse the conversation.
    let first = &model.asked()[0];
    let messages = first.json["messages"].as_array().unwrap();
    let ids = |pick: &dyn Fn(&Value) -> Vec<String>| -> Vec<String> {
        let mut ids: Vec<String> = messages.iter().flat_map(pick).collect();
        ids.sort();
        ids
    };
    let called = ids(&|message| {
        let calls = message["tool_calls"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        calls
            .iter()
            .map(|call| call["id"].as_str().unwrap().to_owned())
            .collect()
    });
    let answered = ids(&|message| {
        let id = message["tool_call_id"].as_str();
        id.map(str::to_owned).into_iter().collect()
    });
    assert_eq!(called, answered, "{phase:?}");
    assert!(first.text().contains(&task.task), "{phase:?}");
}

#[test]
fn an_interrupted_run_ends_with_everything_on_record() {
    for phase in PHASES {
        let (world, task, ran) = stopped(phase, "INT");
        ran.assert_ended(130, "interrupted");
        let events = world.events();
        let last = events.last().unwrap()["text"].as_str().unwrap();
        assert!(last.contains("interrupted"), "{phase:?}: {last}");
        go_on(&world, &task, phase);
    }
}

#[test]
fn a_killed_run_leaves_a_record_that_holds() {
    for phase in PHASES {
        let (world, task, ran) = stopped(phase, "KILL");
        assert_eq!(ran.code, -1, "{phase:?}");
        // Whatever was shown is on record.
        let (shown, recorded) = (ran.events(), world.events());
        assert_eq!(shown, recorded[..shown.len()], "{phase:?}");
        go_on(&world, &task, phase);
    }
}
