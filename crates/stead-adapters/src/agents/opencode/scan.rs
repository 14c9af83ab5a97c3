//! Token counts alone: only messages are read, and of old ones the parts that
//! end a request.

use std::collections::BTreeMap;
use std::path::Path;

use fs_err as fs;
use memchr::memmem;
use rusqlite::Connection;
use stead_usf::{SessionId, Source, Usage};

use super::facts::{Facts, time_of};
use super::map::Record;
use super::read::Kind;
use super::reply::Reply;
use super::rows::text;
use super::tree::{Tree, object_of};
use super::usage::usage;
use super::{ID, removed};
use crate::container::json::Object;
use crate::container::sqlite::Database;
use crate::{Disk, Output, ReadError, Sink, Slot, Unit, UsageRecord};

type Found<'f> = &'f mut dyn FnMut(UsageRecord);

/// Scans a unit.
pub(super) fn scan(unit: &Unit, found: Found<'_>) -> Result<(), ReadError> {
    match Kind::of(&unit.path) {
        Kind::Database => {
            let database = Database::open(&unit.path)?;
            let result = scan_database(database.connection(), found);
            database.verify()?;
            result.map_err(|error| database.error(error))
        }
        Kind::Tree => {
            scan_tree(&Tree::of_unit(unit), found);
            Ok(())
        }
        Kind::Rows => scan_rows(unit, found),
    }
}

/// What is known of a session before its messages.
struct Context {
    session: SessionId,
    cwd: Option<String>,
    created: Option<i64>,
}

impl Context {
    fn of(facts: &Facts) -> Self {
        let header = facts.header();
        Self {
            session: header.id,
            cwd: header.cwd,
            created: facts.created,
        }
    }

    /// The requests of one message; `steps` gives the parts that end them.
    fn message<E>(
        &self,
        id: &str,
        json: &str,
        steps: impl FnOnce() -> Result<Vec<(Usage, Option<f64>)>, E>,
        found: Found<'_>,
    ) -> Result<(), E> {
        if memmem::find(json.as_bytes(), b"\"assistant\"").is_none() {
            return Ok(());
        }
        let Ok(data) = Object::parse(json) else {
            return Ok(());
        };
        let mut reply = Reply::of(Record {
            id,
            message: id,
            data,
            row: None,
            source: Source::default(),
            removed: false,
        });
        let copied = matches!(
            (reply.created, self.created),
            (Some(message), Some(session)) if message < session
        );
        if copied {
            return Ok(());
        }
        if reply.finish.is_none() {
            for (usage, cost) in steps()? {
                self.request(&reply, usage, cost, found);
                reply.steps += 1;
            }
        }
        if let Some(usage) = reply.own_usage().filter(|_| reply.steps == 0) {
            self.request(&reply, usage, reply.cost, found);
        }
        Ok(())
    }

    /// The requests of a message of which only the parts are left.
    fn lost<E>(
        &self,
        id: &str,
        steps: impl FnOnce() -> Result<Vec<(Usage, Option<f64>)>, E>,
        found: Found<'_>,
    ) -> Result<(), E> {
        let mut reply = Reply::lost(id, Source::default());
        for (usage, cost) in steps()? {
            self.request(&reply, usage, cost, found);
            reply.steps += 1;
        }
        Ok(())
    }

    fn request(&self, reply: &Reply, usage: Usage, cost_usd: Option<f64>, found: Found<'_>) {
        found(UsageRecord {
            session: self.session.clone(),
            message: Some(reply.name()),
            at: reply.created.and_then(time_of),
            model: reply.model.clone(),
            cwd: self.cwd.clone().or_else(|| reply.cwd.clone()),
            usage,
            cost_usd,
        });
    }
}

/// Tokens and cost of a part, if it ends a request.
fn step(json: &str) -> Option<(Usage, Option<f64>)> {
    memmem::find(json.as_bytes(), b"\"step-finish\"")?;
    let mut data = Object::parse(json).ok()?;
    (data.text("type")? == "step-finish").then_some(())?;
    let tokens = data.object("tokens").and_then(usage)?;
    Some((tokens, data.f64("cost")))
}

fn scan_tree(tree: &Tree, found: Found<'_>) {
    let info = fs::read(&tree.info).unwrap_or_default();
    let info = String::from_utf8_lossy(&info);
    let info = Object::parse(object_of(&info).0).unwrap_or_default();
    let context = Context::of(&Facts::of_info(&tree.id, info));
    let mut requests = Vec::new();
    let mut keep = |request| requests.push(request);
    let disk = Disk::default();
    for message in tree.messages(&disk) {
        let steps = || {
            let read = |part: &std::path::PathBuf| {
                let bytes = fs::read(part).ok()?;
                step(object_of(&String::from_utf8_lossy(&bytes)).0)
            };
            Ok::<_, ()>(
                tree.parts(&disk, &message)
                    .iter()
                    .filter_map(read)
                    .collect(),
            )
        };
        let file = tree.message(&message);
        let _ = match fs::read(&file) {
            Ok(bytes) => {
                let json = String::from_utf8_lossy(&bytes);
                context.message(&message, object_of(&json).0, steps, &mut keep)
            }
            Err(_) if !file.exists() => context.lost(&message, steps, &mut keep),
            Err(_) => Ok(()),
        };
    }
    // Old sessions name their folder in replies alone, and of a reply that was
    // taken back only the parts are left.
    let named = |request: &UsageRecord| request.cwd.clone();
    let cwd = requests.iter().find_map(named);
    for mut request in requests {
        request.cwd.clone_from(&cwd);
        found(request);
    }
}

fn scan_database(connection: &Connection, found: Found<'_>) -> Result<(), rusqlite::Error> {
    if !super::changes::has_table(connection, "session")? {
        return Ok(());
    }
    let mut contexts = contexts(connection)?;
    let mut statement = connection.prepare("SELECT session_id, id, data, rowid FROM message")?;
    let mut parts = connection.prepare(
        "SELECT data FROM part
         WHERE message_id = (SELECT id FROM message WHERE rowid = ?1) ORDER BY id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let session = text(row.get_ref(0)?);
        if session.is_empty() {
            continue;
        }
        if !contexts.contains_key(&*session) {
            // Its own row is lost.
            let lost = Context::of(&Facts::unknown(&session));
            contexts.insert(session.clone().into_owned(), lost);
        }
        let context = &contexts[&*session];
        let id = text(row.get_ref(1)?);
        let rowid: i64 = row.get(3)?;
        let steps = || -> Result<_, rusqlite::Error> {
            let mut steps = Vec::new();
            let mut rows = parts.query([rowid])?;
            while let Some(row) = rows.next()? {
                steps.extend(step(&text(row.get_ref(0)?)));
            }
            Ok(steps)
        };
        context.message(&id, &text(row.get_ref(2)?), steps, found)?;
    }
    for (session, context) in &contexts {
        scan_removed(connection, session, context, found)?;
    }
    Ok(())
}

fn contexts(connection: &Connection) -> Result<BTreeMap<String, Context>, rusqlite::Error> {
    let mut statement = connection.prepare("SELECT id, directory, time_created FROM session")?;
    let rows = statement.query_map([], |row| {
        let id = text(row.get_ref(0)?).into_owned();
        let directory = text(row.get_ref(1)?).into_owned();
        let context = Context {
            session: SessionId::new(&ID, &id),
            cwd: Some(directory).filter(|folder| !folder.is_empty()),
            created: row.get_ref(2)?.as_i64().ok(),
        };
        Ok((id, context))
    })?;
    rows.collect()
}

/// Requests whose messages a revert deleted were made all the same.
fn scan_removed(
    connection: &Connection,
    session: &str,
    context: &Context,
    found: Found<'_>,
) -> Result<(), rusqlite::Error> {
    let mut event = connection.prepare_cached("SELECT data FROM event WHERE rowid = ?1");
    for message in removed::messages(connection, session)? {
        let Ok(event) = &mut event else { break };
        let mut state = |rowid: i64, field: &str| -> Result<String, rusqlite::Error> {
            let data: String = event.query_row([rowid], |row| row.get(0))?;
            let value = Object::parse(&data)
                .ok()
                .and_then(|mut data| data.raw(field));
            Ok(value
                .map(|value| value.json().to_owned())
                .unwrap_or_default())
        };
        let info = state(message.event, "info")?;
        let steps = || -> Result<_, rusqlite::Error> {
            let mut steps = Vec::new();
            for part in message.parts.values() {
                steps.extend(step(&state(*part, "part")?));
            }
            Ok(steps)
        };
        context.message(&message.id, &info, steps, found)?;
    }
    Ok(())
}

/// Archived rows are read as they are: it happens once.
fn scan_rows(unit: &Unit, found: Found<'_>) -> Result<(), ReadError> {
    let mut usages = Usages {
        found,
        session: None,
    };
    let mut output = Output::new(&mut usages);
    super::rows::read(Path::new(&unit.path), &mut output)
}

struct Usages<'f> {
    found: Found<'f>,
    session: Option<(SessionId, Option<String>)>,
}

impl Sink for Usages<'_> {
    fn begin(&mut self, _: Slot, header: &stead_usf::Session, _: bool) {
        self.session = Some((header.id.clone(), header.cwd.clone()));
    }

    fn event(&mut self, _: Slot, event: stead_usf::Event) {
        let (Some(usage), Some((session, cwd)), false) =
            (event.usage, &self.session, event.inherited)
        else {
            return;
        };
        (self.found)(UsageRecord {
            session: session.clone(),
            message: event.message,
            at: event.at,
            model: event.model,
            cwd: cwd.clone(),
            usage,
            cost_usd: event.cost_usd,
        });
    }

    fn end(&mut self, _: Slot, _: stead_usf::Session) {}
}
