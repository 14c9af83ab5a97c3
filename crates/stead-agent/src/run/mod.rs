//! Performs what the machine wants: asks models, lets tools work, and records each thing
//! before the next begins. What cannot be recorded is not done.
//!
//! The *front* is who watches: a terminal, a pipe, an editor. The *hands* do the work in
//! the workspace. Both are handed in; nothing here prints, decides on permissions or
//! starts a program.

mod ask;
#[cfg(test)]
mod envelopes;
mod help;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use stead_edit::FilePlan;
use stead_llm::fallback::Chain;
use stead_llm::traffic::Tape;
use stead_llm::{
    CancellationToken, Client, Delta, Endpoint, LlmError, ModelRef, ToolCall, ToolResult, ToolSpec,
};
use stead_usf::{Event as Recorded, Model, ToolKind};

use crate::context::compact;
use crate::machine::{Action, Checked, Event, Outcome, State};
use crate::permission::Route;
use crate::prompt::Prompt;
use crate::record::{
    Envelope, FileState, RecordError, Recorder, When, call, check, digest, edits,
    in_words_of_the_user, injected, outcome, result, said,
};
use crate::tools::Question;
use help::Helped;

/// Does the work in a workspace.
pub trait Hands {
    /// The tools that the model is offered.
    fn tools(&self) -> Vec<ToolSpec>;

    /// The word for a tool in the record.
    fn kind(&self, tool: &str) -> ToolKind;

    /// Whether the conversation may go to a model, asked before each request; or why not.
    /// From then on, tools show what this model may see.
    fn may_leave(&mut self, to: &Route<'_>) -> Result<(), String>;

    /// Makes a call, if it may be made. It ends soon once `cancel` is cancelled.
    fn call(&mut self, call: &ToolCall, front: &mut dyn Front, cancel: &CancellationToken) -> Made;

    /// The calls that come from now on are a helper's, or no longer. A helper is offered no
    /// helpers, and knows nothing of what was seen before.
    fn help(&mut self, _: bool) {}
    /// Runs a command that decides whether the task is done.
    fn check(
        &mut self,
        command: &str,
        front: &mut dyn Front,
        cancel: &CancellationToken,
    ) -> Checked;
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// The answer for the model.
    pub result: ToolResult,
    /// Files as they were changed.
    pub changes: Vec<FilePlan>,
    /// The exit code of a command.
    pub exit: Option<i32>,
    /// How long it took.
    pub took: Duration,
    /// What the policy said, and by which rule.
    pub decision: String,
    /// It was not made, as nobody was there to allow it: what is asked.
    pub blocked: Option<String>,
    /// Files that a command changed and that are too large to keep, or were not known before.
    pub unkept: Vec<String>,
    /// What the user answered to a question of the call, to the letter.
    pub said: Option<String>,
    /// A helper is to work at this, and its report is the result.
    pub goal: Option<String>,
}

/// Watches a session.
pub trait Front {
    /// Something is on record.
    fn recorded(&mut self, event: &Recorded);

    /// A piece of an answer came in. It is on record only when the answer is whole.
    fn delta(&mut self, delta: &Delta);

    /// Something that a person should know: a retry, another route.
    fn notice(&mut self, words: &str);

    /// A command that runs has written this.
    fn output(&mut self, text: &str);

    /// What the user typed since the last time, if anything.
    fn typed(&mut self) -> Option<String>;

    /// Asks what the model wants to know, and waits; `None` if nobody is there. What is
    /// asked is the model's text, to be escaped like all of it.
    fn ask(&mut self, _: &Question) -> Option<String> {
        None
    }

    /// Asks whether a call may be made, and waits for the word. Never asked where nobody
    /// is there.
    fn approve(&mut self, wish: &Wish) -> Word;
}

/// A call that somebody has to allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The tool.
    pub tool: String,
    /// Its arguments, as the model wrote them.
    pub arguments: String,
    /// Why it is asked, as a clause that names what is asked for.
    pub why: String,
}

/// What somebody says to a [`Wish`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// This once.
    Once,
    /// This, and the same again in this session.
    Always,
    /// No; what the model is told instead.
    No(Option<String>),
    /// Nobody: whoever was there has gone.
    Nobody,
}

/// Who works: the session itself, or a helper at one of its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Session,
    Helper,
}

/// Everything that a session needs.
pub struct Runner<'a> {
    /// Asks models.
    pub client: &'a Client,
    /// Which model, and which next.
    pub chain: Chain,
    /// Where a model is.
    pub endpoint: &'a dyn Fn(&ModelRef) -> Result<Endpoint, LlmError>,
    /// The system prompt.
    pub prompt: &'a Prompt,
    /// Tokens that a request may have.
    pub budget: usize,
    /// The record.
    pub recorder: &'a mut Recorder,
    /// The record of the traffic.
    pub tape: Arc<dyn Tape>,
    /// Who works.
    pub hands: &'a mut dyn Hands,
    /// Who watches.
    pub front: &'a mut dyn Front,
    /// Ends it at any moment.
    pub cancel: CancellationToken,
    /// Requests so far; they are named by it in the traffic.
    pub requests: u64,
}

impl std::fmt::Debug for Runner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner")
            .field("chain", &self.chain)
            .field("requests", &self.requests)
            .finish_non_exhaustive()
    }
}

impl Runner<'_> {
    /// Runs a task to its end. The state holds the conversation, to go on from.
    pub async fn run(&mut self, state: State) -> Result<(State, Outcome), RecordError> {
        let (state, end) = self.work(state, Who::Session).await?;
        self.record(vec![outcome(&end)])?;
        Ok((state, end))
    }

    /// Works at a task until it is over.
    async fn work(&mut self, state: State, who: Who) -> Result<(State, Outcome), RecordError> {
        let (mut state, actions) = state.step(Event::Begun);
        let mut actions: VecDeque<Action> = actions.into();
        while let Some(action) = actions.pop_front() {
            let events = match action {
                Action::Nudge(text) => {
                    self.record(vec![injected(&text, "nudge")])?;
                    continue;
                }
                Action::End(end) => return Ok((state, end)),
                Action::Ask => {
                    self.shorten(&mut state)?;
                    vec![self.ask(&state).await?]
                }
                Action::Call(wanted) => {
                    let left = state.limits.rounds.saturating_sub(state.rounds);
                    self.call(&wanted, left).await?
                }
                Action::Check(commands) => vec![self.check(&commands)?],
            };
            for event in self.heard(who)?.into_iter().chain(events) {
                let (next, more) = state.step(event);
                state = next;
                actions.extend(more);
            }
        }
        // The machine always has something to do before its end.
        Ok((state, Outcome::Interrupted))
    }

    fn record(&mut self, events: Vec<Recorded>) -> Result<(), RecordError> {
        for event in self.recorder.append(events)? {
            self.front.recorded(&event);
        }
        Ok(())
    }

    /// What the user typed or did meanwhile. A helper is spoken to by nobody: what is typed
    /// waits for its end.
    fn heard(&mut self, who: Who) -> Result<Option<Event>, RecordError> {
        if self.cancel.is_cancelled() {
            return Ok(Some(Event::Interrupted));
        }
        if who == Who::Helper {
            return Ok(None);
        }
        let Some(text) = self.front.typed() else {
            return Ok(None);
        };
        self.record(vec![said(&text)])?;
        Ok(Some(Event::Said(text)))
    }

    /// Lets old rounds give way where the conversation no longer fits.
    fn shorten(&mut self, state: &mut State) -> Result<(), RecordError> {
        if let Some(compacted) = compact(&state.messages, self.budget) {
            let why = format!("{} messages no longer fit", compacted.left_out);
            self.record(vec![injected(&compacted.note, &why)])?;
            state.messages = compacted.messages;
        }
        Ok(())
    }

    /// Makes a call; a helper that works at it may take so many rounds.
    async fn call(&mut self, wanted: &ToolCall, left: u32) -> Result<Vec<Event>, RecordError> {
        let kind = self.hands.kind(&wanted.name);
        let model = self.model();
        self.record(vec![call(wanted, kind, &model)])?;
        let begun = self.recorder.at();
        let bare = Envelope::new(&wanted.id, self.recorder.answering());
        let mut made = self.hands.call(wanted, self.front, &self.cancel);
        let mut helped = Helped::default();
        if let Some(goal) = made.goal.take() {
            helped = self.help(&goal, left, &mut made).await?;
        }
        let took = u64::try_from(made.took.as_millis()).unwrap_or(u64::MAX);
        let envelope = Envelope {
            begun,
            took_ms: took,
            model: Some(model.clone()),
            arguments: digest(wanted.arguments.as_bytes()),
            result: digest(made.result.text.as_bytes()),
            decision: made.decision.clone(),
            files: made.changes.iter().map(FileState::of).collect(),
            unkept: made.unkept.clone(),
            ..bare
        };
        let told = result(&made.result, made.exit, took, &envelope);
        let mut events = vec![match &made.said {
            Some(words) => in_words_of_the_user(told, words),
            None => told,
        }];
        events.extend(edits(&wanted.id, &made.changes, &model));
        self.record(events)?;
        if let Some(reason) = made.blocked {
            return Ok(vec![Event::Blocked(reason)]);
        }
        let changed = made.changes.iter().any(|file| file.before != file.after);
        let called = Event::Called {
            result: made.result,
            changed: changed || helped.changed,
        };
        let rounds = helped.rounds;
        Ok(vec![Event::Helped { rounds }, called])
    }

    fn check(&mut self, commands: &[String]) -> Result<Event, RecordError> {
        let mut checks = Vec::with_capacity(commands.len());
        for command in commands {
            let checked = self.hands.check(command, self.front, &self.cancel);
            self.record(vec![check(&checked, When::After)])?;
            checks.push(checked);
        }
        Ok(Event::Checked(checks))
    }

    /// The model that is asked now.
    fn model(&self) -> Model {
        let current = self.chain.current();
        Model {
            id: current.model.clone(),
            provider: Some(current.provider.clone()),
        }
    }
}
