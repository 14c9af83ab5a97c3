//! Prompts: a turn for each, beside all else that the editor asks.

use std::sync::{Arc, PoisonError};

use agent_client_protocol::v1::schema::{PromptRequest, PromptResponse};
use agent_client_protocol::v1::{ConnectionTo, Responder};
use agent_client_protocol::{Client, Error};
use stead_llm::CancellationToken;

use super::agent::{Agent, unknown};
use super::commands::Command;
use super::refused;
use super::sessions::{Mode, Session};
use super::turn::Turn;
use super::words::words;
use crate::command_error::CommandError;

impl Agent {
    /// The command line of a turn.
    pub(super) fn arguments(&self, id: &str, session: &Session, begun: bool) -> Vec<String> {
        let fixed = ["run", "--json", "--control", "-", "-C"];
        let mut all: Vec<String> = fixed.map(str::to_owned).to_vec();
        let mut add = |words: &[&str]| all.extend(words.iter().map(|word| (*word).to_owned()));
        add(&[&session.cwd.display().to_string()]);
        add(&[if begun { "--resume" } else { "--id" }, id]);
        if session.mode == Mode::InPlace {
            add(&["--in-place"]);
        }
        let args = &self.args;
        match (&session.model, &args.models.model) {
            (Some(model), _) | (None, Some(model)) => add(&["--model", model]),
            (None, None) => {}
        }
        // It is the address of that model alone.
        if let (None, Some(url)) = (&session.model, &args.models.base_url) {
            add(&["--base-url", url]);
        }
        if let Some(model) = &args.models.parser_model {
            add(&["--parser-model", model]);
        }
        args.models
            .fallback
            .iter()
            .for_each(|model| add(&["--fallback", model]));
        args.check.iter().for_each(|check| add(&["--check", check]));
        for (given, word) in [
            (args.no_checks, "--no-checks"),
            (args.network, "--network"),
            (args.unconfined, "--unconfined"),
        ] {
            if given {
                add(&[word]);
            }
        }
        all
    }

    /// Works at a prompt, beside all else; the answer is given when it is done.
    pub(super) fn prompt(
        self: &Arc<Self>,
        asked: &PromptRequest,
        responder: Responder<PromptResponse>,
        editor: ConnectionTo<Client>,
    ) -> Result<(), Error> {
        let turn = match self.turn(asked, editor) {
            Ok(turn) => turn,
            Err(error) => return responder.respond_with_error(refused(&error)),
        };
        let said = match words(&asked.prompt, &turn.session.tree) {
            Ok(said) => said,
            Err(why) => {
                self.over(&turn.id);
                return responder.respond_with_error(refused(&CommandError::usage(why)));
            }
        };
        let agent = self.clone();
        let working = tokio::spawn(async move {
            let withdrawn = responder.cancellation();
            let work = async {
                match Command::of(&said) {
                    Some(command) => command.run(&turn).await,
                    None => turn.run(&said).await,
                }
            };
            let watch = async {
                withdrawn.cancelled().await;
                turn.stop.cancel();
                std::future::pending::<()>().await;
            };
            let result = tokio::select! {
                result = work => result,
                () = watch => Err(Error::request_cancelled()),
            };
            agent.over(&turn.id);
            // An editor that has gone needs no answer.
            let _ = responder.respond_with_result(result);
        });
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|turn| !turn.is_finished());
        turns.push(working);
        Ok(())
    }

    fn turn(
        self: &Arc<Self>,
        asked: &PromptRequest,
        editor: ConnectionTo<Client>,
    ) -> Result<Turn, CommandError> {
        let id = asked.session_id.to_string();
        let stop = CancellationToken::new();
        let begun = self.sessions.with(&id, |session| {
            let is_free = session.running.is_none();
            if is_free {
                session.running = Some(stop.clone());
            }
            is_free.then(|| session.clone())
        });
        let session = begun.ok_or_else(|| unknown(&id))?.ok_or_else(|| {
            CommandError::usage("an earlier prompt of this session is still being worked at")
                .hint("cancel it, or wait for its end")
        })?;
        Ok(Turn {
            agent: self.clone(),
            editor,
            id,
            session,
            stop,
        })
    }

    fn over(&self, id: &str) {
        self.sessions.with(id, |session| session.running = None);
    }

    /// Ends all turns, and waits until everything is on record.
    pub(super) async fn end(&self) {
        self.sessions.stop_all();
        let turns = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *turns)
        };
        for turn in turns {
            let _ = turn.await;
        }
    }
}
