//! `stead blame`

mod porcelain;
mod text;
mod wanted;

use stead_app::App;
use stead_app::trace::{BlameOptions, BlamedFile, BlamedLine, Line};
use stead_trace::repo::Git;

use super::tracing::{place, write_json};
use super::{Bar, notice, open};
use crate::cli::{BlameArgs, GlobalArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use wanted::Wanted;
pub(super) use wanted::wrong_range;

/// Blamed lines, and whom to ask about them.
pub(super) struct Blamed {
    pub(super) app: App,
    git: Git,
    pub(super) lines: Vec<BlamedLine>,
}

pub(crate) fn run(
    args: &BlameArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let (blamed, problems) = blamed(args, context)?;
    notice::unread(&problems);
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

/// The lines that are asked for, and what could not be read.
pub(super) fn blamed(
    args: &BlameArgs,
    context: &Context,
) -> Result<(Blamed, Vec<String>), CommandError> {
    let wanted = Wanted::of(&args.lines)?;
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
    let lines = wanted.among(lines, &git, &path, args.at.as_deref())?;
    Ok((Blamed { app, git, lines }, problems))
}
