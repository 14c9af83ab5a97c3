//! `stead discard`

use std::io::Write;

use serde_json::json;

use super::super::tracing::write_json;
use super::{Left, asked};
use crate::cli::{DiscardArgs, GlobalArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;
use crate::text::counted;

pub(crate) fn run(
    args: &DiscardArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let mut left = Left::find(args.session.as_deref(), context)?;
    let session = left.session.clone();
    let count = left.changes.told().count() as u64;
    let changes = counted(count, "change");
    if !args.force && count > 0 {
        match asked(&format!("Throw away {changes} of session {session}?")) {
            Some(true) => {}
            None if args.session.is_some() => {}
            Some(false) => return Err(CommandError::failure("nothing was thrown away")),
            None => {
                let message = format!("nothing was thrown away: {changes} of session {session}");
                return Err(CommandError::failure(message)
                    .hint(format!("`stead discard {session}` means this session")));
            }
        }
    }
    left.kept.discard()?;
    if global.json {
        write_json(&json!({ "session": session, "discarded": count }))?;
        return Ok(Exit::Ok);
    }
    let mut out = Output::plain();
    writeln!(out, "{changes} of session {session} thrown away")?;
    out.finish()?;
    Ok(Exit::Ok)
}
