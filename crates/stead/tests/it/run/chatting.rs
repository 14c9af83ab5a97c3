//! Conversations: several messages, one session.

use std::io::Write;
use std::process::Stdio;

use serde_json::json;
use stead_testkit::model::{Answer, ScriptedModel, Wire};

use super::terminal::{END, INTERRUPT};
use super::world::World;

fn writes(path: &str, words: &str) -> Vec<Answer> {
    vec![
        Answer::call("write", json!({"path": path, "content": "new\n"})),
        Answer::say(words),
    ]
}

fn prompts(world: &World) -> Vec<String> {
    let events = world.events();
    let typed = events
        .iter()
        .filter(|event| event["type"] == "user" && event["injected"] != true);
    typed
        .map(|event| event["text"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn messages_are_turns_of_one_session_and_changes_are_applied_between_them() {
    let (world, _) = World::broken();
    let answers = [
        writes("one.txt", "The first is there."),
        writes("two.txt", "The second is there."),
    ];
    let model = ScriptedModel::new(answers.concat());
    let talk = [
        ("/help)", "make one.txt\r"),
        ("/apply puts them", "/diff\r"),
        ("+++ b/one.txt", "/apply\r"),
        (" applied:", "make two.txt\r"),
        ("The second is there.", ""),
        ("/apply puts them", END),
    ];
    let ran = world.chat(&model, &["--no-checks"], &talk);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("stead chat --resume"), "{}", ran.out);
    assert_eq!(prompts(&world), ["make one.txt", "make two.txt"]);
    let tree = world.repo();
    assert!(tree.join("one.txt").exists() && !tree.join("two.txt").exists());
    // The second turn knows the first.
    assert!(model.asked()[2].text().contains("The first is there."));
    world.assert_on_record(&model);
}

#[test]
fn an_interrupt_ends_the_turn_and_not_the_conversation() {
    let (world, _) = World::broken();
    let model = ScriptedModel::new(vec![
        Answer::shell("echo begun; sleep 997.3"),
        Answer::say("Nothing is to be done."),
    ]);
    let talk = [
        ("│ begun", INTERRUPT),
        ("/help)", "what is to be done?\r"),
        ("Nothing is to be done.", ""),
        ("/help)", "/quit\r"),
    ];
    let ran = world.chat(&model, &["how long does it take?"], &talk);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("interrupted"), "{}", ran.out);
    assert_eq!(
        prompts(&world),
        ["how long does it take?", "what is to be done?"]
    );
    world.assert_on_record(&model);
}

#[test]
fn a_command_that_is_none_is_not_sent_to_the_model() {
    let (world, _) = World::broken();
    let model = ScriptedModel::new(Vec::new());
    let talk = [
        ("/help)", "/frobnicate\r"),
        ("there is no /frobnicate", "/model nobody/x\r"),
        ("nobody", END),
    ];
    let ran = world.chat(&model, &[], &talk);
    assert_eq!((ran.code, model.asked().len()), (0, 0), "{}", ran.out);
    assert_eq!(world.sessions().len(), 0, "nothing was begun");
}

#[test]
fn in_a_pipe_each_line_is_a_message() {
    let (world, _) = World::broken();
    let answers = [writes("one.txt", "First."), vec![Answer::say("Second.")]];
    let model = ScriptedModel::new(answers.concat());
    let base = model.base(Wire::Openai);
    let mut command = world
        .machine
        .command(&["chat", "--no-checks", "--parser-model", "none"]);
    command.args(["--model", "openai/scripted", "--base-url", &base]);
    command
        .current_dir(world.repo())
        .env("PATH", super::world::PATH);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input
        .write_all(b"make one.txt\n\nwhat did you do?\n")
        .unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(
        text.contains("First.") && text.contains("Second."),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "{text:?}");
    assert_eq!(prompts(&world), ["make one.txt", "what did you do?"]);
    world.assert_on_record(&model);
}
