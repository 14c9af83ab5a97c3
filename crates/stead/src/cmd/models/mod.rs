//! `stead models` and `stead use`: what is in use, what there is, what works.

mod add;
mod ask;
mod list;
mod select;
mod test;

use std::io::{self, Write};

use serde_json::{Value, json};
use stead_llm::ModelRef;

use crate::cli::{GlobalArgs, ModelArgs, ModelsArgs, ModelsCommand, ModelsListArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::models::Models;
use crate::text::one_line;

pub(crate) use select::switch;

pub(crate) fn run(
    args: &ModelsArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    match &args.command {
        None => list::run(&ModelsListArgs::default(), global, context),
        Some(ModelsCommand::List(args)) => list::run(args, global, context),
        Some(ModelsCommand::Add(args)) => add::run(args, global, context),
        Some(ModelsCommand::Use(args)) => select::run(args, global, context),
        Some(ModelsCommand::Test(args)) => test::run(args, global, context),
    }
}

/// The models that commands ask if nothing is typed.
fn in_use(context: &Context) -> Result<Models, CommandError> {
    Models::load(context, &ModelArgs::default())
}

/// What is in use, in lines.
fn write_in_use(models: &Models, out: &mut dyn Write) -> io::Result<()> {
    if let Some(profile) = models.profile() {
        writeln!(out, "profile    {}", one_line(profile))?;
    }
    let line = |out: &mut dyn Write, role: &str, model: &ModelRef| {
        let (name, route) = (one_line(&model.to_string()), one_line(&models.route(model)));
        writeln!(out, "{role:<10} {name}  → {route}")
    };
    line(out, "generator", models.generator().current())?;
    match models.parser() {
        Some(parser) => line(out, "parser", &parser)?,
        None => writeln!(out, "parser     none: tasks are taken apart by rules")?,
    }
    for model in models.fallback() {
        line(out, "fallback", model)?;
    }
    Ok(())
}

/// What is in use, for scripts.
fn as_json(models: &Models) -> Value {
    let one = |model: &ModelRef| {
        json!({
            "model": model.to_string(),
            "route": models.route(model),
            "local": models.is_local(model),
            "licence": models.licence(model),
            "context": models.context_tokens(model),
            "price": models.price(model),
        })
    };
    json!({
        "profile": models.profile(),
        "generator": one(models.generator().current()),
        "parser": models.parser().as_ref().map(one),
        "fallback": models.fallback().iter().map(one).collect::<Vec<_>>(),
    })
}
