//! A server that keeps an agent's sessions, and the key to it.

use std::fmt;

/// Where to ask, as the user has named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The agent whose sessions it keeps, by id.
    pub agent: String,
    /// Its address without a slash at the end (`http://127.0.0.1:8000`).
    pub url: String,
    /// What it must be shown.
    pub key: Option<Key>,
}

/// A secret that is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// Keeps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    pub(crate) fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Server {
    /// A server of an agent.
    pub fn new(agent: &str, url: &str, key: Option<Key>) -> Self {
        Self {
            agent: agent.to_owned(),
            url: url.trim_end_matches('/').to_owned(),
            key,
        }
    }

    /// The address of a path that begins with a slash.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Whether it runs on this machine, so that no proxy is asked.
    pub(crate) fn is_local(&self) -> bool {
        let host = self.url.split_once("://").map_or("", |(_, rest)| rest);
        ["127.", "localhost", "[::1]", "0.0.0.0"]
            .iter()
            .any(|local| host.starts_with(local))
    }
}
