//! The shell of a session, and the sandbox that it is in.

use std::path::{Path, PathBuf};

use stead_agent::hands::Confined;
use stead_sandbox::{Cancel, Child, Sandbox, scrub};

use super::asked::Asked;
use crate::command_error::CommandError;
use crate::environment::{self, Context, this_program};

/// Variables that commands get beside those that every sandbox lets through.
const VARIABLES: [&str; 6] = [
    "JAVA_HOME",
    "GOPATH",
    "GOROOT",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "VIRTUAL_ENV",
];

/// This program, as the sandbox starts it.
pub(in crate::cmd) fn child() -> Result<Child, CommandError> {
    Ok(Child {
        program: this_program()?,
        arguments: vec![crate::SANDBOX_CHILD.into()],
    })
}

/// The shell of a session: confined, unless that cannot be and the user said that it need
/// not be.
pub(super) fn shell(
    asked: &Asked<'_>,
    root: &Path,
    cancel: Cancel,
) -> Result<Confined, CommandError> {
    let wants = Wants {
        network: asked.args.network,
        unconfined: asked.args.unconfined,
    };
    confine(wants, root, &asked.folder, cancel, asked.context)
}

/// What commands may do beside working in the tree.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::cmd) struct Wants {
    /// They have the network.
    pub(in crate::cmd) network: bool,
    /// They run without a sandbox where there can be none.
    pub(in crate::cmd) unconfined: bool,
}

/// A shell for a tree. `scratch` is a folder of the session's.
pub(in crate::cmd) fn confine(
    wants: Wants,
    root: &Path,
    scratch: &Path,
    cancel: Cancel,
    context: &Context,
) -> Result<Confined, CommandError> {
    let sandbox = sandbox(wants, scratch, context)?;
    let home = context.home.clone().unwrap_or_else(|| PathBuf::from("/"));
    let mut policy = stead_sandbox::Policy::new(root.to_owned(), home);
    policy.network = wants.network;
    policy.repositories = Some(stead_sandbox::repositories(root));
    let program = match context.find_program("bash") {
        Some(bash) => bash.into_os_string(),
        None => "sh".into(),
    };
    let mut variables = scrub(environment::variables(), &VARIABLES);
    // What Python keeps of modules would be taken for changes.
    variables.insert("PYTHONDONTWRITEBYTECODE".into(), "1".into());
    Ok(Confined {
        sandbox,
        policy,
        variables,
        program,
        cancel,
    })
}

/// The sandbox; or why there is none, and what to do.
fn sandbox(
    wants: Wants,
    scratch: &Path,
    context: &Context,
) -> Result<Result<Sandbox, String>, CommandError> {
    let child = child()?;
    let (found, can) = Sandbox::probe(&child, context.find_program("bwrap"), scratch);
    let why = can.why_not.join("; ");
    Ok(match found {
        Some(sandbox) => Ok(sandbox),
        None if wants.unconfined => Ok(Sandbox::unconfined(&child)),
        None => Err(format!(
            "commands cannot be confined on this machine ({why}); `--unconfined` runs them without a sandbox"
        )),
    })
}
