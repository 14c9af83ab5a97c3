//! `stead acp`: an agent of the Agent Client Protocol, for editors.
//!
//! The *editor* is the client that started this program. A *turn* is a prompt up to its stop
//! reason; a process of its own works at it (`cmd/run/child.rs`), `updates.rs` says what its lines
//! are for the editor. Changes *wait* beside the user's files until they are applied.
//! `docs/reference/acp.md` says what of the protocol is there.

mod agent;
mod applying;
mod asking;
mod call;
mod commands;
mod history;
mod models;
mod prompting;
mod sessions;
#[cfg(test)]
mod tests;
mod turn;
mod updates;
mod waiting;
mod wire;
mod words;

use std::sync::Arc;
use std::time::Duration;

use agent_client_protocol::v1::schema::{
    CancelNotification, CloseSessionRequest, CloseSessionResponse, InitializeRequest,
    ListSessionsRequest, LoadSessionRequest, NewSessionRequest, PromptRequest,
    ResumeSessionRequest, SetSessionConfigOptionRequest, SetSessionModeRequest,
};
use agent_client_protocol::v1::{ConnectionTo, Responder};
use agent_client_protocol::{
    Client, Error, JsonRpcResponse, on_receive_notification, on_receive_request,
};
use stead_llm::CancellationToken;

use crate::cli::{AcpArgs, GlobalArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use agent::{Agent, Opened};

/// Turns have so long to end when the editor has gone; then they are killed, and their
/// records end where they are.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) fn run(
    args: &AcpArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let agent = Arc::new(Agent::new(args.clone(), global.clone(), context.clone()));
    let asked = CancellationToken::new();
    let told = asked.clone();
    let handled = ctrlc::set_handler(move || told.cancel());
    handled
        .map_err(|error| CommandError::failure(format!("signals cannot be handled: {error}")))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let served = runtime.block_on(async {
        let served = tokio::select! {
            served = serve(&agent) => served,
            () = asked.cancelled() => Ok(()),
        };
        let _ = tokio::time::timeout(PATIENCE, agent.end()).await;
        served
    });
    // A thread still waits for input.
    runtime.shutdown_background();
    served.map_err(|error| CommandError::failure(error.message))?;
    Ok(Exit::Ok)
}

/// Answers the editor until it goes.
async fn serve(agent: &Arc<Agent>) -> Result<(), Error> {
    let [new, load, resume, list, close, mode, option, prompt, cancel] =
        std::array::from_fn(|_| agent.clone());
    let first = agent.clone();
    agent_client_protocol::Agent
        .v1()
        .name("stead")
        .on_receive_request(
            async move |asked: InitializeRequest, to, _| {
                to.respond(first.initialize(&asked.client_capabilities))
            },
            on_receive_request!(),
        )
        .on_receive_request(
            async move |asked: NewSessionRequest, to, editor| answer(to, &editor, new.begin(asked)),
            on_receive_request!(),
        )
        .on_receive_request(
            async move |asked: LoadSessionRequest, to, editor| {
                answer(to, &editor, load.load(asked, &editor))
            },
            on_receive_request!(),
        )
        .on_receive_request(
            async move |asked: ResumeSessionRequest, to, editor| {
                answer(to, &editor, resume.resume(asked))
            },
            on_receive_request!(),
        )
        .on_receive_request(
            async move |asked: ListSessionsRequest, to, _| to.respond(list.list(&asked)),
            on_receive_request!(),
        )
        .on_receive_request(
            async move |asked: CloseSessionRequest, to, _| {
                close.sessions.close(&asked.session_id.to_string());
                to.respond(CloseSessionResponse::new())
            },
            on_receive_request!(),
        )
        .on_receive_request(
            async move |asked: SetSessionModeRequest, to, _| {
                to.respond_with_result(mode.set_mode(&asked).map_err(|error| refused(&error)))
            },
            on_receive_request!(),
        )
        .on_receive_request(
            async move |asked: SetSessionConfigOptionRequest, to, _| {
                to.respond_with_result(option.set_option(&asked).map_err(|error| refused(&error)))
            },
            on_receive_request!(),
        )
        .on_receive_request(
            async move |asked: PromptRequest, to, editor| prompt.prompt(&asked, to, editor),
            on_receive_request!(),
        )
        .on_receive_notification(
            async move |asked: CancelNotification, _| {
                cancel.sessions.stop(&asked.session_id.to_string());
                Ok(())
            },
            on_receive_notification!(),
        )
        .connect_to(wire::editor())
        .await
}

/// Answers a request that opens a session, and tells what is to be known of it.
fn answer<T: JsonRpcResponse>(
    to: Responder<T>,
    editor: &ConnectionTo<Client>,
    opened: Result<(Opened, T), CommandError>,
) -> Result<(), Error> {
    match opened {
        Ok((opened, answer)) => {
            to.respond(answer)?;
            opened.greet(editor);
            Ok(())
        }
        Err(error) => to.respond_with_error(refused(&error)),
    }
}

/// An error for the editor, with what to do about it.
fn refused(error: &CommandError) -> Error {
    let code = match error.exit_code() {
        Exit::Usage | Exit::Ambiguous => -32602,
        Exit::NotFound => -32002,
        _ => -32603,
    };
    Error::new(code, error.in_words())
}

/// An error of a process that said nothing but this, on standard error.
fn failed(said: &str) -> Error {
    let said = said.trim();
    let said = said.strip_prefix("error: ").unwrap_or(said);
    let said = if said.is_empty() {
        "the turn's process ended without a word"
    } else {
        said
    };
    Error::new(-32603, stead_redact::terminal::escape(said))
}
