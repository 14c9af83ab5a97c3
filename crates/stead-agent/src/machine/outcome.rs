//! How a task ends.

use serde::{Deserialize, Serialize};

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// What was asked for is there, and the checks, if there are any, ended well.
    Done {
        /// The model's last words.
        summary: String,
        /// Checks ran, and all ended well.
        checked: bool,
    },
    /// It is not done.
    Failed(Failure),
    /// A decision is needed, and nobody was there to make it: what is asked.
    Blocked {
        /// What is asked.
        reason: String,
    },
    /// The user ended it.
    Interrupted,
}

/// Why a task is not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "failure", rename_all = "snake_case")]
pub enum Failure {
    /// The model gave no answer.
    Model {
        /// In words.
        message: String,
    },
    /// The model would not, or its provider would not let it.
    Refused {
        /// Its words.
        message: String,
    },
    /// A change was asked for, and nothing changed.
    NoChange {
        /// The model's last words.
        summary: String,
    },
    /// Checks still fail.
    Checks {
        /// The commands that do.
        failing: Vec<String>,
    },
    /// Too many rounds.
    Rounds {
        /// So many.
        rounds: u32,
    },
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Model { message } => write!(f, "the model gave no answer: {message}"),
            Self::Refused { message } => write!(f, "the model refused: {message}"),
            Self::NoChange { .. } => f.write_str("a change was asked for, and no file changed"),
            Self::Checks { failing } => write!(f, "still failing: {}", failing.join(", ")),
            Self::Rounds { rounds } => write!(f, "not done after {rounds} answers of the model"),
        }
    }
}
