//! Which models are used, where they are, and what is known of them.
//!
//! - *provider*: who answers at an address; *known* ones are compiled in, *configured*
//!   ones stand in `config.toml`, which wins.
//! - *role*: what a model is for: *generator* (writes code), *parser* (takes tasks apart).
//! - *profile*: roles under a name, to switch between.
//! - *fallback*: a model that is asked when the one before does not answer.
//! - *route*: a model and who serves it, in words for people.
//! - *local*: what is sent there stays on this machine.

mod choice;
mod config;
mod edit;
mod facts;
mod key;
mod nearby;
mod provider;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stead_llm::fallback::{Chain, Route};
use stead_llm::{Endpoint, LlmError, ModelRef};

use crate::cli::ModelArgs;
use crate::command_error::CommandError;
use crate::environment::Context;
use choice::{Choice, Wrong};
use config::FactsConfig;
use provider::is_elsewhere;

pub(crate) use config::{FactsConfig as ModelFacts, ModelsConfig, Profile, ProviderConfig, Roles};
pub(crate) use edit::ConfigFile;
pub(crate) use facts::Price;
pub(crate) use key::to_store;
pub(crate) use nearby::listens;
pub(crate) use provider::{KeyState, Providers};

/// The models of one command.
#[derive(Debug)]
pub(crate) struct Models {
    chain: Chain,
    fallback: Vec<ModelRef>,
    parser: Option<ModelRef>,
    profile: Option<String>,
    providers: Providers,
    facts: BTreeMap<String, FactsConfig>,
}

impl Models {
    /// The models that the configuration and the command line name. No key is read and
    /// nothing is asked yet.
    pub(crate) fn load(context: &Context, args: &ModelArgs) -> Result<Self, CommandError> {
        let config = &context.models;
        let choice = Choice::of(config, args).map_err(|wrong| told(&wrong))?;
        let moved = moved(args, &choice)?;
        let env = context.settings.env.clone();
        let providers = Providers::new(config.providers.clone(), env, moved);
        for model in choice.all() {
            let address = providers.address(&model.provider);
            address.map_err(|error| providers.unusable(&error))?;
        }
        let Some(generator) = choice.generator else {
            return Err(nothing_chosen(&providers));
        };
        let is_local = |model: &ModelRef| providers.is_local(&model.provider);
        // Whoever asks for a local model does not mean that the task is read elsewhere.
        let stays = args.model.is_some() && is_local(&generator);
        let parser = choice.parser;
        let parser = parser.filter(|one| choice.parser_is_typed || !stays || is_local(one));
        let routes = std::iter::once(&generator).chain(&choice.fallback);
        let routes = routes.cloned().map(Route::new);
        let Some(chain) = Chain::new(routes.collect()) else {
            return Err(nothing_chosen(&providers));
        };
        Ok(Self {
            chain,
            fallback: choice.fallback,
            parser,
            profile: choice.profile,
            providers,
            facts: config.facts.clone(),
        })
    }

    /// The model that writes code, and those after it.
    pub(crate) fn generator(&self) -> Chain {
        self.chain.clone()
    }

    /// The models that are asked after it, in this order.
    pub(crate) fn fallback(&self) -> &[ModelRef] {
        &self.fallback
    }

    /// The model that takes tasks apart; nothing for rules.
    pub(crate) fn parser(&self) -> Option<ModelRef> {
        self.parser.clone()
    }

    /// The profile that the models are from.
    pub(crate) fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// Where a model is, with its key. The key's program is run once at most.
    pub(crate) fn endpoint(&self, model: &ModelRef) -> Result<Endpoint, LlmError> {
        self.providers.endpoint(&model.provider)
    }

    /// How the models that write code are spoken to, by their providers' names, for whoever runs
    /// the session again.
    pub(crate) fn spoken(&self) -> Value {
        let models = std::iter::once(self.chain.current()).chain(&self.fallback);
        let spoken = models.filter_map(|model| {
            let endpoint = self.providers.address(&model.provider).ok()?;
            let local = endpoint.is_local();
            let how = json!({"dialect": endpoint.dialect, "local": local});
            Some((model.provider.clone(), how))
        });
        spoken.collect::<serde_json::Map<_, _>>().into()
    }

    /// Whether what is sent to a model stays on this machine.
    pub(crate) fn is_local(&self, model: &ModelRef) -> bool {
        self.providers.is_local(&model.provider)
    }

    /// A model, who serves it and its licence: `local/qwen2.5-0.5b (Apache-2.0)`,
    /// `kimi-k2.5 @ moonshot (modified MIT)`. Where a provider is not at the address that
    /// is known of it, the host is named.
    pub(crate) fn route(&self, model: &ModelRef) -> String {
        let licence = self.licence(model);
        let licence = licence.as_deref().map_or("unknown licence", |own| own);
        let (name, provider) = (&model.model, &model.provider);
        if self.is_local(model) {
            return format!("local/{name} ({licence})");
        }
        match self.providers.address(provider) {
            Ok(endpoint) if is_elsewhere(&endpoint) => {
                format!("{name} @ {provider} at {} ({licence})", endpoint.host())
            }
            _ => format!("{name} @ {provider} ({licence})"),
        }
    }

    /// The licence in few words, if it is known.
    pub(crate) fn licence(&self, model: &ModelRef) -> Option<String> {
        let said = self.said(model).and_then(|own| own.licence.clone());
        said.or_else(|| {
            let known = stead_models::licence_of(&model.model, Some(&model.provider));
            known.map(|licence| facts::brief(licence.id()))
        })
    }

    /// Tokens that a model can read at once, if the user said so: no catalogue does.
    pub(crate) fn context_tokens(&self, model: &ModelRef) -> Option<u64> {
        self.said(model)?.context
    }

    /// What a model costs, if the user said so. Local models cost nothing.
    pub(crate) fn price(&self, model: &ModelRef) -> Option<Price> {
        let said = self.said(model).and_then(|own| own.price);
        said.or_else(|| self.is_local(model).then(Price::default))
    }

    fn said(&self, model: &ModelRef) -> Option<&FactsConfig> {
        self.facts.get(&model.to_string())
    }
}

/// A base URL is for the provider of the generator.
fn moved(args: &ModelArgs, choice: &Choice) -> Result<Option<(String, String)>, CommandError> {
    let Some(url) = &args.base_url else {
        return Ok(None);
    };
    let Some(generator) = &choice.generator else {
        return Err(CommandError::usage("--base-url is the address of a model, and none is named")
            .hint("add --model PROVIDER/NAME; PROVIDER says which wire format is spoken there: openai, openai-responses, anthropic, gemini"));
    };
    Ok(Some((generator.provider.clone(), url.clone())))
}

fn told(wrong: &Wrong) -> CommandError {
    let hint = match wrong {
        Wrong::Model { .. } => {
            "write PROVIDER/NAME, such as ollama/qwen3:8b; `stead models list` names the providers"
        }
        Wrong::Profile(_) => "`stead use PROVIDER/NAME` chooses a model instead",
    };
    CommandError::usage(wrong.to_string()).hint(hint)
}

/// Nobody said which model. What could be used is named, and never used unasked.
fn nothing_chosen(providers: &Providers) -> CommandError {
    let mut error = CommandError::usage("no model is chosen");
    for name in providers.names() {
        if let KeyState::There(variable) = providers.key_state(name) {
            error = error.hint(format!(
                "{variable} is set: `stead models list {name}` asks for the models there, `stead use {name}/MODEL` chooses one"
            ));
        }
    }
    for name in providers.names() {
        let Ok(endpoint) = providers.address(name) else {
            continue;
        };
        if nearby::listens(&endpoint) {
            let (title, host) = (providers.title(name), endpoint.host());
            error = error.hint(format!(
                "something listens at {host}, where {title} would: `stead models list {name}` asks for the models there, `stead use {name}/MODEL` chooses one"
            ));
        }
    }
    error.hint(
        "`stead models list` shows what can be used; --model PROVIDER/NAME is for one command",
    )
}
