//! The user's own files: they change only when the user says so, all at once or not at
//! all, and what the user does meanwhile is never written over.

use stead_testkit::model::{Script, ScriptedModel, git};

use super::tasks::{assert_applied, checks, done};
use super::world::{Ran, World};

/// The diff that was shown is just what was applied, as git reads it.
fn assert_shown(world: &World, ran: &Ran) {
    git(world.repo(), &["add", "-A"]);
    let patch = world.machine.home().join("shown.diff");
    std::fs::write(&patch, ran.end()["diff"].as_str().unwrap()).unwrap();
    git(
        world.repo(),
        &["apply", "--check", "-R", &patch.display().to_string()],
    );
}

#[test]
fn several_files_are_changed_at_once() {
    let (world, _, ran) = done("refactor");
    assert_applied(&world, &ran);
    assert_shown(&world, &ran);
    assert!(!world.repo().join("shop/price.py").exists());
    assert_eq!(checks(&ran, "checks_after"), [true]);
}

/// Each claim is tested, what failed is told to the model, and nothing is applied.
#[test]
fn a_model_that_only_says_that_tests_pass_is_not_believed() {
    let (world, model, ran) = done("never-green");
    assert_eq!(world.changed(), [""; 0]);
    assert_eq!(ran.end()["applied"], false);
    assert_eq!(checks(&ran, "checks_after"), [false]);
    let asked = model.asked();
    assert!(
        asked[2].text().contains("AssertionError"),
        "{}",
        asked[2].text()
    );
    assert!(asked.len() < 8, "{} requests", asked.len());
}

#[test]
fn without_apply_the_users_files_stay_and_the_diff_is_shown() {
    let (world, task) = World::broken();
    let (before, model) = (world.tree(), ScriptedModel::new(task.answers));
    let ran = world.run(&model, &[&task.task, "--yes"]);
    ran.assert_ended(0, "done");
    assert_eq!(
        (world.tree(), &ran.end()["applied"]),
        (before, &false.into())
    );
    assert!(
        ran.end()["diff"]
            .as_str()
            .unwrap()
            .contains("+    return whole * (100")
    );
}

/// What the user changes while the agent works is never written over.
#[test]
fn what_was_changed_meanwhile_is_not_written_over() {
    let (world, task) = World::broken();
    let cart = world.repo().join("cart.py");
    let (answers, own) = (task.answers.clone(), cart.clone());
    let last = answers.len() - 1;
    let script = Script::by(move |number, _| {
        if number == last {
            std::fs::write(&own, "def total(prices, discount=0):\n    return 0\n").unwrap();
        }
        answers.get(number).cloned().unwrap_or_default()
    });
    let model = ScriptedModel::new(script);
    let ran = world.do_task(&model, &task.task);
    assert_ne!(ran.code, 0, "{:#?}", ran.lines.last());
    let now = std::fs::read_to_string(&cart).unwrap();
    assert_eq!(now, "def total(prices, discount=0):\n    return 0\n");
    world.assert_on_record(&model);
}

/// What the user did not commit yet is worked on, and stays as it is until the user says
/// that the changes are to go over it.
#[test]
fn uncommitted_changes_survive() {
    let (world, task) = World::broken();
    let cart = world.repo().join("cart.py");
    let own = std::fs::read_to_string(&cart).unwrap() + "\n\nMINE = 1\n";
    std::fs::write(&cart, &own).unwrap();
    std::fs::write(world.repo().join("mine.txt"), "not in git\n").unwrap();
    let model = ScriptedModel::new(task.answers);
    let ran = world.do_task(&model, &task.task);
    ran.assert_ended(1, "done");
    let why = ran.end()["not_applied"].as_str().unwrap();
    assert!(why.contains("not committed: cart.py"), "{why}");
    assert_eq!(std::fs::read_to_string(&cart).unwrap(), own);
    assert_eq!(ran.end()["files"], serde_json::json!(["cart.py"]));
    let mut apply = world.machine.command(&["apply", "--force"]);
    let applied = crate::machine::Run::of(apply.current_dir(world.repo()).output().unwrap());
    assert_eq!(applied.code, 0, "{}", applied.err);
    let now = std::fs::read_to_string(&cart).unwrap();
    assert!(
        now.contains("MINE = 1") && now.contains("(100 - discount)"),
        "{now}"
    );
    assert_eq!(world.changed(), ["cart.py", "mine.txt"]);
}
