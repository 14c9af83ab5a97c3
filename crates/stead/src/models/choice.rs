//! Which models are to be used: what was typed for one command, else the profile that was
//! chosen, else `[models]`. Names only: nothing is looked up, nothing is asked.

use stead_llm::ModelRef;

use super::config::{ModelsConfig, Profile};
use crate::cli::ModelArgs;

/// The models of one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Writes code; absent if nobody said which.
    pub(crate) generator: Option<ModelRef>,
    /// Takes tasks apart; absent for rules.
    pub(crate) parser: Option<ModelRef>,
    /// The parser was named for this command, not in the configuration.
    pub(crate) parser_is_typed: bool,
    /// Asked if the generator does not answer, in this order.
    pub(crate) fallback: Vec<ModelRef>,
    /// The profile that they are from, if they are.
    pub(crate) profile: Option<String>,
}

/// A wish that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Wrong {
    /// A text that names no model.
    #[error("{place}: `{text}` names no model")]
    Model {
        /// Where it stands.
        place: String,
        /// The text.
        text: String,
    },
    /// A profile that is not there.
    #[error("[models] profile: there is no profile `{0}`")]
    Profile(String),
}

impl Choice {
    /// Puts wishes together. Whoever names a model for one command gets that model and no
    /// other: fallbacks of the configuration do not hold then.
    pub(crate) fn of(config: &ModelsConfig, args: &ModelArgs) -> Result<Self, Wrong> {
        let roles = &config.models;
        let (place, chosen) = match &roles.profile {
            Some(name) => {
                let own = config.profiles.get(name);
                let own = own.ok_or_else(|| Wrong::Profile(name.clone()))?;
                (format!("[profile.{name}]"), own.clone())
            }
            None => ("[models]".to_owned(), of_roles(config)),
        };
        let configured = |field: &str| format!("{place} {field}");
        let typed = args.model.as_deref();
        let generator = match typed {
            Some(text) => Some(model("--model", text)?),
            None => maybe(&configured("generator"), chosen.generator.as_deref())?,
        };
        let parser = match args.parser_model.as_deref() {
            Some(text) => maybe("--parser-model", Some(text))?,
            None => maybe(&configured("parser"), chosen.parser.as_deref())?,
        };
        let (place, fallback) = match (typed, args.fallback.is_empty()) {
            (Some(_), _) | (None, false) => ("--fallback".to_owned(), &args.fallback),
            (None, true) => (configured("fallback"), &chosen.fallback),
        };
        let fallback = fallback.iter().map(|text| model(&place, text));
        Ok(Self {
            generator,
            parser,
            parser_is_typed: args.parser_model.is_some(),
            fallback: fallback.collect::<Result<_, _>>()?,
            profile: typed.map_or_else(|| roles.profile.clone(), |_| None),
        })
    }

    /// All models, the generator first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &ModelRef> {
        let first = self.generator.iter().chain(&self.parser);
        first.chain(&self.fallback)
    }
}

fn of_roles(config: &ModelsConfig) -> Profile {
    let roles = &config.models;
    Profile {
        generator: roles.generator.clone(),
        parser: roles.parser.clone(),
        fallback: roles.fallback.clone(),
    }
}

/// A model; nothing for `none`, or where nothing is said.
fn maybe(place: &str, text: Option<&str>) -> Result<Option<ModelRef>, Wrong> {
    match text {
        None | Some("none") => Ok(None),
        Some(text) => model(place, text).map(Some),
    }
}

fn model(place: &str, text: &str) -> Result<ModelRef, Wrong> {
    text.parse().map_err(|_| Wrong::Model {
        place: place.to_owned(),
        text: text.to_owned(),
    })
}
