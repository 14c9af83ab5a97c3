//! `stead run`: a task from its words to a diff.

mod asked;
mod begin;
mod child;
pub(in crate::cmd) mod confined;
mod diff;
mod ending;
pub(crate) mod front;
mod perform;
mod plan;
mod policies;
mod result;
pub(super) mod setup;
mod stop;

use crate::cli::{GlobalArgs, RunArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::render::RenderOptions;
use asked::Asked;
use front::{Control, Json, Live, Plain, Prices, View, Watch};

pub(in crate::cmd) use asked::{Earlier, tree};
pub(in crate::cmd) use child::Child;
pub(in crate::cmd) use ending::short;
pub(in crate::cmd) use perform::budget;
pub(in crate::cmd) use plan::runtime;
pub(in crate::cmd) use policies::Policies;
pub(in crate::cmd) use setup::new_id;
pub(in crate::cmd) use stop::{Stop, exit};

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
    let stop = Stop::on_signals()?;
    let mut front = front(&asked, &stop);
    let ending = perform::perform(&asked, &mut place, &stop, front.as_mut())?;
    if let (true, Some(spec)) = (args.plan, &ending.plan) {
        return plan::show(spec, global);
    }
    front.end(&ending);
    Ok(ending.exit())
}

/// Who watches: a program, a person at a terminal, or a pipe.
fn front(asked: &Asked<'_>, stop: &Stop) -> Box<dyn Watch> {
    let context = asked.context;
    if asked.args.control {
        return Box::new(Control::new(stop.clone()));
    }
    if asked.json {
        return Box::new(Json::new());
    }
    let plain = Plain::new(context.colour, context.width, stop.requests.clone());
    if asked.args.plain || !context.is_interactive() {
        return Box::new(plain);
    }
    let options = RenderOptions::of(context);
    let tree = asked.tree.display().to_string();
    let view = View::new(options, &tree, Prices::of(&asked.models));
    let stopped = stop.clone();
    Box::new(Live::new(plain, view, stop.keys(), move || {
        stopped.is_wanted()
    }))
}
