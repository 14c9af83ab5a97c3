//! `stead run`: a task from its words to a diff.

mod asked;
mod diff;
mod ending;
mod front;
mod perform;
mod plan;
mod result;
mod setup;

use stead_llm::CancellationToken;
use stead_sandbox::Cancel;

use crate::cli::{GlobalArgs, RunArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use asked::Asked;
use front::{Json, Plain, Watch};

pub(crate) fn run(
    args: &RunArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let asked = Asked::read(args, global.json, context)?;
    if args.plan && asked.models.parser().is_none() {
        let workspace = setup::open(&asked.tree)?;
        let spec = plan::by_words(args, &asked.words, &workspace.facts())?;
        return plan::show(&spec, global);
    }
    // The place is prepared before any thread starts: it may be a file system of this
    // process alone.
    let mut place = setup::place(&asked)?;
    let stop = interruptible()?;
    let mut front = front(global, context, &stop);
    let ending = perform::perform(&asked, &mut place, &stop, front.as_mut())?;
    if let (true, Some(spec)) = (args.plan, &ending.plan) {
        return plan::show(spec, global);
    }
    front.end(&ending);
    Ok(ending.exit())
}

fn front(global: &GlobalArgs, context: &Context, stop: &Stop) -> Box<dyn Watch> {
    if global.json {
        Box::new(Json::new())
    } else {
        let stop = stop.requests.clone();
        Box::new(Plain::new(context.colour, context.width, stop))
    }
}

/// What ends a session from outside: its requests, and the command that runs.
struct Stop {
    requests: CancellationToken,
    commands: Cancel,
}

#[expect(
    clippy::exit,
    reason = "whoever asks twice does not want to wait; the record is safe at any byte"
)]
/// Ends the session at the first signal, with everything on record; at the second, at once.
fn interruptible() -> Result<Stop, CommandError> {
    let stop = Stop {
        requests: CancellationToken::new(),
        commands: Cancel::default(),
    };
    let (requests, commands) = (stop.requests.clone(), stop.commands.clone());
    let handled = ctrlc::set_handler(move || {
        if requests.is_cancelled() {
            std::process::exit(Exit::Interrupted.number().into());
        }
        requests.cancel();
        commands.cancel();
    });
    match handled {
        Ok(()) => Ok(stop),
        Err(error) => Err(CommandError::failure(format!(
            "signals cannot be handled: {error}"
        ))),
    }
}
