//! What is to be done, taken apart: the first of the agent's two parts.
//!
//! A *task* is what a user typed. The *task parser* makes a [`TaskSpec`] of it and of
//! *facts* about the repository. It runs on a light model of its own ([`by_model`]), and
//! without one by rules ([`by_rules`]). What a model says is *plausible* as far as the
//! task's words or the repository's files bear it out; the rest is left out and told. Nothing but the specification passes from it to the part that
//! writes code.

mod brief;
mod checks;
mod facts;
mod known;
mod model;
mod plausible;
mod rules;
mod schema;
#[cfg(test)]
mod tests;
mod words;

pub use checks::checks;
pub use facts::Facts;
pub use model::{NoSpec, Parsed, by_model, request};
pub use rules::by_rules;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A task, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskSpec {
    /// What is to be done, in one sentence.
    pub goal: String,
    /// What kind of work it is.
    pub intent: Intent,
    /// Files, folders and names in code that it is about.
    #[serde(default)]
    pub targets: Vec<String>,
    /// What must or must not be, each as a sentence.
    #[serde(default)]
    pub constraints: Vec<String>,
    /// Commands that decide whether it is done: each has to end well.
    #[serde(default)]
    pub checks: Vec<String>,
    /// Patterns of paths whose content must not leave the machine.
    #[serde(default)]
    pub private: Vec<String>,
}

/// What kind of work a task is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Intent {
    /// Something new.
    #[default]
    Change,
    /// Something is wrong.
    Fix,
    /// Tests are wanted.
    Test,
    /// The same, written otherwise.
    Refactor,
    /// An answer is wanted, and no change.
    Explain,
}

impl Intent {
    /// The word for it, as it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Fix => "fix",
            Self::Test => "test",
            Self::Refactor => "refactor",
            Self::Explain => "explain",
        }
    }

    /// Whether files are to change: if none did, the task is not done.
    pub const fn changes(self) -> bool {
        !matches!(self, Self::Explain)
    }
}
