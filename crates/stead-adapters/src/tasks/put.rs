//! A turn that was put together is put out, its tokens on one event.

use stead_usf::{Event, EventType};

use super::turn::{Place, Turn};
use super::weave::Weave;
use crate::Output;

impl Turn {
    /// Puts the turn out.
    pub(super) fn put(
        mut self,
        weave: &mut Weave<'_>,
        output: &mut Output<'_>,
        answers: Vec<Event>,
    ) {
        self.charge();
        let mut pieces: Vec<_> = self
            .pieces
            .into_iter()
            .map(|piece| Some(piece.event))
            .collect();
        let mut answers = Some(answers);
        for place in self.places {
            let events = match place {
                Place::Piece(place) => pieces[place].take().into_iter().collect(),
                Place::Own(event) => vec![*event],
                Place::Answers => answers.take().unwrap_or_default(),
            };
            for mut event in events {
                event.inactive = event.inactive.or(self.inactive);
                if event.kind == EventType::ToolCall {
                    weave.called(&mut event);
                }
                output.event(weave.slot, event);
            }
        }
    }

    /// Gives the tokens to the first event of the reply, and lets the request speak
    /// for itself if there is none, or if it has more to say.
    fn charge(&mut self) {
        let pieces = &self.pieces;
        let speaks = |place: &Place| match place {
            Place::Piece(place) => pieces[*place].event.message.is_some(),
            Place::Own(event) => event.message.is_some(),
            Place::Answers => false,
        };
        let carrier = match self
            .places
            .iter()
            .position(speaks)
            .map(|place| &mut self.places[place])
        {
            Some(Place::Piece(place)) => Some(&mut self.pieces[*place].event),
            Some(Place::Own(event)) => Some(&mut **event),
            _ => None,
        };
        let spoken = carrier.is_some();
        if let Some(event) = carrier {
            (event.usage, event.cost_usd) = (self.spent.usage, self.spent.cost_usd);
        }
        let Some(mut request) = self.request.take() else {
            return;
        };
        if !spoken {
            (request.usage, request.cost_usd) = (self.spent.usage, self.spent.cost_usd);
        }
        if request.extra.is_some() || !spoken && !self.spent.is_empty() {
            self.places.insert(0, Place::Own(request.into()));
        }
    }
}
