//! The `stead` program: parses arguments, wires the crates, decides exit codes.

mod arguments;
mod cli;
mod cmd;
mod command_error;
mod config;
mod environment;
mod exit_code;
mod models;
mod output;
mod render;
mod servers;
mod table;
mod text;
mod tool_servers;

use std::process::ExitCode;

use clap::Parser;

/// The hidden first argument by which the sandbox starts this program to confine a command.
pub(crate) const SANDBOX_CHILD: &str = "sandbox-child";

fn main() -> ExitCode {
    // Before anything else: a child that confines itself may have no threads.
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == SANDBOX_CHILD) {
        let stage = arguments.next().unwrap_or_default();
        return ExitCode::from(stead_sandbox::child_main(&stage));
    }
    let cli = cli::Cli::parse_from(arguments::in_order(std::env::args_os()));
    let outcome =
        environment::Context::new(&cli.global).and_then(|context| cmd::run(cli, &context));
    match outcome {
        Ok(code) => code.into(),
        Err(error) => {
            error.report();
            error.exit_code().into()
        }
    }
}
