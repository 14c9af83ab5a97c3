//! Whole sessions in memory: the sink behind `show` and the tests.

use rustc_hash::FxHashMap;
use stead_usf::{Event, Session};

use crate::{Adapter, Amendment, Checkpoint, Output, ReadError, Sink, Slot, Tally, Unit};

/// Collects sessions whole, with amendments carried out.
#[derive(Debug, Default)]
pub struct Document {
    /// The sessions of the unit, in slot order.
    pub sessions: Vec<Session>,
    places: Vec<FxHashMap<String, usize>>,
    events: Vec<Vec<Event>>,
}

impl Document {
    /// Adds earlier events of a session, so that amendments can reach them.
    pub fn with_earlier(earlier: Vec<Session>) -> Self {
        let mut document = Self::default();
        for mut session in earlier {
            document.events.push(std::mem::take(&mut session.events));
            document.places.push(FxHashMap::default());
        }
        for (places, events) in document.places.iter_mut().zip(&document.events) {
            places.extend(events.iter().enumerate().map(|(i, e)| (e.id.clone(), i)));
        }
        document
    }
}

impl Sink for Document {
    fn begin(&mut self, slot: Slot, _header: &Session, append: bool) {
        while self.events.len() <= slot.0 {
            self.events.push(Vec::new());
            self.places.push(FxHashMap::default());
        }
        if !append {
            self.events[slot.0].clear();
            self.places[slot.0].clear();
        }
    }

    fn event(&mut self, slot: Slot, event: Event) {
        let events = &mut self.events[slot.0];
        self.places[slot.0].insert(event.id.clone(), events.len());
        events.push(event);
    }

    fn amend(&mut self, slot: Slot, event: &str, amendment: &Amendment) {
        if let Some(place) = self.places[slot.0].get(event) {
            amendment.apply(&mut self.events[slot.0][*place]);
        }
    }

    fn end(&mut self, slot: Slot, mut header: Session) {
        header.events = std::mem::take(&mut self.events[slot.0]);
        self.sessions.push(header);
    }
}

impl Amendment {
    /// Carries the amendment out on its event.
    pub fn apply(&self, event: &mut Event) {
        match self {
            Self::Inactive(inactive) => event.inactive = *inactive,
            Self::Usage { after, .. } => event.usage = Some(*after),
            Self::Result(result) => event.result = Some(result.clone()),
            Self::Edits(edits) => event.edits.clone_from(edits),
            Self::Injected => event.injected = true,
        }
    }
}

/// Reads a whole unit into memory.
pub fn load(
    adapter: &dyn Adapter,
    unit: &Unit,
) -> Result<(Vec<Session>, Tally, Checkpoint), ReadError> {
    let mut document = Document::default();
    let mut output = Output::new(&mut document);
    let checkpoint = adapter.read(unit, None, &mut output)?;
    output.end_all();
    let tally = std::mem::take(&mut output.tally);
    Ok((document.sessions, tally, checkpoint))
}
