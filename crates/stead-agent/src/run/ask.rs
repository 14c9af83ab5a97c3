//! Asks the model that is next in the chain until one answers.

use std::sync::Arc;

use stead_llm::{CacheMark, CachePlace, Call, LlmError, Request, Response, Step};
use stead_usf::Model;

use super::Runner;
use crate::machine::{Event, Failure, State};
use crate::permission::Route;
use crate::record::{RecordError, Vouched, Witness, answered, failed};

impl Runner<'_> {
    /// Asks for an answer to the state's last message.
    pub(super) async fn ask(&mut self, state: &State) -> Result<Event, RecordError> {
        loop {
            self.requests += 1;
            let exchange = format!("r{}", self.requests);
            let witness = Arc::new(Witness::new(self.tape.clone()));
            let answer = self.answer(state, &exchange, witness.clone()).await?;
            let vouched = witness.vouch(&exchange);
            match answer {
                Ok(response) => {
                    let model = Model {
                        id: response.model.clone().unwrap_or_else(|| self.model().id),
                        ..self.model()
                    };
                    let cited = self.prompt.cited(&response.text());
                    self.record(answered(&response, &model, &vouched, &cited))?;
                    return Ok(Event::Answered(Box::new(response)));
                }
                Err(_) if self.cancel.is_cancelled() => {
                    if !vouched.traffic.is_empty() {
                        self.record(vec![failed("the request was cancelled", &vouched)])?;
                    }
                    return Ok(Event::Interrupted);
                }
                Err(NoAnswer::Withheld(why)) => {
                    self.front.notice(&why);
                    self.record(vec![failed(&why, &vouched)])?;
                    return Ok(Event::NoAnswer(Failure::Model { message: why }));
                }
                Err(NoAnswer::Failed(error)) => {
                    let next = self.chain.downgrade(&error);
                    let words = match &next {
                        Some(next) => format!("{} → {}: {error}", next.from, next.to),
                        None => error.to_string(),
                    };
                    self.front.notice(&words);
                    self.record(vec![failed(&words, &vouched)])?;
                    if next.is_none() {
                        let message = format!("{error}; {}", error.hint());
                        return Ok(Event::NoAnswer(Failure::Model { message }));
                    }
                }
            }
        }
    }

    /// One answer of the current model, or why there is none.
    async fn answer(
        &mut self,
        state: &State,
        exchange: &str,
        tape: Arc<Witness>,
    ) -> Result<Result<Response, NoAnswer>, RecordError> {
        let model = self.chain.current().clone();
        let endpoint = match (self.endpoint)(&model) {
            Ok(endpoint) => endpoint,
            Err(error) => return Ok(Err(error.into())),
        };
        let route = Route {
            name: &model.to_string(),
            is_local: endpoint.is_local(),
        };
        if let Err(why) = self.hands.may_leave(&route) {
            return Ok(Err(NoAnswer::Withheld(why)));
        }
        let request = Request {
            model: model.model,
            system: self.prompt.lines.clone(),
            messages: state.messages.clone(),
            tools: self.hands.tools(),
            cache: marks(state.messages.len()),
            ..Request::default()
        };
        let mut call = Call::new(exchange, tape);
        call.cancel = self.cancel.clone();
        call.restart = true;
        let mut reply = match self.client.send(&endpoint, &request, call) {
            Ok(reply) => reply,
            Err(error) => return Ok(Err(error.into())),
        };
        loop {
            match reply.next().await {
                Ok(None) => return Ok(Ok(reply.response())),
                Ok(Some(Step::Delta(delta))) => self.front.delta(&delta),
                Ok(Some(Step::Retrying {
                    attempt,
                    wait,
                    because,
                })) => {
                    let words = format!(
                        "attempt {attempt}: {because}; again in {} s",
                        wait.as_secs()
                    );
                    self.front.notice(&words);
                    self.record(vec![failed(&words, &Vouched::named(exchange))])?;
                }
                Ok(Some(Step::Restarted)) => self.front.notice("the answer begins anew"),
                Err(error) => return Ok(Err(error.into())),
            }
        }
    }
}

/// Why there is no answer.
enum NoAnswer {
    /// The model did not answer.
    Failed(LlmError),
    /// It was not asked, as it may not see what the conversation holds.
    Withheld(String),
}

impl From<LlmError> for NoAnswer {
    fn from(error: LlmError) -> Self {
        Self::Failed(error)
    }
}

/// What does not change from request to request is kept in the provider's cache.
fn marks(messages: usize) -> Vec<CacheMark> {
    let places = [
        Some(CachePlace::System),
        messages.checked_sub(1).map(CachePlace::Message),
    ];
    let mark = |after| CacheMark { after, long: false };
    places.into_iter().flatten().map(mark).collect()
}
