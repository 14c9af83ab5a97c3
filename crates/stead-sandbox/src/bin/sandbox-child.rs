//! The child as a program of its own, for tests and measurements: the stages of the sandbox, and
//! `probe FOLDER`, which says what a machine can do, and `wait FOLDER`, which runs a command that does
//! not end. `stead` has the stages as a hidden subcommand.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use stead_sandbox::{Cancel, Child, Command, Policy, Sandbox, Strategy};

fn main() -> ExitCode {
    let mut arguments: Vec<_> = std::env::args_os().collect();
    match arguments.as_slice() {
        [program, verb, folder] if verb == "probe" => {
            let child = Child {
                program: Path::new(program).to_owned(),
                arguments: vec!["stage".into()],
            };
            let (_, capabilities) = Sandbox::probe(&child, None, Path::new(folder));
            let text = format!("{capabilities:?}\n");
            let told = std::io::stdout().write_all(text.as_bytes());
            if told.is_ok() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        [program, verb, folder] if verb == "wait" => {
            let child = Child {
                program: Path::new(program).to_owned(),
                arguments: vec!["stage".into()],
            };
            let sandbox = Sandbox::with(&child, Strategy::Namespaces, None);
            let policy = Policy::new(Path::new(folder).to_owned(), "/nonexistent".into());
            let command = Command::new("sh")
                .argument("-c")
                .argument("sleep 991.7 & sleep 991.7");
            let ran = sandbox.run(&policy, &command, &Cancel::default(), &mut |_| ());
            if ran.is_ok() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        [_, verb, _] if verb == "stage" => {
            let stage = arguments.pop().unwrap_or_default();
            ExitCode::from(stead_sandbox::child_main(&stage))
        }
        _ => ExitCode::from(2),
    }
}
