//! A task's folder is read: its line in the list, its metadata, and its two files of
//! messages side by side, no more than a turn of them in memory.

use std::path::Path;

use stead_usf::{Issue, LinkKind, Parent, Session, SessionId, Severity};

use super::item::{self, Item};
use super::metadata;
use super::sent::Sent;
use super::shown::Shown;
use super::told::told;
use super::weave::Weave;
use super::{Family, locate};
use crate::container::array::{Array, Element, Next};
use crate::container::json::Object;
use crate::{Checkpoint, Fate, Output, Position, ReadError, Unit};

/// How the records of the two files begin.
pub(super) const SHOWN_HEAD: &str = "{\"ts\":";
const SENT_HEAD: &str = "{\"role\":";

/// Whether a unit is a task: a folder with files of its own.
pub(crate) fn is_task(unit: &Unit) -> bool {
    let first = unit.parts.first();
    first.is_some_and(|part| part.parent() == Some(&*unit.path))
}

/// Reads a task.
pub(crate) fn read(
    family: &Family,
    unit: &Unit,
    output: &mut Output<'_>,
) -> Result<Checkpoint, ReadError> {
    let folder = &unit.path;
    let id = folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut issues = Vec::new();
    let item = item::find(
        family,
        folder,
        &id,
        locate::lists(unit),
        output,
        &mut issues,
    );
    let metadata = metadata::read(family, &folder.join(locate::METADATA), output, &mut issues);
    output.raw(&folder.join(family.marker()).to_string_lossy(), 0, b"\n");
    let mut header = Session::new(family.agent.clone(), id.as_str());
    header.agent_version = metadata.version;
    describe(&mut header, family, &item);
    let slot = output.begin(header, false);
    for issue in issues {
        output.issue(slot, issue);
    }
    let shown = shown_file(folder);
    let mut weave = Weave::new(family, slot, &id, told(&shown)?);
    weave.gone.deleted = item.deleted;
    weave.models = metadata.models;
    weave.handed_over = item.parent.is_some();
    let mut files = Files {
        shown: Array::open(&shown, SHOWN_HEAD)?,
        sent: Array::open(&folder.join(locate::SENT), SENT_HEAD)?,
        next_shown: None,
        next_sent: None,
        shown_count: 0,
        sent_count: 0,
    };
    for event in item.event.into_iter().chain(metadata.event) {
        output.event(slot, event);
    }
    files.run(&mut weave, output)?;
    weave.finish(output);
    let parent = output.header(slot).clone();
    output.end(slot);
    for child in std::mem::take(&mut weave.children) {
        child.put(output, &parent);
    }
    Ok(Checkpoint {
        version: family.reading,
        position: Position::Whole,
        state: None,
        sessions: output.headers(),
    })
}

fn describe(header: &mut Session, family: &Family, item: &Item) {
    header.cwd.clone_from(&item.folder);
    let parent = item
        .parent
        .as_ref()
        .filter(|parent| **parent != header.native_id);
    header.parent = parent.map(|parent| Parent {
        id: SessionId::new(&family.agent, parent),
        kind: LinkKind::Subagent,
        call_id: None,
    });
}

/// The interface's file, under its present name or the old one.
fn shown_file(folder: &Path) -> std::path::PathBuf {
    let shown = folder.join(locate::SHOWN);
    let old = folder.join(locate::OLD_SHOWN);
    if !shown.exists() && old.exists() {
        old
    } else {
        shown
    }
}

/// The two files with what was read ahead.
struct Files {
    shown: Option<Array>,
    sent: Option<Array>,
    next_shown: Option<(usize, Element)>,
    next_sent: Option<(usize, Element)>,
    shown_count: usize,
    sent_count: usize,
}

/// Records with their places in the file.
type Records = Vec<(usize, Element)>;

/// A reply, and what was sent after it.
#[derive(Default)]
struct Exchange {
    replies: Records,
    sent: Records,
}

impl Files {
    fn run(&mut self, weave: &mut Weave<'_>, output: &mut Output<'_>) -> Result<(), ReadError> {
        let mut shown = self.turn(weave, output)?;
        let mut exchange = self.exchange(weave, output)?;
        while shown.is_some() || exchange.is_some() {
            if output.stopped() {
                return Err(ReadError::Stopped);
            }
            let order = self.order(shown.as_ref(), exchange.as_ref());
            let now_shown = shown.take_if(|_| order.0).unwrap_or_default();
            let now = exchange.take_if(|_| order.1).unwrap_or_default();
            let until = ts_of(self.next_shown.as_ref());
            weave_in(weave, output, &now_shown, &now, until);
            if order.0 {
                shown = self.turn(weave, output)?;
            }
            if order.1 {
                exchange = self.exchange(weave, output)?;
            }
        }
        Ok(())
    }

    /// Which of the two comes next: a turn of the interface, an exchange with the
    /// model, or both as one.
    fn order(&self, shown: Option<&Records>, exchange: Option<&Exchange>) -> (bool, bool) {
        let (Some(shown), Some(exchange)) = (shown, exchange) else {
            return (shown.is_some(), exchange.is_some());
        };
        let begun = is_request(shown.first());
        let until = ts_of(self.next_shown.as_ref());
        if exchange.replies.is_empty() {
            // The first message belongs to what came before the first request; others
            // without a reply are what a summary left.
            let at = ts_of(exchange.sent.first());
            let later = begun && at.zip(until).is_some_and(|(at, until)| at >= until);
            return (!begun || later, !later);
        }
        if !begun {
            return (true, false);
        }
        let from = ts_of(shown.first());
        let Some(at) = ts_of(exchange.replies.first()) else {
            let answered = shown.len() > 1;
            return (true, answered);
        };
        if from.is_some_and(|from| at < from) {
            return (false, true);
        }
        (true, until.is_none_or(|until| at < until))
    }

    /// The records up to the next request.
    fn turn(
        &mut self,
        weave: &mut Weave<'_>,
        output: &mut Output<'_>,
    ) -> Result<Option<Records>, ReadError> {
        let mut records = Records::new();
        loop {
            if self.next_shown.is_none() {
                self.next_shown =
                    read_on(self.shown.as_mut(), &mut self.shown_count, weave, output)?;
            }
            let ends = !records.is_empty() && is_request(self.next_shown.as_ref());
            match self.next_shown.take_if(|_| !ends) {
                Some(record) => records.push(record),
                None => return Ok((!records.is_empty()).then_some(records)),
            }
        }
    }

    /// The next replies, and what was sent up to the replies after.
    fn exchange(
        &mut self,
        weave: &mut Weave<'_>,
        output: &mut Output<'_>,
    ) -> Result<Option<Exchange>, ReadError> {
        let mut exchange = Exchange::default();
        loop {
            if self.next_sent.is_none() {
                self.next_sent = read_on(self.sent.as_mut(), &mut self.sent_count, weave, output)?;
            }
            let is_reply = self
                .next_sent
                .as_ref()
                .is_some_and(|(_, element)| Sent::is_reply(element));
            // What follows such a summary stands far behind what is before it.
            let last = exchange.sent.last();
            let summed = last.is_some_and(|(_, element)| Sent::is_last_word(element));
            let ends = summed || is_reply && !exchange.sent.is_empty();
            match self.next_sent.take_if(|_| !ends) {
                Some(record) if is_reply => exchange.replies.push(record),
                Some(record) => exchange.sent.push(record),
                None => {
                    let empty = exchange.replies.is_empty() && exchange.sent.is_empty();
                    return Ok((!empty).then_some(exchange));
                }
            }
        }
    }
}

/// The next record of a file; damage is reported on the way.
fn read_on(
    file: Option<&mut Array>,
    count: &mut usize,
    weave: &Weave<'_>,
    output: &mut Output<'_>,
) -> Result<Option<(usize, Element)>, ReadError> {
    let Some(file) = file else { return Ok(None) };
    while let Some(next) = file.next(output)? {
        *count += 1;
        match next {
            Next::Element(element) => {
                if element.lossy {
                    let message = "bytes that are no UTF-8 were replaced";
                    let issue = Issue::new(Severity::Warning, "bad-utf8", message);
                    output.issue(weave.slot, issue.at(element.source.clone()));
                }
                return Ok(Some((*count - 1, element)));
            }
            Next::Damaged(issue) => {
                output.record(Fate::Reported);
                output.issue(weave.slot, issue);
            }
        }
    }
    Ok(None)
}

fn weave_in(
    weave: &mut Weave<'_>,
    output: &mut Output<'_>,
    shown: &Records,
    exchange: &Exchange,
    until: Option<i64>,
) {
    let records = shown
        .iter()
        .filter_map(|(index, element)| Shown::of(*index, element));
    let records: Vec<_> = records.collect();
    let replies = messages(weave, output, &exchange.replies);
    let sent = messages(weave, output, &exchange.sent);
    weave.turn(output, records, replies, sent, until);
}

/// Takes messages apart. What has no role is no message.
fn messages<'a>(
    weave: &mut Weave<'_>,
    output: &mut Output<'_>,
    records: &'a Records,
) -> Vec<Sent<'a>> {
    let mut messages = Vec::with_capacity(records.len());
    for (index, element) in records {
        match Sent::of(*index, element) {
            Some(message) => messages.push(message),
            None => weave.stranger(output, *index, element),
        }
    }
    messages
}

fn is_request(record: Option<&(usize, Element)>) -> bool {
    let record = record.and_then(|(_, element)| Object::parse(&element.text).ok());
    let say = record.and_then(|record| {
        record
            .peek("say")
            .map(|say| say.get() == "\"api_req_started\"")
    });
    say == Some(true)
}

fn ts_of(record: Option<&(usize, Element)>) -> Option<i64> {
    let (_, element) = record?;
    Object::parse(&element.text).ok()?.i64("ts")
}
