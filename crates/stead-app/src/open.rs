//! Finds a session and reads it, from the agent's files or from the archive.

mod large;

use std::path::{Path, PathBuf};
use std::time::Duration;

use stead_adapters::{ReadError, Unit, adapter};
use stead_index::{Archive, Place};
use stead_redact::Redactor;
use stead_usf::{Event, Session, SessionId, Source};

use crate::away::is_lost;
use crate::export::SessionWriter;
use crate::mask::{mask_event, mask_header};
use crate::restored::{Restored, original};
use crate::{App, AppError};

/// Units up to this size are read into memory; larger ones are read twice, first
/// for what later records say of earlier events.
const IN_MEMORY: u64 = 24 << 20;

/// So far up the line of parents an archived session is restored.
const ANCESTORS: usize = 32;

/// A session that an id or its beginning names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub(crate) place: Place,
}

impl Found {
    /// The session's id.
    pub const fn id(&self) -> &SessionId {
        &self.place.id
    }

    /// Whether it is read from the archive.
    pub const fn is_archived(&self) -> bool {
        self.place.archived
    }
}

/// How a session is opened.
#[derive(Debug, Clone, Copy, Default)]
pub struct OpenOptions {
    /// Show secrets.
    pub reveal: bool,
}

impl App {
    /// The session that `wanted` names: a whole id, or any beginning of it, with
    /// or without the agent, that fits only one.
    pub fn find(&self, wanted: &str) -> Result<Found, AppError> {
        let mut places = self.catalog.resolve(wanted)?;
        let exact = |place: &Place| place.id.as_str() == wanted || place.id.native() == wanted;
        if let Some(place) = places.iter().find(|place| exact(place)) {
            return Ok(Found {
                place: place.clone(),
            });
        }
        // A subagent's id may begin like its parent's.
        if places.iter().filter(|place| place.top_level).count() == 1 {
            places.retain(|place| place.top_level);
        }
        match places.as_slice() {
            [] => Err(AppError::NotFound {
                wanted: wanted.to_owned(),
                nearest: self.catalog.nearest(wanted, 5)?,
            }),
            [place] => Ok(Found {
                place: place.clone(),
            }),
            _ => Err(AppError::Ambiguous {
                wanted: wanted.to_owned(),
                count: places.len(),
                candidates: places
                    .iter()
                    .take(8)
                    .map(|place| place.id.to_string())
                    .collect(),
            }),
        }
    }

    /// Reads a session into memory.
    pub fn load(&self, found: &Found, options: OpenOptions) -> Result<Session, AppError> {
        struct Collect(Option<Session>);
        impl SessionWriter for Collect {
            fn begin(&mut self, header: &Session) -> std::io::Result<()> {
                self.0 = Some(header.clone());
                Ok(())
            }

            fn event(&mut self, event: &Event) -> std::io::Result<()> {
                if let Some(session) = &mut self.0 {
                    session.events.push(event.clone());
                }
                Ok(())
            }

            fn end(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let mut collect = Collect(None);
        self.visit(found, options, &mut collect)?;
        collect.0.ok_or_else(|| self.vanished(found))
    }

    /// Hands a session to a writer, event by event, in bounded memory.
    pub fn visit(
        &self,
        found: &Found,
        options: OpenOptions,
        writer: &mut dyn SessionWriter,
    ) -> Result<(), AppError> {
        let place = &found.place;
        if place.archived {
            return self.visit_archived(found, options, writer);
        }
        let live = match self.unit(place.id.agent(), &place.unit)? {
            Some(unit) => self.visit_unit(&unit, found, options, None, writer),
            None => Err(self.not_had(found)),
        };
        match live {
            // Its server is away, or fails before anything was handed out.
            Err(error) if self.server_of(place).is_some() && is_lost(&error) => self
                .visit_archived(found, options, writer)
                .map_err(|of_archive| {
                    if is_lost(&of_archive) {
                        error
                    } else {
                        of_archive
                    }
                }),
            live => live,
        }
    }

    fn visit_archived(
        &self,
        found: &Found,
        options: OpenOptions,
        writer: &mut dyn SessionWriter,
    ) -> Result<(), AppError> {
        let place = &found.place;
        let folder = self.settings.archive_dir();
        if !folder.exists() {
            return Err(self.vanished(found));
        }
        let archive = Archive::open(&folder)?;
        // The sessions that it came from tell what was copied.
        let restored = Restored::new(&archive, self.line_of(place)?)?;
        let mut units = restored.units();
        units.retain(|(_, key)| *key == place.unit);
        // Rows of a database are many units of one name.
        let unit = match units.as_slice() {
            [(unit, _)] => Some(unit),
            many => many
                .iter()
                .map(|(unit, _)| unit)
                .find(|unit| holds(unit, place)),
        };
        let unit = unit.ok_or_else(|| self.vanished(found))?;
        self.visit_unit(unit, found, options, Some(restored.root()), writer)
    }

    fn visit_unit(
        &self,
        unit: &Unit,
        found: &Found,
        options: OpenOptions,
        prefix: Option<&Path>,
        writer: &mut dyn SessionWriter,
    ) -> Result<(), AppError> {
        let adapter = adapter(unit.agent.as_str()).ok_or_else(|| self.vanished(found))?;
        let mut pass = Pass {
            native: found.place.id.native().to_owned(),
            archived: found.place.archived,
            prefix: prefix.map(Path::to_path_buf),
            redactor: (!options.reveal).then(Redactor::default_rules),
        };
        if unit.bytes <= IN_MEMORY {
            let sessions = stable(|| Ok(stead_adapters::load(adapter, unit)?.0))?;
            let session = sessions.into_iter().find(|s| s.native_id == pass.native);
            let mut session = session.ok_or_else(|| self.vanished(found))?;
            let events = std::mem::take(&mut session.events);
            writer.begin(&pass.header(session))?;
            for event in events {
                writer.event(&pass.event(event))?;
            }
            return Ok(writer.end()?);
        }
        if large::hand_out(adapter, unit, &mut pass, writer)? {
            Ok(())
        } else {
            Err(self.vanished(found))
        }
    }

    /// The session's unit and those of its parent, its parent's parent, and so on.
    fn line_of(&self, place: &Place) -> Result<Vec<String>, AppError> {
        let mut units = vec![place.unit.clone()];
        let mut number = place.number;
        for _ in 0..ANCESTORS {
            let header = self.catalog.header(number)?;
            let Some(parent) = header.and_then(|header| header.parent) else {
                break;
            };
            let places = self.catalog.resolve(parent.id.as_str())?;
            let Some(place) = places.into_iter().find(|place| place.id == parent.id) else {
                break;
            };
            number = place.number;
            if !units.contains(&place.unit) {
                units.push(place.unit);
            }
        }
        Ok(units)
    }

    pub(crate) fn vanished(&self, found: &Found) -> AppError {
        AppError::NotFound {
            wanted: found.id().to_string(),
            nearest: self
                .catalog
                .nearest(found.id().as_str(), 5)
                .unwrap_or_default(),
        }
    }
}

/// An agent that keeps writing is given so many chances to pause.
const ATTEMPTS: u32 = 4;

/// Reads, and reads again if the agent changed the store meanwhile.
pub(crate) fn stable<T>(mut read: impl FnMut() -> Result<T, AppError>) -> Result<T, AppError> {
    let mut attempt = 1;
    loop {
        match read() {
            Err(AppError::Read(ReadError::Unstable { .. })) if attempt < ATTEMPTS => {
                std::thread::sleep(Duration::from_millis(15 << attempt));
                attempt += 1;
            }
            other => return other,
        }
    }
}

/// Whether a restored unit holds the session.
fn holds(unit: &Unit, place: &Place) -> bool {
    let native = place.id.native();
    names(&unit.path.to_string_lossy(), native)
        || adapter(unit.agent.as_str())
            .and_then(|adapter| stead_adapters::load(adapter, unit).ok())
            .is_some_and(|(sessions, ..)| sessions.iter().any(|s| s.native_id == native))
}

/// Whether a path names a session: its id stands there, and not as part of another.
fn names(path: &str, native: &str) -> bool {
    path.match_indices(native).any(|(start, id)| {
        let before = path[..start].chars().next_back();
        let after = path[start + id.len()..].chars().next();
        let beside = [before, after];
        !beside.into_iter().flatten().any(char::is_alphanumeric)
    })
}

/// What is done to everything that is handed out.
struct Pass {
    native: String,
    archived: bool,
    prefix: Option<PathBuf>,
    redactor: Option<Redactor>,
}

impl Pass {
    fn header(&self, mut header: Session) -> Session {
        header.archived = self.archived;
        if let Some(cwd) = &mut header.cwd
            && let Some(original) = self.original(cwd)
        {
            *cwd = original;
        }
        if let Some(redactor) = &self.redactor {
            mask_header(redactor, &mut header);
        }
        for issue in &mut header.issues {
            self.place(issue.source.as_mut());
        }
        header
    }

    fn event(&self, mut event: Event) -> Event {
        if let Some(redactor) = &self.redactor {
            mask_event(redactor, &mut event);
        }
        self.place(event.source.as_mut());
        event
    }

    /// Names the file as it was in the agent's store, not in the restored copy.
    fn place(&self, source: Option<&mut Source>) {
        if let Some(source) = source
            && let Some(file) = self.original(&source.file)
        {
            source.file = file.into();
        }
    }

    /// The path as it was on the agent's machine.
    fn original(&self, path: &str) -> Option<String> {
        original(self.prefix.as_deref()?, path)
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn an_id_within_another_names_nothing() {
        let path = "/x/sessions.db.rows/20261121_12.jsonl";
        assert!(names(path, "20261121_12"));
        assert!(!names(path, "20261121_1"));
        assert!(!names(path, "s"));
        assert!(names("/x/rollout-2026-11-21T09-00-00-01a1.jsonl", "01a1"));
    }
}
