//! A prompt from its words to a stop reason: a process works at it, the editor is told and
//! asked, and at the end the user decides what becomes of the changes.

use std::sync::Arc;

use agent_client_protocol::v1::ConnectionTo;
use agent_client_protocol::v1::schema::{
    PromptResponse, SessionInfoUpdate, SessionNotification, SessionUpdate, StopReason,
};
use agent_client_protocol::{Client, Error};
use serde_json::{Value, json};
use stead_agent::machine::{Failure, Outcome};
use stead_agent::session::ended;
use stead_llm::CancellationToken;

use super::agent::Agent;
use super::sessions::Session;
use super::updates::{Telling, words};
use super::waiting::has_record;
use super::{failed, refused};
use crate::cmd::run::Child;
use crate::environment::this_program;
use crate::text::{fit, one_line};

/// A turn that runs.
pub(super) struct Turn {
    pub(super) agent: Arc<Agent>,
    pub(super) editor: ConnectionTo<Client>,
    /// The session's id.
    pub(super) id: String,
    /// The session as it was when the turn began.
    pub(super) session: Session,
    /// Ends it.
    pub(super) stop: CancellationToken,
}

/// What a process left.
#[derive(Default)]
struct Left {
    /// The last line.
    end: Option<Value>,
    /// How the task ended.
    outcome: Option<Outcome>,
    /// What was written to standard error.
    errors: String,
}

impl Turn {
    /// Works at a prompt.
    pub(super) async fn run(&self, said: &str) -> Result<PromptResponse, Error> {
        let left = self.work(said).await?;
        if self.stop.is_cancelled() {
            return Ok(PromptResponse::new(StopReason::Cancelled));
        }
        let Some(end) = left.end else {
            return Err(failed(&left.errors));
        };
        let reason = match &left.outcome {
            Some(Outcome::Interrupted) => return Ok(PromptResponse::new(StopReason::Cancelled)),
            Some(Outcome::Failed(Failure::Rounds { .. })) => StopReason::MaxTurnRequests,
            _ => StopReason::EndTurn,
        };
        let why = end["why"].as_str().unwrap_or_default();
        match &left.outcome {
            Some(Outcome::Done { .. }) | None => {}
            Some(Outcome::Blocked { .. }) => self.tell(words(&format!("\n\n**Blocked:** {why}"))),
            Some(_) => self.tell(words(&format!("\n\n**Not done:** {why}"))),
        }
        self.offer(&end).await;
        if self.stop.is_cancelled() {
            return Ok(PromptResponse::new(StopReason::Cancelled));
        }
        if let Some(Outcome::Failed(Failure::Model { .. })) = left.outcome {
            return Err(Error::new(-32603, why.to_owned()));
        }
        Ok(PromptResponse::new(reason))
    }

    pub(super) fn tell(&self, update: SessionUpdate) {
        // An editor that has gone is seen by the end of its input.
        let told = SessionNotification::new(self.id.clone(), update);
        let _ = self.editor.send_notification(told);
    }

    /// Starts a process that works at it.
    async fn start(&self, said: &str) -> Result<Child, Error> {
        let begun = has_record(&self.id, &self.agent.context);
        let arguments = self.agent.arguments(&self.id, &self.session, begun);
        let program = this_program().map_err(|error| refused(&error))?;
        let mut child = Child::start(&program, &arguments)
            .map_err(|error| failed(&format!("stead cannot be started: {error}")))?;
        let task = json!({"type": "task", "text": said, "mcp": self.session.servers});
        child.say(&task).await;
        if !begun {
            let title = SessionInfoUpdate::new().title(fit(&one_line(said), 80));
            self.tell(SessionUpdate::SessionInfoUpdate(title));
        }
        Ok(child)
    }

    /// Passes an answer on. A turn that is to end hears of that instead.
    async fn answer(&self, answer: Value, child: &mut Child) {
        if !self.stop.is_cancelled() {
            child.say(&answer).await;
        }
    }

    /// Lets a process work at it.
    async fn work(&self, said: &str) -> Result<Left, Error> {
        let mut child = self.start(said).await?;
        let mut telling = Telling::of(self.session.tree.clone());
        telling.notices = self.agent.takes_notices();
        telling.room = self.agent.room(&self.session);
        let (mut left, mut stopped) = (Left::default(), false);
        loop {
            let line = tokio::select! {
                line = child.next() => line,
                () = self.stop.cancelled(), if !stopped => {
                    stopped = true;
                    child.say(&json!({"type": "stop"})).await;
                    continue;
                }
            };
            let Some(line) = line else { break };
            match line["type"].as_str().unwrap_or_default() {
                "approve" => {
                    let answer = self.approve(&line, &telling).await;
                    self.answer(answer, &mut child).await;
                }
                "ask" => {
                    let answer = self.ask(&line, &telling).await;
                    self.answer(answer, &mut child).await;
                }
                "end" => left.end = Some(line),
                _ => {
                    let event = serde_json::from_value(line["event"].clone());
                    left.outcome = event.ok().as_ref().and_then(ended).or(left.outcome);
                    let updates = telling.line(&line).into_iter();
                    updates.for_each(|update| self.tell(update));
                }
            }
        }
        left.errors = child.end().await;
        Ok(left)
    }
}
