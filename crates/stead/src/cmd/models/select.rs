//! `stead use` and `stead models use`: which model does what from now on.

use std::io::Write;

use super::{as_json, in_use, write_in_use};
use crate::cli::{GlobalArgs, ModelArgs, ModelsUseArgs, UseArgs};
use crate::cmd::tracing::write_json;
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::models::{ConfigFile, Models, Roles};
use crate::output::Output;

/// The word for no model.
const NONE: &str = "none";

/// `stead use`
pub(crate) fn switch(
    args: &UseArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let Some(name) = &args.name else {
        return show(&in_use(context)?, &[], global);
    };
    if name.contains('/') {
        return generator(name, global, context);
    }
    if !context.models.profiles.contains_key(name) {
        return Err(no_profile(name, context));
    }
    let mut file = ConfigFile::open(context)?;
    file.set(&["models"], "profile", name.as_str())?;
    saved(file, &[], global, context)
}

/// `stead models use`
pub(super) fn run(
    args: &ModelsUseArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let model = args.model.as_str();
    if !args.parser && !args.fallback && args.profile.is_none() {
        return generator(model, global, context);
    }
    if model != NONE {
        known(model, context)?;
    } else if !args.parser && !args.fallback {
        return Err(
            CommandError::usage("a profile has a model that writes code")
                .hint("`none` goes with --parser and --fallback"),
        );
    }
    let active = context.models.models.profile.as_ref();
    let profile = args.profile.as_ref().or(active);
    let table = profile.map_or(vec!["models"], |name| vec!["profile", name]);
    let mut file = ConfigFile::open(context)?;
    if args.parser {
        file.set(&table, "parser", model)?;
    } else if args.fallback {
        let own = profile.map_or(&context.models.models.fallback, |name| {
            let own = context.models.profiles.get(name);
            own.map_or(&context.models.models.fallback, |own| &own.fallback)
        });
        let more = Some(model).filter(|model| *model != NONE);
        let kept = own.iter().map(String::as_str).filter(|_| more.is_some());
        let kept = kept.filter(|own| Some(*own) != more);
        file.set(
            &table,
            "fallback",
            kept.chain(more).collect::<toml_edit::Array>(),
        )?;
    } else {
        file.set(&table, "generator", model)?;
    }
    saved(file, &[], global, context)
}

/// Uses this model from now on. The first of its kind is remembered as a profile, so that
/// `stead use local` and `stead use cloud` lead back to it.
fn generator(model: &str, global: &GlobalArgs, context: &Context) -> Result<Exit, CommandError> {
    let is_local = known(model, context)?;
    let mut file = ConfigFile::open(context)?;
    file.set(&["models"], "generator", model)?;
    file.remove(&["models"], "profile")?;
    let profile = if is_local { "local" } else { "cloud" };
    let mut notes = Vec::new();
    if !context.models.profiles.contains_key(profile) {
        file.set(&["profile", profile], "generator", model)?;
        notes.push(format!("`stead use {profile}` leads back to it"));
    }
    saved(file, &notes, global, context)
}

/// Whether a model that can be used is local.
fn known(model: &str, context: &Context) -> Result<bool, CommandError> {
    let args = ModelArgs {
        model: Some(model.to_owned()),
        parser_model: Some(NONE.to_owned()),
        ..ModelArgs::default()
    };
    // Whatever is wrong with the roles of now, it does not stand in the way.
    let mut context = context.clone();
    context.models.models = Roles::default();
    let models = Models::load(&context, &args)?;
    Ok(models.is_local(models.generator().current()))
}

fn no_profile(name: &str, context: &Context) -> CommandError {
    let mut error = CommandError::usage(format!("there is no profile `{name}`"));
    let names: Vec<&str> = context.models.profiles.keys().map(String::as_str).collect();
    if !names.is_empty() {
        error = error.hint(format!("profiles: {}", names.join(", ")));
    }
    match name {
        "local" => error
            .hint("`stead models list --local` asks the servers of this machine for their models; the first local model that you use becomes this profile: `stead use ollama/MODEL`"),
        "cloud" => error
            .hint("the first model elsewhere that you use becomes this profile: `stead use PROVIDER/MODEL`; `stead models list` names the providers"),
        _ => error.hint(format!("`stead models use PROVIDER/MODEL --profile {name}` makes it")),
    }
}

/// Writes the file, and says what is in use now.
fn saved(
    file: ConfigFile,
    notes: &[String],
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let context = Context {
        models: file.config()?.of_models(),
        ..context.clone()
    };
    file.save()?;
    show(&in_use(&context)?, notes, global)
}

fn show(models: &Models, notes: &[String], global: &GlobalArgs) -> Result<Exit, CommandError> {
    if global.json {
        write_json(&as_json(models))?;
        return Ok(Exit::Ok);
    }
    let mut out = Output::plain();
    write_in_use(models, &mut out)?;
    let generator = models.generator().current().clone();
    let parser = models.parser();
    let others = parser.iter().chain(models.fallback());
    if models.is_local(&generator) && others.clone().any(|model| !models.is_local(model)) {
        writeln!(
            out,
            "not all of these are local: `stead models use none --parser` or `--fallback` takes others away"
        )?;
    }
    for note in notes {
        writeln!(out, "{note}")?;
    }
    out.finish()?;
    Ok(Exit::Ok)
}
