//! `stead blame`

mod porcelain;
mod text;

use stead_app::App;
use stead_app::trace::{BlameOptions, BlamedFile, BlamedLine, Line, LineRange, RangeError};
use stead_trace::repo::Git;

use super::tracing::{place, write_json};
use super::{Bar, notice, open};
use crate::cli::{BlameArgs, GlobalArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;

/// Blamed lines, and whom to ask about them.
struct Blamed {
    app: App,
    git: Git,
    lines: Vec<BlamedLine>,
}

pub(crate) fn run(
    args: &BlameArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let ranges = args.lines.iter().map(|text| LineRange::parse(text));
    let ranges = ranges.collect::<Result<_, _>>();
    let ranges: Vec<LineRange> = ranges.map_err(|error| wrong_range(&error))?;
    let (git, path) = place(&args.file, context)?;
    let (app, _) = open(context)?;
    let bar = Bar::new();
    let options = BlameOptions {
        path: &path,
        revision: args.at.as_deref(),
    };
    let lines = app.blame(git.clone(), &options, &|progress| bar.show(progress));
    bar.done();
    let BlamedFile { lines, problems } = lines?;
    notice::unread(&problems);
    let lines = within(lines, &ranges)?;
    let blamed = Blamed { app, git, lines };
    if global.json {
        let lines = blamed.lines.iter().map(|line| &line.line);
        write_json(&lines.collect::<Vec<&Line>>())?;
    } else if args.porcelain {
        porcelain::write(&blamed, context)?;
    } else {
        text::write(&blamed, context)?;
    }
    Ok(Exit::Ok)
}

/// The lines of the ranges; all if there is none.
fn within(
    mut lines: Vec<BlamedLine>,
    ranges: &[LineRange],
) -> Result<Vec<BlamedLine>, CommandError> {
    if ranges.is_empty() {
        return Ok(lines);
    }
    let mut wanted = vec![false; lines.len()];
    for range in ranges {
        let range = range.within(lines.len());
        for line in range.map_err(|error| wrong_range(&error))? {
            wanted[line - 1] = true;
        }
    }
    lines.retain(|line| wanted[line.line.number - 1]);
    Ok(lines)
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
