//! Token counts of one session, from the texts of its messages and parts. Where
//! these lie is told in `scan`.

use memchr::memmem;
use stead_usf::{Event, Session, SessionId, Source, Time};

use super::facts::{Facts, time_of};
use super::map::{Mapper, Record, is_model};
use super::reply::Reply;
use super::{Family, part};
use crate::container::json::Object;
use crate::{Output, Sink, Slot, UsageRecord};

/// Receives requests.
pub(super) type Found<'f> = &'f mut dyn FnMut(UsageRecord);

/// Gives the parts of a message, id and JSON, until it is told `false`.
pub(super) type Parts<'p> = &'p mut dyn FnMut(&str, &str) -> bool;

/// The requests of one session.
pub(super) struct Talk {
    family: &'static Family,
    id: String,
    session: SessionId,
    cwd: Option<String>,
    created: Option<i64>,
    /// Requests that wait for a reply to name the folder, as in old sessions.
    waiting: Vec<UsageRecord>,
}

impl Talk {
    /// From what the session's own record says.
    pub(super) fn of(facts: &Facts) -> Self {
        Self::new(facts.family, &facts.id, facts.header().cwd, facts.created)
    }

    /// By the session's id, its folder, and when it was made.
    pub(super) fn new(
        family: &'static Family,
        id: &str,
        folder: Option<String>,
        created: Option<i64>,
    ) -> Self {
        Self {
            family,
            id: id.to_owned(),
            session: SessionId::new(&family.agent(), id),
            cwd: folder.filter(|folder| !folder.is_empty()),
            created,
            waiting: Vec::new(),
        }
    }

    /// The requests of one message. Where it tells the tokens of its only
    /// request, a few parts are enough; else all are read as reading does.
    pub(super) fn message<E>(
        &mut self,
        id: &str,
        json: &str,
        parts: impl FnOnce(Parts<'_>) -> Result<(), E>,
        found: Found<'_>,
    ) -> Result<(), E> {
        if memmem::find(json.as_bytes(), b"\"assistant\"").is_none() {
            return Ok(());
        }
        let Ok(data) = Object::parse(json) else {
            return Ok(());
        };
        let mut reply = Reply::of(record(id, id, data, false));
        self.cwd = self.cwd.take().or_else(|| reply.cwd.clone());
        let copied = matches!(
            (reply.created, self.created),
            (Some(message), Some(session)) if message < session
        );
        if copied {
            return Ok(());
        }
        if reply.finish.is_none() {
            return self.whole(id, Some(json), parts, found);
        }
        if let Some(usage) = reply.own_usage() {
            let at = self.begun(&mut reply, parts)?;
            let request = UsageRecord {
                session: self.session.clone(),
                message: Some(reply.name()),
                at,
                model: reply.model.clone(),
                cwd: None,
                usage,
                cost_usd: reply.cost,
            };
            self.put(request, found);
        }
        Ok(())
    }

    /// The time of the event that carries the tokens: the first of the model.
    fn begun<E>(
        &self,
        reply: &mut Reply,
        parts: impl FnOnce(Parts<'_>) -> Result<(), E>,
    ) -> Result<Option<Time>, E> {
        let mut nobody = Usages::default();
        let mut output = Output::new(&mut nobody);
        let mut mapper = Mapper::begin(&mut output, &Facts::unknown(self.family, &self.id));
        let mut begun = None;
        let message = reply.id.clone();
        parts(&mut |id, json| {
            if let Ok(data) = Object::parse(json) {
                let record = record(id, &message, data, false);
                part::map(&mut mapper, &mut output, reply, record);
            }
            let first = reply.pending.iter().find(|event| is_model(event.kind));
            begun = first.map(|event| event.at);
            begun.is_none()
        })?;
        Ok(begun.unwrap_or_else(|| reply.created.and_then(time_of)))
    }

    /// The requests of a message that holds several, or of which only the parts
    /// are left (`json` is absent).
    pub(super) fn whole<E>(
        &mut self,
        id: &str,
        json: Option<&str>,
        parts: impl FnOnce(Parts<'_>) -> Result<(), E>,
        found: Found<'_>,
    ) -> Result<(), E> {
        let lost = json.is_none();
        let mut usages = Usages::default();
        let mut output = Output::new(&mut usages);
        let mut facts = Facts::unknown(self.family, &self.id);
        facts.created = self.created;
        let mut mapper = Mapper::begin(&mut output, &facts);
        if let Some(data) = json.and_then(|json| Object::parse(json).ok()) {
            mapper.message(&mut output, record(id, id, data, false));
        }
        parts(&mut |part, json| {
            if let Ok(data) = Object::parse(json) {
                mapper.part(&mut output, record(part, id, data, lost));
            }
            true
        })?;
        mapper.close(&mut output);
        for request in usages.found {
            self.put(request, found);
        }
        Ok(())
    }

    fn put(&mut self, request: UsageRecord, found: Found<'_>) {
        match self.cwd.clone() {
            None => self.waiting.push(request),
            cwd => found(UsageRecord { cwd, ..request }),
        }
    }

    /// All messages were looked at.
    pub(super) fn finish(self, found: Found<'_>) {
        for request in self.waiting {
            let cwd = self.cwd.clone();
            found(UsageRecord { cwd, ..request });
        }
    }
}

fn record<'a>(id: &'a str, message: &'a str, data: Object<'a>, removed: bool) -> Record<'a> {
    Record {
        id,
        message,
        data,
        row: None,
        source: Source::default(),
        removed,
    }
}

/// Keeps the requests of one session that is read, without their folder.
#[derive(Default)]
pub(super) struct Usages {
    pub(super) found: Vec<UsageRecord>,
    session: Option<SessionId>,
    pub(super) cwd: Option<String>,
}

impl Sink for Usages {
    fn begin(&mut self, _: Slot, header: &Session, _: bool) {
        self.session = Some(header.id.clone());
    }

    fn event(&mut self, _: Slot, event: Event) {
        if let (Some(usage), Some(session), false) = (event.usage, &self.session, event.inherited) {
            self.found.push(UsageRecord {
                session: session.clone(),
                message: event.message,
                at: event.at,
                model: event.model,
                cwd: None,
                usage,
                cost_usd: event.cost_usd,
            });
        }
    }

    fn end(&mut self, _: Slot, header: Session) {
        self.cwd = header.cwd;
    }
}
