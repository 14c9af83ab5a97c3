//! `stead completions`

use clap::CommandFactory;

use crate::cli::{Cli, CompletionsArgs};
use crate::command_error::CommandError;
use crate::exit_code::Exit;
use crate::output::Output;

pub(crate) fn run(args: &CompletionsArgs) -> Result<Exit, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "stead", &mut script);
    let mut out = Output::plain();
    std::io::Write::write_all(&mut out, &script)?;
    out.finish()?;
    Ok(Exit::Ok)
}
