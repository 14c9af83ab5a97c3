//! The sessions of a connection, and what each was told.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use agent_client_protocol::v1::schema::{McpServer, SessionMode, SessionModeState};
use stead_agent::mcp::Written;
use stead_llm::CancellationToken;

/// Where changes go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Mode {
    /// Beside the user's files, until they are applied.
    #[default]
    Apart,
    /// Into the user's files at once.
    InPlace,
}

impl Mode {
    const ALL: [Self; 2] = [Self::Apart, Self::InPlace];

    pub(super) const fn id(self) -> &'static str {
        match self {
            Self::Apart => "apart",
            Self::InPlace => "in-place",
        }
    }

    pub(super) fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.id() == id)
    }

    fn described(self) -> SessionMode {
        let (name, words) = match self {
            Self::Apart => (
                "Apart",
                "Works beside your files; you are shown the changes and decide whether they are applied",
            ),
            Self::InPlace => ("In place", "Changes your files as it works"),
        };
        SessionMode::new(self.id(), name).description(words.to_owned())
    }

    /// All modes, and which is chosen.
    pub(super) fn state(self) -> SessionModeState {
        let all = Self::ALL.into_iter().map(Self::described);
        SessionModeState::new(self.id(), all.collect())
    }
}

/// A session that the editor has open.
#[derive(Debug, Clone, Default)]
pub(super) struct Session {
    /// The folder that the editor named.
    pub(super) cwd: PathBuf,
    /// The tree around it, which is worked in.
    pub(super) tree: PathBuf,
    pub(super) mode: Mode,
    /// The model that was chosen here; else that of the configuration.
    pub(super) model: Option<String>,
    /// The editor's MCP servers.
    pub(super) servers: BTreeMap<String, Written>,
    /// Changes that the user did not want applied when asked.
    pub(super) declined: Option<String>,
    /// Ends the turn that runs.
    pub(super) running: Option<CancellationToken>,
}

/// All that are open, by id.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<BTreeMap<String, Session>>);

impl Sessions {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn open(&self, id: &str, session: Session) {
        self.all().insert(id.to_owned(), session);
    }

    pub(super) fn get(&self, id: &str) -> Option<Session> {
        self.all().get(id).cloned()
    }

    /// Changes what is known of a session; nothing if it is not open.
    pub(super) fn with<T>(&self, id: &str, change: impl FnOnce(&mut Session) -> T) -> Option<T> {
        self.all().get_mut(id).map(change)
    }

    /// Ends the turn of a session.
    pub(super) fn stop(&self, id: &str) {
        self.with(id, |session| {
            session.running.iter().for_each(CancellationToken::cancel);
        });
    }

    /// Ends a session's turn, and forgets it.
    pub(super) fn close(&self, id: &str) {
        self.stop(id);
        self.all().remove(id);
    }

    /// Ends all turns.
    pub(super) fn stop_all(&self) {
        let running: Vec<_> = self
            .all()
            .values()
            .filter_map(|session| session.running.clone())
            .collect();
        running.iter().for_each(CancellationToken::cancel);
    }
}

/// The editor's MCP servers as they are written down elsewhere, and what cannot be used.
pub(super) fn servers(given: Vec<McpServer>) -> (BTreeMap<String, Written>, Vec<String>) {
    let (mut all, mut left_out) = (BTreeMap::new(), Vec::new());
    for server in given {
        let (name, written) = match server {
            McpServer::Stdio(server) => (
                server.name,
                Written {
                    command: Some(server.command.display().to_string()),
                    args: server.args,
                    env: server
                        .env
                        .into_iter()
                        .map(|one| (one.name, one.value))
                        .collect(),
                    ..Written::default()
                },
            ),
            McpServer::Http(server) => (
                server.name,
                Written {
                    url: Some(server.url),
                    headers: server
                        .headers
                        .into_iter()
                        .map(|one| (one.name, one.value))
                        .collect(),
                    ..Written::default()
                },
            ),
            McpServer::Sse(server) => {
                left_out.push(format!("MCP server `{}` is not used: it speaks SSE, which stead does not; give its HTTP address", server.name));
                continue;
            }
            _ => {
                left_out.push(
                    "an MCP server of a kind that stead does not know is not used".to_owned(),
                );
                continue;
            }
        };
        all.insert(plain(&name), written);
    }
    (all, left_out)
}

/// A name that names of tools can be made of.
fn plain(name: &str) -> String {
    let plain = |sign: char| {
        if sign.is_ascii_alphanumeric() {
            sign
        } else {
            '-'
        }
    };
    let name: String = name.chars().take(32).map(plain).collect();
    if name.is_empty() {
        "server".to_owned()
    } else {
        name
    }
}
