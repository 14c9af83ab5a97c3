//! Records → USF. The layouts differ in how a record is wrapped: a bare
//! response item (to 0.2x, and in the single-document files), or an envelope
//! `{timestamp, type, payload}`.

use std::borrow::Cow;
use std::fmt::Write;

use serde_json::value::RawValue;
use stead_usf::{Event, EventType, Inactive, Issue, Severity, Source, Time};

use super::live::{BeyondReach, Live};
use super::record::{Record, STATE, TWIN, peek_text, peek_u64, time};
use super::state::State;
use crate::container::json::Object;
use crate::container::jsonl::Records;
use crate::{Amendment, Fate, Output, Slot};

/// No header needs the name of more unknown record types.
const MAX_REPORTED: usize = 64;

/// Maps the records of one thread.
pub(super) struct Mapper {
    pub(super) slot: Slot,
    pub(super) state: State,
    pub(super) live: Live,
    /// Index of the file in hand among the thread's files.
    pub(super) file: usize,
    /// What came since the checkpoint changes what was read before it.
    pub(super) rewritten: bool,
}

impl Records for Mapper {
    fn record(&mut self, output: &mut Output<'_>, object: Object<'_>, source: Source) -> Fate {
        let mut record = self.open(source);
        let kind = peek_text(&object, "type");
        match (kind, object.peek("payload")) {
            (Some(kind), Some(payload)) => {
                self.envelope(output, &mut record, object, &kind, payload)
            }
            (kind, _) => self.bare(output, &mut record, object, kind.as_deref()),
        }
    }

    fn damaged(&mut self, output: &mut Output<'_>, issue: Issue) {
        output.issue(self.slot, issue);
    }
}

impl Mapper {
    /// Ids come from the place of the record: Codex's own item ids are missing
    /// in most versions, and forks copy them.
    fn open(&mut self, source: Source) -> Record {
        let line = source.line.unwrap_or(0);
        let (last, count) = &mut self.state.line;
        *count = if *last == line { *count + 1 } else { 0 };
        *last = line;
        let mut id = match self.file {
            0 => String::new(),
            n => format!("S{n}."),
        };
        let _ = match (source.line, *count) {
            (None, count) => write!(id, "I{count}"),
            (Some(line), 0) => write!(id, "L{line}"),
            (Some(line), count) => write!(id, "L{line}+{count}"),
        };
        Record::new(id, source)
    }

    fn envelope(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        object: Object<'_>,
        kind: &str,
        payload: &RawValue,
    ) -> Fate {
        record.at = time(object.peek("timestamp"));
        let ordinal = peek_u64(&object, "ordinal");
        let at_ms = record.at.map(Time::as_millis);
        record.inherited = self.state.inheritance.record(at_ms, ordinal);
        let limit = self.state.files.get(self.file).and_then(|part| part.limit);
        record.rewound =
            matches!((ordinal, limit), (Some(ordinal), Some(limit)) if ordinal >= limit);
        touch(output, self.slot, record.at);
        if let Some(fate) = self.at_once(output, record, kind, payload) {
            return fate;
        }
        let Some(fields) = Object::of(payload) else {
            return self.unknown(output, record, object, kind);
        };
        match kind {
            "session_meta" => self.head(output, record, fields),
            "turn_context" => self.context(output, fields),
            "response_item" => {
                let kind = peek_text(&fields, "type").unwrap_or(Cow::Borrowed("response_item"));
                if !super::items::is_known(&kind) {
                    return self.unknown(output, record, object, &kind);
                }
                record.keep_envelope(object);
                self.item(output, record, fields, &kind)
            }
            "event_msg" => {
                let kind = peek_text(&fields, "type").unwrap_or(Cow::Borrowed("event_msg"));
                self.notice(output, record, object, fields, &kind)
            }
            "compacted" => {
                record.keep_envelope(object);
                self.compacted(output, record, fields)
            }
            // A record of messages between agents, before there were items of them.
            "inter_agent_communication" => {
                record.keep_envelope(object);
                self.agent_message(output, record, fields)
            }
            _ => self.unknown(output, record, object, kind),
        }
    }

    /// The frequent records that need not be taken apart.
    fn at_once(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        kind: &str,
        payload: &RawValue,
    ) -> Option<Fate> {
        let told = match kind {
            "world_state" | "inter_agent_communication_metadata" => {
                return Some(Fate::Ignored(STATE));
            }
            "token_usage_record" => self.state.meter.request(payload).map(|(usage, _)| usage),
            "event_msg" => match type_of(payload)?.as_ref() {
                "agent_message" | "agent_reasoning" if self.state.items => {
                    return Some(Fate::Ignored(TWIN));
                }
                "token_count" => self.state.meter.count(payload),
                _ => return None,
            },
            _ => return None,
        };
        Some(self.tokens(output, record, told))
    }

    fn bare(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        object: Object<'_>,
        kind: Option<&str>,
    ) -> Fate {
        match kind {
            Some(kind) if super::items::is_known(kind) => self.item(output, record, object, kind),
            None if object.peek("record_type").is_some() => Fate::Ignored(STATE),
            None if !self.state.headed && object.peek("id").is_some() => {
                record.at = time(object.peek("timestamp"));
                touch(output, self.slot, record.at);
                self.head(output, record, object)
            }
            _ => self.unknown(output, record, object, kind.unwrap_or("without type")),
        }
    }

    /// `turn_context`: the model, and whose turn it is.
    fn context(&mut self, output: &mut Output<'_>, mut context: Object<'_>) -> Fate {
        self.next_request(output);
        if let Some(turn) = context.text("turn_id") {
            self.state.inheritance.turn(&turn);
        }
        if let Some(model) = context.string("model") {
            self.state.model = Some(model);
        }
        Fate::Ignored(STATE)
    }

    /// `compacted`: a summary takes the place of all before.
    fn compacted(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        mut fields: Object<'_>,
    ) -> Fate {
        if !record.rewound {
            let past = self.live.compact();
            self.retire(output, past, Inactive::Compacted);
        }
        let mut event = Event::new("", EventType::Summary);
        event.text = fields.string("message").filter(|text| !text.is_empty());
        fields.ignore(COMPACTED);
        self.put(output, record, event, fields.rest());
        self.state.request.answered();
        Fate::Mapped
    }

    /// Marks events that are no longer live.
    pub(super) fn retire(
        &mut self,
        output: &mut Output<'_>,
        past: Result<Vec<String>, BeyondReach>,
        why: Inactive,
    ) {
        match past {
            Ok(past) => past.iter().for_each(|id| {
                output.amend(self.slot, id, &Amendment::Inactive(Some(why)));
            }),
            Err(BeyondReach) => self.rewritten = true,
        }
    }

    /// Keeps a record that is not known, whole.
    pub(super) fn unknown(
        &mut self,
        output: &mut Output<'_>,
        record: &mut Record,
        object: Object<'_>,
        kind: &str,
    ) -> Fate {
        let reported = &mut self.state.reported;
        if reported.len() < MAX_REPORTED && !reported.iter().any(|known| known == kind) {
            reported.push(kind.to_owned());
            let message = format!("records of type `{kind}` are not known");
            let issue = Issue::new(Severity::Warning, "unknown-record", message);
            output.issue(self.slot, issue.at(record.source.clone()));
        }
        self.put(
            output,
            record,
            Event::new("", EventType::Unknown),
            object.rest(),
        );
        Fate::Reported
    }
}

/// Fields of `compacted` with no place in USF: what the model is sent from now
/// on is made of records that stand before, the rest counts windows.
const COMPACTED: &[&str] = &[
    "replacement_history",
    "replacement_history_metadata",
    "retained_context",
    "window_number",
    "first_window_id",
    "previous_window_id",
    "window_id",
    "compaction_response_id",
    "latest_token_usage_record",
    "resume_metadata",
];

/// Takes a time into the header. Also records that become no event have one.
pub(super) fn touch(output: &mut Output<'_>, slot: Slot, at: Option<Time>) {
    let Some(at) = at else { return };
    let header = output.header(slot);
    header.created_at = Some(header.created_at.map_or(at, |first| first.min(at)));
    header.updated_at = Some(header.updated_at.map_or(at, |last| last.max(at)));
}

/// The type of a payload. Codex writes it first; other programs may not.
fn type_of(payload: &RawValue) -> Option<Cow<'_, str>> {
    if let Some(rest) = payload.get().strip_prefix("{\"type\":\"") {
        return rest.split_once('"').map(|(kind, _)| Cow::Borrowed(kind));
    }
    peek_text(&Object::of(payload)?, "type")
}
