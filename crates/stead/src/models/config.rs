//! What `config.toml` says of models: providers, roles, profiles, facts. Names are not
//! looked up here; `choice.rs` and `provider.rs` do that when a model is wanted.

use std::collections::BTreeMap;

use serde::Deserialize;
use stead_llm::{Dialect, Wire};

use super::key::{HeaderValue, KeySource};

/// Everything that the file says of models.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ModelsConfig {
    /// `[models]`
    pub(crate) models: Roles,
    /// `[profile.NAME]`
    pub(crate) profiles: BTreeMap<String, Profile>,
    /// `[provider.NAME]`
    pub(crate) providers: BTreeMap<String, ProviderConfig>,
    /// `[model."PROVIDER/NAME"]`
    pub(crate) facts: BTreeMap<String, FactsConfig>,
}

/// Which model does what, and which profile stands for these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Roles {
    /// The profile that holds instead of the rest.
    pub(crate) profile: Option<String>,
    /// The model that writes code.
    pub(crate) generator: Option<String>,
    /// The model that takes tasks apart; `none` for rules.
    pub(crate) parser: Option<String>,
    /// Models that are asked if the generator does not answer, in this order.
    #[serde(default)]
    pub(crate) fallback: Vec<String>,
}

/// Roles under a name. It says all: nothing is taken over from `[models]`, so that a
/// local profile cannot reach a model elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    /// The model that writes code.
    pub(crate) generator: Option<String>,
    /// The model that takes tasks apart; `none` for rules.
    pub(crate) parser: Option<String>,
    /// Models that are asked if the generator does not answer, in this order.
    #[serde(default)]
    pub(crate) fallback: Vec<String>,
}

/// A provider. What is absent is taken from the known provider of the same name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderConfig {
    /// The known provider that it is like, if that has another name.
    pub(crate) like: Option<String>,
    /// The wire format.
    pub(crate) wire: Option<Wire>,
    /// The base URL.
    pub(crate) base_url: Option<String>,
    /// Where its key is.
    pub(crate) key: Option<KeySource>,
    /// Another header for the key than the format's own.
    pub(crate) key_header: Option<String>,
    /// Further headers.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, HeaderValue>,
    /// Whether it counts as local; absent, its address tells.
    pub(crate) local: Option<bool>,
    /// In what it differs from others of its format.
    pub(crate) dialect: Option<Dialect>,
    /// Seconds that it may be silent.
    pub(crate) timeout_s: Option<u64>,
}

/// What the user knows of a model.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactsConfig {
    /// The licence of its weights.
    pub(crate) licence: Option<String>,
    /// Tokens that it can read at once.
    pub(crate) context: Option<u64>,
    /// What it costs.
    pub(crate) price: Option<super::Price>,
}
