//! Which events the agent would still send: reverts and compactions.

use rustc_hash::FxHashMap;
use stead_usf::Inactive;

use super::facts::Revert;
use crate::ids::digest;
use crate::{Amendment, Output, Slot};

/// The state of the conversation along the messages.
#[derive(Debug, Default)]
pub(super) struct Branch {
    revert: Option<Revert>,
    /// Place of each message.
    places: FxHashMap<u64, usize>,
    /// Events that a compaction would replace, with their message's place.
    live: Vec<(usize, String)>,
    /// The last request to compact.
    request: Option<Request>,
}

#[derive(Debug)]
struct Request {
    message: String,
    place: usize,
    /// The first message that is kept word for word.
    tail: Option<String>,
}

impl Branch {
    pub(super) fn new(revert: Option<Revert>) -> Self {
        Self {
            revert,
            ..Self::default()
        }
    }

    /// A message comes; returns its place.
    pub(super) fn enter(&mut self, message: &str) -> usize {
        let place = self.places.len();
        *self.places.entry(digest(message)).or_insert(place)
    }

    /// Whether the message has been seen.
    pub(super) fn knows(&self, message: &str) -> bool {
        self.places.contains_key(&digest(message))
    }

    /// Whether a message lies behind the cut. Ids ascend with time.
    pub(super) fn is_rewound(&self, message: &str) -> bool {
        self.revert.as_ref().is_some_and(|revert| {
            if revert.part.is_some() {
                message > revert.message.as_str()
            } else {
                message >= revert.message.as_str()
            }
        })
    }

    /// Whether a part of a message lies behind the cut.
    pub(super) fn is_part_rewound(&self, message: &str, part: &str) -> bool {
        self.revert.as_ref().is_some_and(|revert| {
            let cut = revert.part.as_deref();
            message == revert.message && cut.is_some_and(|cut| part >= cut)
        })
    }

    /// An event of the live conversation was put out.
    pub(super) fn note(&mut self, place: usize, event: &str) {
        self.live.push((place, event.to_owned()));
    }

    /// The user or the agent asks for a compaction.
    pub(super) fn request(&mut self, message: &str, place: usize, tail: Option<String>) {
        self.request = Some(Request {
            message: message.to_owned(),
            place,
            tail,
        });
    }

    /// A summary is complete: what came before the message that asked for it
    /// is no longer sent, but for the tail. Old versions record no such message.
    pub(super) fn compact(
        &mut self,
        output: &mut Output<'_>,
        slot: Slot,
        summary: usize,
        parent: Option<&str>,
    ) {
        let request = self
            .request
            .take_if(|request| Some(request.message.as_str()) == parent);
        let (end, tail) = request.map_or((summary, None), |request| (request.place, request.tail));
        let tail = tail.and_then(|tail| self.places.get(&digest(&tail)).copied());
        let start = tail.unwrap_or(end).min(end);
        self.live.retain(|(place, event)| {
            let replaced = *place < start;
            if replaced {
                let amendment = Amendment::Inactive(Some(Inactive::Compacted));
                output.amend(slot, event, &amendment);
            }
            !replaced
        });
    }
}
