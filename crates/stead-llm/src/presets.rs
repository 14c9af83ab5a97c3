//! Providers that are known by name: where they are, how to speak to them, where their
//! key is looked for. Facts only, in `presets.toml`, each with its source; whoever
//! configures a provider overrides them.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::endpoint::{Dialect, Endpoint};
use crate::provider::Wire;

/// A provider that is known by name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// The name before the slash in `PROVIDER/NAME`.
    pub name: String,
    /// The name for people.
    pub title: String,
    /// The wire format.
    pub wire: Wire,
    /// The base URL; absent where everybody has one of their own.
    pub base_url: Option<String>,
    /// The variable in which the key is looked for; absent where none is needed.
    pub key_variable: Option<String>,
    /// Whether it can be used without a key although there is a variable.
    #[serde(default)]
    pub key_optional: bool,
    /// Another header for the key than the format's own.
    pub key_header: Option<String>,
    /// Whether it runs on this machine by default: nothing leaves it.
    #[serde(default)]
    pub local: bool,
    /// It passes requests on to providers elsewhere.
    #[serde(default)]
    pub forwards: bool,
    /// In what it differs from others of its format.
    #[serde(default)]
    pub dialect: Dialect,
    /// Where these facts stand.
    pub source: String,
    /// When they were looked up.
    pub checked: String,
    /// What else a user has to know.
    pub note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    provider: Vec<Provider>,
}

/// The file is a part of the program; a test reads it.
static PROVIDERS: LazyLock<Vec<Provider>> = LazyLock::new(|| {
    toml::from_str::<File>(include_str!("presets.toml")).map_or_else(|_| Vec::new(), |f| f.provider)
});

/// All of them, in the order of the file.
pub fn providers() -> &'static [Provider] {
    &PROVIDERS
}

/// The provider of this name.
pub fn provider(name: &str) -> Option<&'static Provider> {
    providers().iter().find(|provider| provider.name == name)
}

impl Provider {
    /// An endpoint with these facts, without a key. Nothing if the provider has no base
    /// URL and none is given.
    pub fn endpoint(&self, base_url: Option<&str>) -> Option<Endpoint> {
        let base_url = base_url.or(self.base_url.as_deref())?;
        let mut endpoint = Endpoint::new(&self.name, self.wire, base_url);
        endpoint.key_variable.clone_from(&self.key_variable);
        // A server of one's own at another address may need none.
        endpoint.needs_key =
            self.key_variable.is_some() && !self.key_optional && !endpoint.is_loopback();
        endpoint.key_header = self.key_header.clone().map(|name| (name, String::new()));
        endpoint.dialect = self.dialect;
        endpoint.forwards = self.forwards;
        Some(endpoint)
    }
}
