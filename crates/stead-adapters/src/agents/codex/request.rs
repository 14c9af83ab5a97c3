//! Which event carries the tokens of a model request. An event carries those of
//! one request: who adds up events counts requests as well. Not what the counts
//! mean, which is `usage`.

use serde::{Deserialize, Serialize};

/// The model request in progress. `E` is an event of the reply, `T` what was told
/// of a request's tokens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Request<E, T> {
    /// Last event of the reply, as long as it carries no tokens.
    last: Option<E>,
    /// A reply was read that gave no event.
    hidden: bool,
    /// Tokens that were told before the reply, should one come.
    pending: Option<T>,
}

/// Where tokens belong.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Carrier<E, T> {
    /// On this event of the reply.
    Event(E, T),
    /// Each on an event of its own, in this order.
    Alone([Option<T>; 2]),
}

impl<E, T> Default for Request<E, T> {
    fn default() -> Self {
        Self {
            last: None,
            hidden: false,
            pending: None,
        }
    }
}

impl<E, T> Request<E, T> {
    /// An event of the reply comes; it carries the tokens that were told before.
    pub(super) fn reply(&mut self, event: E) -> Option<T> {
        let told = self.pending.take();
        self.hidden = false;
        self.last = told.is_none().then_some(event);
        told
    }

    /// A part of the reply comes that gives no event.
    pub(super) const fn hidden(&mut self) {
        self.hidden |= self.last.is_none();
    }

    /// Tokens are told: of the reply before, or else of the one to come.
    pub(super) fn tell(&mut self, told: T) -> Carrier<E, T> {
        match self.last.take() {
            Some(event) => Carrier::Event(event, told),
            None if std::mem::take(&mut self.hidden) => {
                Carrier::Alone([self.pending.take(), Some(told)])
            }
            None => Carrier::Alone([self.pending.replace(told), None]),
        }
    }

    /// A call was answered: what the model says next is another request.
    pub(super) fn answered(&mut self) {
        self.last = None;
        self.hidden = false;
    }

    /// What comes next belongs to another request. Tokens that were told and got
    /// no reply stand for themselves.
    pub(super) fn next(&mut self) -> Option<T> {
        self.answered();
        self.pending.take()
    }

    /// What waits for a reply.
    pub(super) const fn pending(&self) -> Option<&T> {
        self.pending.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::{Carrier, Request};

    #[test]
    fn an_event_carries_the_tokens_of_one_request() {
        let mut request = Request::default();
        assert_eq!(request.reply("a"), None);
        assert_eq!(request.tell(1), Carrier::Event("a", 1));
        assert_eq!(request.tell(2), Carrier::Alone([None, None]));
        assert_eq!(request.tell(3), Carrier::Alone([Some(2), None]));
        assert_eq!(request.reply("b"), Some(3));
        assert_eq!(request.tell(4), Carrier::Alone([None, None]));
        assert_eq!(request.next(), Some(4));
    }

    #[test]
    fn a_reply_without_events_does_not_take_anothers() {
        let mut request = Request::default();
        request.reply("a");
        request.tell(1);
        request.answered();
        request.hidden();
        assert_eq!(request.tell(2), Carrier::Alone([None, Some(2)]));
        assert_eq!(request.reply("b"), None);
        request.hidden();
        assert_eq!(request.tell(3), Carrier::Event("b", 3));
    }
}
