//! `stead demo` placeholder until the bundle is packed.

use crate::cli::DemoArgs;
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;

pub(crate) fn run(_args: &DemoArgs, _context: &Context) -> Result<Exit, CommandError> {
    Err(CommandError::failure("the demo is not packed yet"))
}
