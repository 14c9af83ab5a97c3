//! What all mappers know of the record in hand, and the rules by which records
//! are left out.

use serde_json::value::RawValue;
use stead_usf::{Inactive, Raw, Source, Time};

use crate::container::json::Object;

/// The screen's copy of what a response item says.
pub(super) const TWIN: &str = "twin";
/// Begin or end of something, told by other records as well.
pub(super) const MARK: &str = "mark";
/// A token count that is not new, or not of this session.
pub(super) const METER: &str = "meter";
/// State of the agent itself.
pub(super) const STATE: &str = "state";
/// Text of which only ciphertext is kept.
pub(super) const HIDDEN: &str = "hidden";

/// Fields of the envelope that have no place in USF: they order and number the
/// lines, or tell how an item travelled.
const ENVELOPE: &[&str] = &["timestamp", "type", "payload", "ordinal", "metadata"];

/// The record in hand.
pub(super) struct Record {
    /// Id of its first event.
    id: String,
    /// Events made of it so far.
    events: u32,
    pub(super) source: Source,
    pub(super) at: Option<Time>,
    /// Copied from the parent session.
    pub(super) inherited: bool,
    /// A later segment of the thread leaves it out.
    pub(super) rewound: bool,
    /// Unknown fields of the envelope.
    pub(super) envelope: Option<Raw>,
}

impl Record {
    pub(super) const fn new(id: String, source: Source) -> Self {
        Self {
            id,
            events: 0,
            source,
            at: None,
            inherited: false,
            rewound: false,
            envelope: None,
        }
    }

    /// The id of the next event: the record's own, then `.1`, `.2` …
    pub(super) fn next_id(&mut self) -> String {
        let id = match self.events {
            0 => self.id.clone(),
            n => format!("{}.{n}", self.id),
        };
        self.events += 1;
        id
    }

    /// Why its events are not live from the start.
    pub(super) fn inactive(&self) -> Option<Inactive> {
        self.rewound.then_some(Inactive::Rewound)
    }

    /// Keeps what is unknown in the envelope.
    pub(super) fn keep_envelope(&mut self, mut envelope: Object<'_>) {
        let odd = self.at.is_none() && envelope.peek("timestamp").is_some();
        envelope.ignore(if odd { &ENVELOPE[1..] } else { ENVELOPE });
        self.envelope = envelope.rest();
    }

    /// Leftovers of the payload, and once those of the envelope.
    pub(super) fn extra(&mut self, rest: Option<Raw>) -> Option<Raw> {
        let Some(envelope) = self.envelope.take() else {
            return rest;
        };
        let rest = rest.as_ref().map_or("{}", Raw::json);
        let inner = rest.trim_start_matches('{');
        let comma = if inner.starts_with('}') { "" } else { "," };
        Raw::parse(&format!("{{\"envelope\":{}{comma}{inner}", envelope.json())).ok()
    }
}

/// Looks at a string field without taking it.
pub(super) fn peek_text<'a>(object: &Object<'a>, name: &str) -> Option<std::borrow::Cow<'a, str>> {
    crate::container::json::string(object.peek(name)?)
}

/// Looks at a number without taking it.
pub(super) fn peek_u64(object: &Object<'_>, name: &str) -> Option<u64> {
    object.peek(name)?.get().parse().ok()
}

/// The time in a `timestamp` field. Other programs write seconds since 1970.
pub(super) fn time(value: Option<&RawValue>) -> Option<Time> {
    let value = value?;
    if let Some(text) = crate::container::json::string(value) {
        return Time::parse(&text).ok();
    }
    let (seconds, fraction) = value.get().split_once('.').unwrap_or((value.get(), ""));
    let seconds: i64 = seconds.parse().ok()?;
    let millis = format!("{fraction:0<3}").get(..3)?.parse::<i64>().ok()?;
    Time::from_millis(seconds.checked_mul(1000)?.checked_add(millis)?).ok()
}
