//! The `stead` program: parses arguments, wires the crates, decides exit codes.

mod arguments;
mod cli;
mod cmd;
mod command_error;
mod config;
mod environment;
mod exit_code;
#[expect(dead_code, reason = "the commands that ask models come next")]
mod models;
mod output;
mod render;
mod servers;
mod table;
mod text;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
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
