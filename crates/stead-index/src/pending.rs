//! Units and sessions that are being read and wait for their commit.

mod tally;

use std::collections::VecDeque;
use std::sync::Arc;

use rusqlite::{OptionalExtension, Transaction, params};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use stead_usf::{Event, EventType, LinkKind, Model, Session, ToolKind, Usage};

use crate::IndexError;
use crate::catalog::KnownSession;
use crate::requests::{self, ModelRequest};
use crate::text::Entry;

/// A unit that is being read or waits for its commit.
pub(crate) struct Unit {
    pub(crate) key: String,
    pub(crate) agent: String,
    pub(crate) stamp: u64,
    pub(crate) whole: bool,
    pub(crate) known: Vec<KnownSession>,
    pub(crate) sessions: Vec<Open>,
    pub(crate) gone: Vec<String>,
    pub(crate) checkpoint: Option<Vec<u8>>,
    /// What became of the records, as a JSON object of counts.
    pub(crate) tally: String,
    pub(crate) issues: String,
    /// A later record changes what an earlier reading wrote.
    pub(crate) stale: bool,
}

/// A session that is being read.
pub(crate) struct Open {
    pub(crate) number: u64,
    pub(crate) events: u64,
    pub(crate) text_bytes: u64,
    pub(crate) requests: Vec<ModelRequest>,
    /// Where an event's usage stands in `requests`, for later corrections.
    pub(crate) places: FxHashMap<u64, usize>,
    pub(crate) tools: FxHashMap<String, (ToolKind, String)>,
    /// Takes the place of these earlier readings.
    pub(crate) replaces: Option<u64>,
    pub(crate) title: Option<String>,
    pub(crate) header: Option<Session>,
    /// The project that it worked in.
    pub(crate) project: Option<String>,
    pub(crate) forgotten: bool,
    /// Goes on where an earlier reading stopped.
    pub(crate) append: bool,
    /// Goes on where an earlier reading stopped, and has.
    pub(crate) appended: bool,
    /// What was said to the model. It is written when the session ends: until
    /// then a later record may tell that the user did not say it.
    pub(crate) held: Vec<Held>,
    /// The newest events that may still be told their usage.
    pub(crate) recent: VecDeque<Recent>,
    /// The models so far: few, and named by every request.
    pub(crate) models: Vec<Arc<Model>>,
}

/// An event without usage, so far.
pub(crate) struct Recent {
    pub(crate) id: String,
    pub(crate) model: Option<Arc<Model>>,
    pub(crate) at_ms: Option<i64>,
}

/// A text that waits for the end of its session.
pub(crate) struct Held {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) injected: bool,
    pub(crate) at_ms: Option<i64>,
    pub(crate) paths: Vec<String>,
    pub(crate) text: String,
}

impl Held {
    pub(crate) fn entry(&self, session: u64) -> Entry<'_> {
        Entry {
            session,
            sequence: self.sequence,
            id: &self.id,
            kind: EventType::User,
            tool_kind: None,
            tool_name: "",
            failed: false,
            injected: self.injected,
            at_ms: self.at_ms,
            paths: self.paths.iter().map(AsRef::as_ref).collect(),
            text: &self.text,
        }
    }
}

/// So far back an event's usage may be told.
const RECENT: usize = 64;
/// So far back the next reading may tell it.
const KEPT: usize = 8;

impl Open {
    pub(crate) fn new(number: u64) -> Self {
        Self {
            number,
            events: 0,
            text_bytes: 0,
            requests: Vec::new(),
            places: FxHashMap::default(),
            tools: FxHashMap::default(),
            replaces: None,
            title: None,
            header: None,
            project: None,
            forgotten: false,
            append: false,
            appended: false,
            held: Vec::new(),
            recent: VecDeque::new(),
            models: Vec::new(),
        }
    }

    /// Takes the event's model request in.
    pub(crate) fn count(&mut self, header: &Session, event: &Event) {
        if event.inherited {
            return;
        }
        if event.usage.is_none() && event.cost_usd.is_none() {
            if !matches!(
                event.kind,
                EventType::Assistant
                    | EventType::Reasoning
                    | EventType::ToolCall
                    | EventType::Summary
            ) {
                return;
            }
            if self.recent.len() == RECENT {
                self.recent.pop_front();
            }
            let model = event.model.as_ref();
            let recent = Recent {
                id: event.id.clone(),
                model: model.map(|model| self.model(model)),
                at_ms: event.at.map(stead_usf::Time::as_millis),
            };
            self.recent.push_back(recent);
            return;
        }
        let key = match &event.message {
            Some(message) => requests::key_of_message(header.agent.as_str(), message),
            None => requests::key_of_event(header.id.as_str(), &event.id),
        };
        let place = self.requests.len();
        let model = event.model.as_ref().map(|model| self.model(model));
        self.requests.push(ModelRequest {
            key,
            at_ms: event.at.map(stead_usf::Time::as_millis),
            model,
            usage: event.usage.unwrap_or_default(),
            cost_usd: event.cost_usd,
        });
        self.places
            .insert(requests::key_of_event(header.id.as_str(), &event.id), place);
    }

    /// A request of an earlier reading, known by what it counted: events that are
    /// corrected later are among the last.
    pub(crate) fn earlier_request(&self, before: Usage) -> Option<usize> {
        if before.is_empty() {
            return None;
        }
        let from = self.requests.len().saturating_sub(RECENT);
        let place = self.requests[from..]
            .iter()
            .rposition(|request| request.usage == before)?;
        Some(from + place)
    }

    /// The model, kept once.
    pub(crate) fn model(&mut self, model: &Model) -> Arc<Model> {
        if let Some(known) = self.models.iter().find(|known| ***known == *model) {
            return known.clone();
        }
        self.models.push(Arc::new(model.clone()));
        self.models[self.models.len() - 1].clone()
    }

    /// The event's tool; a result has its call's.
    pub(crate) fn tool(&mut self, event: &Event) -> Option<(ToolKind, String)> {
        match (&event.tool, &event.call_id) {
            (Some(tool), Some(call)) if event.kind == EventType::ToolCall => {
                let tool = (tool.kind, tool.name.clone());
                self.tools.insert(call.clone(), tool.clone());
                Some(tool)
            }
            (Some(tool), _) => Some((tool.kind, tool.name.clone())),
            (None, Some(call)) => self.tools.remove(call),
            (None, None) => None,
        }
    }
}

impl Unit {
    pub(crate) fn save(&self, transaction: &Transaction<'_>) -> Result<(), IndexError> {
        let sql = "INSERT OR REPLACE INTO unit (key, agent, stamp) VALUES (?1, ?2, ?3)";
        let stamp = self.stamp as i64;
        transaction
            .prepare_cached(sql)?
            .execute(params![self.key, self.agent, stamp])?;
        let sql = "INSERT OR REPLACE INTO unit_state (key, checkpoint, tally, issues)
                   VALUES (?1, ?2, ?3, ?4)";
        let issues = (self.issues != "[]").then_some(&self.issues);
        let tally = self.whole_tally(transaction)?;
        transaction.prepare_cached(sql)?.execute(params![
            self.key,
            self.checkpoint,
            tally,
            issues
        ])?;
        for open in &self.sessions {
            open.save(&self.key, transaction)?;
        }
        for native in &self.gone {
            mark_archived(transaction, &self.key, Some(native))?;
        }
        let again = |known: &&KnownSession| {
            let number = known.number;
            !self
                .sessions
                .iter()
                .any(|open| open.number == number || open.replaces == Some(number))
        };
        for known in self.known.iter().filter(again).filter(|_| self.whole) {
            mark_archived(transaction, &self.key, Some(&known.native))?;
        }
        Ok(())
    }

    /// The counts of the whole unit: where the reading went on, those before are
    /// added, and where nothing could be read, they stay.
    fn whole_tally(&self, transaction: &Transaction<'_>) -> Result<String, IndexError> {
        let goes_on = self.sessions.iter().any(|open| open.append);
        if !goes_on && !self.tally.is_empty() {
            return Ok(self.tally.clone());
        }
        let sql = "SELECT tally FROM unit_state WHERE key = ?1";
        let before: Option<Option<String>> = transaction
            .prepare_cached(sql)?
            .query_row([&self.key], |row| row.get(0))
            .optional()?;
        let before = before.flatten().unwrap_or_default();
        Ok(tally::sum(&before, &self.tally))
    }
}

/// Marks sessions whose files are gone: all of a unit, or one of them.
pub(crate) fn mark_archived(
    transaction: &Transaction<'_>,
    unit: &str,
    native: Option<&str>,
) -> Result<(), IndexError> {
    let sql = "UPDATE session_data SET header = json_set(header, '$.archived', json('true'))
               WHERE no IN (SELECT no FROM session
                            WHERE unit = ?1 AND (?2 IS NULL OR native = ?2) AND archived = 0)";
    transaction
        .prepare_cached(sql)?
        .execute(params![unit, native])?;
    let sql = "UPDATE session SET archived = 1 WHERE unit = ?1 AND (?2 IS NULL OR native = ?2)";
    transaction
        .prepare_cached(sql)?
        .execute(params![unit, native])?;
    Ok(())
}

/// What the next reading needs of a session to go on.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Waiting {
    /// Tools of calls without a result.
    tools: FxHashMap<String, (ToolKind, String)>,
    /// Events that may still be told their usage: id, model, time.
    recent: Vec<(String, Option<Model>, Option<i64>)>,
    /// Keys of the events that carry the newest requests which the provider
    /// named, with the request's place.
    places: Vec<(u64, usize)>,
}

/// Calls of longer ago are not waited for.
const CALLS: usize = 256;

impl Open {
    /// A session of which more is read now.
    pub(crate) fn going_on(known: &KnownSession) -> Self {
        let waiting = known.calls.as_deref();
        let waiting = waiting.and_then(|json| serde_json::from_str::<Waiting>(json).ok());
        let Waiting {
            tools,
            recent,
            places,
        } = waiting.unwrap_or_default();
        let requests = known.requests.iter().enumerate();
        let by_key = requests.map(|(place, request)| (request.key, place));
        let places = places
            .into_iter()
            .filter(|(_, place)| *place < known.requests.len());
        let recent = recent.into_iter().map(|(id, model, at_ms)| Recent {
            id,
            model: model.map(Arc::new),
            at_ms,
        });
        Self {
            events: known.events,
            text_bytes: known.text_bytes,
            places: by_key.chain(places).collect(),
            requests: known.requests.clone(),
            tools,
            recent: recent.collect(),
            append: true,
            ..Self::new(known.number)
        }
    }

    fn waiting(&self) -> Option<String> {
        let from = self.requests.len().saturating_sub(KEPT);
        let named = |(event, place): &(&u64, &usize)| {
            **place >= from && self.requests[**place].key != **event
        };
        let few = Some(&self.tools).filter(|tools| tools.len() <= CALLS);
        let skipped = self.recent.len().saturating_sub(KEPT);
        let recent = self.recent.iter().skip(skipped).map(|recent| {
            let model = recent.model.as_deref().cloned();
            (recent.id.clone(), model, recent.at_ms)
        });
        let waiting = Waiting {
            tools: few.cloned().unwrap_or_default(),
            recent: recent.collect(),
            places: self
                .places
                .iter()
                .filter(named)
                .map(|(event, place)| (*event, *place))
                .collect(),
        };
        serde_json::to_string(&waiting).ok()
    }

    pub(crate) fn save(&self, unit: &str, transaction: &Transaction<'_>) -> Result<(), IndexError> {
        if let Some(replaced) = self.replaces {
            let sql = "DELETE FROM session WHERE no = ?1";
            transaction
                .prepare_cached(sql)?
                .execute([replaced as i64])?;
        }
        let Some(header) = self.header.as_ref().filter(|_| !self.forgotten) else {
            return Ok(());
        };
        let link = header.parent.as_ref().map(|parent| match parent.kind {
            LinkKind::Subagent => "subagent",
            LinkKind::Fork => "fork",
            LinkKind::Resume => "resume",
        });
        let number = self.number as i64;
        let models: Vec<_> = header
            .models
            .iter()
            .map(|model| model.id.as_str())
            .collect();
        let sql =
            "INSERT OR REPLACE INTO session (no, unit, id, agent, native, parent, link, created,
                   updated, cwd, title, branch, models, archived, events, text_bytes, project)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
        transaction.prepare_cached(sql)?.execute(params![
            number,
            unit,
            header.id.as_str(),
            header.agent.as_str(),
            header.native_id,
            header.parent.as_ref().map(|parent| parent.id.as_str()),
            link,
            header.created_at.map(stead_usf::Time::as_millis),
            header.updated_at.map(stead_usf::Time::as_millis),
            header.cwd,
            header.title,
            header.git.as_ref().and_then(|git| git.branch.as_deref()),
            models.join("\n"),
            header.archived,
            self.events as i64,
            self.text_bytes as i64,
            self.project,
        ])?;
        let sql = "INSERT OR REPLACE INTO session_data (no, header, requests, calls)
                   VALUES (?1, ?2, ?3, ?4)";
        let json = serde_json::to_string(header).unwrap_or_default();
        transaction.prepare_cached(sql)?.execute(params![
            number,
            json,
            requests::encode(&self.requests),
            self.waiting()
        ])?;
        Ok(())
    }
}
