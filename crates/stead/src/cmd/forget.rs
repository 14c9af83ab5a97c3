//! `stead forget`

use std::io::{BufRead, IsTerminal, Write};

use super::open;
use crate::cli::ForgetArgs;
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;

pub(crate) fn run(args: &ForgetArgs, context: &Context) -> Result<Exit, CommandError> {
    let (mut app, _) = open(context)?;
    let found = app.find(&args.id)?;
    let id = found.id().clone();
    let mut stderr = anstream::stderr();
    if !args.yes {
        if !std::io::stdin().is_terminal() {
            return Err(CommandError::usage(
                "forgetting cannot be undone, and nobody can be asked",
            )
            .hint("give --yes"));
        }
        write!(
            stderr,
            "Forget {id} for ever? The agent's own files stay. [y/N] "
        )?;
        stderr.flush()?;
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer)?;
        if !matches!(answer.trim(), "y" | "Y" | "yes") {
            return Ok(Exit::Ok);
        }
    }
    app.forget(&found)?;
    writeln!(
        stderr,
        "Forgotten: {id}. The agent's own files were not touched."
    )?;
    Ok(Exit::Ok)
}
