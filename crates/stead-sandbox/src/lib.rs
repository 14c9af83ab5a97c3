//! Runs a command that sees and changes only what it was given. It does not judge commands, and it
//! knows neither models nor sessions: what may be done is decided above.
//!
//! # Terms
//!
//! - *Policy*: what a command may see, write and use up.
//! - *Work tree*: the folder that it may write to. The `.git` in it stays readable only.
//! - *Strategy*: by what means the command is confined on this machine; *unconfined* is none at all,
//!   and never chosen unless told.
//! - *Spec*: a policy made ready for this machine: mounts, variables, limits.
//! - *Child*: the program that runs this crate's [`child_main`] to confine itself, and then the
//!   command. Its *outer* stage leaves the system's namespaces, its *inner* stage is process 1 of the
//!   new ones.
//! - *Report*: what the inner stage says of how the command ended.
//! - *Overlay*: a view of a folder in which writes go to another one, *upper*: for one command, or,
//!   by `enter_overlay`, for a whole process. A *trial* is a process that finds out whether it works.
//!
//! `docs/specs/sandbox.md` has the rules with their tests.

mod command;
mod environment;
mod handle;
mod output;
mod policy;
mod run;
mod sandbox;
mod spec;
mod start;

#[cfg(target_os = "linux")]
mod bwrap;
#[cfg(target_os = "linux")]
mod child;
#[cfg(target_os = "linux")]
mod git;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "linux")]
mod overlay;
#[cfg(target_os = "linux")]
mod plan;

pub use command::Command;
pub use environment::scrub;
#[cfg(target_os = "linux")]
pub use git::repositories;
pub use output::{Chunk, Stream};
#[cfg(target_os = "linux")]
pub use overlay::{OverlayError, enter_overlay, try_overlay};
pub use policy::{Limits, Overlay, Policy, TOOLCHAINS};
pub use run::{Cancel, Ended, Outcome, RunError};
pub use sandbox::{Capabilities, Child, Sandbox, Strategy};

/// Runs a stage of the child: the binary calls it from a hidden subcommand, before it starts any
/// thread. `stage` is the last argument of the program, which the parent put there. Gives the exit
/// code.
#[cfg(target_os = "linux")]
pub fn child_main(stage: &std::ffi::OsStr) -> u8 {
    child::main(stage)
}

/// There is no child on this system.
#[cfg(not(target_os = "linux"))]
pub fn child_main(_: &std::ffi::OsStr) -> u8 {
    125
}
