//! Sessions that run again: they end in the same files, or it is said where they part.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};
use stead_testkit::disk;
use stead_testkit::model::{Answer, Fault, ScriptedModel, ScriptedTask, git};

use super::controlled::{asking, asks, begun};
use super::world::{PATH, World};
use crate::machine::Run;

/// What `stead replay --json` says of the only session.
struct Replayed {
    code: i32,
    said: Value,
    err: String,
}

impl World {
    fn id(&self) -> String {
        let folder = self.session();
        folder.file_name().unwrap().to_str().unwrap().to_owned()
    }

    fn replay(&self, more: &[&str]) -> Replayed {
        let id = self.id();
        let mut command = self
            .machine
            .command(&[&["replay", &id, "--json"], more].concat());
        command.current_dir(self.machine.home()).env("PATH", PATH);
        let run = Run::of(command.output().unwrap());
        Replayed {
            code: run.code,
            said: serde_json::from_str(&run.out).unwrap_or(Value::Null),
            err: run.err,
        }
    }

    /// All that lies in the session's folder, to the byte.
    fn recorded(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        // An overlay's upper folder marks what is gone with what is no file.
        let files = disk::files(&self.session()).into_iter();
        files
            .filter(|path| path.is_file())
            .map(|path| (path.clone(), std::fs::read(path).unwrap()))
            .collect()
    }

    /// Runs the session again; all is as it was, and nothing of what is there is changed.
    pub(super) fn same(&self, more: &[&str]) -> Value {
        let (tree, recorded) = (self.tree(), self.recorded());
        let again = self.replay(more);
        assert_eq!(again.code, 0, "{}{:#}", again.err, again.said);
        assert_eq!(again.said["same"], true, "{:#}", again.said);
        assert_eq!(self.tree(), tree);
        assert_eq!(self.recorded(), recorded);
        assert_eq!(self.machine.run(&["verify"]).code, 0);
        assert_eq!(self.sessions().len(), 1);
        let left = std::fs::read_dir(self.machine.data().join("replays")).unwrap();
        assert_eq!(left.count(), 0);
        again.said
    }

    /// Runs the session again, which parts; at which event, and what is said of it.
    fn parts(&self) -> Value {
        let again = self.replay(&[]);
        assert_eq!(again.code, 1, "{}{:#}", again.err, again.said);
        assert_eq!(again.said["same"], false);
        again.said["parted"].clone()
    }
}

/// Requests differ by what commands printed at most, such as how long they took: the tools that
/// are offered are those of then.
fn assert_offered_alike(said: &Value) {
    let requests = said["requests"].as_array().unwrap().iter();
    for request in requests {
        let at = request["at"].as_str().unwrap();
        assert!(at.starts_with("/messages/"), "{said:#}");
    }
}

#[test]
fn sessions_end_in_the_same_files() {
    for name in [
        "add-tests",
        "fix-failing-test",
        "refactor",
        "shell-project",
        "never-green",
        "lazy",
        "clumsy",
    ] {
        let task = ScriptedTask::load(name, &[]);
        let world = World::of(&task, &[]);
        let model = ScriptedModel::new(task.answers.clone());
        let ran = world.do_task(&model, &task.task);
        ran.assert_ended(task.exit, &task.outcome);
        let (asked, said) = (model.asked().len(), world.same(&[]));
        assert_eq!(
            (&said["whole"], &said["tasks"]),
            (&json!(true), &json!(1)),
            "{name}"
        );
        let mut files: Vec<&str> = said["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|file| file["path"].as_str().unwrap())
            .collect();
        files.sort_unstable();
        for file in &task.files {
            assert!(files.contains(&file.as_str()), "{name}: {files:?}");
        }
        // No model was asked.
        assert_eq!(model.asked().len(), asked, "{name}");
    }
}

/// The user's own tree has gone on meanwhile; the session begins where it began.
#[test]
fn what_was_not_committed_is_there_again() {
    let (world, task) = World::broken();
    let root = world.repo().to_owned();
    let cart = std::fs::read_to_string(root.join("cart.py")).unwrap();
    std::fs::write(root.join("cart.py"), format!("{cart}\n\nMINE = 1\n")).unwrap();
    std::fs::write(root.join("new.txt"), "not in git\n").unwrap();
    std::fs::write(root.join("gone.txt"), "committed\n").unwrap();
    git(&root, &["add", "gone.txt"]);
    git(&root, &["commit", "-q", "-m", "More"]);
    std::fs::remove_file(root.join("gone.txt")).unwrap();
    let mut answers = vec![Answer::shell("ls; grep -c MINE cart.py; cat new.txt")];
    answers.extend(task.answers.clone());
    let model = ScriptedModel::new(answers);
    let ran = world.run(&model, &[&task.task, "--yes"]);
    ran.assert_ended(0, "done");
    // Everything is another thing now: committed, changed and thrown away.
    std::fs::remove_file(root.join("new.txt")).unwrap();
    std::fs::write(root.join("cart.py"), "nothing of it\n").unwrap();
    std::fs::write(root.join("later.py"), "import nothing\n").unwrap();
    git(&root, &["add", "-A"]);
    git(&root, &["commit", "-q", "-m", "Other"]);
    std::fs::write(root.join("cart.py"), "nothing of it, twice\n").unwrap();
    let out = tempfile::tempdir().unwrap();
    let said = world.same(&["--keep", &out.path().display().to_string()]);
    let kept = |name: &str| std::fs::read_to_string(out.path().join(name)).ok();
    let fixed = kept("cart.py").unwrap();
    assert!(
        fixed.contains("MINE = 1") && fixed.contains("(100 - discount)"),
        "{fixed}"
    );
    assert_eq!(kept("new.txt").as_deref(), Some("not in git\n"));
    assert_eq!((kept("gone.txt"), kept("later.py")), (None, None));
    let notes = said["notes"].to_string();
    assert!(notes.contains("another commit is checked out"), "{notes}");
}

#[test]
fn folders_without_git_and_work_in_place_run_again_too() {
    let (world, task) = World::broken();
    std::fs::remove_dir_all(world.repo().join(".git")).unwrap();
    let model = ScriptedModel::new(task.answers);
    let ran = world.run(&model, &[&task.task, "--yes", "--in-place"]);
    ran.assert_ended(0, "done");
    world.same(&[]);
}

#[test]
fn each_task_of_a_session_begins_where_it_began() {
    let (world, task) = World::broken();
    let model = ScriptedModel::new(task.answers.clone());
    world.do_task(&model, &task.task).assert_ended(0, "done");
    std::fs::write(world.repo().join("by-hand.txt"), "mine\n").unwrap();
    let more = vec![
        Answer::shell("cat by-hand.txt > copy.txt"),
        Answer::say("Copied."),
    ];
    let model = ScriptedModel::new(more);
    let ran = world.run(&model, &["--continue", "copy it", "--yes", "--no-checks"]);
    ran.assert_ended(0, "done");
    std::fs::remove_file(world.repo().join("by-hand.txt")).unwrap();
    let said = world.same(&[]);
    assert_eq!(said["tasks"], 2);
    let notes = said["notes"].to_string();
    assert!(notes.contains("task 2 began with 1 file not as"), "{notes}");
}

/// What depends on the moment parts, at the call that shows it and not later.
#[test]
fn another_outcome_is_told_at_its_step() {
    let (world, _) = World::broken();
    let model = ScriptedModel::new(vec![
        Answer::call("write", json!({"path": "a.txt", "content": "a\n"})),
        Answer::shell("date +%s%N > now.txt; echo the time"),
        Answer::shell("echo later > later.txt"),
        Answer::say("Done."),
    ]);
    let ran = world.run(&model, &["write the time down", "--yes", "--no-checks"]);
    ran.assert_ended(0, "done");
    let results: Vec<Value> = world
        .events()
        .into_iter()
        .filter(|event| event["type"] == "tool_result")
        .collect();
    let parted = world.parts();
    assert_eq!(parted["event"], results[1]["id"], "{parted:#}");
    assert!(
        parted["what"].as_str().unwrap().contains("date +%s%N"),
        "{parted:#}"
    );
    let sum = results[1]["extra"]["envelope"]["files"][0]["after"]
        .as_str()
        .unwrap();
    let expected = format!("now.txt changes from nothing to sha256 {sum}");
    assert_eq!(parted["expected"], expected);
    assert!(
        parted["came"]
            .as_str()
            .unwrap()
            .starts_with("now.txt changes from nothing to sha256 ")
    );
    // In words, too, with the way to what is on record.
    let mut command = world.machine.command(&["replay", &world.id()]);
    let told = Run::of(command.env("PATH", PATH).output().unwrap());
    assert_eq!(told.code, 1);
    assert!(told.out.contains("parted at step 6"), "{}", told.out);
    assert!(!told.out.contains("later"), "{}", told.out);
}

/// What a command prints may differ: then the next request does, which is told.
#[test]
fn what_commands_print_may_differ() {
    let (world, _) = World::broken();
    let model = ScriptedModel::new(vec![
        Answer::shell("date +%s%N; echo x > x.txt"),
        Answer::say("Done."),
    ]);
    let ran = world.run(&model, &["write x", "--yes", "--no-checks"]);
    ran.assert_ended(0, "done");
    let said = world.same(&[]);
    assert_eq!(said["requests"][0]["exchange"], "r2.1", "{said:#}");
    assert!(
        said["requests"][0]["at"]
            .as_str()
            .unwrap()
            .starts_with("/messages/")
    );
}

#[test]
fn another_exit_code_is_told() {
    let (world, _) = World::broken();
    let outside = world.machine.home().join("flag");
    // What is ignored is as it is now.
    std::fs::write(world.repo().join(".gitignore"), "flag\n").unwrap();
    std::fs::write(world.repo().join("flag"), "").unwrap();
    let model = ScriptedModel::new(vec![Answer::shell("test -e flag"), Answer::say("It is.")]);
    let ran = world.run(&model, &["is the flag there?", "--yes"]);
    ran.assert_ended(0, "done");
    world.same(&[]);
    std::fs::rename(world.repo().join("flag"), outside).unwrap();
    let parted = world.parts();
    assert_eq!(
        (&parted["expected"], &parted["came"]),
        (&json!("exit code 0"), &json!("exit code 1"))
    );
}

#[test]
fn an_altered_record_is_not_run() {
    for (file, from, to) in [
        ("traffic.jsonl", "(100 - discount)", "(100 - 2*discount)"),
        ("session.usf.jsonl", "cart.py", "card.py"),
    ] {
        let (world, task) = World::broken();
        let model = ScriptedModel::new(task.answers.clone());
        world.do_task(&model, &task.task).assert_ended(0, "done");
        let path = world.session().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
        assert_eq!(world.replay(&[]).code, 10, "{file}");
    }
    // What it began with is a part of the record.
    let (world, task) = World::broken();
    std::fs::write(world.repo().join("mine.txt"), "mine\n").unwrap();
    let model = ScriptedModel::new(task.answers.clone());
    world
        .run(&model, &[&task.task, "--yes"])
        .assert_ended(0, "done");
    let begin = world.session().join("begin/objects");
    let object = disk::files(&begin).remove(0);
    std::fs::remove_file(object).unwrap();
    assert_eq!(world.machine.run(&["verify", &world.id()]).code, 10);
    assert_eq!(world.replay(&[]).code, 10);
}

#[test]
fn a_killed_session_runs_again_as_far_as_it_came() {
    let (world, task) = World::broken();
    let wait = "echo waiting; sleep 50";
    let model = ScriptedModel::new(vec![task.answers[2].clone(), Answer::shell(wait)]);
    let mut started = world.start(&model, &[&task.task, "--yes", "--no-checks"]);
    started.until(|line| line["type"] == "output");
    started.stop("KILL");
    let said = world.same(&[]);
    assert_eq!(said["whole"], false);
    assert!(said["files"].to_string().contains("cart.py"), "{said:#}");
    // And once it went on, as far as that.
    let model = ScriptedModel::new(vec![Answer::say("Fixed.")]);
    let ran = world.run(&model, &["--continue", "go on", "--yes", "--no-checks"]);
    ran.assert_ended(0, "done");
    assert_eq!(world.replay(&[]).said["tasks"], 2);
}

#[test]
fn an_interrupted_session_ends_where_the_user_ended_it() {
    let (world, task) = World::broken();
    let wait = "echo half > half.txt; echo waiting; sleep 50";
    let model = ScriptedModel::new(vec![task.answers[2].clone(), Answer::shell(wait)]);
    let mut started = world.start(&model, &[&task.task, "--yes", "--no-checks"]);
    started.until(|line| line["type"] == "output");
    started.stop("INT").assert_ended(130, "interrupted");
    let said = world.same(&[]);
    assert_eq!((&said["whole"], &said["given"]), (&json!(true), &json!(1)));
}

/// A command that the user ended is not run to its end now; what it left is there.
#[test]
fn a_command_that_the_user_ended_is_given() {
    let (world, model) = (
        asking(),
        ScriptedModel::new(vec![
            Answer::shell("echo half > half.txt; echo waiting; sleep 50"),
            Answer::shell("cat half.txt half.txt > whole.txt"),
            Answer::say("Done."),
        ]),
    );
    let mut started = begun(&world, &model, "make the file whole.txt");
    started.until(|line| line["type"] == "output");
    started.send(&json!({"type": "skip"}));
    started.end().assert_ended(0, "done");
    let said = world.same(&[]);
    assert_eq!(said["given"], 1, "{said:#}");
    let files = said["files"].to_string();
    assert!(
        files.contains("half.txt") && files.contains("whole.txt"),
        "{files}"
    );
}

/// Retries and answers that broke off come again, without the waits.
#[test]
fn failed_requests_fail_again() {
    let (world, task) = World::broken();
    let mut answers = vec![
        Answer::fault(Fault::Status(503, None)),
        Answer::fault(Fault::Reset(0)),
    ];
    answers.extend(task.answers.clone());
    let model = ScriptedModel::new(answers);
    world.do_task(&model, &task.task).assert_ended(0, "done");
    world.same(&[]);
}

/// What a person allowed, forbade, answered and typed then is said again.
#[test]
fn the_users_words_come_again_where_they_came() {
    let question = json!({"question": "Which name?", "options": ["one.txt", "two.txt"]});
    let (world, model) = (
        asking(),
        ScriptedModel::new(vec![
            Answer::call("ask", question),
            Answer::shell("touch two.txt"),
            Answer::shell("touch two.txt; echo 2 > two.txt"),
            Answer::shell("touch three.txt"),
            Answer::say("Done."),
        ]),
    );
    let mut started = begun(&world, &model, "make a file");
    started.until(|line| line["type"] == "ask");
    let answer = |started: &super::started::Started, rest: Value| {
        let mut line = json!({"type": "answer", "id": started.lines.last().unwrap()["id"]});
        line.as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        line
    };
    started.send(&json!({"type": "say", "text": "and be quick"}));
    let line = answer(&started, json!({"text": "two.txt"}));
    started.send(&line);
    started.until(asks);
    let line = answer(&started, json!({"word": "always"}));
    started.send(&line);
    started.until(asks);
    let line = answer(&started, json!({"word": "no", "text": "two are enough"}));
    started.send(&line);
    let ran = started.end();
    ran.assert_ended(0, "done");
    let said = world.same(&[]);
    assert_offered_alike(&said);
    let text = std::fs::read_to_string(world.session().join("session.usf.jsonl")).unwrap();
    for words in ["and be quick", "two are enough", "for this session"] {
        assert!(text.contains(words), "{words}");
    }
}

/// What a helper did is done again, within the call that it worked for.
#[test]
fn helpers_work_again() {
    let (world, _) = World::broken();
    let model = ScriptedModel::new(vec![
        Answer::call(
            "task",
            json!({"goal": "write the file a.txt, and say when it is there"}),
        ),
        Answer::call("write", json!({"path": "a.txt", "content": "a\n"})),
        Answer::say("It is there."),
        Answer::shell("cat a.txt a.txt > b.txt"),
        Answer::say("Done."),
    ]);
    let ran = world.run(&model, &["write a and b", "--yes", "--no-checks"]);
    ran.assert_ended(0, "done");
    let said = world.same(&[]);
    assert_eq!(
        (&said["given"], &said["requests"]),
        (&json!(0), &json!([])),
        "{said:#}"
    );
    assert!(said["files"].to_string().contains("b.txt"), "{said:#}");
}

#[test]
fn policies_of_then_decide() {
    let (world, task) = World::broken();
    let folder = world.repo().join(".stead");
    std::fs::create_dir_all(&folder).unwrap();
    let rule =
        "[[rule]]\ntool = \"shell\"\ncommand = \"*\"\ndecision = \"deny\"\nreason = \"no\"\n";
    std::fs::write(folder.join("policy.toml"), rule).unwrap();
    let model = ScriptedModel::new(vec![
        Answer::shell("touch x"),
        task.answers[2].clone(),
        Answer::say("Fixed."),
    ]);
    let ran = world.run(&model, &[&task.task, "--yes", "--no-checks"]);
    ran.assert_ended(0, "done");
    assert!(!ran.results()[0].0);
    std::fs::remove_dir_all(folder).unwrap();
    world.same(&[]);
}

#[test]
fn what_cannot_run_again_is_said() {
    let (world, _) = World::broken();
    let none = world.machine.run(&["replay"]);
    assert_eq!(none.code, 3, "{}", none.err);
    assert!(none.err.contains("there are no sessions"), "{}", none.err);
}
