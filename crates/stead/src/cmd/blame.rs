//! `stead blame`

mod porcelain;
mod text;

use stead_app::AppError;
use stead_app::trace::{Line, LineRange, RangeError};

use super::tracing::{Traced, write_json};
use crate::cli::{BlameArgs, GlobalArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;

pub(crate) fn run(
    args: &BlameArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let ranges = args.lines.iter().map(|text| LineRange::parse(text));
    let ranges: Vec<LineRange> = ranges
        .collect::<Result<_, _>>()
        .map_err(|error| wrong_range(&error))?;
    let (mut traced, path) = Traced::file(&args.file, context)?;
    let lines = traced.tracer.file(&path, args.at.as_deref());
    let mut lines = lines.map_err(AppError::from)?;
    if !ranges.is_empty() {
        let mut wanted = vec![false; lines.len()];
        for range in ranges {
            for line in range
                .within(lines.len())
                .map_err(|error| wrong_range(&error))?
            {
                wanted[line - 1] = true;
            }
        }
        lines.retain(|line| wanted[line.number - 1]);
    }
    let views = Line::all(&lines, &traced.tracer);
    if global.json {
        write_json(&views)?;
    } else if args.porcelain {
        porcelain::write(&lines, &views, &traced, context)?;
    } else {
        text::write(&lines, &views, &traced, context)?;
    }
    Ok(Exit::Ok)
}

/// What is wrong with a range of lines, and how they are written.
pub(super) fn wrong_range(error: &RangeError) -> CommandError {
    let hint = match error {
        RangeError::Form(_) => {
            "write 10,20 or 10,+5 or 10 (to the end) or ,20 (from the beginning)"
        }
        RangeError::Beyond { .. } => "lines are counted from 1, as they are at that revision",
    };
    CommandError::usage(error.to_string()).hint(hint)
}
