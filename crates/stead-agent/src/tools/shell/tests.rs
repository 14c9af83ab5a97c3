//! `shell` on a double, and once on a real `sh`.

use std::cell::RefCell;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::tools::tests::Trial;
use crate::tools::{Ran, Shell, tool};

/// Says what it was asked, and answers as it was told.
#[derive(Default)]
struct Double {
    ran: Ran,
    asked: RefCell<Vec<(String, Option<Duration>)>>,
}

impl Shell for Double {
    fn run(&self, command: &str, limit: Option<Duration>, output: &mut dyn FnMut(&str)) -> Ran {
        self.asked.borrow_mut().push((command.to_owned(), limit));
        output(&self.ran.output);
        self.ran.clone()
    }
}

fn ended(exit: i32, output: &str) -> Double {
    let ran = Ran {
        exit: Some(exit),
        output: output.to_owned(),
        took: Duration::from_millis(1_240),
        ..Ran::default()
    };
    Double {
        ran,
        ..Double::default()
    }
}

#[test]
fn code_time_and_output_are_told() {
    let mut trial = Trial::new(&[]);
    let mut call = |shell: &Double| trial.call_with(shell, "shell", json!({"command": "x"}));
    let good = call(&ended(0, "one\ntwo\n"));
    assert_eq!(
        (good.text.as_str(), good.ok, good.exit),
        ("exit code 0, 1.2 s\none\ntwo", true, Some(0))
    );
    let bad = call(&ended(3, " \n"));
    assert_eq!(
        (bad.text.as_str(), bad.ok, bad.exit),
        ("exit code 3, 1.2 s\n(no output)", false, Some(3))
    );
    let long = call(&ended(0, &"line\n".repeat(100_000)));
    assert!(long.text.chars().count() <= 30_000);
    assert!(long.text.starts_with("exit code 0") && long.text.ends_with("line\nline"));
    assert!(long.text.contains("characters left out"));
}

#[test]
fn a_command_that_was_stopped_says_why_and_what_to_do() {
    let shell = Double {
        ran: Ran {
            ended: Some("stopped: it took longer than 5 s".to_owned()),
            output: "serving".to_owned(),
            timed_out: true,
            took: Duration::from_secs(5),
            ..Ran::default()
        },
        ..Double::default()
    };
    let answer = Trial::new(&[]).call_with(&shell, "shell", json!({"command": "x", "timeout": 5}));
    assert!(!answer.ok && answer.exit.is_none());
    assert!(
        answer
            .text
            .starts_with("stopped: it took longer than 5 s (after 5.0 s)."),
        "{}",
        answer.text
    );
    assert!(answer.text.contains("larger `timeout`") && answer.text.ends_with("\nserving"));
}

#[test]
fn commands_are_run_as_they_were_asked_about() {
    let mut trial = Trial::new(&[("sub dir/a", "")]);
    for (given, command, limit) in [
        (json!({"command": "ls | wc -l"}), "ls | wc -l", None),
        (json!({"cmd": "ls", "timeout": "30"}), "ls", Some(30_000)),
        (
            json!({"command": "ls", "timeout": 120_000}),
            "ls",
            Some(120_000),
        ),
        (json!({"command": "ls", "timeout_ms": 500}), "ls", Some(500)),
        (
            json!({"command": ["bash", "-lc", "echo 'a b'"]}),
            "echo 'a b'",
            None,
        ),
        (
            json!({"command": ["echo", "a b", "it's"]}),
            "echo 'a b' 'it'\\''s'",
            None,
        ),
        (
            json!({"command": "ls", "workdir": "sub dir"}),
            "cd -- 'sub dir' || exit\nls",
            None,
        ),
        (
            json!({"command": "ls", "cwd": trial.workspace.root()}),
            "ls",
            None,
        ),
    ] {
        let shell = ended(0, "");
        let Value::Object(object) = &given else {
            panic!()
        };
        let touches = tool("shell")
            .unwrap()
            .touches(object, &trial.workspace)
            .unwrap();
        assert_eq!(touches.command.as_deref(), Some(command));
        trial.call_with(&shell, "shell", given);
        let limit = limit.map(Duration::from_millis);
        assert_eq!(*shell.asked.borrow(), [(command.to_owned(), limit)]);
    }
}

#[test]
fn what_cannot_be_meant_is_not_run() {
    let mut trial = Trial::new(&[]);
    for given in [
        json!({}),
        json!({"command": "  "}),
        json!({"command": {"a": 1}}),
        json!({"command": ["ls", 1]}),
        json!({"command": "ls", "timeout": "soon"}),
        json!({"command": "ls", "timeout": -1}),
        json!({"command": "ls", "cwd": "/etc"}),
        json!({"command": "apply_patch <<'EOF'\n*** Begin Patch"}),
    ] {
        // The shell of the trial panics if it is asked.
        let answer = trial.call("shell", given.clone());
        assert!(!answer.ok, "{given}");
    }
}

/// The system's `sh`, without a sandbox.
struct Sh<'a>(&'a std::path::Path);

impl Shell for Sh<'_> {
    fn run(&self, command: &str, _: Option<Duration>, output: &mut dyn FnMut(&str)) -> Ran {
        let ran = Command::new("sh")
            .arg("-c")
            .arg(command)
            .current_dir(self.0)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&ran.stdout).into_owned();
        output(&text);
        Ran {
            exit: ran.status.code(),
            output: text,
            ..Ran::default()
        }
    }
}

#[cfg(unix)]
#[test]
fn a_real_shell_reads_what_was_put_together() {
    let mut trial = Trial::new(&[("it's/a b", "x")]);
    let root = trial.path().to_owned();
    let given = json!({"command": ["printf", "%s|", "a b", "it's", "$HOME", "*", ""]});
    let answer = trial.call_with(&Sh(&root), "shell", given);
    assert_eq!(answer.text, "exit code 0, 0.0 s\na b|it's|$HOME|*||");
    let given = json!({"command": "ls; exit 4", "cwd": "it's"});
    let answer = trial.call_with(&Sh(&root), "shell", given);
    assert!(
        answer.text.starts_with("exit code 4, 0.0 s\na b"),
        "{}",
        answer.text
    );
    assert_eq!(answer.exit, Some(4));
    assert_eq!(trial.output, "a b|it's|$HOME|*||a b\n");
}
