//! Where an adapter puts what it reads.

use std::collections::BTreeMap;

use stead_usf::{Edit, Event, Inactive, Issue, Session, Usage};

/// A session within the unit that is being read, numbered from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub usize);

/// A later record's word on an event that was already put out.
#[derive(Debug, Clone, PartialEq)]
pub enum Amendment {
    /// The event is no longer (or again) part of the live conversation.
    Inactive(Option<Inactive>),
    /// The event's usage was provisional: `before` becomes `after`. A count that
    /// `after` does not have stays.
    Usage {
        /// What was put out.
        before: Usage,
        /// What is right.
        after: Usage,
        /// The event is inherited: another session counts it.
        inherited: bool,
    },
    /// The call's result is this event.
    Result(String),
    /// The change is better described by this.
    Edits(Vec<Edit>),
    /// The text was not the user's.
    Injected,
}

/// Receives what an adapter reads, in the order of the store.
pub trait Sink {
    /// A session begins; `append` if events before it are already known.
    fn begin(&mut self, _slot: Slot, _header: &Session, _append: bool) {}
    /// An event of the session in `slot`.
    fn event(&mut self, slot: Slot, event: Event);
    /// A change of an event that was put out before (now or in an earlier read).
    fn amend(&mut self, _slot: Slot, _event: &str, _amendment: &Amendment) {}
    /// Bytes of the store as they are read, for the archive: `name` is the file.
    /// Parts of one file come in order; `offset` may step back over a tail that
    /// was read before it was complete.
    fn raw(&mut self, _name: &str, _offset: u64, _bytes: &[u8]) {}
    /// A session that an earlier reading found is no longer in its unit.
    fn gone(&mut self, _native_id: &str) {}
    /// The session's header is complete.
    fn end(&mut self, slot: Slot, header: Session);
    /// Whether the adapter should give up early.
    fn stopped(&self) -> bool {
        false
    }
}

/// What became of one record of the store: exactly one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It became events or header facts.
    Mapped,
    /// It was left out by a rule that the adapter's info names.
    Ignored(&'static str),
    /// It could not be understood; an issue says so.
    Reported,
}

/// Counts of records by fate: `records` is the sum of the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records framed.
    pub records: u64,
    /// Records that became events or facts.
    pub mapped: u64,
    /// Records left out, by rule.
    pub ignored: BTreeMap<&'static str, u64>,
    /// Records that an issue names.
    pub reported: u64,
}

impl Tally {
    /// Counts one record.
    pub fn count(&mut self, fate: Fate) {
        self.records += 1;
        match fate {
            Fate::Mapped => self.mapped += 1,
            Fate::Ignored(rule) => *self.ignored.entry(rule).or_default() += 1,
            Fate::Reported => self.reported += 1,
        }
    }
}

/// No header lists more issues than this; the rest is counted.
const MAX_ISSUES: usize = 200;

/// Folds what an adapter reads into headers, counts it, and passes it on.
pub struct Output<'s> {
    sink: &'s mut dyn Sink,
    sessions: Vec<Open>,
    unplaced: Vec<Issue>,
    /// What became of the records so far.
    pub tally: Tally,
}

struct Open {
    header: Session,
    withheld_issues: u64,
    ended: bool,
}

impl<'s> Output<'s> {
    /// An output that passes everything on to `sink`.
    pub fn new(sink: &'s mut dyn Sink) -> Self {
        Self {
            sink,
            sessions: Vec::new(),
            unplaced: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// Begins a session. With `append`, `header` is how it stood before and
    /// only what came since is put out.
    pub fn begin(&mut self, header: Session, append: bool) -> Slot {
        let slot = Slot(self.sessions.len());
        self.sink.begin(slot, &header, append);
        self.sessions.push(Open {
            header,
            withheld_issues: 0,
            ended: false,
        });
        slot
    }

    /// The header of a session, to be filled in as facts become known.
    pub fn header(&mut self, slot: Slot) -> &mut Session {
        &mut self.sessions[slot.0].header
    }

    /// Puts out an event; the header takes in its time, model and usage.
    pub fn event(&mut self, slot: Slot, event: Event) {
        self.sessions[slot.0].header.absorb(&event);
        self.sink.event(slot, event);
    }

    /// Changes an event that was put out before.
    pub fn amend(&mut self, slot: Slot, event: &str, amendment: &Amendment) {
        let Amendment::Usage {
            before,
            after,
            inherited,
        } = *amendment
        else {
            self.sink.amend(slot, event, amendment);
            return;
        };
        // Whether another event counts too is not known: what was counted stays.
        let after = after.or(before);
        if !inherited {
            let header = &mut self.sessions[slot.0].header;
            header.usage = replace(header.usage, before, after);
        }
        let amendment = Amendment::Usage {
            before,
            after,
            inherited,
        };
        self.sink.amend(slot, event, &amendment);
    }

    /// Reports an issue of a session.
    pub fn issue(&mut self, slot: Slot, issue: Issue) {
        let open = &mut self.sessions[slot.0];
        if open.header.issues.len() < MAX_ISSUES {
            open.header.issues.push(issue);
        } else {
            open.withheld_issues += 1;
        }
    }

    /// Reports an issue that belongs to no session.
    pub fn unplaced_issue(&mut self, issue: Issue) {
        if self.unplaced.len() < MAX_ISSUES {
            self.unplaced.push(issue);
        }
    }

    /// Issues that belong to no session, taken out.
    pub fn take_unplaced(&mut self) -> Vec<Issue> {
        std::mem::take(&mut self.unplaced)
    }

    /// Passes on bytes of the store.
    pub fn raw(&mut self, name: &str, offset: u64, bytes: &[u8]) {
        self.sink.raw(name, offset, bytes);
    }

    /// Says that a session of an earlier reading is no longer in the unit.
    pub fn gone(&mut self, native_id: &str) {
        self.sink.gone(native_id);
    }

    /// Counts a record.
    pub fn record(&mut self, fate: Fate) {
        self.tally.count(fate);
    }

    /// Whether the receiver wants no more.
    pub fn stopped(&self) -> bool {
        self.sink.stopped()
    }

    /// The headers as they stand, in slot order, for a checkpoint.
    pub fn headers(&self) -> Vec<Session> {
        self.sessions
            .iter()
            .map(|open| open.header.clone())
            .collect()
    }

    /// Ends a session: its header is complete.
    pub fn end(&mut self, slot: Slot) {
        let open = &mut self.sessions[slot.0];
        if std::mem::replace(&mut open.ended, true) {
            return;
        }
        let mut header = open.header.clone();
        if open.withheld_issues > 0 {
            header.issues.push(Issue::new(
                stead_usf::Severity::Info,
                "more-issues",
                format!(
                    "{} more issues of this session are not listed",
                    open.withheld_issues
                ),
            ));
        }
        self.sink.end(slot, header);
    }

    /// Ends every session that is still open.
    pub fn end_all(&mut self) {
        for slot in 0..self.sessions.len() {
            self.end(Slot(slot));
        }
    }
}

/// `total` with `before` taken out and `after` put in, count by count.
fn replace(total: Usage, before: Usage, after: Usage) -> Usage {
    let one = |total: Option<u64>, before: Option<u64>, after: Option<u64>| match (before, after) {
        (None, None) => total,
        (before, after) => Some(
            total
                .unwrap_or(0)
                .saturating_sub(before.unwrap_or(0))
                .saturating_add(after.unwrap_or(0)),
        ),
    };
    Usage {
        input: one(total.input, before.input, after.input),
        output: one(total.output, before.output, after.output),
        cache_read: one(total.cache_read, before.cache_read, after.cache_read),
        cache_write: one(total.cache_write, before.cache_write, after.cache_write),
        reasoning: one(total.reasoning, before.reasoning, after.reasoning),
    }
}

#[cfg(test)]
mod tests {
    use stead_usf::{AgentId, Event, EventType, Session, Usage, validate};

    use super::{Amendment, Output};
    use crate::Document;

    /// The header counts what the events show, whatever amendments bring.
    #[test]
    fn amended_tokens_add_up() {
        let usage = |input, output| Usage {
            input,
            output,
            ..Usage::default()
        };
        let mut document = Document::default();
        let mut output = Output::new(&mut document);
        let slot = output.begin(Session::new(AgentId::new("demo"), "1"), false);
        for (id, inherited) in [("own", false), ("copy", true)] {
            let mut event = Event::new(id, EventType::Assistant);
            let before = usage(Some(0), Some(3));
            (event.usage, event.inherited) = (Some(before), inherited);
            output.event(slot, event);
            let amendment = Amendment::Usage {
                before,
                after: usage(None, Some(8)),
                inherited,
            };
            output.amend(slot, id, &amendment);
        }
        output.end_all();
        let session = &document.sessions[0];
        assert_eq!(validate(session), []);
        assert_eq!(session.usage, usage(Some(0), Some(8)));
        assert_eq!(session.events[1].usage, Some(usage(Some(0), Some(8))));
    }
}
