//! What the agent no longer sends. A compaction hides the messages before it from
//! the model and puts a summary in their place.

use stead_usf::Inactive;

use super::message::Message;
use crate::{Amendment, Output, Slot};

/// The state of the conversation along the messages.
#[derive(Debug, Default)]
pub(super) struct Compaction {
    /// Events that are hidden from the model and have no summary yet.
    hidden: Vec<String>,
    /// A summary has come and no talk since: what only the user sees are notes about
    /// the compaction.
    summarised: bool,
}

/// What a message is for the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Said between the user and the model.
    Talk,
    /// It stands for what came before.
    Summary,
    /// For the model only, put in by the agent.
    Context,
    /// For the user only: a note, or a command to the agent.
    Note,
}

impl Compaction {
    /// What the message is.
    pub(super) fn part(&mut self, message: &Message<'_>) -> Part {
        if message.audience.user {
            self.summarised &= !message.audience.model && is_note(message);
            return if self.summarised {
                Part::Note
            } else {
                Part::Talk
            };
        }
        if message.is_user && !message.turn_context && !self.hidden.is_empty() && message.has_text()
        {
            Part::Summary
        } else {
            Part::Context
        }
    }

    /// The events of a message have been put out.
    pub(super) fn put(
        &mut self,
        output: &mut Output<'_>,
        slot: Slot,
        part: Part,
        hidden: bool,
        events: Vec<String>,
    ) {
        if part == Part::Summary {
            self.summarised = true;
            for event in self.hidden.drain(..) {
                let amendment = Amendment::Inactive(Some(Inactive::Compacted));
                output.amend(slot, &event, &amendment);
            }
        }
        if hidden && part != Part::Note {
            self.hidden.extend(events);
        }
    }
}

/// Whether a message that only the user sees may be about a compaction: the command
/// to do it, or words that no model said. What was said and is compacted by now
/// looks the same otherwise.
fn is_note(message: &Message<'_>) -> bool {
    if message.is_user {
        return message.starts_with("/");
    }
    !message.has_call() && message.model.is_none() && message.counts.is_empty()
}
