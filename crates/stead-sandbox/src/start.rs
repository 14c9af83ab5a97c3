//! Starts a command by the sandbox's strategy. What becomes of it is `run`'s business.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::process::Stdio;
use std::thread;

use crate::command::Command;
use crate::handle::Running;
use crate::policy::Policy;
use crate::run::RunError;
use crate::sandbox::{Sandbox, Strategy};

/// Starts it.
pub(crate) fn start(
    sandbox: &Sandbox,
    policy: &Policy,
    command: &Command,
) -> Result<Running, RunError> {
    match sandbox.strategy {
        #[cfg(target_os = "linux")]
        Strategy::Namespaces | Strategy::Bubblewrap => confined(sandbox, policy, command),
        #[cfg(target_os = "macos")]
        Strategy::SandboxExec => {
            let (program, arguments) = crate::macos::wrapped(policy, command)?;
            direct(policy, command, &program, &arguments)
        }
        #[cfg(not(target_os = "linux"))]
        strategy @ (Strategy::Namespaces | Strategy::Bubblewrap) => {
            let why = "there is no such sandbox on this system".to_owned();
            Err(RunError::NotConfined { strategy, why })
        }
        Strategy::Unconfined => direct(policy, command, &command.program, &command.arguments),
        #[cfg(not(target_os = "macos"))]
        strategy @ Strategy::SandboxExec => {
            let why = "there is no such sandbox on this system".to_owned();
            Err(RunError::NotConfined { strategy, why })
        }
    }
}

/// Starts a program as it is, in a process group of its own.
fn direct(
    policy: &Policy,
    command: &Command,
    program: &OsStr,
    arguments: &[OsString],
) -> Result<Running, RunError> {
    let tree = &policy.work_tree;
    let folder = command
        .folder
        .as_ref()
        .map_or_else(|| tree.clone(), |folder| tree.join(folder));
    let mut process = std::process::Command::new(program);
    process
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(command.all_variables(&policy.home));
    process
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut process, 0);
    let mut process = process.spawn().map_err(|error| RunError::NotStarted {
        program: command.program.to_string_lossy().into_owned(),
        why: error.to_string(),
    })?;
    if let Some(mut pipe) = process.stdin.take() {
        let input = command.input.clone();
        thread::spawn(move || pipe.write_all(&input));
    }
    Ok(Running {
        process,
        #[cfg(unix)]
        control: None,
    })
}

/// Starts the child, which confines itself as the spec says.
#[cfg(target_os = "linux")]
fn confined(sandbox: &Sandbox, policy: &Policy, command: &Command) -> Result<Running, RunError> {
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;
    use std::os::unix::process::CommandExt;

    let plan = crate::plan::plan(policy).map_err(|misfit| RunError::Policy(misfit.0))?;
    let folder = command
        .folder
        .as_ref()
        .map_or_else(|| plan.tree.clone(), |folder| plan.tree.join(folder));
    let mut spec = crate::spec::Spec {
        mounts: plan.mounts,
        loopback: !policy.network,
        writable: plan.writable,
        folder: folder.into(),
        program: command.program.clone(),
        arguments: command.arguments.clone(),
        variables: command.all_variables(&plan.home).into_iter().collect(),
        input: command.input.clone(),
        limits: policy.limits,
    };
    let mut process = if let Some(bwrap) = &sandbox.bwrap {
        crate::bwrap::wrapped(bwrap, sandbox, &mut spec, policy.network).map_err(|why| {
            RunError::NotConfined {
                strategy: sandbox.strategy,
                why,
            }
        })?
    } else {
        let mut process = std::process::Command::new(&sandbox.child.program);
        process
            .args(&sandbox.child.arguments)
            .arg(crate::child::outer(policy.network));
        process
    };
    let (mut ours, theirs) = UnixStream::pair()?;
    process.env_clear().process_group(0).current_dir("/");
    process
        .stdin(OwnedFd::from(theirs))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let process = process.spawn()?;
    // A child that fails at once closes its end; its report, or the lack of one, tells.
    let _ = crate::spec::send(&mut ours, &spec);
    Ok(Running {
        process,
        control: Some(ours),
    })
}
