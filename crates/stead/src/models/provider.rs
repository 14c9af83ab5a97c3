//! Providers: what the configuration says of each, laid over what is known of it, makes
//! an endpoint. Keys are read when an endpoint is wanted, each once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use stead_adapters::Env;
use stead_llm::presets::{self, Provider};
use stead_llm::{Dialect, Endpoint, Key, LlmError, Wire, is_secret_name};

use super::config::ProviderConfig;
use super::key::{HeaderValue, KeySource, variable};
use crate::command_error::CommandError;
use crate::environment::Context;

/// All providers that can be named.
pub(crate) struct Providers {
    configured: BTreeMap<String, ProviderConfig>,
    env: Env,
    /// A provider's base URL for this one command.
    moved: Option<(String, String)>,
    /// Secrets by where they are: no program is run twice.
    secrets: Mutex<BTreeMap<String, Option<String>>>,
}

/// Neither variables nor keys.
impl fmt::Debug for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Providers")
            .field("configured", &self.configured)
            .field("moved", &self.moved)
            .finish_non_exhaustive()
    }
}

/// Where the key of a provider is, as far as can be told without running a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyState {
    /// None is needed.
    Needless,
    /// It is in this place.
    There(String),
    /// A program will tell.
    Behind(String),
    /// It is not in this variable.
    Missing(String),
    /// It is not in this variable, and may not be needed.
    Optional(String),
}

impl KeyState {
    /// A word for scripts, and the place.
    pub(crate) fn parts(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Needless => ("needless", None),
            Self::There(place) => ("there", Some(place)),
            Self::Behind(place) => ("behind", Some(place)),
            Self::Missing(place) => ("missing", Some(place)),
            Self::Optional(place) => ("optional", Some(place)),
        }
    }
}

impl Providers {
    /// Those of the configuration and all that are known. `moved` is a provider and its
    /// base URL for this command.
    pub(crate) fn new(
        configured: BTreeMap<String, ProviderConfig>,
        env: Env,
        moved: Option<(String, String)>,
    ) -> Self {
        Self {
            configured,
            env,
            moved,
            secrets: Mutex::default(),
        }
    }

    /// Those that stand in a configuration, and all that are known.
    pub(crate) fn configured(context: &Context) -> Self {
        let configured = context.models.providers.clone();
        Self::new(configured, context.settings.env.clone(), None)
    }

    /// A provider's name for people.
    pub(crate) fn title<'a>(&self, name: &'a str) -> &'a str {
        self.known(name).map_or(name, |known| &known.title)
    }

    /// How a command ends that needs a provider and cannot use it.
    pub(crate) fn unusable(&self, error: &LlmError) -> CommandError {
        let ended = CommandError::usage(error.to_string());
        match error {
            LlmError::Setup { provider, .. }
                if !self.is_configured(provider) && self.known(provider).is_none() =>
            {
                ended
                    .hint(format!("providers: {}", self.names().join(", ")))
                    .hint("`stead models add NAME --wire WIRE --base-url URL` adds one")
            }
            _ => ended.hint(error.hint()),
        }
    }

    /// Every name, those of the configuration first.
    pub(crate) fn names(&self) -> Vec<&str> {
        let own: BTreeSet<&str> = self.configured.keys().map(String::as_str).collect();
        let known = presets::providers().iter().map(|one| one.name.as_str());
        let known = known.filter(|name| !own.contains(name));
        own.iter().copied().chain(known).collect()
    }

    /// Whether the configuration says something of it.
    pub(crate) fn is_configured(&self, name: &str) -> bool {
        self.configured.contains_key(name)
    }

    /// What is known of a provider, or of the one that it is like.
    pub(crate) fn known(&self, name: &str) -> Option<&'static Provider> {
        let own = self.configured.get(name);
        presets::provider(own.and_then(|own| own.like.as_deref()).unwrap_or(name))
    }

    /// Where a provider is and how it is spoken to, without its key.
    pub(crate) fn address(&self, name: &str) -> Result<Endpoint, LlmError> {
        let own = self.configured.get(name);
        let known = self.known(name);
        if let Some(like) = own.and_then(|own| own.like.as_deref())
            && known.is_none()
        {
            return Err(setup(
                name,
                &format!("`like`: no provider `{like}` is known"),
            ));
        }
        let moved = self.moved(name);
        let base_url = moved.or_else(|| own?.base_url.as_deref());
        let mut endpoint = match (known, own) {
            (None, None) => {
                return Err(setup(
                    name,
                    "it is neither configured nor known; `stead models list` names those that are",
                ));
            }
            (Some(known), _) => known.endpoint(base_url),
            (None, Some(own)) => {
                base_url.map(|url| Endpoint::new(name, own.wire.unwrap_or(Wire::Openai), url))
            }
        }
        .ok_or_else(|| setup(name, "it has no `base_url`"))?;
        name.clone_into(&mut endpoint.provider);
        if moved.is_none() {
            endpoint.local = own.and_then(|own| own.local);
        }
        if known.is_some_and(|known| {
            is_format(known) && known.base_url.as_deref() != Some(endpoint.base_url.as_str())
        }) {
            // Somebody else speaks the format there, perhaps without its peculiarities.
            endpoint.dialect = Dialect::default();
        }
        if let Some(own) = own {
            lay_over(&mut endpoint, own);
        }
        Ok(endpoint)
    }

    /// The same with its key and its secret headers. May run a program that asks the user.
    pub(crate) fn endpoint(&self, name: &str) -> Result<Endpoint, LlmError> {
        let mut endpoint = self.address(name)?;
        let own = self.configured.get(name);
        let key = match own.and_then(|own| own.key.as_ref()) {
            Some(source) => self.secret(name, source)?,
            None => self.usual_key(&endpoint)?,
        };
        endpoint.key = key.as_deref().and_then(Key::new);
        if endpoint.key.is_none() && endpoint.needs_key {
            return Err(LlmError::KeyMissing {
                provider: name.to_owned(),
                variable: endpoint.key_variable,
            });
        }
        for (header, value) in own.iter().flat_map(|own| &own.headers) {
            let value = match value {
                HeaderValue::Text(text) => text.clone(),
                HeaderValue::Secret(_) if !is_secret_name(header) => {
                    let what = format!(
                        "the header `{header}` would stand in records with its secret; stead masks names that end in `key`, `token`, `secret` or `authorization`"
                    );
                    return Err(setup(name, &what));
                }
                HeaderValue::Secret(source) => {
                    let missing = || {
                        setup(
                            name,
                            &format!("the header `{header}`: {} is not set", source.place()),
                        )
                    };
                    self.secret(name, source)?.ok_or_else(missing)?
                }
            };
            endpoint.headers.push((header.clone(), value));
        }
        Ok(endpoint)
    }

    /// Whether what is sent to a provider stays on this machine, or where the user says
    /// that it is as good.
    pub(crate) fn is_local(&self, name: &str) -> bool {
        self.address(name).is_ok_and(|endpoint| endpoint.is_local())
    }

    /// Where the key of a provider is.
    pub(crate) fn key_state(&self, name: &str) -> KeyState {
        let own = self.configured.get(name).and_then(|own| own.key.as_ref());
        let needed = self.address(name).is_ok_and(|endpoint| endpoint.needs_key);
        let variable_name = match own {
            Some(KeySource::Variable(name)) => name,
            Some(other) => return KeyState::Behind(other.place()),
            None => match self
                .known(name)
                .and_then(|known| known.key_variable.as_ref())
            {
                Some(name) => name,
                None => return KeyState::Needless,
            },
        };
        match variable(&self.env, variable_name) {
            Some(_) => KeyState::There(variable_name.clone()),
            None if needed => KeyState::Missing(variable_name.clone()),
            None => KeyState::Optional(variable_name.clone()),
        }
    }

    fn moved(&self, name: &str) -> Option<&str> {
        let (provider, url) = self.moved.as_ref()?;
        (provider == name).then_some(url.as_str())
    }

    /// The key in the variable that everybody uses for a provider. Unlike a key that the
    /// user names for an address, it does not travel in the clear.
    fn usual_key(&self, endpoint: &Endpoint) -> Result<Option<String>, LlmError> {
        let name = endpoint.key_variable.as_deref();
        let Some(key) = name.and_then(|name| variable(&self.env, name)) else {
            return Ok(None);
        };
        if endpoint.base_url.starts_with("https://") || endpoint.is_loopback() {
            return Ok(Some(key));
        }
        let what = format!(
            "the key in {} would go to `{}` unencrypted; write https://, or give this provider a `key` of its own in config.toml",
            name.unwrap_or_default(),
            endpoint.host()
        );
        Err(setup(&endpoint.provider, &what))
    }

    fn secret(&self, provider: &str, source: &KeySource) -> Result<Option<String>, LlmError> {
        let mut known = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        let place = format!("{source:?}");
        if let Some(secret) = known.get(&place) {
            return Ok(secret.clone());
        }
        let secret = source
            .read(&self.env)
            .map_err(|what| setup(provider, &what))?;
        known.insert(place, secret.clone());
        Ok(secret)
    }
}

/// Whether requests go to another address than the one that is known.
pub(crate) fn is_elsewhere(endpoint: &Endpoint) -> bool {
    let known = presets::provider(&endpoint.provider);
    let known = known.and_then(|known| known.base_url.as_deref());
    known.is_none_or(|known| known != endpoint.base_url)
}

/// Whether a known provider stands for a wire format and may be anybody.
fn is_format(known: &Provider) -> bool {
    Wire::all().any(|wire| wire.name() == known.name)
}

/// Lays what the user wrote over what is known.
fn lay_over(endpoint: &mut Endpoint, own: &ProviderConfig) {
    endpoint.wire = own.wire.unwrap_or(endpoint.wire);
    endpoint.dialect = own.dialect.unwrap_or(endpoint.dialect);
    if let Some(source) = &own.key {
        endpoint.needs_key = true;
        endpoint.key_variable = match source {
            KeySource::Variable(name) => Some(name.clone()),
            _ => None,
        };
    }
    if let Some(header) = &own.key_header {
        endpoint.key_header = Some((header.clone(), String::new()));
    }
    if own.local == Some(false) {
        endpoint.forwards = true;
    }
    if let Some(seconds) = own.timeout_s {
        endpoint.timeouts.first_byte = Duration::from_secs(seconds);
        endpoint.timeouts.idle = Duration::from_secs(seconds);
    }
}

fn setup(provider: &str, what: &str) -> LlmError {
    LlmError::Setup {
        provider: provider.to_owned(),
        what: what.to_owned(),
    }
}
