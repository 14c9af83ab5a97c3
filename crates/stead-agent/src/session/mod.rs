//! A task from its words to its end: what is recorded when, and how a session goes on that
//! ended earlier.
//!
//! The *setting* is what a session works with: models, sandbox, place, policies. The *plan*
//! is the task, taken apart. What the model is *given* beside the task is on record piece by
//! piece. A session may be *resumed*: its conversation is made again of its record.

mod resume;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::Value;
use stead_llm::fallback::Chain;
use stead_llm::traffic::Tape;
use stead_llm::{CancellationToken, Client, Endpoint, LlmError, Message, ModelRef};
use stead_usf::{Event, EventType};

pub use resume::{Resumed, resume};

use crate::context::{Given, first_message};
use crate::hands::Worker;
use crate::machine::{Checked, Limits, Outcome, State};
use crate::prompt::Prompt;
use crate::record::{RecordError, Recorder, When, check, given, outcome, said, setting};
use crate::run::{Front, Hands, Runner};
use crate::task::TaskSpec;

/// A session that is open: everything that its tasks need.
pub struct Session<'a> {
    /// Asks models.
    pub client: &'a Client,
    /// Which model writes, and which next.
    pub chain: Chain,
    /// Where a model is.
    pub endpoint: &'a dyn Fn(&ModelRef) -> Result<Endpoint, LlmError>,
    /// The system prompt.
    pub prompt: &'a Prompt,
    /// Tokens that a request may have.
    pub budget: usize,
    /// What a task may use up.
    pub limits: Limits,
    /// The record.
    pub recorder: &'a mut Recorder,
    /// The record of the traffic.
    pub tape: Arc<dyn Tape>,
    /// Who works.
    pub worker: &'a mut Worker,
    /// Who watches.
    pub front: &'a mut dyn Front,
    /// Ends it at any moment.
    pub cancel: CancellationToken,
    /// Requests so far.
    pub requests: u64,
}

impl std::fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("chain", &self.chain)
            .field("requests", &self.requests)
            .finish_non_exhaustive()
    }
}

/// A task that is about to begin.
#[derive(Debug, Clone)]
pub struct Task {
    /// The user's words, to the letter.
    pub words: String,
    /// What they were taken apart into.
    pub spec: TaskSpec,
    /// How the plan came to be, as it is recorded ([`crate::record::planned`]).
    pub planned: Event,
    /// What the model is given beside them.
    pub given: Vec<Given>,
}

impl Session<'_> {
    /// Records events, and lets the front see them.
    pub fn record(&mut self, events: Vec<Event>) -> Result<(), RecordError> {
        for event in self.recorder.append(events)? {
            self.front.recorded(&event);
        }
        Ok(())
    }

    /// Records what the session works with, in words and as an object.
    pub fn set(&mut self, words: &str, facts: &Value) -> Result<(), RecordError> {
        self.record(vec![setting(words, facts)])
    }

    /// Runs the checks before anything is changed, so that what was broken before is known.
    pub fn baseline(&mut self, checks: &[String]) -> Result<Vec<Checked>, RecordError> {
        let mut all = Vec::with_capacity(checks.len());
        for command in checks {
            if self.cancel.is_cancelled() {
                break;
            }
            let checked = self.worker.check(command, self.front, &self.cancel);
            self.record(vec![check(&checked, When::Before)])?;
            all.push(checked);
        }
        Ok(all)
    }

    /// Records a task with its plan and all that is given with it. `before` is the
    /// conversation so far; in its first message a task stands with what is given.
    pub fn begin(&mut self, task: &Task, before: Vec<Message>) -> Result<State, RecordError> {
        let mut events = vec![said(&task.words), task.planned.clone()];
        events.extend(task.given.iter().map(given));
        self.record(events)?;
        for piece in &task.given {
            self.worker.label(&piece.name);
            piece.files.iter().for_each(|path| self.worker.label(path));
        }
        let mut messages = before;
        let text = first_message(&task.words, &task.spec, &task.given);
        messages.push(Message::user(text));
        Ok(State::new(task.spec.clone(), messages, self.limits))
    }

    /// Works at a task to its end.
    pub async fn work(&mut self, state: State) -> Result<(State, Outcome), RecordError> {
        let mut runner = Runner {
            client: self.client,
            chain: self.chain.clone(),
            endpoint: self.endpoint,
            prompt: self.prompt,
            budget: self.budget,
            recorder: &mut *self.recorder,
            tape: self.tape.clone(),
            hands: &mut *self.worker,
            front: &mut *self.front,
            cancel: self.cancel.clone(),
            requests: self.requests,
        };
        let ended = runner.run(state).await;
        (self.requests, self.chain) = (runner.requests, runner.chain);
        ended
    }

    /// Ends a task that did not come so far that the machine could end it.
    pub fn end(&mut self, end: &Outcome) -> Result<(), RecordError> {
        self.record(vec![outcome(end)])
    }
}

/// Whether an event says how a task ended, and how.
pub fn ended(event: &Event) -> Option<Outcome> {
    matches!(event.kind, EventType::System | EventType::Error)
        .then(|| serde_json::from_str(event.extra.as_ref()?.json()).ok())
        .flatten()
}
