//! What the child does: leave the system's namespaces (outer), then, as process 1 of the new ones,
//! mount, give up rights, start the command and watch it (inner). No thread runs beside it.

mod init;
mod lockdown;
mod mounts;
mod outer;
mod seccomp;

use std::ffi::OsStr;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use crate::spec::{Report, Spec, receive, send};

pub(crate) use mounts::{mount_point, overlay_options};
pub(crate) use outer::map_user;

/// The stage that is process 1.
pub(crate) const INNER: &str = "inner";
const OUTER_ISOLATED: &str = "outer-isolated";
const OUTER_NETWORK: &str = "outer-network";

/// The stages that try out an overlay over a whole process, with a sandbox above it and without.
pub(crate) const TRIAL: &str = "overlay-trial";
pub(crate) const TRIAL_UNCONFINED: &str = "overlay-trial-unconfined";

/// The first stage, with the machine's network or without.
pub(crate) fn outer(network: bool) -> &'static str {
    if network {
        OUTER_NETWORK
    } else {
        OUTER_ISOLATED
    }
}

/// The exit code of a child that could not do its task.
const FAILED: u8 = 125;

/// Runs a stage.
pub(crate) fn main(stage: &OsStr) -> u8 {
    let result = match stage.to_str() {
        Some(OUTER_ISOLATED) => outer::run(false),
        Some(OUTER_NETWORK) => outer::run(true),
        Some(INNER) => return inner(),
        Some(TRIAL) => return told(crate::overlay::trial(true)),
        Some(TRIAL_UNCONFINED) => return told(crate::overlay::trial(false)),
        _ => Err(format!(
            "`{}` is no stage of the sandbox's child",
            stage.to_string_lossy()
        )),
    };
    match result {
        Ok(()) => 0,
        Err(why) => {
            // Nobody is there to read it if even this does not work.
            let _ = control().map(|mut to| send(&mut to, &Report::NotConfined(why)));
            FAILED
        }
    }
}

/// A trial says on standard output why it failed.
fn told(result: Result<(), String>) -> u8 {
    let Err(why) = result else { return 0 };
    // Without a word, the exit code says enough.
    let _ = std::io::Write::write_all(&mut std::io::stdout(), why.as_bytes());
    FAILED
}

/// The connection to the parent, which is our standard input.
fn control() -> std::io::Result<UnixStream> {
    Ok(std::io::stdin().as_fd().try_clone_to_owned()?.into())
}

fn inner() -> u8 {
    close_inherited();
    let Ok(mut control) = control() else {
        return FAILED;
    };
    let Ok(spec) = receive::<Spec>(&mut control) else {
        return FAILED;
    };
    let report = match confine(&spec) {
        Ok(()) => init::run(&spec, &control),
        Err(why) => Some(Report::NotConfined(why)),
    };
    match report.map(|report| send(&mut control, &report)) {
        Some(Ok(())) => 0,
        _ => FAILED,
    }
}

fn confine(spec: &Spec) -> Result<(), String> {
    mounts::make(&spec.mounts, spec.limits.processes)?;
    if spec.loopback {
        outer::bring_up_loopback()?;
    }
    lockdown::apply(spec)
}

/// Closes files that somebody further up left open: an open folder is a way out.
fn close_inherited() {
    let Ok(open) = std::fs::read_dir("/proc/self/fd") else {
        return;
    };
    let numbers = open
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let numbers: Vec<i32> = numbers.filter(|number| *number > 2).collect();
    for number in numbers {
        // The listing's own is closed by now; that is no error worth a word.
        let _ = nix::unistd::close(number);
    }
}

/// A system's refusal with what was tried.
pub(crate) fn failed<E: std::fmt::Display>(what: &str) -> impl FnOnce(E) -> String {
    move |error| format!("{what}: {error}")
}
