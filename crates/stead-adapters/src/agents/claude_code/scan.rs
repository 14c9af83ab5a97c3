//! Tokens alone, as fast as possible: only lines that can hold them are looked
//! into. The rules are those of `map`.

use std::borrow::Cow;

use memchr::memmem::Finder;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::value::RawValue;
use stead_usf::{AgentId, Model, SessionId, Time, Usage};

use super::lineage::{self, Copies, Lineage, lines};
use super::locate::Place;
use super::tree::digest;
use super::usage::{parse, reply_name};
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
    #[serde(rename = "totalCostUSD")]
    total: Option<f64>,
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

/// The type of a record without a message stands this near to the begin of its
/// line.
const HEAD: usize = 64;

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
        talks: FxHashMap::default(),
        last: None,
        replies: FxHashMap::default(),
        records: Vec::new(),
        folders: FxHashMap::default(),
        cost: None,
        has_own_cost: !place.agent && lineage.parent.is_none(),
        place,
    };
    let usage = Finder::new(b"\"usage\":");
    let cost = Finder::new(b"cost-state");
    let sidechain = Finder::new(b"\"isSidechain\":true");
    // As programs write it that put blanks between tokens.
    let spaced = Finder::new(b"\"isSidechain\": true");
    let mut offset = 0;
    lines(&unit.path, u64::MAX, |line| {
        let head = &line[..line.len().min(HEAD)];
        let whole = usage.find(line).is_some() || cost.find(head).is_some();
        let aside = || sidechain.find(line).or_else(|| spaced.find(line)).is_some();
        let first = !scan.folders.contains_key(&scan.session);
        if whole || first || (!scan.place.agent && aside()) {
            scan.line(line, offset);
        }
        offset += line.len() as u64;
        true
    })
    .map_err(failed)?;
    let whole = scan.cost.and_then(|cost| scan.whole(cost));
    for record in scan.records.into_iter().chain(whole) {
        let cwd = scan.folders.get(&record.session).cloned();
        found(UsageRecord { cwd, ..record });
    }
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
    /// Where each session worked at first.
    folders: FxHashMap<SessionId, String>,
    /// The session's cost so far; that of a fork holds its parent's too.
    cost: Option<f64>,
    has_own_cost: bool,
}

impl Scan<'_> {
    fn line(&mut self, line: &[u8], offset: u64) {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_matches(['\0', '\u{feff}', ' ', '\t', '\r', '\n']);
        let mut records = serde_json::Deserializer::from_str(text).into_iter::<Record<'_>>();
        while let Some(Ok(record)) = records.next() {
            let session = self.session(&record);
            self.folder(&record, &session);
            match record.kind.as_deref() {
                Some("assistant") => self.reply(&record, session, offset),
                Some("cost-state") if self.has_own_cost => {
                    self.cost = record.total.or(self.cost);
                }
                _ => {}
            }
        }
    }

    fn folder(&mut self, record: &Record<'_>, session: &SessionId) {
        let is_talk = matches!(
            record.kind.as_deref(),
            Some("user" | "assistant" | "system" | "attachment")
        );
        if let Some(cwd) = record.cwd.as_deref()
            && is_talk
            && !cwd.is_empty()
            && !self.folders.contains_key(session)
        {
            self.folders.insert(session.clone(), cwd.to_owned());
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

    /// What the session cost as a whole, told of no request.
    fn whole(&self, cost: f64) -> Option<UsageRecord> {
        let own = |record: &UsageRecord| record.session == self.session;
        self.records.iter().any(own).then(|| UsageRecord {
            session: self.session.clone(),
            message: None,
            at: None,
            model: None,
            cwd: None,
            usage: Usage::default(),
            cost_usd: Some(cost),
        })
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
        let name = message.id.as_deref();
        let name = name.map(|id| reply_name(id, record.request_id.as_deref()));
        let key = name.as_deref().map(digest);
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
            message: name,
            at: record
                .timestamp
                .as_deref()
                .and_then(|at| Time::parse(at).ok()),
            model: model.map(|id| Model {
                id: id.to_owned(),
                provider: None,
            }),
            cwd: None,
            usage,
            cost_usd: record.cost_usd,
        });
    }
}
