//! The live view at a terminal, and what is typed into it.

use serde_json::json;
use stead_testkit::model::{Answer, ScriptedModel};

use super::terminal::INTERRUPT;
use super::world::World;

const ESCAPE: &str = "\u{1b}";

/// A model that runs a command and then says a word.
fn runs(command: &str) -> ScriptedModel {
    ScriptedModel::new(vec![
        Answer::say("I **run** it.").and_call("shell", json!({ "command": command })),
        Answer::say("That is all."),
        Answer::say("That is really all."),
    ])
}

fn texts(world: &World, kind: &str) -> Vec<String> {
    let events = world.events();
    let of_kind = events
        .iter()
        .filter(|event| event["type"] == kind && event["injected"] != true);
    let text = |event: &serde_json::Value| {
        let text = event["text"].as_str().or(event["output"].as_str());
        text.unwrap_or_default().to_owned()
    };
    of_kind.map(text).collect()
}

#[test]
fn what_happens_is_shown_and_settles() {
    let (world, _) = World::broken();
    let model = runs("echo 'a li''ne'");
    let ran = world.at_live_terminal(&model, &["what does it print?"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    for shown in [
        "I run it.",
        "│ a line",
        "That is all.",
        "→ parser: rules → generator:",
    ] {
        let plain = unstyled(&ran.out);
        assert!(plain.contains(shown), "{shown}: {plain}");
    }
    assert!(!ran.out.contains("**run**"), "{}", ran.out);
    world.assert_on_record(&model);
}

/// A text without its styles.
fn unstyled(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|letter: char| letter.is_ascii_alphabetic());
        plain.push_str(end.map_or("", |end| &part[end + 1..]));
    }
    plain
}

#[test]
fn escape_ends_the_command_and_not_the_session() {
    let (world, _) = World::broken();
    let model = runs("echo begun; sleep 997.1");
    let ran = world.at_live_terminal(&model, &["how long does it take?"], &[("│ begun", ESCAPE)]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    let results = texts(&world, "tool_result");
    assert!(results[0].contains("stopped by the user"), "{results:?}");
    assert_eq!(model.asked().len(), 2);
    world.assert_on_record(&model);
}

#[test]
fn an_interrupt_ends_the_session_with_everything_on_record() {
    let (world, _) = World::broken();
    let model = runs("echo begun; sleep 997.2");
    let ran = world.at_live_terminal(
        &model,
        &["how long does it take?"],
        &[("│ begun", INTERRUPT)],
    );
    assert_eq!(ran.code, 130, "{}", ran.out);
    assert_eq!(model.asked().len(), 1);
    world.assert_on_record(&model);
}

#[test]
fn what_is_typed_while_it_works_reaches_the_model_and_the_record() {
    let (world, _) = World::broken();
    let model = runs("echo begun; sleep 1");
    let talk = [("│ begun", "and tell me when\r")];
    let ran = world.at_live_terminal(&model, &["how long does it take?"], &talk);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert_eq!(
        texts(&world, "user"),
        ["how long does it take?", "and tell me when"]
    );
    assert!(model.asked()[1].text().contains("and tell me when"));
    world.assert_on_record(&model);
}

#[test]
fn a_call_is_allowed_by_a_word_and_not_by_a_letter_that_begins_another() {
    let policy = "[[rule]]\ntool = \"shell\"\ncommand = \"echo *\"\ndecision = \"ask\"\n";
    for (typed, wanted) in [("yes\r", "│ begun"), ("you had better not\r", "not done")] {
        let (world, _) = World::broken();
        fs_err::create_dir(world.repo().join(".stead")).unwrap();
        fs_err::write(world.repo().join(".stead/policy.toml"), policy).unwrap();
        let model = runs("echo begun");
        let talk = [("then Enter", typed)];
        let ran = world.at_live_terminal(&model, &["how long does it take?"], &talk);
        assert_eq!(ran.code, 0, "{}", ran.out);
        assert!(unstyled(&ran.out).contains(wanted), "{}", ran.out);
        world.assert_on_record(&model);
    }
}

#[test]
fn what_was_allowed_for_the_session_holds_when_it_goes_on() {
    let (world, _) = World::broken();
    fs_err::create_dir(world.repo().join(".stead")).unwrap();
    let policy = "[[rule]]\ntool = \"shell\"\ncommand = \"echo *\"\ndecision = \"ask\"\n";
    fs_err::write(world.repo().join(".stead/policy.toml"), policy).unwrap();
    let talk = [("then Enter", "a\r")];
    let ran = world.at_live_terminal(&runs("echo begun"), &["what does it print?"], &talk);
    assert_eq!(ran.code, 0, "{}", ran.out);
    let again = world.run(
        &runs("echo begun"),
        &["--continue", "what does it print now?"],
    );
    again.assert_ended(0, "done");
    assert!(
        again.results()[0].1.contains("begun"),
        "{:?}",
        again.results()
    );
    let other = world.run(
        &runs("echo other"),
        &["--continue", "what does it print now?"],
    );
    other.assert_ended(6, "blocked");
}
