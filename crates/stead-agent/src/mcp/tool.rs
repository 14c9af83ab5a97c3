//! A server's tool among stead's own: judged by the same policy, called in the same way.

use std::sync::Arc;

use serde_json::{Map, Value};
use stead_llm::{CancellationToken, ToolCall, ToolSpec};
use stead_usf::ToolKind;

use super::servers::{Facts, Servers};
use crate::tools::{Answer, Bench, Tool, Touches};
use crate::workspace::Workspace;

/// A server's tool for one call.
#[derive(Debug)]
pub struct ServerTool {
    servers: Arc<Servers>,
    spec: ToolSpec,
    facts: Facts,
    /// The call's id.
    id: String,
    cancel: CancellationToken,
}

impl ServerTool {
    /// The tool that a call is for, if a server offers it.
    pub fn of(servers: &Arc<Servers>, call: &ToolCall, cancel: &CancellationToken) -> Option<Self> {
        let mut specs = servers.tools().into_iter();
        Some(Self {
            spec: specs.find(|spec| spec.name == call.name)?,
            facts: servers.facts(&call.name)?,
            servers: Arc::clone(servers),
            id: call.id.clone(),
            cancel: cancel.clone(),
        })
    }
}

impl Tool for ServerTool {
    fn spec(&self) -> ToolSpec {
        self.spec.clone()
    }

    fn kind(&self) -> ToolKind {
        ToolKind::Mcp
    }

    /// A host, if it is one; what a program does with its arguments nobody knows.
    fn touches(&self, _: &Map<String, Value>, _: &Workspace) -> Result<Touches, String> {
        Ok(Touches {
            host: self.facts.host.clone(),
            ..Touches::default()
        })
    }

    fn call(&self, arguments: &Map<String, Value>, _: &mut Bench<'_>) -> Answer {
        let (name, given) = (&self.spec.name, arguments.clone());
        self.servers.perform(name, &self.id, given, &self.cancel)
    }
}
