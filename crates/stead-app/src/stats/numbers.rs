//! Reads a unit for its numbers alone: of a large database only they are kept.

use stead_adapters::{Adapter, Amendment, Document, Output, ReadError, Sink, Slot, Unit};
use stead_usf::{Event, Session};

/// The sessions of a unit, whose events have no words.
pub(super) fn sessions(adapter: &dyn Adapter, unit: &Unit) -> Result<Vec<Session>, ReadError> {
    let mut numbers = Numbers::default();
    let mut output = Output::new(&mut numbers);
    adapter.read(unit, None, &mut output)?;
    output.end_all();
    Ok(numbers.0.sessions)
}

#[derive(Default)]
struct Numbers(Document);

impl Sink for Numbers {
    fn begin(&mut self, slot: Slot, header: &Session, append: bool) {
        self.0.begin(slot, header, append);
    }

    fn event(&mut self, slot: Slot, event: Event) {
        let bare = Event {
            at: event.at,
            message: event.message,
            model: event.model,
            usage: event.usage,
            cost_usd: event.cost_usd,
            inherited: event.inherited,
            ..Event::new(event.id, event.kind)
        };
        self.0.event(slot, bare);
    }

    fn amend(&mut self, slot: Slot, event: &str, amendment: &Amendment) {
        if matches!(amendment, Amendment::Usage { .. }) {
            self.0.amend(slot, event, amendment);
        }
    }

    fn end(&mut self, slot: Slot, header: Session) {
        self.0.end(slot, header);
    }
}
