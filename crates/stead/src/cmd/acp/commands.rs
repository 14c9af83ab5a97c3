//! What can be typed in the editor beside tasks: `/apply`, `/diff`, `/discard`. No model
//! sees them.

use agent_client_protocol::Error;
use agent_client_protocol::v1::schema::{
    AvailableCommand, AvailableCommandsUpdate, PromptResponse, SessionUpdate, StopReason,
};

use super::refused;
use super::turn::Turn;
use super::updates::words;
use super::waiting::Waiting;
use super::words::fence;

/// A command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    Apply,
    Diff,
    Discard,
}

impl Command {
    const ALL: [(Self, &'static str, &'static str); 3] = [
        (
            Self::Apply,
            "apply",
            "Put this session's changes into your files",
        ),
        (
            Self::Diff,
            "diff",
            "Show what this session changed and is not applied yet",
        ),
        (
            Self::Discard,
            "discard",
            "Throw away what is not applied yet",
        ),
    ];

    /// The command that words are, if they are one.
    pub(super) fn of(words: &str) -> Option<Self> {
        let name = words.trim().strip_prefix('/')?;
        let found = Self::ALL.iter().find(|(_, known, _)| *known == name);
        found.map(|(command, ..)| *command)
    }

    /// All of them, for the editor.
    pub(super) fn told() -> SessionUpdate {
        let all = Self::ALL.iter();
        let all = all.map(|(_, name, does)| AvailableCommand::new(*name, *does));
        SessionUpdate::AvailableCommandsUpdate(AvailableCommandsUpdate::new(all.collect()))
    }

    /// Does it.
    pub(super) async fn run(self, turn: &Turn) -> Result<PromptResponse, Error> {
        let done = Ok(PromptResponse::new(StopReason::EndTurn));
        let waiting =
            Waiting::of(&turn.id, &turn.agent.context).map_err(|error| refused(&error))?;
        let Some(waiting) = waiting else {
            turn.tell(words("Nothing waits to be applied."));
            return done;
        };
        match self {
            Self::Apply => {
                turn.apply(waiting, true).await;
            }
            Self::Diff => {
                let diff = waiting.diff().map_err(|error| refused(&error))?;
                let fence = fence(&diff);
                turn.tell(words(&format!("{fence}diff\n{diff}\n{fence}")));
            }
            Self::Discard => {
                let count = waiting.count();
                waiting.discard().map_err(|error| refused(&error))?;
                turn.tell(words(&format!("Changes of {count} thrown away.")));
            }
        }
        done
    }
}
