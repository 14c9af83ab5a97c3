//! Models that break: what can be made good is, what cannot is said.

use stead_testkit::model::{Answer, Fault, ScriptedModel};

use super::world::World;

/// A question, so that one answer is the whole task.
const ASK: &str = "why is the cart wrong?";

#[test]
fn passing_faults_are_passed_over_and_recorded() {
    let faults = vec![
        Answer::fault(Fault::Status(429, Some("0".into()))),
        Answer::fault(Fault::Reset(0)),
        Answer::say("It is the discount."),
    ];
    let (world, model) = (World::broken().0, ScriptedModel::new(faults));
    let ran = world.do_task(&model, ASK);
    ran.assert_ended(0, "done");
    assert_eq!(model.asked().len(), 3);
    world.assert_on_record(&model);
    let notices = ran.lines.iter().filter(|line| line["type"] == "notice");
    assert_eq!(notices.count(), 2);
}

#[test]
fn an_answer_that_breaks_off_is_asked_for_again() {
    for fault in [
        Fault::Reset(3),
        Fault::Cut(3),
        Fault::Short(3),
        Fault::Error(3),
    ] {
        let answers = vec![
            Answer::say("It is not the discount, it is something else.").with(fault.clone()),
            Answer::say("It is the discount."),
        ];
        let (world, model) = (World::broken().0, ScriptedModel::new(answers));
        let ran = world.do_task(&model, ASK);
        ran.assert_ended(0, "done");
        assert_eq!(ran.end()["summary"], "It is the discount.", "{fault:?}");
        world.assert_on_record(&model);
    }
}

#[test]
fn what_does_not_pass_is_told_with_what_to_do() {
    for (fault, says) in [
        (Fault::Status(401, None), "key"),
        (Fault::Status(429, Some("7200".into())), "limits the rate"),
        (Fault::Status(400, None), "makes no sense"),
        (Fault::Garbage(1), "JSON"),
    ] {
        let (world, model) = (
            World::broken().0,
            ScriptedModel::new(Answer::fault(fault.clone())),
        );
        let ran = world.do_task(&model, ASK);
        ran.assert_ended(1, "failed");
        let why = ran.end()["why"].as_str().unwrap();
        assert!(why.contains(says), "{fault:?}: {why}");
        world.assert_on_record(&model);
    }
}

#[test]
fn a_model_that_is_not_there_is_told_with_its_address() {
    let (world, model) = (World::broken().0, ScriptedModel::new(Answer::say("")));
    // A port on which nobody listens.
    let base = "http://127.0.0.1:9/v1";
    let mut command = world.machine.command(&["run", ASK, "--yes", "--json"]);
    command.args([
        "--model",
        "openai/m",
        "--base-url",
        base,
        "--parser-model",
        "none",
    ]);
    let output = command.current_dir(world.repo()).output().unwrap();
    let ran = super::world::Ran::of(crate::machine::Run::of(output));
    ran.assert_ended(1, "failed");
    let why = ran.end()["why"].as_str().unwrap();
    assert!(why.contains("127.0.0.1:9"), "{why}");
    assert_eq!(model.asked().len(), 0);
}

#[test]
fn huge_and_slow_answers_are_answers() {
    let huge = "All of it. ".repeat(300_000);
    let answers = vec![
        Answer::shell("seq 1 400000").saying(&huge),
        Answer::say("slow").with(Fault::Drip(1)),
    ];
    let (world, model) = (World::broken().0, ScriptedModel::new(answers));
    let ran = world.do_task(&model, ASK);
    ran.assert_ended(0, "done");
    assert_eq!(ran.end()["summary"], "slow");
    let (_, output) = &ran.results()[0];
    assert!(
        output.len() <= 31_000 && output.contains("400000"),
        "{}",
        output.len()
    );
    world.assert_on_record(&model);
}

#[test]
fn a_model_that_never_ends_is_ended() {
    let model = ScriptedModel::new(Answer::shell("true"));
    let world = World::broken().0;
    let ran = world.run(&model, &[ASK, "--yes", "--rounds", "5"]);
    ran.assert_ended(1, "failed");
    assert_eq!(model.asked().len(), 5);
    world.assert_on_record(&model);
}
