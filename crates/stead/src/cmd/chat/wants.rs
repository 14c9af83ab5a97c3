//! What keys want of a conversation.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::cmd::run::exit;
use crate::cmd::run::front::{Keys, Then, Wanted};
use crate::command_error::CommandError;

/// What was wanted and not done yet.
#[derive(Clone, Default)]
pub(super) struct Wants {
    skip: Arc<AtomicBool>,
    stops: Arc<AtomicU32>,
    leave: Arc<AtomicBool>,
}

impl Wants {
    /// A signal ends the turn and the conversation, and the terminal is given back.
    pub(super) fn on_signals() -> Result<Self, CommandError> {
        let wants = Self::default();
        let wanted = wants.clone();
        let handled = ctrlc::set_handler(move || {
            if wanted.leave.swap(true, Ordering::Relaxed) {
                exit();
            }
            wanted.stops.fetch_add(1, Ordering::Relaxed);
        });
        handled
            .map(|()| wants)
            .map_err(|error| CommandError::failure(format!("signals cannot be handled: {error}")))
    }

    /// What the keys of the live view do.
    pub(super) fn keys(&self) -> Keys {
        let wants = self.clone();
        Box::new(move |wanted| {
            match wanted {
                Wanted::Skip => wants.skip.store(true, Ordering::Relaxed),
                Wanted::Stop => {
                    wants.stops.fetch_add(1, Ordering::Relaxed);
                }
                Wanted::Leave => wants.leave.store(true, Ordering::Relaxed),
            }
            Then::Go
        })
    }

    /// The command that runs is to end; asked once.
    pub(super) fn skip(&self) -> bool {
        self.skip.swap(false, Ordering::Relaxed)
    }

    /// How often somebody wanted the turn to end.
    pub(super) fn stops(&self) -> u32 {
        self.stops.load(Ordering::Relaxed)
    }

    /// The conversation is to end.
    pub(super) fn leaves(&self) -> bool {
        self.leave.load(Ordering::Relaxed) || self.stops() > 0
    }

    /// What was wanted of the turn before counts no longer; who wanted to leave still does.
    pub(super) fn forget(&self) {
        self.skip.store(false, Ordering::Relaxed);
        self.stops.store(0, Ordering::Relaxed);
    }
}
