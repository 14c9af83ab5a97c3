//! Tokens alone, as fast as possible: only lines that can hold them are looked
//! into. The rules are those of `map`.

use std::borrow::Cow;

use memchr::memmem::Finder;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::value::RawValue;
use stead_usf::{AgentId, Model, SessionId, Time};

use super::lineage::{self, Copies, Lineage, lines};
use super::locate::Place;
use super::tree::digest;
use super::usage::{parse, reply_key};
use crate::{ReadError, Unit, UsageRecord};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    uuid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    parent_uuid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    request_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    timestamp: Option<Cow<'a, str>>,
    #[serde(borrow)]
    cwd: Option<Cow<'a, str>>,
    #[serde(default)]
    is_sidechain: Option<bool>,
    #[serde(rename = "costUSD")]
    cost_usd: Option<f64>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    model: Option<Cow<'a, str>>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
}

/// Finds the tokens of every request of a unit.
pub(super) fn scan(
    agent: &AgentId,
    unit: &Unit,
    found: &mut dyn FnMut(UsageRecord),
) -> Result<bool, ReadError> {
    let failed = |source| ReadError::Io {
        path: unit.path.clone(),
        source,
    };
    let place = Place::of(&unit.path);
    let lineage = if place.agent {
        Lineage::default()
    } else {
        lineage::find(&unit.path, &place.id)
    };
    let mut scan = Scan {
        copies: Copies::of(&lineage),
        session: SessionId::new(agent, &place.id),
        agent,
        place,
        talks: FxHashMap::default(),
        last: None,
        replies: FxHashMap::default(),
        records: Vec::new(),
    };
    let usage = Finder::new(b"\"usage\":");
    let sidechain = Finder::new(b"\"isSidechain\":true");
    // As programs write it that put blanks between tokens.
    let spaced = Finder::new(b"\"isSidechain\": true");
    let mut offset = 0;
    lines(&unit.path, u64::MAX, |line| {
        let whole = usage.find(line).is_some();
        let aside = || sidechain.find(line).or_else(|| spaced.find(line)).is_some();
        if whole || (!scan.place.agent && aside()) {
            scan.line(line, offset);
        }
        offset += line.len() as u64;
        true
    })
    .map_err(failed)?;
    scan.records.into_iter().for_each(found);
    Ok(true)
}

struct Scan<'a> {
    agent: &'a AgentId,
    place: Place,
    session: SessionId,
    copies: Copies,
    /// The old subagents' sessions by the records that are part of them.
    talks: FxHashMap<u64, SessionId>,
    last: Option<SessionId>,
    /// Where in `records` a reply stands; copied ones stand nowhere.
    replies: FxHashMap<u64, Option<usize>>,
    records: Vec<UsageRecord>,
}

impl Scan<'_> {
    fn line(&mut self, line: &[u8], offset: u64) {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_matches(['\0', '\u{feff}', ' ', '\t', '\r', '\n']);
        let mut records = serde_json::Deserializer::from_str(text).into_iter::<Record<'_>>();
        while let Some(Ok(record)) = records.next() {
            let session = self.session(&record);
            if record.kind.as_deref() == Some("assistant") {
                self.reply(&record, session, offset);
            }
        }
    }

    /// The session that a record is part of.
    fn session(&mut self, record: &Record<'_>) -> SessionId {
        if record.is_sidechain != Some(true) || self.place.agent {
            return self.session.clone();
        }
        let uuid = record.uuid.as_deref().unwrap_or_default();
        let parent = record.parent_uuid.as_deref();
        let known = parent.map(|parent| self.talks.get(&digest(parent)).cloned());
        let session = match (known, &self.last) {
            (Some(Some(session)), _) => session,
            (Some(None), Some(last)) => last.clone(),
            _ => SessionId::new(self.agent, &format!("{}/{uuid}", self.place.id)),
        };
        self.talks.insert(digest(uuid), session.clone());
        self.last = Some(session.clone());
        session
    }

    fn reply(&mut self, record: &Record<'_>, session: SessionId, offset: u64) {
        let message = record.message.map(RawValue::get).unwrap_or_default();
        let Ok(message) = serde_json::from_str::<Message<'_>>(message) else {
            return;
        };
        let model = message.model.as_deref().filter(|id| !id.is_empty());
        let Some(usage) = message.usage.and_then(parse) else {
            return;
        };
        if model == Some("<synthetic>") {
            return;
        }
        let key = message.id.as_deref();
        let key = key.map(|id| reply_key(id, record.request_id.as_deref()));
        if let Some(place) = key.and_then(|key| self.replies.get(&key)) {
            if let Some(place) = *place {
                let known = &mut self.records[place].usage;
                *known = usage.or(*known);
            }
            return;
        }
        let copied = self.copies.any() && self.copies.hold(offset, record.uuid.as_deref());
        let place = (!copied).then_some(self.records.len());
        self.replies.extend(key.map(|key| (key, place)));
        if copied {
            return;
        }
        self.records.push(UsageRecord {
            session,
            message: message.id.map(Cow::into_owned),
            at: record
                .timestamp
                .as_deref()
                .and_then(|at| Time::parse(at).ok()),
            model: model.map(|id| Model {
                id: id.to_owned(),
                provider: None,
            }),
            cwd: record.cwd.as_deref().map(str::to_owned),
            usage,
            cost_usd: record.cost_usd,
        });
    }
}
