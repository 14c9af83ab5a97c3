//! `demo`, `completions`, `help`, closed pipes.

use std::io::Read;
use std::process::Stdio;

use super::machine::{Machine, Run};

#[test]
fn the_demo_runs_to_its_end_and_leaves_nothing() {
    let machine = Machine::with_samples();
    let run = machine.run(&["demo"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let steps = run
        .out
        .lines()
        .filter(|line| line.starts_with("$ stead "))
        .count();
    assert!(steps >= 5, "{}", run.out);
    // The agent at work: what came of it, why, and that it is as it was signed.
    for words in [
        "sh test.sh  before: failed  after: ended well",
        "+    printf '%s' \"$1\" | tr 'A-Z' 'a-z' | tr -cs 'a-z0-9' '-'",
        "$ stead why slug.sh:3",
        "make the failing test pass",
        "$ stead verify",
    ] {
        assert!(run.out.contains(words), "{words}: {}", run.out);
    }
    assert!(!run.out.contains("did not end well"), "{}", run.out);
    assert!(run.out.contains("That was it"), "{}", run.out);
    assert_eq!(run.err, "");
    assert!(
        stead_testkit::disk::files(machine.data()).is_empty(),
        "it has its own data"
    );
}

#[test]
fn the_demo_can_be_kept() {
    let machine = Machine::empty();
    let folder = machine.data().join("demo");
    let path = folder.to_str().unwrap();
    assert!(
        machine
            .ok(&["demo", "--keep", path])
            .contains("The files stay.")
    );
    let run = machine
        .command(&["ls"])
        .env("HOME", folder.join("home"))
        .env("STEAD_DATA_DIR", folder.join("stead"))
        .output();
    assert_eq!(Run::of(run.unwrap()).out.lines().count(), 15);
    assert_eq!(machine.run(&["demo", "--keep", path]).code, 2);
}

#[test]
fn completions_for_every_shell() {
    let machine = Machine::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = machine.ok(&["completions", shell]);
        for word in ["search", "export", "format"] {
            assert!(script.contains(word), "{shell}");
        }
    }
    assert!(stead_testkit::disk::files(machine.data()).is_empty());
}

#[test]
fn help_has_examples_for_every_command() {
    let machine = Machine::empty();
    let version = machine.ok(&["--version"]);
    assert_eq!(version, format!("stead {}\n", env!("CARGO_PKG_VERSION")));
    for command in ["ls", "show", "search", "export", "stats", "completions"] {
        let help = machine.ok(&[command, "--help"]);
        assert!(
            help.contains("Examples:") && help.contains("stead "),
            "{command}: {help}"
        );
    }
    for command in ["doctor", "sync", "forget", "demo"] {
        assert!(
            machine.ok(&["help", command]).contains("Usage: stead"),
            "{command}"
        );
    }
    assert!(stead_testkit::disk::files(machine.data()).is_empty());
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let machine = Machine::with_samples();
    machine.ok(&["sync"]);
    for arguments in [
        &["ls", "--all"][..],
        &["ls", "--json"],
        &["show", "e519", "--json"],
        &["show", "e519"],
        &["search", "slugify"],
        &["export", "e519", "-f", "html"],
        &["stats"],
        &["doctor"],
        &["completions", "bash"],
    ] {
        let mut child = machine
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        let code = child.wait().unwrap().code();
        assert_eq!((code, err.as_str()), (Some(0), ""), "{arguments:?}");
    }
}
