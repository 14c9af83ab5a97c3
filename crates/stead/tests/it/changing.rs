//! `stead diff`, `stead apply`, `stead discard`: what a session changed, and what becomes of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use stead_agent::place::{Ask, Kept, NoVersions, Place, Wish};
use stead_usf::Time;

use super::machine::{Machine, Run};

const ONE: &str = "019a0000-0000-7000-8000-000000000001";
const TWO: &str = "019a0000-0000-7000-8000-000000000002";

/// A machine with a repository on it, and sessions that work on it.
struct World {
    machine: Machine,
    repository: PathBuf,
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=Dev", "-c", "user.email=dev@example.com"]);
    git.args([
        "-c",
        "init.defaultBranch=main",
        "-c",
        "protocol.file.allow=always",
    ]);
    let done = git.args(arguments).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "{arguments:?}: {done:?}");
    String::from_utf8(done.stdout).unwrap()
}

impl World {
    fn new(files: &[(&str, &str)]) -> Self {
        let machine = Machine::empty();
        let repository = machine.home().join("work");
        let world = Self {
            machine,
            repository,
        };
        git(world.machine.home(), &["init", "-q", "work"]);
        for (path, text) in files {
            world.put(path, text);
        }
        git(&world.repository, &["add", "-Af"]);
        git(&world.repository, &["commit", "-qm", "first"]);
        world
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.repository.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.repository.join(path)).unwrap()
    }

    fn changes(&self, session: &str) -> PathBuf {
        self.machine
            .data()
            .join("sessions")
            .join(session)
            .join("changes")
    }

    /// A session works below a folder of the repository.
    fn session(&self, id: &str, below: &str, work: impl Fn(&Path)) {
        let head = git(&self.repository, &["rev-parse", "HEAD"]);
        let place = Place::prepare(&Ask {
            tree: &self.repository.join(below),
            changes: &self.changes(id),
            wish: Wish::Copy,
            head: Some(head.trim()),
            now: Time::parse("2026-11-21T12:00:00Z").unwrap(),
            child: None,
            confined: false,
        });
        work(place.unwrap().root());
    }

    /// The user writes a file, until its moment is later than that of the session's beginning.
    fn user_writes(&self, session: &str, path: &str, text: &str) {
        loop {
            self.put(path, text);
            let changes = Kept::open(&self.changes(session))
                .unwrap()
                .changes(&NoVersions)
                .unwrap();
            let mut list = changes.list.iter();
            if list.any(|one| one.path == Path::new(path) && one.changed_since) {
                return;
            }
        }
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = self.machine.command(arguments);
        Run::of(command.current_dir(&self.repository).output().unwrap())
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.out, run.err);
        run.out
    }
}

fn write(folder: &Path, path: &str, text: &str) {
    fs::write(folder.join(path), text).unwrap();
}

#[test]
fn changes_are_shown_and_applied() {
    let world = World::new(&[
        ("a", "1\n2\n"),
        ("gone", "x\n"),
        ("old", "text\n"),
        (".gitignore", "*.log\n"),
    ]);
    world.session(ONE, "", |root| {
        write(root, "a", "1\n3\n");
        write(root, "build.log", "noise");
        fs::remove_file(root.join("gone")).unwrap();
        fs::rename(root.join("old"), root.join("new")).unwrap();
        fs::write(root.join("picture"), [0, 1, 2]).unwrap();
    });
    assert_eq!(
        world.ok(&["diff", "--stat"]),
        "M a  +1 -1\nD gone  +0 -1\nR new from old  +0 -0\nA picture  binary\n4 files, +1 -2\n"
    );
    let json: Value = serde_json::from_str(&world.ok(&["diff", "019a", "--json"])).unwrap();
    assert_eq!(
        (&json["session"], &json["how"]),
        (&ONE.into(), &"copy".into())
    );
    assert_eq!(json["files"][2]["moved_from"], "old");
    assert_eq!(json["files"][3]["added"], Value::Null);
    let diff = world.ok(&["diff", "stead:019a"]);
    assert!(
        diff.starts_with("diff --git a/a b/a\n") && diff.contains("GIT binary patch"),
        "{diff}"
    );
    let checked = world.ok(&["apply", "--check"]);
    assert!(
        checked.starts_with(&format!(
            "4 changes of session {ONE} would be applied:\nM a\n"
        )),
        "{checked}"
    );
    assert_eq!(world.read("a"), "1\n2\n");
    let told = world.ok(&["apply"]);
    assert!(
        told.contains("R new from old\n") && told.contains("`git diff` shows them"),
        "{told}"
    );
    let status = git(
        &world.repository,
        &["status", "--porcelain", "-uall", "--ignored"],
    );
    assert_eq!(status, " M a\n D gone\n D old\n?? new\n?? picture\n");
    // There is nothing left.
    assert_eq!(
        world.ok(&["apply", "019a"]),
        format!("session {ONE} has no changes to apply\n")
    );
    let run = world.run(&["apply"]);
    assert_eq!(run.code, 3);
    assert!(run.err.contains("no session has changes"), "{}", run.err);
}

#[test]
fn the_newest_session_of_the_folder_is_meant() {
    let world = World::new(&[("a", "1\n"), ("sub/b", "1\n")]);
    world.session(ONE, "", |root| write(root, "a", "of one\n"));
    world.session(TWO, "sub", |root| write(root, "b", "of two\n"));
    let run = world.run(&["diff", "--stat"]);
    assert_eq!(run.out, "M b  +1 -1\n1 file, +1 -1\n");
    assert!(run.err.contains("1 more session"), "{}", run.err);
    let run = world.run(&["diff", "019a"]);
    assert_eq!(run.code, 4);
    assert!(
        run.err.contains(ONE) && run.err.contains(TWO),
        "{}",
        run.err
    );
    assert_eq!(world.run(&["diff", "019b"]).code, 3);
    world.ok(&["apply"]);
    assert_eq!(world.read("sub/b"), "of two\n");
    // Then the one before.
    assert_eq!(world.ok(&["diff", "--stat"]), "M a  +1 -1\n1 file, +1 -1\n");
    // Elsewhere, none.
    let run = Run::of(
        world
            .machine
            .command(&["diff"])
            .current_dir(world.machine.data())
            .output()
            .unwrap(),
    );
    assert_eq!(run.code, 3, "{}", run.out);
}

#[test]
fn what_is_not_committed_is_not_overwritten_without_leave() {
    let world = World::new(&[("a", "1\n"), ("b", "1\n"), ("grüße ü", "1\n")]);
    world.put("a", "mine\n");
    world.put("untracked", "mine\n");
    world.session(ONE, "", |root| {
        for name in ["a", "b", "untracked", "grüße ü"] {
            write(root, name, "theirs\n");
        }
    });
    for arguments in [&["apply"][..], &["apply", "--check"]] {
        let run = world.run(arguments);
        assert_eq!((run.code, run.out.as_str()), (1, ""));
        assert!(
            run.err
                .contains("nothing was applied: not committed: a, untracked\n"),
            "{}",
            run.err
        );
        assert!(run.err.contains("--force"), "{}", run.err);
    }
    let json: Value = serde_json::from_str(&world.run(&["apply", "--json"]).out).unwrap();
    assert_eq!(json["paths"], serde_json::json!(["a", "untracked"]));
    assert_eq!(world.read("b"), "1\n");
    world.ok(&["apply", "--force"]);
    assert_eq!(
        (world.read("a").as_str(), world.read("b").as_str()),
        ("theirs\n", "theirs\n")
    );
}

#[test]
fn what_the_user_committed_meanwhile_is_merged_or_refused() {
    let text = "one\ntwo\nthree\nfour\nfive\nsix\n";
    let world = World::new(&[("a", text), ("b", text)]);
    world.session(ONE, "", |root| {
        write(root, "a", &text.replace("six", "SIX"));
        write(root, "b", &text.replace("six", "SIX"));
    });
    world.user_writes(ONE, "a", &text.replace("one", "ONE"));
    world.user_writes(ONE, "b", &text.replace("six", "sechs"));
    git(&world.repository, &["commit", "-qam", "second"]);
    let run = world.run(&["apply", "--force"]);
    assert_eq!(run.code, 1);
    assert!(
        run.err
            .contains("changed by you since the session began: b\n"),
        "{}",
        run.err
    );
    assert!(run.err.contains("git apply --3way"), "{}", run.err);
    world.put("b", text);
    git(&world.repository, &["commit", "-qam", "third"]);
    let told = world.ok(&["apply"]);
    assert!(told.contains("M a (merged with yours)\nM b\n"), "{told}");
    assert_eq!(
        world.read("a"),
        text.replace("one", "ONE").replace("six", "SIX")
    );
}

#[test]
fn what_git_keeps_though_it_is_ignored_is_applied_and_repositories_inside_are_asked() {
    let world = World::new(&[("kept.log", "1\n"), (".gitignore", "*.log\n")]);
    let inner = world.repository.join("inner");
    git(&world.repository, &["init", "-q", "inner"]);
    world.put("inner/c", "1\n");
    git(&inner, &["add", "c"]);
    git(&inner, &["commit", "-qm", "inner"]);
    world.put("inner/d", "1\n");
    world.session(ONE, "", |root| {
        write(root, "kept.log", "2\n");
        write(root, "other.log", "2\n");
        write(root, "inner/c", "2\n");
    });
    assert_eq!(
        world.ok(&["diff", "--stat"]),
        "M inner/c  +1 -1\nM kept.log  +1 -1\n2 files, +2 -2\n"
    );
    world.ok(&["apply"]);
    world.session(TWO, "", |root| write(root, "inner/c", "3\n"));
    let run = world.run(&["apply"]);
    assert!(
        run.err.contains("not committed: inner/c"),
        "{}{}",
        run.out,
        run.err
    );
}

#[test]
fn a_terminal_is_not_told_what_a_file_wants_to_tell_it() {
    let world = World::new(&[("a", "1\n")]);
    world.session(ONE, "", |root| {
        write(root, "a", "\u{1b}]0;owned\u{7}\u{202e}2\n");
    });
    let shown = world.ok(&["diff", "--color", "always"]);
    assert!(
        !shown.contains("\u{1b}]") && !shown.contains('\u{7}') && !shown.contains('\u{202e}'),
        "{shown:?}"
    );
    assert!(shown.contains("\u{1b}[32m+"), "{shown:?}");
}

#[test]
fn changes_are_thrown_away_when_the_session_is_named() {
    let world = World::new(&[("a", "1\n")]);
    world.session(ONE, "", |root| write(root, "a", "2\n"));
    let run = world.run(&["discard"]);
    assert_eq!(run.code, 1);
    assert!(
        run.err.contains(&format!("stead discard {ONE}")),
        "{}",
        run.err
    );
    assert_eq!(
        world.ok(&["discard", "019a"]),
        format!("1 change of session {ONE} thrown away\n")
    );
    assert_eq!(world.run(&["diff"]).code, 3);
    assert_eq!(world.read("a"), "1\n");
}

#[test]
fn a_session_at_work_is_let_alone() {
    let world = World::new(&[("a", "1\n")]);
    world.session(ONE, "", |root| write(root, "a", "2\n"));
    let mut kept = Kept::open(&world.changes(ONE)).unwrap();
    kept.lock().unwrap();
    let run = world.run(&["apply"]);
    assert_eq!(run.code, 1);
    assert!(
        run.err.contains("at work in another process"),
        "{}",
        run.err
    );
    assert_eq!(world.ok(&["diff", "--stat"]), "M a  +1 -1\n1 file, +1 -1\n");
}
