//! One server: connecting to it, asking what it has, calling its tools.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, ClientCapabilities, ClientConfig, Implementation, ProtocolVersion,
    RequestMetaObject, Tool,
};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt, RunningService, ServiceError};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{Peer, RoleClient};
use serde_json::{Map, Value};
use stead_llm::CancellationToken;

use super::answer::answer;
use super::program::Program;
use super::settings::{Reach, Settings};
use crate::record::CALL;
use crate::tools::Answer;

/// Tools that one server may offer: more would leave no room in a request.
const TOOLS: usize = 128;
/// Pages on which a server may list them.
const PAGES: usize = 16;

type Running = RunningService<RoleClient, ClientConfig>;

/// What connecting takes.
#[derive(Clone)]
pub(super) struct Means {
    pub(super) variables: BTreeMap<OsString, OsString>,
    pub(super) folder: PathBuf,
    pub(super) http: Arc<stead_llm::Http>,
}

/// A server that answered.
pub(super) struct Connection {
    running: Running,
    program: Option<Program>,
    pub(super) tools: Vec<Tool>,
}

impl Connection {
    /// Connects and asks for the tools, within the time that the settings give; or says why
    /// not.
    pub(super) async fn open(settings: &Settings, means: &Means) -> Result<Self, String> {
        let opened = tokio::time::timeout(settings.start_time, Self::opened(settings, means));
        opened.await.unwrap_or_else(|_| {
            let seconds = settings.start_time.as_secs();
            Err(format!("it did not answer within {seconds} s"))
        })
    }

    async fn opened(settings: &Settings, means: &Means) -> Result<Self, String> {
        let (running, program) = match &settings.reach {
            Reach::Program { args, env, .. } => by_program(settings, args, env, means).await?,
            Reach::Address { url, headers } => (by_http(url, headers, means).await?, None),
        };
        let listed = listed(running.peer()).await;
        let mut tools = match listed {
            Ok(tools) => tools,
            Err(error) => return Err(with_last_words(error.to_string(), program.as_ref())),
        };
        if let Some(wanted) = &settings.tools {
            tools.retain(|tool| wanted.iter().any(|name| *name == *tool.name));
        }
        tools.truncate(TOOLS);
        Ok(Self {
            running,
            program,
            tools,
        })
    }

    pub(super) fn peer(&self) -> Peer<RoleClient> {
        self.running.peer().clone()
    }

    /// Ends the connection, and the program.
    pub(super) async fn close(mut self) {
        let _ = self
            .running
            .close_with_timeout(Duration::from_millis(500))
            .await;
        drop(self.running);
        if let Some(program) = self.program {
            program.end().await;
        }
    }
}

/// A call that is to be made.
pub(super) struct Wanted {
    /// The call's id, as the model has it.
    pub(super) id: String,
    /// The server's own name for the tool.
    pub(super) tool: String,
    pub(super) arguments: Map<String, Value>,
    /// So long it may take.
    pub(super) time: Duration,
}

/// Calls a tool; every end of it is an answer.
pub(super) async fn call(
    peer: Peer<RoleClient>,
    server: &str,
    wanted: Wanted,
    cancel: CancellationToken,
) -> Answer {
    let time = wanted.time;
    let mut call = CallToolRequestParams::new(wanted.tool).with_arguments(wanted.arguments);
    let id = Map::from_iter([(CALL.to_owned(), wanted.id.into())]);
    call.meta = Some(RequestMetaObject::from(id));
    // Dropping the call tells the server that nobody waits for it any more.
    let made = tokio::select! {
        made = tokio::time::timeout(time, peer.call_tool(call)) => made,
        () = cancel.cancelled() => return Answer::refused("interrupted by the user"),
    };
    match made {
        Ok(Ok(result)) => answer(result),
        Ok(Err(ServiceError::McpError(error))) => {
            Answer::refused(format!("server `{server}` refused: {}", error.message))
        }
        Ok(Err(ServiceError::TransportClosed | ServiceError::TransportSend(_))) => Answer::refused(
            format!("server `{server}` is gone; its tools cannot be used any more in this session"),
        ),
        Ok(Err(error)) => Answer::refused(format!("server `{server}` failed: {error}")),
        Err(_) => Answer::refused(format!(
            "server `{server}` did not answer within {} s",
            time.as_secs()
        )),
    }
}

/// All tools, on at most so many pages.
async fn listed(peer: &Peer<RoleClient>) -> Result<Vec<Tool>, ServiceError> {
    let mut tools = Vec::new();
    let mut cursor = None;
    for _ in 0..PAGES {
        let page = rmcp::model::PaginatedRequestParams::default().with_cursor(cursor);
        let page = peer.list_tools(Some(page)).await?;
        tools.extend(page.tools);
        cursor = page.next_cursor;
        if cursor.is_none() || tools.len() >= TOOLS {
            break;
        }
    }
    Ok(tools)
}

async fn by_program(
    settings: &Settings,
    args: &[String],
    env: &BTreeMap<String, String>,
    means: &Means,
) -> Result<(Running, Option<Program>), String> {
    let mut variables = means.variables.clone();
    let own = env.iter().map(|(name, value)| (name.into(), value.into()));
    variables.extend(own);
    let program = settings.program(&means.folder).unwrap_or_default();
    let (program, pipes) = Program::start(&program, args, &variables, &means.folder)?;
    match introduction()
        .serve_with_lifecycle(pipes, lifecycle())
        .await
    {
        Ok(running) => Ok((running, Some(program))),
        Err(error) => {
            // What it says of itself comes a moment after its end is noticed.
            tokio::time::sleep(Duration::from_millis(50)).await;
            let words = with_last_words(error.to_string(), Some(&program));
            program.end().await;
            Err(words)
        }
    }
}

async fn by_http(
    url: &url::Url,
    headers: &BTreeMap<String, String>,
    means: &Means,
) -> Result<Running, String> {
    let mut custom = HashMap::new();
    for (name, value) in headers {
        let wrong = |_| format!("`{name}` is no header, or its value has signs that none may have");
        let name = http::HeaderName::try_from(name).map_err(|error| wrong(error.to_string()))?;
        let value = http::HeaderValue::try_from(value).map_err(|error| wrong(error.to_string()))?;
        custom.insert(name, value);
    }
    let client = means.http.client_for(url)?;
    let config = StreamableHttpClientTransportConfig::with_uri(url.as_str()).custom_headers(custom);
    let transport = StreamableHttpClientTransport::with_client(client, config);
    let served = introduction().serve_with_lifecycle(transport, lifecycle());
    served.await.map_err(|error| error.to_string())
}

fn with_last_words(error: String, program: Option<&Program>) -> String {
    match program.and_then(Program::last_words) {
        Some(words) => format!("{error}; it said: {words}"),
        None => error,
    }
}

/// The newest revision if the server has it, else the last that begins with `initialize`.
fn lifecycle() -> ClientLifecycleMode {
    ClientLifecycleMode::Auto {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        legacy_version: Some(ProtocolVersion::V_2025_11_25),
    }
}

/// Who asks. Servers can ask nothing back: no sampling, no elicitation, no roots.
fn introduction() -> ClientConfig {
    let name = Implementation::new("stead", env!("CARGO_PKG_VERSION"));
    ClientConfig::new(ClientCapabilities::default(), name)
}
