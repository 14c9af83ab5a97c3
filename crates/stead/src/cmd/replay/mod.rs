//! `stead replay`: a recorded session runs again.

mod found;
mod keep;
mod perform;
mod place;
mod report;

use crate::cli::{GlobalArgs, ReplayArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use found::Found;
use place::Apart;
use report::Report;

pub(crate) fn run(
    args: &ReplayArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let found = match Found::find(args, context)? {
        Ok(found) => found,
        Err(altered) => return report::altered(&altered, global),
    };
    let keep = args.keep.as_deref();
    let keep = keep
        .map(|folder| keep::prepare(folder, &found.tree, context))
        .transpose()?;
    // The place is prepared before any thread starts: it may be a file system of this
    // process alone.
    let mut apart = Apart::prepare(&found, context)?;
    let stop = super::run::Stop::on_signals()?;
    let mut report = Report::new(&found, global, context);
    perform::perform(&found, &mut apart, &stop, &mut report, context)?;
    if stop.is_wanted() {
        return Ok(Exit::Interrupted);
    }
    if let Some(folder) = keep {
        keep::keep(apart.root(), &folder)?;
        report.kept = Some(folder);
    }
    report.end()
}
