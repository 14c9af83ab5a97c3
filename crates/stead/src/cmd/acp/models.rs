//! Which model a session asks: the one that is configured, or another that the configuration
//! names. Other models are chosen by `stead use`.

use std::collections::BTreeSet;

use agent_client_protocol::v1::schema::{
    SessionConfigOption, SessionConfigOptionCategory, SessionConfigSelectOption,
};

use crate::cli::ModelArgs;
use crate::environment::Context;
use crate::models::Models;

/// The option's id.
pub(super) const MODEL: &str = "model";

/// The value that means the configuration's own choice.
pub(super) const CONFIGURED: &str = "configured";

/// What can be chosen, and what is; nothing if no model is configured.
pub(super) fn options(
    chosen: Option<&str>,
    args: &ModelArgs,
    context: &Context,
) -> Vec<SessionConfigOption> {
    let Ok(models) = Models::load(context, args) else {
        return Vec::new();
    };
    let own = models.generator().current().clone();
    let first = SessionConfigSelectOption::new(CONFIGURED, own.to_string())
        .description(format!("as configured: {}", models.route(&own)));
    let named = named(context)
        .into_iter()
        .filter(|name| *name != own.to_string());
    let others = named.map(|name| SessionConfigSelectOption::new(name.clone(), name));
    let all: Vec<_> = std::iter::once(first).chain(others).collect();
    let chosen = chosen.unwrap_or(CONFIGURED).to_owned();
    let option = SessionConfigOption::select(MODEL, "Model", chosen, all);
    vec![option.category(SessionConfigOptionCategory::Model)]
}

/// Models that the configuration names.
fn named(context: &Context) -> BTreeSet<String> {
    let config = &context.models;
    let roles = &config.models;
    let mut all: BTreeSet<String> = config.facts.keys().cloned().collect();
    all.extend(roles.generator.iter().chain(&roles.fallback).cloned());
    for profile in config.profiles.values() {
        all.extend(profile.generator.iter().chain(&profile.fallback).cloned());
    }
    all
}

/// Whether a value can be chosen.
pub(super) fn is_known(value: &str, context: &Context) -> bool {
    value == CONFIGURED || named(context).contains(value)
}
