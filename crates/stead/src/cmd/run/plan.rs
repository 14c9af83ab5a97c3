//! The plan: the task, taken apart by a model or by rules, and shown or edited.

use std::io::Write;
use std::sync::Arc;

use stead_agent::permission::Route;
use stead_agent::record::{Planned, Vouched, Witness, planned};
use stead_agent::task::{Facts, TaskSpec, by_model, by_rules};
use stead_llm::traffic::Tape;
use stead_llm::{Call, ModelRef, Response};
use stead_redact::terminal::escape;
use stead_usf::Event;

use super::asked::Asked;
use super::front::Watch;
use super::stop::Stop;
use crate::cli::{GlobalArgs, RunArgs};
use crate::cmd::tracing::write_json;
use crate::command_error::CommandError;
use crate::environment;
use crate::exit_code::Exit;

/// A plan, and how it came to be.
pub(super) struct Made {
    pub(super) spec: TaskSpec,
    /// `provider/model`, `rules`, or `user`.
    pub(super) by: String,
    /// For the record.
    pub(super) event: Event,
    /// Requests that it took.
    pub(super) requests: u64,
}

/// Takes the task apart, by a model if there is one for it.
pub(super) fn made(
    asked: &Asked<'_>,
    facts: &Facts,
    tape: &Arc<dyn Tape>,
    stop: &Stop,
    front: &mut dyn Watch,
) -> Result<Made, CommandError> {
    let Some(model) = asked.models.parser() else {
        let spec = by_words(asked.args, &asked.words, facts)?;
        return Ok(by(asked, spec, "rules".to_owned(), &[], None));
    };
    let number = asked.resumed.as_ref().map_or(0, |resumed| resumed.requests) + 1;
    let witness = Arc::new(Witness::new(tape.clone()));
    let mut call = Call::new(format!("r{number}"), witness.clone());
    call.cancel = stop.requests.clone();
    let endpoint = match asked.models.endpoint(&model) {
        Ok(endpoint) => endpoint,
        Err(error) => {
            let told = [error.to_string()];
            front.notice(&format!("the plan is made by rules: {error}"));
            let spec = by_words(asked.args, &asked.words, facts)?;
            return Ok(by(asked, spec, "rules".to_owned(), &told, None));
        }
    };
    let facts = visible(asked, facts, &model)?;
    let client = asked.context.client();
    let parsing = by_model(&client, &endpoint, &model.model, call, &asked.words, &facts);
    let parsed = runtime()?.block_on(parsing);
    let vouched = witness.vouch(&format!("r{number}"));
    let mut told = parsed.told;
    let mut who = model.to_string();
    if let Some(why) = &parsed.by_rules {
        front.notice(&format!("the plan is made by rules: {why}"));
        told.push(why.to_string());
        "rules".clone_into(&mut who);
    }
    let spec = settled(asked.args, parsed.spec)?;
    let answer = Some((parsed.response.as_ref(), vouched));
    let made = by(asked, spec, who, &told, answer);
    Ok(Made {
        requests: 1,
        ..made
    })
}

fn by(
    asked: &Asked<'_>,
    spec: TaskSpec,
    by: String,
    told: &[String],
    answer: Option<(Option<&Response>, Vouched)>,
) -> Made {
    let by = if asked.args.edit_plan {
        format!("user, after {by}")
    } else {
        by
    };
    let event = planned(&Planned {
        spec: &spec,
        by: &by,
        told,
        answer,
    });
    Made {
        spec,
        by,
        event,
        requests: 0,
    }
}

/// The facts that a model may see.
fn visible(asked: &Asked<'_>, facts: &Facts, model: &ModelRef) -> Result<Facts, CommandError> {
    let none = TaskSpec::default();
    let policy = asked
        .policies
        .policy(&asked.tree, false, &none, asked.context)?;
    let privacy = policy.privacy();
    let route = Route {
        name: &model.to_string(),
        is_local: asked.models.is_local(model),
    };
    let mut facts = facts.clone();
    if !privacy.may_see(&route) {
        facts.texts.retain(|path, _| !privacy.is_private(path));
        facts.files.retain(|path| !privacy.is_private(path));
    }
    Ok(facts)
}

/// What requests run on.
pub(in crate::cmd) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

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
