//! `stead mcp`: what agents did, for other agents to ask about.
//!
//! # Terms
//!
//! - *Client*: the program that asks, on behalf of a model.
//! - *Tool*: a question that can be asked ([`tools::TOOLS`]). All of them only read.
//! - *Desk*: what answering takes: this machine, and the options that stead was started with.
//! - *Revision*: a dated version of the protocol. Up to 2025-11-25 a client introduces itself
//!   first (`initialize`); from 2026-07-28 on each request says all that it takes, and
//!   `server/discover` tells what there is. `rmcp` speaks both.

mod answer;
mod server;
#[cfg(test)]
mod tests;
mod tools;

use std::io::IsTerminal;

use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use rmcp::transport::stdio;

use self::server::Memory;
use self::tools::Desk;
use crate::cli::{GlobalArgs, McpArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;

pub(crate) fn run(
    _: &McpArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    if std::io::stdin().is_terminal() {
        return Err(
            CommandError::usage("an MCP client talks to this command, not a person")
                .hint("`stead mcp --help` shows how clients are told of it"),
        );
    }
    let memory = Memory::new(Desk::new(global, context));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let served = runtime.block_on(over_stdio(memory));
    // A question that nobody waits for any more is not waited for here either.
    runtime.shutdown_background();
    served
}

/// Answers until standard input ends.
async fn over_stdio(memory: Memory) -> Result<Exit, CommandError> {
    match memory.serve(stdio()).await {
        Ok(running) => {
            let ended = running.waiting().await;
            ended.map_err(|error| CommandError::failure(error.to_string()))?;
            Ok(Exit::Ok)
        }
        // A client that goes before it said anything is no error.
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(Exit::Ok),
        Err(error) => Err(CommandError::failure(error.to_string())
            .hint("standard input takes MCP's JSON-RPC messages, one a line")),
    }
}
