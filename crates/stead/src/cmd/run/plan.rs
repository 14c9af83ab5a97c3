//! The plan: the task, taken apart by a model or by rules, and shown or edited.

use std::io::Write;

use stead_agent::task::{Facts, TaskSpec, by_rules};
use stead_redact::terminal::escape;

use crate::cli::{GlobalArgs, RunArgs};
use crate::cmd::tracing::write_json;
use crate::command_error::CommandError;
use crate::environment;
use crate::exit_code::Exit;

/// The task, taken apart by rules, with what the command line says.
pub(super) fn by_words(
    args: &RunArgs,
    words: &str,
    facts: &Facts,
) -> Result<TaskSpec, CommandError> {
    settled(args, by_rules(words, facts))
}

/// A plan with what the command line says of checks, and what the user makes of it.
pub(super) fn settled(args: &RunArgs, mut spec: TaskSpec) -> Result<TaskSpec, CommandError> {
    if !args.check.is_empty() {
        spec.checks.clone_from(&args.check);
    }
    if args.no_checks {
        spec.checks.clear();
    }
    if args.edit_plan {
        return edited(&spec);
    }
    Ok(spec)
}

/// Lets the user edit a plan, as TOML, in the editor of their choice.
fn edited(spec: &TaskSpec) -> Result<TaskSpec, CommandError> {
    let text = environment::edit(&as_toml(spec)?, "plan.toml")?;
    toml::from_str(&text)
        .map_err(|error| CommandError::usage(format!("the plan cannot be read: {error}")))
}

fn as_toml(spec: &TaskSpec) -> Result<String, CommandError> {
    toml::to_string_pretty(spec).map_err(|error| CommandError::failure(error.to_string()))
}

/// Shows the plan.
pub(super) fn show(spec: &TaskSpec, global: &GlobalArgs) -> Result<Exit, CommandError> {
    if global.json {
        write_json(spec)?;
    } else {
        write!(std::io::stdout(), "{}", escape(&as_toml(spec)?))?;
    }
    Ok(Exit::Ok)
}
