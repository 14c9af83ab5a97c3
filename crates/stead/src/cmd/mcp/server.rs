//! The server: which tools there are, and who answers a call.

use std::sync::Arc;
use std::time::Instant;

use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestMethod,
    CompleteRequestParams, CompleteResult, ContentBlock, ErrorData, Implementation,
    ListPromptsRequestMethod, ListPromptsResult, ListResourceTemplatesRequestMethod,
    ListResourceTemplatesResult, ListResourcesRequestMethod, ListResourcesResult, ListToolsResult,
    MetaObject, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};
use serde_json::{Map, json};
use stead_agent::record::{ENVELOPE, PROTOCOL, digest};
use tokio::sync::Semaphore;

use super::answer::{MOST, safe};
use super::tools::{self, Desk, Question};

/// How a client may learn what stead is good for, before it calls anything.
const INSTRUCTIONS: &str = include_str!("instructions.md");

/// So long the list of tools may be remembered: it changes with the program only.
const LIST_HOLDS_MS: u64 = 3_600_000;

/// So many questions are worked on at once; tracing is heavy, and an index has one writer.
const AT_ONCE: usize = 2;

/// What agents did, as a server.
#[derive(Clone)]
pub(super) struct Memory {
    desk: Arc<Desk>,
    turn: Arc<Semaphore>,
}

impl Memory {
    pub(super) fn new(desk: Desk) -> Self {
        Self {
            desk: Arc::new(desk),
            turn: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Works a question out on a thread where it may take its time.
    async fn answer(
        &self,
        question: &'static Question,
        arguments: serde_json::Value,
    ) -> CallToolResult {
        // The semaphore is never closed.
        let _turn = self.turn.acquire().await.ok();
        let (began, desk) = (Instant::now(), self.desk.now());
        let mut envelope = json!({
            "version": PROTOCOL,
            "begun": desk.context.settings.now.to_string(),
            "decision": "allow: all tools only read",
            "arguments": digest(arguments.to_string().as_bytes()),
        });
        let work = move || (question.answer)(arguments, &desk);
        let mut result = match tokio::task::spawn_blocking(work).await {
            Ok(Ok(text)) => CallToolResult::success(vec![ContentBlock::text(safe(&text, MOST))]),
            Ok(Err(error)) => {
                CallToolResult::error(vec![ContentBlock::text(safe(&error.in_words(), MOST))])
            }
            Err(_) => CallToolResult::error(vec![ContentBlock::text(
                "stead failed on this question; others may work. Please report it",
            )]),
        };
        let text = result.content.first().and_then(|block| block.as_text());
        let text = text.map_or("", |text| text.text.as_str());
        envelope["result"] = digest(text.as_bytes()).into();
        let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        envelope["took_ms"] = took.into();
        result.meta = Some(MetaObject(Map::from_iter([(
            ENVELOPE.to_owned(),
            envelope,
        )])));
        result
    }
}

/// A question as the protocol describes it.
pub(super) fn described(question: &Question) -> Tool {
    let schema = (question.schema)();
    let schema = schema.as_object().cloned().unwrap_or_default();
    let annotations = ToolAnnotations::with_title(question.title)
        .read_only(true)
        .idempotent(true)
        .open_world(false);
    Tool::new(question.name, question.description.trim(), schema).with_annotations(annotations)
}

impl ServerHandler for Memory {
    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::new(ServerCapabilities::builder().enable_tools().build());
        let mut name = Implementation::new("stead", env!("CARGO_PKG_VERSION"));
        name.title = Some("stead: what coding agents did".to_owned());
        info.server_info = name;
        info.instructions = Some(INSTRUCTIONS.trim().to_owned());
        info
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = tools::TOOLS.iter().map(described).collect();
        Ok(ListToolsResult::with_all_items(tools)
            .with_ttl_ms(LIST_HOLDS_MS)
            .with_cache_scope(CacheScope::Public))
    }

    // What is not declared is not there, though the library would answer with empty lists.

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Err(ErrorData::method_not_found::<ListPromptsRequestMethod>())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Err(ErrorData::method_not_found::<ListResourcesRequestMethod>())
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Err(ErrorData::method_not_found::<
            ListResourceTemplatesRequestMethod,
        >())
    }

    async fn complete(
        &self,
        _: CompleteRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        Err(ErrorData::method_not_found::<CompleteRequestMethod>())
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools::question(name).map(described)
    }

    async fn call_tool(
        &self,
        call: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(question) = tools::question(&call.name) else {
            let names: Vec<&str> = tools::TOOLS.iter().map(|tool| tool.name).collect();
            return Err(ErrorData::invalid_params(
                format!("no tool `{}`; there are {}", call.name, names.join(", ")),
                None,
            ));
        };
        let arguments = call.arguments.unwrap_or_default().into();
        tokio::select! {
            answer = self.answer(question, arguments) => Ok(answer.into()),
            () = context.ct.cancelled() => Err(ErrorData::internal_error("cancelled", None)),
        }
    }
}
