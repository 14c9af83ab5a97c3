//! An answer as it comes in: attempts, waits between them, and the pieces of the answer,
//! in the order in which the caller asks for them. How bytes become pieces is
//! `attempt.rs`.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use crate::attempt::{Attempt, Progress};
use crate::client::{Call, Client, Prepared};
use crate::error::LlmError;
use crate::response::{Assembly, Delta, Response};

/// What happens while an answer comes in.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A piece of the answer.
    Delta(Delta),
    /// An attempt failed, and another one is made after a while.
    Retrying {
        /// The attempt that failed, from 1.
        attempt: u32,
        /// How long we wait.
        wait: Duration,
        /// Why it failed.
        because: LlmError,
    },
    /// The answer begins anew: what came before is to be forgotten.
    Restarted,
}

/// An answer that is on its way. Dropping it cancels the request.
pub struct Reply {
    client: Client,
    prepared: Prepared,
    call: Call,
    attempt: u32,
    state: State,
    steps: VecDeque<Step>,
    assembly: Assembly,
    /// Something of the answer was given to the caller.
    has_given: bool,
}

enum State {
    /// The next attempt is due after a wait.
    Waiting(Duration),
    /// An answer comes in.
    Reading(Box<Attempt>),
    /// It failed; what came before is given out first.
    Failed(LlmError),
    /// It is over.
    Over,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("call", &self.call)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

impl Reply {
    pub(crate) fn new(client: Client, prepared: Prepared, call: Call) -> Self {
        Self {
            client,
            prepared,
            call,
            attempt: 0,
            state: State::Waiting(Duration::ZERO),
            steps: VecDeque::new(),
            assembly: Assembly::default(),
            has_given: false,
        }
    }

    /// The next step; nothing once the answer is whole. After an error there is nothing
    /// more. To be called again after it was dropped in the middle: nothing is lost but
    /// an attempt whose head had not come yet, which is made again.
    pub async fn next(&mut self) -> Result<Option<Step>, LlmError> {
        loop {
            if let Some(step) = self.steps.pop_front() {
                self.given(&step);
                return Ok(Some(step));
            }
            let outcome = match &mut self.state {
                State::Over => return Ok(None),
                State::Failed(_) => {
                    self.decide()?;
                    continue;
                }
                State::Waiting(wait) => {
                    let wait = *wait;
                    self.begin(wait).await
                }
                State::Reading(attempt) => attempt.advance(&self.prepared, &self.call).await,
            };
            self.take(outcome);
        }
    }

    /// The answer as far as it has come: whole, once [`Reply::next`] gave nothing more.
    pub fn response(&self) -> Response {
        self.assembly.response(&self.prepared.endpoint.origin())
    }

    /// The body as it came, for what is no answer of a model.
    pub(crate) async fn body(mut self) -> Result<Vec<u8>, LlmError> {
        loop {
            let outcome = match &mut self.state {
                State::Over => return Ok(Vec::new()),
                State::Failed(_) => {
                    self.decide()?;
                    continue;
                }
                State::Waiting(wait) => {
                    let wait = *wait;
                    self.begin(wait).await
                }
                State::Reading(attempt) => match attempt.body(&self.prepared, &self.call).await {
                    Ok(body) => return Ok(body),
                    Err(error) => (Vec::new(), Err(error)),
                },
            };
            self.take(outcome);
        }
    }

    /// How many attempts were made.
    pub const fn attempts(&self) -> u32 {
        self.attempt
    }

    async fn begin(&mut self, wait: Duration) -> (Vec<Delta>, Result<Progress, LlmError>) {
        let cancelled = self.call.cancel.cancelled();
        tokio::select! {
            biased;
            () = cancelled => return (Vec::new(), Err(LlmError::Cancelled)),
            () = tokio::time::sleep(wait), if !wait.is_zero() => {}
            () = std::future::ready(()), if wait.is_zero() => {}
        }
        self.state = State::Waiting(Duration::ZERO);
        self.attempt += 1;
        let begun = Attempt::begin(&self.client, &self.prepared, &self.call, self.attempt).await;
        match begun {
            Ok(attempt) => {
                self.state = State::Reading(Box::new(attempt));
                (Vec::new(), Ok(Progress::More))
            }
            Err(error) => (Vec::new(), Err(error)),
        }
    }

    /// Takes in what an attempt gave.
    fn take(&mut self, (deltas, progress): (Vec<Delta>, Result<Progress, LlmError>)) {
        for delta in deltas {
            self.assembly.add(&delta);
            self.steps.push_back(Step::Delta(delta));
        }
        match progress {
            Ok(Progress::More) => {}
            // An end of a stream without anything before it is no answer.
            Ok(Progress::Whole) if self.is_empty() => {
                self.state = State::Failed(LlmError::Malformed {
                    provider: self.prepared.endpoint.provider.clone(),
                    what: "it ends without having said anything".to_owned(),
                });
            }
            Ok(Progress::Whole) => self.state = State::Over,
            Err(error) => self.state = State::Failed(error),
        }
    }

    /// Decides what becomes of a failed attempt: another one, or the end.
    fn decide(&mut self) -> Result<(), LlmError> {
        let State::Failed(error) = std::mem::replace(&mut self.state, State::Over) else {
            return Ok(());
        };
        let may = error.is_passing() && (!self.has_given || self.call.restart);
        let chance = (self.client.ambient.chance)();
        let wait = self.client.retry.wait(self.attempt, error.wait(), chance);
        let Some(wait) = wait.filter(|_| may) else {
            return Err(error);
        };
        let waits = self.client.transport.waits();
        let wait = if waits { wait } else { Duration::ZERO };
        self.steps.push_back(Step::Retrying {
            attempt: self.attempt,
            wait,
            because: error,
        });
        if std::mem::take(&mut self.has_given) {
            self.steps.push_back(Step::Restarted);
        }
        self.assembly = Assembly::default();
        self.state = State::Waiting(wait);
        Ok(())
    }

    fn is_empty(&self) -> bool {
        let response = self.response();
        response.parts.is_empty() && response.stop.is_none()
    }

    /// Notes that the caller has seen something of the answer itself.
    fn given(&mut self, step: &Step) {
        let is_frame = matches!(
            step,
            Step::Delta(Delta::Began { .. } | Delta::Usage(_) | Delta::Stop(_) | Delta::Unknown(_))
                | Step::Retrying { .. }
                | Step::Restarted
        );
        self.has_given |= !is_frame;
    }
}
