//! Runs that a program steers, line by line: it answers, says something, stops, or goes away.

use serde_json::{Value, json};
use stead_testkit::model::{Answer, Fault, ScriptedModel, ScriptedTask};

use super::started::Started;
use super::world::{Ran, World};

/// A repository whose rules ask before `touch`.
pub(super) fn asking() -> World {
    let world = World::of(&ScriptedTask::load("shell-project", &[]), &[]);
    let rules = "[[rule]]\ncommand = \"touch *\"\ndecision = \"ask\"\n";
    let folder = world.repo().join(".stead");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("policy.toml"), rules).unwrap();
    world
}

pub(super) fn begun(world: &World, model: &ScriptedModel, task: &str) -> Started {
    let mut started = world.start_controlled(model, &["-", "--control", "--no-checks"]);
    started.send(&json!({"type": "task", "text": task}));
    started
}

fn touching(file: &str) -> Vec<Answer> {
    vec![
        Answer::shell(&format!("touch {file}")),
        Answer::say("Done."),
    ]
}

pub(super) fn asks(line: &Value) -> bool {
    line["type"] == "approve"
}

#[test]
fn a_program_allows_and_forbids() {
    for (word, made, outcome) in [("once", true, "done"), ("no", false, "failed")] {
        let (world, model) = (asking(), ScriptedModel::new(touching("new.txt")));
        let mut started = begun(&world, &model, "make the file new.txt");
        started.until(asks);
        let asked = started.lines.last().unwrap().clone();
        assert_eq!(asked["tool"], "shell", "{asked}");
        assert!(asked["why"].as_str().unwrap().contains("touch new.txt"));
        started
            .send(&json!({"type": "answer", "id": asked["id"], "word": word, "text": "use make"}));
        let ran = started.end();
        assert_eq!(ran.end()["outcome"], outcome, "{}", ran.end());
        assert_eq!(ran.results()[0].0, made, "{:?}", ran.results());
        assert_eq!(ran.results()[0].1.contains("says: use make"), !made);
        world.assert_on_record(&model);
    }
}

/// What was asked for by the words of the first line is on record as the user's.
#[test]
fn always_means_the_same_call_is_not_asked_for_again() {
    let answers = [touching("a.txt"), touching("a.txt")].concat();
    let (world, model) = (
        asking(),
        ScriptedModel::new(
            answers[..1]
                .iter()
                .chain(&answers[2..])
                .cloned()
                .collect::<Vec<_>>(),
        ),
    );
    let mut started = begun(&world, &model, "make the file a.txt");
    started.until(asks);
    started.send(&json!({"type": "answer", "id": 1, "word": "always"}));
    let ran = started.end();
    ran.assert_ended(0, "done");
    assert_eq!(ran.lines.iter().filter(|line| asks(line)).count(), 1);
    let said = world
        .events()
        .into_iter()
        .find(|event| event["type"] == "user");
    assert_eq!(said.unwrap()["text"], "make the file a.txt");
}

#[test]
fn a_program_that_has_gone_cannot_be_asked() {
    let (world, model) = (asking(), ScriptedModel::new(touching("new.txt")));
    let mut started = begun(&world, &model, "make the file new.txt");
    started.until(asks);
    started.hang_up();
    let ran = started.end();
    ran.assert_ended(6, "blocked");
    assert!(ran.end()["why"].as_str().unwrap().contains("touch new.txt"));
    world.assert_on_record(&model);
}

#[test]
fn words_reach_the_model_and_questions_the_program() {
    let question = json!({"question": "Which name?", "options": ["one.txt", "two.txt"]});
    let answers = vec![
        Answer::call("ask", question),
        Answer::call("write", json!({"path": "two.txt", "content": "2\n"})),
        Answer::say("Done."),
    ];
    let (world, model) = (asking(), ScriptedModel::new(answers));
    let mut started = begun(&world, &model, "make a file");
    started.until(|line| line["type"] == "ask");
    let asked = started.lines.last().unwrap().clone();
    assert_eq!(
        (&asked["text"], &asked["options"]),
        (&"Which name?".into(), &json!(["one.txt", "two.txt"]))
    );
    started.send(&json!({"type": "say", "text": "and be quick"}));
    started.send(&json!("nonsense"));
    started.send(&json!({"type": "answer", "id": asked["id"], "text": "two.txt"}));
    let ran = started.end();
    ran.assert_ended(0, "done");
    let asked = model.asked();
    assert!(
        asked[1].text().contains("two.txt") && asked[1].text().contains("and be quick"),
        "{}",
        asked[1].text()
    );
    let told = |line: &&Value| {
        line["type"] == "notice" && line["text"].as_str().unwrap().contains("not understood")
    };
    assert_eq!(ran.lines.iter().filter(told).count(), 1);
    world.assert_on_record(&model);
}

#[test]
fn a_stop_ends_it_with_everything_on_record() {
    let waits = "echo waiting; sleep 60";
    let stopped = |answers: Vec<Answer>, until: &dyn Fn(&Value) -> bool| -> (World, Ran) {
        let (world, model) = (asking(), ScriptedModel::new(answers));
        let mut started = begun(&world, &model, "make the file new.txt");
        started.until(until);
        started.send(&json!({"type": "stop"}));
        let ran = started.end();
        world.assert_on_record(&model);
        (world, ran)
    };
    let long = Answer::say("I begin to think. ".repeat(20)).with(Fault::Hang(6));
    for (answers, until) in [
        (touching("new.txt"), &asks as &dyn Fn(&Value) -> bool),
        (vec![Answer::shell(waits)], &|line| line["type"] == "output"),
        (vec![long], &|line| line["type"] == "delta"),
    ] {
        let (world, ran) = stopped(answers, until);
        ran.assert_ended(130, "interrupted");
        let last = world.events().pop().unwrap();
        assert!(last["text"].as_str().unwrap().contains("interrupted"));
    }
}

#[test]
fn control_without_json_and_a_first_line_without_a_task_are_refused() {
    let (world, model) = (asking(), ScriptedModel::new(Vec::new()));
    let run = world.machine.run(&["run", "--control", "x"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("--json"), "{}", run.err);
    let mut started = world.start_controlled(&model, &["-", "--control"]);
    started.send(&json!({"type": "say", "text": "x"}));
    let ran = started.end();
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("the first line is no task"), "{}", ran.err);
    assert_eq!(world.sessions(), [""; 0].map(std::path::PathBuf::from));
}

#[test]
fn a_skip_ends_the_command_and_not_the_session() {
    let answers = vec![
        Answer::shell("echo begun; sleep 60"),
        Answer::say("So be it."),
    ];
    let (world, model) = (asking(), ScriptedModel::new(answers));
    let mut started = begun(&world, &model, "how long does it take?");
    started.until(|line| line["type"] == "output");
    started.send(&json!({"type": "skip"}));
    let ran = started.end();
    ran.assert_ended(0, "done");
    assert!(
        ran.results()[0].1.contains("stopped by the user"),
        "{:?}",
        ran.results()
    );
    world.assert_on_record(&model);
}
