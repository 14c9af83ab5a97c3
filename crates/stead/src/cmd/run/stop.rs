//! What ends a session from outside.

use stead_llm::CancellationToken;
use stead_sandbox::Cancel;

use super::front::{Keys, Then, Wanted, screen};
use crate::command_error::CommandError;
use crate::exit_code::Exit;

/// Ends a session: its requests, and the command that runs.
#[derive(Clone, Default)]
pub(in crate::cmd) struct Stop {
    pub(in crate::cmd) requests: CancellationToken,
    pub(in crate::cmd) commands: Cancel,
}

impl Stop {
    /// Ends the session at the first signal, with everything on record; at the second, at once.
    pub(in crate::cmd) fn on_signals() -> Result<Self, CommandError> {
        let stop = Self::default();
        let wanted = stop.clone();
        let handled = ctrlc::set_handler(move || {
            if wanted.want() == Then::Exit {
                exit();
            }
        });
        handled
            .map(|()| stop)
            .map_err(|error| CommandError::failure(format!("signals cannot be handled: {error}")))
    }

    /// Whether somebody wanted it to end.
    pub(in crate::cmd) fn is_wanted(&self) -> bool {
        self.requests.is_cancelled()
    }

    /// Somebody wants it to end; whether somebody has wanted that before, and is to get it
    /// at once.
    pub(super) fn want(&self) -> Then {
        if self.requests.is_cancelled() {
            return Then::Exit;
        }
        self.now();
        Then::Go
    }

    /// Ends it, with everything on record.
    pub(super) fn now(&self) {
        self.requests.cancel();
        self.commands.cancel();
    }

    /// What keys of the live view do.
    pub(super) fn keys(&self) -> Keys {
        let stop = self.clone();
        Box::new(move |wanted| match wanted {
            Wanted::Skip => {
                stop.commands.skip();
                Then::Go
            }
            Wanted::Stop => stop.want(),
            Wanted::Leave => Then::Go,
        })
    }
}

/// Ends the program at once.
#[expect(
    clippy::exit,
    reason = "whoever asks twice does not want to wait; the record is safe at any byte"
)]
pub(in crate::cmd) fn exit() -> ! {
    screen::give_back();
    std::process::exit(Exit::Interrupted.number().into())
}
