//! The arguments by which bubblewrap makes what a spec asks for. What bubblewrap does not do
//! (limits, Landlock, seccomp) is left to our inner stage, which it starts.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::sandbox::Sandbox;
use crate::spec::{Mount, Spec};

/// Where the child's program is shown inside.
const CHILD: &str = "/run/stead-child";

/// The call of bubblewrap. The spec's mounts go over to it.
pub(crate) fn wrapped(
    bwrap: &Path,
    sandbox: &Sandbox,
    spec: &mut Spec,
    network: bool,
) -> Result<Command, String> {
    if rustix::process::getuid().is_root() {
        // The limit that binds others does not bind root, and bubblewrap sets no other.
        return Err(
            "run by root, bubblewrap does not limit processes; our own namespaces do".to_owned(),
        );
    }
    let mut arguments: Vec<OsString> = [
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--as-pid-1",
    ]
    .map(Into::into)
    .to_vec();
    if network {
        arguments.push("--share-net".into());
    }
    for mount in std::mem::take(&mut spec.mounts) {
        add(&mut arguments, mount)?;
    }
    // Bubblewrap brings up the loopback interface itself.
    spec.loopback = false;
    push(
        &mut arguments,
        "--ro-bind",
        [sandbox.child.program.as_os_str().into(), CHILD.into()],
    );
    for kept in ["/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus"] {
        push(&mut arguments, "--ro-bind-try", [kept.into(), kept.into()]);
    }
    push(&mut arguments, "--remount-ro", ["/".into()]);
    arguments.extend(["--".into(), CHILD.into()]);
    arguments.extend(sandbox.child.arguments.iter().cloned());
    arguments.push(crate::child::INNER.into());
    let mut command = Command::new(bwrap);
    command.args(arguments);
    Ok(command)
}

fn push<const N: usize>(arguments: &mut Vec<OsString>, option: &str, values: [OsString; N]) {
    arguments.push(option.into());
    arguments.extend(values);
}

fn add(arguments: &mut Vec<OsString>, mount: Mount) -> Result<(), String> {
    match mount {
        Mount::Bind {
            from,
            at,
            writable: true,
        } => push(arguments, "--bind", [from, at]),
        Mount::Bind {
            from,
            at,
            writable: false,
        } => push(arguments, "--ro-bind", [from, at]),
        Mount::Memory { at, bytes } => {
            push(arguments, "--size", [bytes.to_string().into()]);
            push(arguments, "--tmpfs", [at]);
        }
        Mount::Link { to, at } => push(arguments, "--symlink", [to, at]),
        Mount::Hide { at, folder: true } => {
            push(arguments, "--tmpfs", [at.clone()]);
            push(arguments, "--remount-ro", [at]);
        }
        Mount::Hide { at, folder: false } => push(arguments, "--ro-bind", ["/dev/null".into(), at]),
        Mount::Overlay { .. } => {
            return Err("overlays are made by our own namespaces only".to_owned());
        }
        Mount::Devices { bytes } => {
            push(arguments, "--dev", ["/dev".into()]);
            push(arguments, "--size", [bytes.to_string().into()]);
            push(arguments, "--tmpfs", ["/dev/shm".into()]);
            push(arguments, "--remount-ro", ["/dev".into()]);
        }
        Mount::Processes => push(arguments, "--proc", ["/proc".into()]),
    }
    Ok(())
}
