//! Commands that use up what they can get.

use std::process::Command as Process;
use std::time::Duration;

use stead_sandbox::{Cancel, Command, Ended, Outcome, Strategy};

use super::{Place, everywhere, runs, sandboxes};

#[test]
fn time_is_limited() {
    everywhere(
        |place| place.policy.limits.time = Some(Duration::from_millis(300)),
        "echo begun; trap '' TERM INT HUP; sleep 998.1 & sleep 998.1",
        |_, ran| {
            assert_eq!(
                (ran.outcome.ended, ran.output.as_str()),
                (Ended::TimedOut, "begun\n")
            );
            assert!(!runs("998.1"));
        },
    );
}

#[test]
fn what_is_left_running_is_ended() {
    everywhere(
        |_| {},
        "(setsid nohup sleep 997.2 > /dev/null 2>&1 &) ; sleep 997.2 & disown; echo done",
        |_, ran| {
            assert_eq!(
                (ran.outcome.ended, ran.output.as_str()),
                (Ended::Exited(0), "done\n")
            );
            assert!(!runs("997.2"));
        },
    );
}

/// However the program above ends, nothing of the command stays.
#[test]
fn nothing_outlives_the_parent() {
    if !sandboxes()
        .iter()
        .any(|sandbox| sandbox.strategy() == Strategy::Namespaces)
    {
        return;
    }
    let place = Place::new();
    let mut parent = Process::new(super::child().program);
    let mut parent = parent.arg("wait").arg(place.tree()).spawn().unwrap();
    let soon = |wanted: bool| {
        let tries = (0..500).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            runs("sleep\u{0}991.7") == wanted
        });
        assert!(tries, "wanted: {wanted}");
    };
    soon(true);
    parent.kill().unwrap();
    parent.wait().unwrap();
    soon(false);
}

#[test]
fn a_command_can_be_cancelled() {
    for sandbox in sandboxes() {
        let place = Place::new();
        let cancel = Cancel::default();
        let command = Command::new("bash")
            .argument("-c")
            .argument("echo begun; sleep 996.3 & sleep 996.3");
        let outcome = sandbox
            .run(&place.policy, &command, &cancel, &mut |_| cancel.cancel())
            .unwrap();
        assert_eq!(outcome.ended, Ended::Cancelled);
        assert!(!runs("996.3"));
    }
}

#[test]
fn one_command_can_be_skipped() {
    for sandbox in sandboxes() {
        let place = Place::new();
        let cancel = Cancel::default();
        let command = |words| Command::new("bash").argument("-c").argument(words);
        let run = |words, skips: bool| {
            let mut each = |_: stead_sandbox::Chunk<'_>| {
                if skips {
                    cancel.skip();
                }
            };
            let ran = sandbox.run(&place.policy, &command(words), &cancel, &mut each);
            ran.unwrap().ended
        };
        assert_eq!(run("echo begun; sleep 996.4", true), Ended::Cancelled);
        assert_eq!(run("echo begun; exit 4", false), Ended::Exited(4));
    }
}

#[test]
fn a_fork_bomb_is_stopped() {
    everywhere(
        |place| {
            place.policy.limits.processes = 100;
            place.policy.limits.time = Some(Duration::from_secs(5));
        },
        // A bomb that ends by itself at 512: the machine that tests has to outlive a limit
        // that does not hold.
        "bomb() { [ $1 -gt 8 ] && return; sleep 995.4 & bomb $(($1 + 1)) & bomb $(($1 + 1)); }; bomb 0 2> /dev/null; sleep 995.4",
        |_, ran| {
            assert_ne!(ran.outcome.ended, Ended::Cancelled);
            assert!(!runs("995.4"));
        },
    );
}

#[test]
fn too_many_processes_end_the_command() {
    for sandbox in sandboxes() {
        let mut place = Place::new();
        place.policy.limits.processes = 20;
        let script = "exec perl -e 'for (1..60) { defined(my $to = fork) or die \"fork: $!\"; last unless $to } sleep 994.5'";
        let ran = place.run_in(sandbox, script).unwrap();
        // Users other than root cannot even start them; root is counted, or gets no more numbers.
        let failed = ran.error.contains("fork") || ran.outcome.ended == Ended::TooManyProcesses;
        assert!(failed, "{ran:?}");
        assert!(!runs("994.5"));
    }
}

#[test]
fn one_process_cannot_have_too_much_memory() {
    everywhere(
        |place| place.policy.limits.memory = 200 << 20,
        "perl -e '$x = \"a\" x (600 << 20); print \"had it\\n\"'",
        |_, ran| {
            assert_eq!(ran.output, "", "{ran:?}");
            assert_ne!(ran.outcome.ended, Ended::Exited(0));
        },
    );
}

#[test]
fn many_processes_cannot_have_too_much_memory() {
    everywhere(
        |place| {
            place.policy.limits.memory = 200 << 20;
            place.policy.limits.time = Some(Duration::from_secs(20));
        },
        "for i in 1 2 3 4; do perl -e '$x = \"a\" x (45 << 20); sleep 993' & done; wait",
        |_, ran| assert_eq!(ran.outcome.ended, Ended::TooMuchMemory, "{ran:?}"),
    );
}

#[test]
fn private_folders_are_not_endless() {
    everywhere(
        |place| place.policy.limits.memory = 64 << 20,
        "for folder in /tmp /var/tmp /dev/shm ~; do head -c 100000000 /dev/zero > $folder/big || echo full; rm $folder/big; done",
        |_, ran| assert_eq!(ran.output, "full\n".repeat(4), "{ran:?}"),
    );
}

#[test]
fn open_files_are_limited() {
    everywhere(
        |place| place.policy.limits.files = 64,
        "perl -e 'my @all; while (open(my $f, \"<\", \"/dev/null\")) { push @all, $f; last if @all > 200 } print scalar(@all) < 64 ? \"few\\n\" : \"many\\n\"'",
        |_, ran| assert_eq!(ran.output, "few\n", "{ran:?}"),
    );
}

#[test]
fn output_is_cut_in_the_middle() {
    everywhere(
        |place| place.policy.limits.output = 100,
        "echo begin; seq 1000000 | tr -d '\\n'; echo; echo end; echo whole >&2",
        |_, ran| {
            assert!(ran.output.starts_with("begin\n123456789101112"), "{ran:?}");
            assert!(ran.output.ends_with("9999991000000\nend\n"), "{ran:?}");
            let left_out = 6 + 5_888_896 + 1 + 4 - 100;
            assert!(
                ran.output
                    .contains(&format!("\n[… {left_out} bytes left out …]\n")),
                "{ran:?}"
            );
            assert!(ran.output.len() < 150);
            assert_eq!(ran.error, "whole\n");
            let ended = Ended::Exited(0);
            let wanted = Outcome {
                ended,
                output_left_out: left_out,
                error_left_out: 0,
            };
            assert_eq!(ran.outcome, wanted);
        },
    );
}
