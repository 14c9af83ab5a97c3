//! Starting commands and hearing of their end; and what is done where nothing can be confined.

use std::fs;
use std::path::PathBuf;

use stead_sandbox::{Cancel, Child, Command, Ended, RunError, Sandbox, Strategy};

use super::{Place, child, everywhere, sandboxes};

#[test]
fn a_command_runs_as_it_would_outside() {
    for sandbox in sandboxes() {
        let place = Place::new();
        fs::create_dir(place.tree().join("sub")).unwrap();
        let variables = [
            ("PATH".into(), "/usr/bin:/bin".into()),
            ("MINE".into(), "a b".into()),
        ];
        let command = Command::new("sh")
            .argument("-c")
            .argument("cat; echo \"$MINE $1\"; pwd; echo problem >&2; exit 7")
            .argument("sh")
            .argument("one 'two'")
            .folder("sub")
            .variables(variables.into())
            .input(b"input\n".repeat(50_000));
        let ran = place.command(sandbox, &command).unwrap();
        assert_eq!(ran.outcome.ended, Ended::Exited(7));
        let folder = place.tree().join("sub");
        let output = format!(
            "{}a b one 'two'\n{}\n",
            "input\n".repeat(50_000),
            folder.display()
        );
        assert!(
            ran.output.ends_with(&output[output.len() - 100..]),
            "{}",
            ran.output.len()
        );
        assert_eq!(ran.error, "problem\n");
    }
}

#[test]
fn signals_are_told() {
    everywhere(
        |_| {},
        "kill -SEGV $$",
        |_, ran| assert_eq!(ran.outcome.ended, Ended::Killed(11)),
    );
}

#[test]
fn a_program_that_is_not_there_is_told() {
    for sandbox in sandboxes() {
        let place = Place::new();
        let missing = place.command(sandbox, &Command::new("no-such-program"));
        let message = missing.unwrap_err().to_string();
        assert!(
            message.starts_with("`no-such-program` cannot be started: No such file"),
            "{message}"
        );
        let folder = place.command(sandbox, &Command::new("true").folder("missing"));
        assert!(
            folder
                .unwrap_err()
                .to_string()
                .contains("missing is not to be seen")
        );
    }
}

#[test]
fn files_that_are_open_above_are_not_passed_on() {
    everywhere(
        |_| {},
        "ls /proc/self/fd | tr '\\n' ' '; ls -l /proc/self/fd | grep -c socket",
        |_, ran| assert_eq!(ran.output, "0 1 2 3 0\n", "{ran:?}"),
    );
}

#[test]
fn probing_finds_what_works() {
    let scratch = tempfile::tempdir().unwrap();
    let (sandbox, capabilities) = Sandbox::probe(&child(), None, scratch.path());
    assert_eq!(
        sandbox.as_ref().map(Sandbox::strategy),
        capabilities.strategy
    );
    assert_eq!(sandbox.is_some(), !sandboxes().is_empty());
    match capabilities.strategy {
        Some(strategy) => assert!(strategy == Strategy::Namespaces && capabilities.network),
        None => assert!(!capabilities.why_not.is_empty()),
    }
    assert_eq!(
        fs::read_dir(scratch.path()).unwrap().count(),
        0,
        "something was left"
    );
}

#[test]
fn a_sandbox_that_cannot_be_set_up_runs_nothing() {
    let place = Place::new();
    let broken = Child {
        program: PathBuf::from("/bin/false"),
        arguments: Vec::new(),
    };
    let sandbox = Sandbox::with(&broken, Strategy::Namespaces, None);
    let refused = place.run_in(&sandbox, "echo ran > ran");
    assert!(
        matches!(refused, Err(RunError::Lost | RunError::NotConfined { .. })),
        "{refused:?}"
    );
    assert!(!place.tree().join("ran").exists());
    let scratch = tempfile::tempdir().unwrap();
    let (sandbox, capabilities) = Sandbox::probe(&broken, None, scratch.path());
    assert!(
        sandbox.is_none() && !capabilities.why_not.is_empty(),
        "{capabilities:?}"
    );
}

#[test]
fn unconfined_is_what_it_says() {
    let sandbox = Sandbox::unconfined(&child());
    assert_eq!(sandbox.strategy().to_string(), "unconfined");
    let mut place = Place::new();
    place.at_home("file", "seen");
    let ran = place
        .run_in(&sandbox, "cat ~/file; sleep 992.6 & exit 3")
        .unwrap();
    assert_eq!(
        (ran.outcome.ended, ran.output.as_str()),
        (Ended::Exited(3), "seen")
    );
    assert!(!super::runs("992.6"));
    place.policy.limits.time = Some(std::time::Duration::from_millis(200));
    let ran = place.run_in(&sandbox, "sleep 992.6").unwrap();
    assert_eq!(ran.outcome.ended, Ended::TimedOut);
    let command = Command::new("cat").input(b"input".to_vec());
    assert_eq!(place.command(&sandbox, &command).unwrap().output, "input");
    let cancel = Cancel::default();
    cancel.cancel();
    let command = Command::new("sleep").argument("992.6");
    let outcome = sandbox
        .run(&place.policy, &command, &cancel, &mut |_| ())
        .unwrap();
    assert_eq!(outcome.ended, Ended::Cancelled);
}
