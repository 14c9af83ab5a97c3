//! The configuration file, `config.toml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::command_error::CommandError;
use crate::models::{ModelFacts, ModelsConfig, Profile, ProviderConfig, Roles};
use crate::servers::ServerConfig;

/// What the user wishes for all commands.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Extra places to look, as with `--root`.
    #[serde(default)]
    pub(crate) roots: Vec<PathBuf>,
    /// The archive of raw records.
    #[serde(default)]
    pub(crate) archive: ArchiveConfig,
    /// Servers that keep sessions.
    #[serde(default, rename = "server")]
    pub(crate) servers: Vec<ServerConfig>,
    /// What `stead run` does unless it is told otherwise.
    #[serde(default)]
    pub(crate) run: RunConfig,
    /// MCP servers that stead's own agent uses.
    #[serde(default)]
    pub(crate) mcp: BTreeMap<String, stead_agent::mcp::Written>,
    /// Which models do what.
    #[serde(default)]
    models: Roles,
    /// The same under names.
    #[serde(default, rename = "profile")]
    profiles: BTreeMap<String, Profile>,
    /// Providers of models.
    #[serde(default, rename = "provider")]
    providers: BTreeMap<String, ProviderConfig>,
    /// What the user knows of models.
    #[serde(default, rename = "model")]
    facts: BTreeMap<String, ModelFacts>,
}

/// Wishes about the archive.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ArchiveConfig {
    /// Whether raw records are kept.
    pub(crate) enabled: bool,
}

/// Wishes about `stead run`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunConfig {
    /// Whether the model may fetch pages of the web, as with `--web`.
    #[serde(default)]
    pub(crate) web: bool,
}

impl Default for ArchiveConfig {
    fn default() -> Self {
        Self { enabled: true }
    }
}

impl Config {
    /// Reads the file; one that is not there is empty.
    pub(crate) fn load(path: &Path) -> Result<Self, CommandError> {
        match fs_err::read_to_string(path) {
            Ok(text) => Self::parse(&text).map_err(|message| {
                CommandError::usage(format!("`{}` is wrong: {message}", path.display()))
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(CommandError::failure(error.to_string())),
        }
    }

    /// All that it says of models.
    pub(crate) fn of_models(&self) -> ModelsConfig {
        ModelsConfig {
            models: self.models.clone(),
            profiles: self.profiles.clone(),
            providers: self.providers.clone(),
            facts: self.facts.clone(),
        }
    }

    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| {
            // The line itself is not shown: it may hold a key.
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count() + 1);
            format!("line {line}: {}", error.message())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn files() {
        let config = Config::parse("roots = ['/a']\n[archive]\nenabled = false\n").unwrap();
        assert_eq!(config.roots, [std::path::PathBuf::from("/a")]);
        assert!(!config.archive.enabled);
        assert!(Config::parse("").unwrap().archive.enabled);
        let error = Config::parse("root = 1").unwrap_err();
        assert!(
            error.contains("root") && error.contains("line 1"),
            "{error}"
        );
    }

    #[test]
    fn what_is_wrong_is_said_without_keys() {
        for line in [
            "key = 'hunter2",
            "kye = 'hunter2'",
            "key = ['hunter2']",
            "key = hunter2",
        ] {
            let text = format!("roots = []\n[[server]]\nagent = 'openhands'\nurl = 'h'\n{line}\n");
            let error = Config::parse(&text).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
            assert!(error.contains("line "), "{error}");
        }
    }
}
