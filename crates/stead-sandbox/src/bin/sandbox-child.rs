//! The child as a program of its own, for tests and measurements: the stages of the sandbox, and
//! `probe FOLDER`, which says what a machine can do, `wait FOLDER`, which runs a command that does
//! not end, and `overlay FOLDER SCRIPT`, which works in an overlay over `FOLDER/home/work`. `stead` has
//! the stages as a hidden subcommand.

#[cfg(target_os = "linux")]
use std::error::Error;
#[cfg(target_os = "linux")]
use std::ffi::OsStr;
#[cfg(target_os = "linux")]
use std::fs::File;
use std::io::Write;
#[cfg(target_os = "linux")]
use std::os::fd::AsRawFd;
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
        #[cfg(target_os = "linux")]
        [program, verb, folder, script] if verb == "overlay" => {
            let done = overlaid(Path::new(program), Path::new(folder), script);
            let (text, code) = match done {
                Ok(text) => (text, ExitCode::SUCCESS),
                Err(error) => (format!("{error}\n"), ExitCode::FAILURE),
            };
            let told = std::io::stdout().write_all(text.as_bytes());
            told.map_or(ExitCode::FAILURE, |()| code)
        }
        [_, verb, _] if verb == "stage" => {
            let stage = arguments.pop().unwrap_or_default();
            ExitCode::from(stead_sandbox::child_main(&stage))
        }
        _ => ExitCode::from(2),
    }
}

#[cfg(target_os = "linux")]
/// Works in an overlay: what the trial says, what a sandbox prints in it, what is then seen at the
/// tree's path, and what through a handle that was opened before.
fn overlaid(program: &Path, folder: &Path, script: &OsStr) -> Result<String, Box<dyn Error>> {
    let child = Child {
        program: program.to_owned(),
        arguments: vec!["stage".into()],
    };
    let [tree, home, upper, work] =
        ["home/work", "home", "upper", "work"].map(|name| folder.join(name));
    stead_sandbox::try_overlay(&child, &folder.join("scratch"), true)?;
    std::env::set_current_dir(&tree)?;
    let before = File::open(&tree)?;
    stead_sandbox::enter_overlay(&tree, &upper, &work)?;
    // Relative, so that it would land in the tree if the old current folder were still there.
    std::fs::write("by-process", "by process\n")?;
    let (found, capabilities) = Sandbox::probe(&child, None, &folder.join("scratch"));
    let sandbox = found.ok_or_else(|| format!("{capabilities:?}"))?;
    let policy = Policy::new(tree.clone(), home);
    let command = Command::new("sh").argument("-c").argument(script);
    let mut printed = Vec::new();
    sandbox.run(&policy, &command, &Cancel::default(), &mut |chunk| {
        printed.extend_from_slice(chunk.bytes);
    })?;
    let seen = std::fs::read_to_string(tree.join("file"))?;
    let through = format!("/proc/self/fd/{}/file", before.as_raw_fd());
    let real = std::fs::read_to_string(through)?;
    let printed = String::from_utf8_lossy(&printed);
    Ok(format!("{printed}seen: {seen}real: {real}"))
}
