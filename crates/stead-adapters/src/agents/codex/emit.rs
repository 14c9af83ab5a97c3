//! Putting events out, with what belongs to them by their place: the model, the
//! tokens, and where the conversation stands.

use stead_usf::{Event, EventType, Raw, Status, Usage};

use super::map::Mapper;
use super::record::{METER, Record};
use super::request::Carrier;
use super::state::Standing;
use crate::container::json::Object;
use crate::{Amendment, Fate, Output};

impl Mapper {
    /// Puts tokens on the request that they belong to: the last event of the
    /// reply, or, if they are told before the reply (to 0.5x), its first.
    pub(super) fn tokens(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        told: Option<Usage>,
    ) -> Fate {
        let Some(usage) = told.filter(|_| !record.inherited) else {
            return Fate::Ignored(METER);
        };
        let told = Box::new(self.uncalled(record, usage));
        match self.state.request.tell(told) {
            Carrier::Event(event, _) => {
                let amendment = Amendment::Usage {
                    before: Usage::default(),
                    after: usage,
                    inherited: false,
                };
                output.amend(self.slot, &event, &amendment);
            }
            Carrier::Alone(requests) => {
                for event in requests.into_iter().flatten() {
                    self.uncarried(output, *event);
                }
            }
        }
        Fate::Mapped
    }

    /// The event that carries tokens of a request without a reply.
    fn uncalled(&self, record: &mut Record, usage: Usage) -> Event {
        let mut event = Event::new(record.next_id(), EventType::System);
        event.at = record.at;
        event.inactive = record.inactive();
        event.usage = Some(usage);
        event.model = self.state.model();
        event.source = Some(record.source.clone());
        event.extra = record.extra(None);
        event
    }

    /// Tokens that stand for themselves.
    fn uncarried(&mut self, output: &mut Output<'_>, event: Event) {
        if event.inactive.is_none() {
            self.live.push(&event.id);
        }
        output.event(self.slot, event);
    }

    /// What comes next belongs to another request.
    pub(super) fn next_request(&mut self, output: &mut Output<'_>) {
        if let Some(event) = self.state.request.next() {
            self.uncarried(output, *event);
        }
    }

    /// A part of a reply that gives no event.
    pub(super) fn hidden(&mut self, record: &Record) {
        if !record.inherited {
            self.state.request.hidden();
        }
    }

    /// Puts out an event of the record; returns its id.
    pub(super) fn put(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        mut event: Event,
        rest: Option<Raw>,
    ) -> String {
        event.id = record.next_id();
        event.at = record.at;
        event.inherited = record.inherited;
        event.inactive = record.inactive();
        event.extra = record.extra(rest);
        event.source = Some(record.source.clone());
        let by_model = matches!(
            event.kind,
            EventType::Assistant | EventType::Reasoning | EventType::ToolCall | EventType::Summary
        );
        if by_model {
            event.model = self.state.model();
        }
        if by_model && !event.inherited {
            let told = self.state.request.reply(event.id.clone());
            event.usage = told.and_then(|told| told.usage);
        }
        self.follow(&event);
        if !record.rewound {
            self.live.push(&event.id);
        }
        let id = event.id.clone();
        output.event(self.slot, event);
        id
    }

    /// A prompt of which only the event was read so far.
    pub(super) fn show_prompt(
        &mut self,
        record: &mut Record,
        envelope: Object<'_>,
        text: &str,
        rest: Option<Raw>,
    ) {
        const MOST: usize = 64;
        if self.state.items || self.state.shown.len() >= MOST {
            return;
        }
        record.keep_envelope(envelope);
        let mut event = Event::new(record.next_id(), EventType::User);
        event.at = record.at;
        event.inherited = record.inherited;
        event.inactive = record.inactive();
        event.text = Some(text.to_owned());
        event.extra = record.extra(rest);
        event.source = Some(record.source.clone());
        self.state.shown.push(event);
    }

    /// Words of which there is only the event: the file has no items, as other
    /// programs write it.
    pub(super) fn shown(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        event: Event,
        rest: Option<Raw>,
    ) -> Fate {
        for prompt in std::mem::take(&mut self.state.shown) {
            self.next_request(output);
            self.follow(&prompt);
            if prompt.inactive.is_none() {
                self.live.prompt();
                self.live.push(&prompt.id);
            }
            output.event(self.slot, prompt);
        }
        self.put(output, record, event, rest);
        Fate::Mapped
    }

    /// Keeps track of where the conversation stands.
    fn follow(&mut self, event: &Event) {
        let turn = &mut self.state.turn;
        turn.standing = match event.kind {
            _ if turn.marked => return,
            EventType::User if event.is_prompt() => Standing::Asked,
            EventType::Reasoning | EventType::ToolCall | EventType::ToolResult => Standing::Working,
            EventType::Assistant | EventType::Summary | EventType::Error => Standing::Resting,
            _ => return,
        };
    }

    /// How the session stands, as far as the records tell.
    pub(super) fn status(&self) -> Option<Status> {
        match self.state.turn.standing {
            Standing::Empty => None,
            // In the bare layouts an interrupted turn and one that was killed
            // before its first answer look the same.
            Standing::Asked if !self.state.prompts.confirmed => None,
            Standing::Asked | Standing::Working => Some(Status::Aborted),
            Standing::Resting => Some(Status::Ended),
        }
    }
}
