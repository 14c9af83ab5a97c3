//! Takes units into the index: texts into a segment, facts into the catalogue.
//!
//! Each worker thread fills a [`Batch`] of its own. Nothing a batch does can be
//! seen before its commit, and a commit is one transaction that names the
//! finished segment files and the units that are wholly in them. A process that
//! is killed leaves files that no catalogue names; the next writer removes them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use rusqlite::params;
use rustc_hash::FxHashSet;
use stead_redact::Redactor;
use stead_usf::{Event, EventType, Issue, Session, Usage};

use crate::archive::session_hash;
use crate::catalog::Catalog;
use crate::pending::{Held, Open, Unit};
use crate::requests::{self, ModelRequest};
use crate::searchable::Searchable;
use crate::text::{Entry, SegmentBuilder, TITLE};
use crate::{IndexError, Writer};

/// A segment is finished when it holds so much text: what a worker keeps in
/// memory is about twice that.
pub(crate) const SEGMENT: u64 = 8 << 20;

/// What the batches of one writer share.
pub struct Shared<'w> {
    catalog: Mutex<&'w mut Catalog>,
    next_session: AtomicU64,
    next_segment: AtomicU64,
    forgotten: FxHashSet<Vec<u8>>,
}

impl<'w> Shared<'w> {
    pub(crate) fn new(
        writer: &'w mut Writer,
        forgotten: FxHashSet<Vec<u8>>,
    ) -> Result<Self, IndexError> {
        let catalog = &mut writer.catalog;
        let next = |name: &str| -> Result<AtomicU64, IndexError> {
            let sql = "SELECT next FROM counter WHERE name = ?1";
            let number: i64 = catalog.db.query_row(sql, [name], |row| row.get(0))?;
            Ok(AtomicU64::new(number as u64))
        };
        Ok(Self {
            next_session: next("session")?,
            next_segment: next("segment")?,
            catalog: Mutex::new(catalog),
            forgotten,
        })
    }

    /// The catalogue, for short looks.
    pub fn catalog(&self) -> MutexGuard<'_, &'w mut Catalog> {
        // A panic elsewhere cannot leave half a change behind: SQLite rolls back.
        self.catalog
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// What one worker has read and not yet committed.
pub struct Batch<'s, 'w> {
    shared: &'s Shared<'w>,
    segment: Option<(u64, SegmentBuilder)>,
    finished_segments: Vec<(u64, u64)>,
    finished_units: Vec<Unit>,
    /// Units that were given up in the middle of going on: some of their text is
    /// in already, so they are read from the start the next time.
    spoilt_units: Vec<String>,
    unit: Option<Unit>,
    redactor: Redactor,
    searchable: Searchable,
    masked: String,
}

impl<'s, 'w> Batch<'s, 'w> {
    /// An empty batch.
    pub fn new(shared: &'s Shared<'w>) -> Self {
        Self {
            shared,
            segment: None,
            finished_segments: Vec::new(),
            finished_units: Vec::new(),
            spoilt_units: Vec::new(),
            unit: None,
            redactor: Redactor::default_rules(),
            searchable: Searchable::default(),
            masked: String::new(),
        }
    }

    /// Begins a unit. What is read of it takes the place of what was known.
    /// With `whole`, known sessions that do not come again are gone.
    pub fn begin_unit(
        &mut self,
        key: &str,
        agent: &str,
        stamp: u64,
        whole: bool,
    ) -> Result<(), IndexError> {
        let known = self.shared.catalog().sessions_of(key)?;
        self.unit = Some(Unit {
            key: key.to_owned(),
            agent: agent.to_owned(),
            stamp,
            whole,
            known,
            sessions: Vec::new(),
            gone: Vec::new(),
            checkpoint: None,
            tally: String::new(),
            issues: String::new(),
            stale: false,
        });
        Ok(())
    }

    /// Begins a session; sessions of a unit are numbered from 0 in this order.
    /// With `append`, what is known of it stays and only new events come.
    pub fn begin_session(&mut self, header: &Session, append: bool) -> Result<(), IndexError> {
        let Some(unit) = &mut self.unit else {
            return Ok(());
        };
        let known = unit
            .known
            .iter()
            .find(|known| known.native == header.native_id);
        let mut open = match known {
            Some(known) if append => Open::going_on(known),
            known => Open {
                replaces: known.map(|known| known.number),
                ..Open::new(self.shared.next_session.fetch_add(1, Ordering::Relaxed))
            },
        };
        open.append = append;
        open.title = append.then(|| header.title.clone()).flatten();
        open.forgotten = self
            .shared
            .forgotten
            .contains(&session_hash(header.id.as_str()));
        unit.sessions.push(open);
        Ok(())
    }

    /// Takes in an event of the session begun as the `slot`th.
    pub fn event(
        &mut self,
        slot: usize,
        header: &Session,
        event: &Event,
    ) -> Result<(), IndexError> {
        let Some(unit) = &mut self.unit else {
            return Ok(());
        };
        let open = &mut unit.sessions[slot];
        if open.forgotten {
            return Ok(());
        }
        open.count(header, event);
        open.appended = true;
        self.searchable.set(event);
        self.masked.clear();
        self.redactor
            .mask_into(&self.searchable.text, &mut self.masked);
        let tool = open.tool(event);
        let mask = |path: &'_ String| self.redactor.mask(path).into_owned();
        let paths: Vec<String> = self.searchable.paths.iter().map(mask).collect();
        let sequence = open.events;
        open.events += 1;
        open.text_bytes += self.masked.len() as u64;
        if event.kind == EventType::User {
            open.held.push(Held {
                sequence,
                id: event.id.clone(),
                injected: event.injected,
                at_ms: event.at.map(stead_usf::Time::as_millis),
                paths,
                text: self.masked.clone(),
            });
            return Ok(());
        }
        let entry = Entry {
            session: open.number,
            sequence,
            id: &event.id,
            kind: event.kind,
            tool_kind: tool.as_ref().map(|tool| tool.0),
            tool_name: tool.as_ref().map_or("", |tool| &tool.1),
            failed: event.ok == Some(false) || event.kind == EventType::Error,
            injected: event.injected,
            at_ms: event.at.map(stead_usf::Time::as_millis),
            paths: paths.iter().map(AsRef::as_ref).collect(),
            text: &self.masked,
        };
        add(&mut self.segment, self.shared, &entry)?;
        self.roll_segment()
    }

    /// The event's text was not the user's. What an earlier reading wrote cannot
    /// be changed: the unit must be read anew, see [`Batch::is_stale`].
    pub fn amend_injected(&mut self, slot: usize, event: &str) {
        let Some(unit) = &mut self.unit else { return };
        let open = &mut unit.sessions[slot];
        match open.held.iter_mut().rfind(|held| held.id == event) {
            Some(held) => held.injected = true,
            None => unit.stale |= open.append,
        }
    }

    /// Whether what was read changes what an earlier reading wrote. The unit must
    /// be given up and read from its start.
    pub fn is_stale(&self) -> bool {
        self.unit.as_ref().is_some_and(|unit| unit.stale)
    }

    /// Corrects the usage of an event that was taken in before, now or in an
    /// earlier reading: `before` becomes `after`.
    pub fn amend_usage(
        &mut self,
        slot: usize,
        header: &Session,
        event: &str,
        (before, after): (Usage, Usage),
    ) {
        let Some(unit) = &mut self.unit else { return };
        let open = &mut unit.sessions[slot];
        let key = requests::key_of_event(header.id.as_str(), event);
        let place = open.places.get(&key).copied();
        if let Some(place) = place.or_else(|| open.earlier_request(before)) {
            open.requests[place].usage = after;
        } else {
            let known = open.recent.iter().rfind(|recent| recent.id == event);
            let (model, at_ms) = match known {
                Some(recent) => (recent.model.clone(), recent.at_ms),
                None => (None, None),
            };
            open.places.insert(key, open.requests.len());
            open.requests.push(ModelRequest {
                key,
                at_ms: at_ms.or_else(|| header.updated_at.map(stead_usf::Time::as_millis)),
                model: model.or_else(|| header.models.last().cloned().map(Arc::new)),
                usage: after,
                cost_usd: None,
            });
        }
    }

    /// The session's header is complete.
    pub fn end_session(
        &mut self,
        slot: usize,
        header: Session,
        project: Option<String>,
    ) -> Result<(), IndexError> {
        let Some(unit) = &mut self.unit else {
            return Ok(());
        };
        let open = &mut unit.sessions[slot];
        for held in std::mem::take(&mut open.held) {
            add(&mut self.segment, self.shared, &held.entry(open.number))?;
        }
        if let Some(title) = &header.title
            && open.title.as_ref() != Some(title)
            && !open.forgotten
        {
            let masked = self.redactor.mask(title);
            let entry = Entry {
                session: open.number,
                sequence: TITLE,
                id: "",
                kind: EventType::System,
                tool_kind: None,
                tool_name: "",
                failed: false,
                injected: false,
                at_ms: header.updated_at.map(stead_usf::Time::as_millis),
                paths: Vec::new(),
                text: &masked,
            };
            add(&mut self.segment, self.shared, &entry)?;
        }
        open.header = Some(header);
        open.project = project;
        Ok(())
    }

    /// A session that was known is no longer in its unit.
    pub fn gone(&mut self, native: &str) {
        if let Some(unit) = &mut self.unit {
            unit.gone.push(native.to_owned());
        }
    }

    /// The unit was read. It can be seen after the next commit.
    pub fn end_unit(
        &mut self,
        checkpoint: &[u8],
        tally: String,
        issues: &[Issue],
    ) -> Result<(), IndexError> {
        let Some(mut unit) = self.unit.take() else {
            return Ok(());
        };
        unit.checkpoint =
            Some(zstd::bulk::compress(checkpoint, 1).map_err(IndexError::io(unit.key.as_str()))?);
        unit.tally = tally;
        unit.issues = serde_json::to_string(issues).unwrap_or_default();
        self.finished_units.push(unit);
        if self.finished_segments.is_empty() {
            Ok(())
        } else {
            self.commit()
        }
    }

    /// The unit could not be read: what came of it so far is dropped.
    pub fn abandon_unit(&mut self) {
        let goes_on = |open: &Open| open.replaces.is_none() && open.appended;
        if let Some(unit) = self.unit.take()
            && unit.sessions.iter().any(goes_on)
        {
            self.spoilt_units.push(unit.key);
        }
    }

    /// Whether the session must be left out.
    pub fn is_forgotten(&self, id: &str) -> bool {
        self.shared.forgotten.contains(&session_hash(id))
    }

    /// Finishes a full segment. It is named in the commit after the unit's end,
    /// or a kill could leave text of a unit that is read again.
    fn roll_segment(&mut self) -> Result<(), IndexError> {
        let full = self
            .segment
            .as_ref()
            .is_some_and(|(_, built)| built.text_bytes() >= SEGMENT);
        if full { self.finish_segment() } else { Ok(()) }
    }

    fn finish_segment(&mut self) -> Result<(), IndexError> {
        if let Some((number, builder)) = self.segment.take() {
            let bytes = builder.text_bytes();
            let path = self.shared.catalog().segment_path(number);
            if builder.finish().map_err(IndexError::io(path))? {
                self.finished_segments.push((number, bytes));
            }
        }
        Ok(())
    }

    /// Makes everything that was read so far visible to searches.
    pub fn commit(&mut self) -> Result<(), IndexError> {
        self.finish_segment()?;
        if self.finished_segments.is_empty() && self.finished_units.is_empty() {
            return Ok(());
        }
        let mut catalog = self.shared.catalog();
        let transaction = catalog
            .db
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for (number, bytes) in self.finished_segments.drain(..) {
            let sql = "INSERT INTO segment (number, text_bytes) VALUES (?1, ?2)";
            transaction
                .prepare_cached(sql)?
                .execute([number as i64, bytes as i64])?;
        }
        let taken = [
            ("session", &self.shared.next_session),
            ("segment", &self.shared.next_segment),
        ];
        for (name, next) in taken {
            let sql = "UPDATE counter SET next = max(next, ?1) WHERE name = ?2";
            let next = next.load(Ordering::Relaxed) as i64;
            transaction
                .prepare_cached(sql)?
                .execute(params![next, name])?;
        }
        for unit in self.spoilt_units.drain(..) {
            let sql = "UPDATE unit SET stamp = 0 WHERE key = ?1";
            transaction.prepare_cached(sql)?.execute([&unit])?;
            let sql = "UPDATE unit_state SET checkpoint = NULL WHERE key = ?1";
            transaction.prepare_cached(sql)?.execute([&unit])?;
        }
        for unit in self.finished_units.drain(..) {
            unit.save(&transaction)?;
        }
        transaction.commit()?;
        Ok(())
    }
}

fn add(
    segment: &mut Option<(u64, SegmentBuilder)>,
    shared: &Shared<'_>,
    entry: &Entry<'_>,
) -> Result<(), IndexError> {
    if segment.is_none() {
        let number = shared.next_segment.fetch_add(1, Ordering::Relaxed);
        let path = shared.catalog().segment_path(number);
        let builder = SegmentBuilder::create(&path).map_err(IndexError::io(path))?;
        *segment = Some((number, builder));
    }
    match segment {
        Some((_, builder)) => builder.add(entry).map_err(IndexError::io("text")),
        None => Ok(()),
    }
}
