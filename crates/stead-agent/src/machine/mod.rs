//! The code generator's loop as a pure function: a state and an event give the next
//! state and what is to be done. It performs nothing, knows no clock and no terminal, and
//! can be replayed and tested as text.
//!
//! A *round* is one answer of the model with the calls in it. *Checks* are the commands
//! that decide whether the task is done. A *nudge* is text that the machine puts in by
//! itself; it is marked as such in the record.

mod outcome;
mod step;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use stead_llm::{Message, Response, ToolCall, ToolResult};

use crate::task::TaskSpec;
pub use outcome::{Failure, Outcome};

/// What the machine may use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rounds of one task.
    pub rounds: u32,
    /// How often failed checks are given back to the model.
    pub repairs: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rounds: 100,
            repairs: 3,
        }
    }
}

/// Where a task stands.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// What is to be done.
    pub spec: TaskSpec,
    /// The conversation as the model sees it.
    pub messages: Vec<Message>,
    /// What is waited for.
    pub phase: Phase,
    /// What may be used up.
    pub limits: Limits,
    /// Rounds so far.
    pub rounds: u32,
    /// Calls of the last answer that were not made yet.
    pub waiting: VecDeque<ToolCall>,
    /// Results of its calls so far.
    pub results: Vec<ToolResult>,
    /// What the user typed meanwhile.
    pub said: Vec<String>,
    /// A file is not as it was at the start.
    pub changed: bool,
    /// A file changed since the checks last ran.
    pub unchecked: bool,
    /// Failed checks were given back so often.
    pub repairs: u32,
    /// The model was told that nothing changed.
    pub nudged: bool,
}

/// What a task waits for.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// To begin.
    Ready,
    /// The model answers.
    Asking,
    /// A tool works: the call.
    Calling(ToolCall),
    /// The checks run.
    Checking,
    /// Nothing more.
    Over(Outcome),
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The task is to begin.
    Begun,
    /// The model answered.
    Answered(Box<Response>),
    /// It did not, for good.
    NoAnswer(Failure),
    /// A tool answered.
    Called {
        /// Its answer.
        result: ToolResult,
        /// Files are not as they were before the call.
        changed: bool,
    },
    /// A helper worked at a call, with so many answers of the model.
    Helped {
        /// They count for the task.
        rounds: u32,
    },
    /// A call needs somebody's word, and nobody is there: why.
    Blocked(String),
    /// The checks ran.
    Checked(Vec<Checked>),
    /// The user typed something.
    Said(String),
    /// The user wants it to end.
    Interrupted,
}

/// What a check came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The command.
    pub command: String,
    /// It ended well.
    pub ok: bool,
    /// What it printed, cut to what a model can use.
    pub output: String,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Ask the model to answer the last of the state's messages.
    Ask,
    /// Make a call.
    Call(ToolCall),
    /// Run the checks.
    Check(Vec<String>),
    /// Record text that was put in without anybody having typed it.
    Nudge(String),
    /// The task is over.
    End(Outcome),
}

impl State {
    /// A task that begins with these words.
    pub fn new(spec: TaskSpec, messages: Vec<Message>, limits: Limits) -> Self {
        Self {
            spec,
            messages,
            phase: Phase::Ready,
            limits,
            rounds: 0,
            waiting: VecDeque::new(),
            results: Vec::new(),
            said: Vec::new(),
            changed: false,
            unchecked: false,
            repairs: 0,
            nudged: false,
        }
    }
}
