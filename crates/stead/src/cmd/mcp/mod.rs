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
mod http;
mod list;
mod server;
#[cfg(test)]
mod tests;
mod token;
mod tools;

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;

use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use rmcp::transport::stdio;
use stead_redact::terminal::escape;
use tokio::net::TcpListener;

use self::server::Memory;
use self::token::Token;
use self::tools::Desk;
use crate::cli::{GlobalArgs, McpArgs, McpCommand};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;

pub(crate) fn run(
    args: &McpArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    match &args.command {
        Some(McpCommand::List) => return list::list(global.json, context),
        Some(McpCommand::Allow { name }) => return list::decide(name, true, context),
        Some(McpCommand::Forbid { name }) => return list::decide(name, false, context),
        None => {}
    }
    let memory = Memory::new(Desk::new(global, context));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    if let Some(given) = &args.http {
        let address = http::address(given)?;
        let given = crate::environment::mcp_token();
        let random = crate::environment::randomness;
        let token = token::token(given, &context.settings.data_dir, random)?;
        return runtime.block_on(over_http(memory, address, &token));
    }
    if std::io::stdin().is_terminal() {
        return Err(
            CommandError::usage("an MCP client talks to this command, not a person")
                .hint("`stead mcp --help` shows how clients are told of it"),
        );
    }
    let served = runtime.block_on(over_stdio(memory));
    // A question that nobody waits for any more is not waited for here either.
    runtime.shutdown_background();
    served
}

/// Answers until the program is stopped.
async fn over_http(
    memory: Memory,
    address: SocketAddr,
    token: &Token,
) -> Result<Exit, CommandError> {
    let listener = TcpListener::bind(address).await.map_err(|error| {
        CommandError::failure(format!("{address} cannot be listened on: {error}"))
            .hint("`stead mcp --http PORT` takes another port")
    })?;
    let (address, place) = (listener.local_addr()?, &token.place);
    let words = format!(
        "stead answers at http://{address}{}; token: {place}",
        http::PATH
    );
    // Whoever started it without standard error finds the address in the arguments.
    let _ = writeln!(anstream::stderr(), "{}", escape(&words));
    http::serve(memory, listener, &token.text).await?;
    Ok(Exit::Ok)
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
