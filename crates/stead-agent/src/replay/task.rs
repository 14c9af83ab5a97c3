//! Runs a task again.

use std::cell::RefCell;
use std::sync::Arc;

use stead_llm::fallback::{Chain, Route};
use stead_llm::traffic::{Asked, Line, Tape, TapeError};
use stead_llm::{
    Ambient, CancellationToken, Class, Client, Delta, Difference, Endpoint, InOrder, LlmError,
    Message, ModelRef,
};
use stead_usf::Event;

use super::follow::{Came, Follow};
use super::hands::Again as Hands;
use super::{RecordedTask, ReplayError, Step};
use crate::context::first_message;
use crate::hands::Worker;
use crate::machine::{Limits, State};
use crate::prompt::generator;
use crate::record::{Recorder, When, check, given, said};
use crate::run::{Front, Hands as _, Runner, Wish, Word};
use crate::session::Resumed;
use crate::tools::Question;

/// After any error that the record shows, it shows too whether another model was asked.
const ALL: [Class; 9] = [
    Class::Key,
    Class::Model,
    Class::Context,
    Class::Rate,
    Class::Overloaded,
    Class::Content,
    Class::Request,
    Class::Malformed,
    Class::Network,
];

/// Who sees what happens again.
pub trait Watch {
    /// A step is as it is on record: its number, the event, the step.
    fn step(&mut self, number: usize, event: &str, step: &Step);
}

/// What a task is run again with.
pub struct Again<'a> {
    /// The time and chance of now.
    pub ambient: Ambient,
    /// How the model that was asked is spoken to; nothing is ever sent there.
    pub endpoint: &'a dyn Fn(&Asked) -> Endpoint,
    /// The model that was to be asked, if none was.
    pub generator: Option<ModelRef>,
    /// Tokens that a request may have.
    pub budget: usize,
    /// What the task may use up.
    pub limits: Limits,
    /// A record of its own, which nobody keeps.
    pub recorder: &'a mut Recorder,
    /// Who works.
    pub worker: &'a mut Worker,
    /// Who watches.
    pub watch: &'a mut dyn Watch,
    /// Ends it at any moment.
    pub cancel: CancellationToken,
}

impl std::fmt::Debug for Again<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Again").finish_non_exhaustive()
    }
}

/// What came of a task.
#[derive(Debug)]
pub struct Ran {
    /// Whether it is what is on record.
    pub came: Came,
    /// Steps that were taken, those before it too.
    pub steps: usize,
    /// Calls that were not made again: their results are those of the record.
    pub given: usize,
    /// Requests that were not the same.
    pub differences: Vec<Difference>,
    /// The conversation, for a task that goes on in the same session.
    pub messages: Vec<Message>,
}

impl Again<'_> {
    /// Runs a task to its end, or to where it parts from its record. `before` is what the
    /// session had come to, `steps` how many steps it has behind it.
    pub async fn run(
        &mut self,
        task: &RecordedTask,
        before: Resumed,
        steps: usize,
    ) -> Result<Ran, ReplayError> {
        let over = self.cancel.child_token();
        let transport = Arc::new(InOrder::new(task.exchanges.clone(), over.clone()));
        let follow = Follow::new(&task.steps, steps, over.clone(), self.watch);
        let follow = RefCell::new(follow);
        let state = begin(self.recorder, self.worker, task, before, self.limits)?;
        let messages = {
            let mut front = Shared(&follow);
            let mut hands = Hands {
                worker: self.worker,
                follow: &follow,
                edits: &task.edits,
            };
            baseline(task, &mut hands, &mut front, self.recorder, &over)?;
            let client = Client::new(transport.clone(), self.ambient.clone());
            let endpoint = |model: &ModelRef| endpoint(task, self.endpoint, model);
            let mut runner = Runner {
                client: &client,
                chain: chain(task, self.generator.as_ref())?,
                endpoint: &endpoint,
                prompt: generator(),
                budget: self.budget,
                recorder: &mut *self.recorder,
                tape: Arc::new(Nowhere),
                hands: &mut hands,
                front: &mut front,
                cancel: over,
                requests: task.requests,
            };
            // A plan alone asks for nothing.
            if matches!(follow.borrow().next(), Some(Step::End { .. })) && task.exchanges.is_empty()
            {
                state.messages
            } else {
                runner.run(state).await?.0.messages
            }
        };
        let (came, steps, given) = follow.into_inner().over();
        Ok(Ran {
            came,
            steps,
            given,
            differences: transport.differences(),
            messages,
        })
    }
}

/// Records a task with all that is given with it, as it was recorded then.
fn begin(
    recorder: &mut Recorder,
    worker: &mut Worker,
    task: &RecordedTask,
    before: Resumed,
    limits: Limits,
) -> Result<State, ReplayError> {
    let mut events = vec![said(&task.words), task.planned.clone()];
    events.extend(task.given.iter().map(given));
    recorder.append(events)?;
    worker.recall(&before.messages);
    if let Some(setting) = &task.setting {
        worker.recall_allowed(&before.allowed_in(setting));
    }
    task.given
        .iter()
        .for_each(|piece| worker.label(&piece.name));
    let mut messages = before.messages;
    let text = first_message(&task.words, &task.spec, &task.given);
    messages.push(Message::user(text));
    let mut state = State::new(task.spec.clone(), messages, limits);
    (state.changed, state.unchecked) = (before.changed, before.changed);
    Ok(state)
}

/// Runs the checks that were run before any change.
fn baseline(
    task: &RecordedTask,
    hands: &mut Hands<'_, '_>,
    front: &mut Shared<'_, '_>,
    recorder: &mut Recorder,
    over: &CancellationToken,
) -> Result<(), ReplayError> {
    for (_, step) in &task.steps {
        let Step::Check {
            command,
            before: true,
            ..
        } = step
        else {
            return Ok(());
        };
        if over.is_cancelled() {
            return Ok(());
        }
        let checked = hands.check(command, front, over);
        for event in recorder.append(vec![check(&checked, When::Before)])? {
            front.recorded(&event);
        }
    }
    Ok(())
}

/// The models that were asked, in their order.
fn chain(task: &RecordedTask, generator: Option<&ModelRef>) -> Result<Chain, ReplayError> {
    let mut models: Vec<ModelRef> = Vec::new();
    for exchange in &task.exchanges {
        let model = model(&exchange.asked);
        if !models.contains(&model) {
            models.push(model);
        }
    }
    if models.is_empty() {
        models.extend(generator.cloned());
    }
    let routes = models.into_iter().map(|model| Route {
        model,
        after: ALL.to_vec(),
    });
    Chain::new(routes.collect()).ok_or(ReplayError::NoModel)
}

fn model(asked: &Asked) -> ModelRef {
    ModelRef {
        provider: asked.provider.clone(),
        model: asked.model.clone(),
    }
}

/// How a model was spoken to.
fn endpoint(
    task: &RecordedTask,
    of: &dyn Fn(&Asked) -> Endpoint,
    wanted: &ModelRef,
) -> Result<Endpoint, LlmError> {
    let asked = task.exchanges.iter().map(|exchange| &exchange.asked);
    let asked = asked.into_iter().find(|asked| model(asked) == *wanted);
    asked.map(of).ok_or_else(|| LlmError::NotRecorded {
        hash: wanted.to_string(),
    })
}

/// Keeps nothing: the traffic is on record already.
struct Nowhere;

impl Tape for Nowhere {
    fn line(&self, _: &Line) -> Result<(), TapeError> {
        Ok(())
    }
}

/// The front, where the hands look at the record too.
struct Shared<'a, 'b>(&'a RefCell<Follow<'b>>);

impl Front for Shared<'_, '_> {
    fn recorded(&mut self, event: &Event) {
        self.0.borrow_mut().recorded(event);
    }

    fn delta(&mut self, _: &Delta) {}

    fn notice(&mut self, _: &str) {}

    fn output(&mut self, _: &str) {}

    fn typed(&mut self) -> Option<String> {
        self.0.borrow().typed()
    }

    fn ask(&mut self, _: &Question) -> Option<String> {
        self.0.borrow().answer()
    }

    fn approve(&mut self, _: &Wish) -> Word {
        self.0.borrow().approve()
    }
}
