//! A server that keeps an agent's sessions, and the key to it.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

/// Where to ask, as the user has named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The agent whose sessions it keeps, by id.
    pub agent: String,
    /// Its address without a slash at the end (`http://127.0.0.1:8000`).
    pub url: String,
    /// What it must be shown.
    pub key: Option<Key>,
    patience: Patience,
}

/// So often a server may let us wait in vain: one conversation that it chokes on
/// must not hide the others.
const IN_VAIN: u32 = 3;

/// How long a server is still asked. All copies of a [`Server`] share it, so that
/// one that is away is not waited for again and again.
#[derive(Debug, Clone, Default)]
struct Patience(Arc<Waited>);

#[derive(Debug, Default)]
struct Waited {
    in_vain: AtomicU32,
    /// Why it is not asked any more.
    lost: OnceLock<String>,
}

/// Two servers are the same whatever became of asking them.
impl PartialEq for Patience {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Patience {}

/// A secret that is not printed. It may have to be asked for; that is done once,
/// when a server wants it.
#[derive(Clone)]
pub struct Key(Arc<Secret>);

struct Secret {
    had: OnceLock<Result<String, String>>,
    ask: Box<dyn Fn() -> Result<String, String> + Send + Sync>,
}

impl Key {
    /// Keeps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        let secret = secret.into();
        Self::asked(move || Ok(secret.clone()))
    }

    /// A secret that `ask` knows, or why it does not.
    pub fn asked(ask: impl Fn() -> Result<String, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(Secret {
            had: OnceLock::new(),
            ask: Box::new(ask),
        }))
    }

    pub(crate) fn secret(&self) -> Result<&str, String> {
        let had = self.0.had.get_or_init(|| (self.0.ask)());
        had.as_deref().map_err(Clone::clone)
    }
}

/// Keys are the same if they come from the same place.
impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Key {}

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
            patience: Patience::default(),
        }
    }

    /// Asks it no more in this process, nor any copy of it: every question comes
    /// back with this answer.
    pub fn give_up(&self, why: &str) {
        // The first reason is the one that tells.
        let _ = self.patience.0.lost.set(why.to_owned());
    }

    /// Why it is not asked any more, if so.
    pub fn given_up(&self) -> Option<&str> {
        self.patience.0.lost.get().map(String::as_str)
    }

    /// Counts a question that was waited for in vain.
    pub(crate) fn waited_in_vain(&self, why: &str) {
        if self.patience.0.in_vain.fetch_add(1, Ordering::Relaxed) + 1 >= IN_VAIN {
            self.give_up(why);
        }
    }

    /// The address of a path that begins with a slash.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Whether it runs on this machine, so that no proxy is asked.
    pub fn is_local(&self) -> bool {
        let rest = self.url.split_once("://").map_or("", |(_, rest)| rest);
        let host = rest.split('/').next().unwrap_or_default();
        let host = match host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => host,
        };
        let address = host.trim_start_matches('[').trim_end_matches(']');
        let address = address.parse::<std::net::IpAddr>();
        host.eq_ignore_ascii_case("localhost")
            || address.is_ok_and(|address| address.is_loopback() || address.is_unspecified())
    }
}
