//! All servers of a session: started side by side, called one by one.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rmcp::model::Tool;
use rmcp::{Peer, RoleClient};
use serde_json::{Map, Value, json};
use stead_llm::{CancellationToken, ToolCall, ToolInput, ToolSpec};
use tokio::runtime::Handle;

use super::connection::{Connection, Means, Wanted, call};
use super::names::offered;
use super::settings::{Reach, Settings};
use crate::tools::{Answer, arguments};

/// Characters of a tool's description that a model is given.
const DESCRIPTION: usize = 2000;
/// Bytes of a tool's schema; one that is larger is not offered.
const SCHEMA: usize = 16 << 10;

/// What the servers are started with.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// All variables of programs that are started, beside those that the settings name. Not
    /// the user's whole environment: see [`stead_sandbox::scrub`], and add `HOME`.
    pub variables: BTreeMap<OsString, OsString>,
    /// The folder that programs are started in.
    pub folder: PathBuf,
    /// The network, with the user's proxies.
    pub http: Arc<stead_llm::Http>,
}

/// What permission has to know of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The server's name.
    pub server: String,
    /// The tool's own name.
    pub tool: String,
    /// The host that is spoken to, if the server is not a program on this machine.
    pub host: Option<String>,
}

/// Servers of a session. Dropping them ends them, with all that they started.
#[derive(Debug)]
pub struct Servers {
    all: Vec<Arc<Server>>,
    handle: Option<Handle>,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
    offered: OnceLock<BTreeMap<String, Offered>>,
}

/// A tool, by its offered name.
#[derive(Debug)]
struct Offered {
    server: Arc<Server>,
    tool: Tool,
}

/// A server and how far it is.
#[derive(Debug)]
struct Server {
    settings: Settings,
    state: Mutex<State>,
    changed: Condvar,
}

enum State {
    Starting,
    Ready(Peer<RoleClient>, Vec<Tool>),
    Failed(String),
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Starting => write!(f, "Starting"),
            Self::Ready(_, tools) => write!(f, "Ready({} tools)", tools.len()),
            Self::Failed(why) => write!(f, "Failed({why})"),
        }
    }
}

impl Servers {
    /// Begins to start the servers, all at once, and comes back at once. Without any, nothing
    /// is started at all.
    pub fn start(configs: Vec<Settings>, surroundings: &Surroundings) -> Self {
        let stop = CancellationToken::new();
        let server = |settings| {
            Arc::new(Server {
                settings,
                state: Mutex::new(State::Starting),
                changed: Condvar::new(),
            })
        };
        let servers: Vec<Arc<Server>> = configs.into_iter().map(server).collect();
        let means = Means {
            variables: surroundings.variables.clone(),
            folder: surroundings.folder.clone(),
            http: Arc::clone(&surroundings.http),
        };
        let (handle, thread) = match servers.as_slice() {
            [] => (None, None),
            servers => began(servers, &means, &stop),
        };
        Self {
            all: servers,
            handle,
            stop,
            thread,
            offered: OnceLock::new(),
        }
    }

    /// The tools of all servers that are there, for the model. Waits for servers that are still
    /// starting, each as long as its settings say; what is not there by then does not come
    /// later, so that a session's tools stay the same.
    pub fn tools(&self) -> Vec<ToolSpec> {
        let offered = self.offered.get_or_init(|| self.offer());
        let spec = |(name, offered): (&String, &Offered)| spec(name, &offered.tool);
        offered.iter().map(spec).collect()
    }

    fn offer(&self) -> BTreeMap<String, Offered> {
        let (mut all, mut taken) = (BTreeMap::new(), BTreeSet::new());
        for server in &self.all {
            for tool in server.tools() {
                let name = offered(&server.settings.name, &tool.name, &taken);
                taken.insert(name.clone());
                let server = Arc::clone(server);
                all.insert(name, Offered { server, tool });
            }
        }
        all
    }

    /// Servers that could not be started, with the reason, for people.
    pub fn problems(&self) -> Vec<(String, String)> {
        let failed = |server: &Arc<Server>| match &*server.now() {
            State::Failed(why) => Some((server.settings.name.clone(), why.clone())),
            _ => None,
        };
        self.all.iter().filter_map(failed).collect()
    }

    /// What permission has to know of a tool by its offered name; none if there is none.
    pub fn facts(&self, name: &str) -> Option<Facts> {
        let offered = self.offered.get()?.get(name)?;
        let settings = &offered.server.settings;
        let host = match &settings.reach {
            Reach::Program { .. } => None,
            Reach::Address { url, .. } => url.host_str().map(str::to_owned),
        };
        Some(Facts {
            server: settings.name.clone(),
            tool: offered.tool.name.to_string(),
            host,
        })
    }

    /// Calls a tool by its offered name and waits for the answer. Blocks the thread; ends
    /// soon once `cancel` is cancelled.
    pub fn call(&self, made: &ToolCall, cancel: &CancellationToken) -> Answer {
        match arguments(made) {
            Ok(given) => self.perform(&made.name, &made.id, given, cancel),
            Err(why) => Answer::refused(why),
        }
    }

    /// The same with arguments that are read already.
    pub(super) fn perform(
        &self,
        name: &str,
        id: &str,
        given: Map<String, Value>,
        cancel: &CancellationToken,
    ) -> Answer {
        let offered = self.offered.get().and_then(|all| all.get(name));
        let (Some(offered), Some(handle)) = (offered, &self.handle) else {
            return Answer::refused(format!("no server offers a tool `{name}`"));
        };
        let settings = &offered.server.settings;
        let peer = match &*offered.server.now() {
            State::Ready(peer, _) => peer.clone(),
            State::Failed(why) => {
                return Answer::refused(format!("server `{}` is not there: {why}", settings.name));
            }
            State::Starting => return Answer::refused("the server is still starting"),
        };
        let (send, receive) = channel();
        let (server, cancel) = (settings.name.clone(), cancel.clone());
        let wanted = Wanted {
            id: id.to_owned(),
            tool: offered.tool.name.to_string(),
            arguments: given,
            time: settings.call_time,
        };
        handle.spawn(async move {
            let answer = call(peer, &server, wanted, cancel).await;
            // Whoever asked waits below.
            let _ = send.send(answer);
        });
        receive
            .recv()
            .unwrap_or_else(|_| Answer::refused("stead's own connection to servers is gone"))
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to end.
            let _ = thread.join();
        }
    }
}

impl Server {
    fn now(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn becomes(&self, state: State) {
        *self.now() = state;
        self.changed.notify_all();
    }

    /// Its tools, once it has started or failed.
    fn tools(&self) -> Vec<Tool> {
        // Connecting ends by itself in this time; a little more for a busy machine.
        let most = self.settings.start_time + Duration::from_secs(2);
        let waited = self
            .changed
            .wait_timeout_while(self.now(), most, |state| matches!(state, State::Starting));
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match &*state {
            State::Ready(_, tools) => tools.clone(),
            State::Starting | State::Failed(_) => Vec::new(),
        }
    }
}

/// The thread on which connections live.
fn began(
    servers: &[Arc<Server>],
    means: &Means,
    stop: &CancellationToken,
) -> (Option<Handle>, Option<JoinHandle<()>>) {
    let failed = |error: std::io::Error| {
        for server in servers {
            server.becomes(State::Failed(error.to_string()));
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            failed(error);
            return (None, None);
        }
    };
    let handle = runtime.handle().clone();
    let lives: Vec<_> = servers
        .iter()
        .map(|server| live(Arc::clone(server), means.clone(), stop.clone()))
        .collect();
    let work = move || {
        runtime.block_on(async {
            let lives = lives.into_iter().map(tokio::spawn);
            for life in lives.collect::<Vec<_>>() {
                // One that panicked is over as well.
                let _ = life.await;
            }
        });
    };
    match std::thread::Builder::new().name("mcp".into()).spawn(work) {
        Ok(thread) => (Some(handle), Some(thread)),
        Err(error) => {
            failed(error);
            (None, None)
        }
    }
}

/// A server from its start to its end.
async fn live(server: Arc<Server>, means: Means, stop: CancellationToken) {
    let opened = tokio::select! {
        opened = Connection::open(&server.settings, &means) => opened,
        () = stop.cancelled() => Err("the session is over".to_owned()),
    };
    match opened {
        Ok(connection) => {
            let tools = connection.tools.clone();
            server.becomes(State::Ready(connection.peer(), tools));
            stop.cancelled().await;
            connection.close().await;
        }
        Err(why) => server.becomes(State::Failed(why)),
    }
}

/// A server's tool as the model is offered it.
fn spec(name: &str, tool: &Tool) -> ToolSpec {
    let description = tool.description.as_deref().unwrap_or_default();
    let mut schema = serde_json::Value::Object((*tool.input_schema).clone());
    if schema.to_string().len() > SCHEMA || schema["type"] != "object" {
        schema = json!({"type": "object"});
    }
    ToolSpec {
        name: name.to_owned(),
        description: description.chars().take(DESCRIPTION).collect(),
        input: ToolInput::Schema(schema),
    }
}
