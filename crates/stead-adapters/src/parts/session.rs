//! One session of a database, row by row.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use stead_usf::{Issue, Session, Severity, Source};

use super::Family;
use super::database::Entry;
use super::removed::{self, Removed};
use super::rows::Rows;
use crate::Output;
use crate::container::json::Object;
use crate::container::rows::{Line, RowFile, column_names, has_table, text};

/// A message of a session, in its table or only in the log.
enum Message {
    Row(i64),
    Removed(Removed),
}

pub(super) struct Reader<'c> {
    family: &'static Family,
    connection: &'c Connection,
    path: String,
    file: Arc<str>,
    tables: Tables,
    line: Line,
}

/// Names of the tables, shared by all places that name them.
struct Tables {
    session: Arc<str>,
    message: Arc<str>,
    part: Arc<str>,
    event: Arc<str>,
}

/// The session that is being read.
struct Feed {
    rows: Rows,
    file: RowFile,
    parts: i64,
}

impl<'c> Reader<'c> {
    pub(super) fn new(family: &'static Family, connection: &'c Connection, path: &Path) -> Self {
        let path = path.to_string_lossy().into_owned();
        Self {
            family,
            connection,
            file: path.as_str().into(),
            path,
            tables: Tables {
                session: "session".into(),
                message: "message".into(),
                part: "part".into(),
                event: "event".into(),
            },
            line: Line::default(),
        }
    }

    /// Reads a session; `None` if the receiver wants no more.
    #[expect(clippy::type_complexity, reason = "a header and a list of links")]
    pub(super) fn session(
        &mut self,
        entry: &Entry,
        call: Option<&str>,
        output: &mut Output<'_>,
    ) -> Result<Option<(Session, Vec<(String, String)>)>, rusqlite::Error> {
        let mut feed = Feed {
            rows: Rows::new(self.family, &entry.id),
            file: RowFile::new(&self.path, &entry.id),
            parts: 0,
        };
        self.session_row(entry, call, output, &mut feed)?;
        let messages = self.messages(&entry.id)?;
        let found = messages.len();
        for message in messages {
            match message {
                Message::Row(rowid) => self.message(rowid, output, &mut feed)?,
                Message::Removed(removed) => {
                    self.removed(&entry.id, &removed, output, &mut feed)?;
                }
            }
            if output.stopped() {
                return Ok(None);
            }
        }
        if feed.parts != entry.mark.counts[2] {
            self.orphans(&entry.id, output, &mut feed)?;
        }
        if found == 0 {
            self.newer_store(&entry.id, output, &mut feed)?;
        }
        let slot = feed.rows.slot(output);
        let children = feed.rows.finish(output);
        Ok(Some((output.header(slot).clone(), children)))
    }

    fn session_row(
        &mut self,
        entry: &Entry,
        call: Option<&str>,
        output: &mut Output<'_>,
        feed: &mut Feed,
    ) -> Result<(), rusqlite::Error> {
        let Some(rowid) = entry.rowid else {
            return Ok(());
        };
        let mut statement = self
            .connection
            .prepare_cached("SELECT * FROM session WHERE rowid = ?1")?;
        let names = column_names(&statement);
        self.line.begin("session");
        if let Some(call) = call {
            self.line.text("parent_call", call);
        }
        if let Some(marks) = &self.family.migrated
            && marks.is_copy(self.connection, &entry.id)?
        {
            self.line.json("copied", "true");
        }
        let mut rows = statement.query([rowid])?;
        if let Some(row) = rows.next()? {
            self.line.columns(row, &names, &[])?;
        }
        let table = self.tables.session.clone();
        self.put(table, entry.id.clone(), output, feed);
        Ok(())
    }

    /// The session's messages in order, with those that a revert deleted. Only
    /// keys are listed: sorting must not move whole messages.
    fn messages(&self, session: &str) -> Result<Vec<Message>, rusqlite::Error> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT rowid, id, time_created FROM message WHERE session_id = ?1")?;
        let rows = statement.query_map([session], |row| {
            let (rowid, id) = (row.get(0)?, text(row.get_ref(1)?).into_owned());
            let created = row.get_ref(2)?.as_i64().unwrap_or(0);
            Ok(((created, id), Message::Row(rowid)))
        })?;
        let mut messages: BTreeMap<(i64, String), Message> = rows.collect::<Result<_, _>>()?;
        for removed in removed::messages(self.connection, session)? {
            let key = (removed.created, removed.id.clone());
            messages.entry(key).or_insert(Message::Removed(removed));
        }
        Ok(messages.into_values().collect())
    }

    fn message(
        &mut self,
        rowid: i64,
        output: &mut Output<'_>,
        feed: &mut Feed,
    ) -> Result<(), rusqlite::Error> {
        self.row("message", rowid, output, feed)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT rowid FROM part
             WHERE message_id = (SELECT id FROM message WHERE rowid = ?1) ORDER BY id",
        )?;
        let parts = statement.query_map([rowid], |row| row.get(0))?;
        for part in parts.collect::<Result<Vec<i64>, _>>()? {
            self.row("part", part, output, feed)?;
            feed.parts += 1;
        }
        Ok(())
    }

    /// Parts of which the message is not there.
    fn orphans(
        &mut self,
        session: &str,
        output: &mut Output<'_>,
        feed: &mut Feed,
    ) -> Result<(), rusqlite::Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT rowid FROM part WHERE session_id = ?1
             AND message_id NOT IN (SELECT id FROM message WHERE session_id = ?1)
             ORDER BY message_id, id",
        )?;
        let parts = statement.query_map([session], |row| row.get(0))?;
        for part in parts.collect::<Result<Vec<i64>, _>>()? {
            self.row("part", part, output, feed)?;
        }
        Ok(())
    }

    fn row(
        &mut self,
        table: &'static str,
        rowid: i64,
        output: &mut Output<'_>,
        feed: &mut Feed,
    ) -> Result<(), rusqlite::Error> {
        let sql = match table {
            "message" => "SELECT * FROM message WHERE rowid = ?1",
            _ => "SELECT * FROM part WHERE rowid = ?1",
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        let names = column_names(&statement);
        let mut rows = statement.query([rowid])?;
        let Some(row) = rows.next()? else {
            return Ok(());
        };
        self.line.begin(table);
        self.line.columns(row, &names, &["data"])?;
        let id = text(row.get_ref("id")?).into_owned();
        let name = match table {
            "message" => self.tables.message.clone(),
            _ => self.tables.part.clone(),
        };
        self.put(name, id, output, feed);
        Ok(())
    }

    /// Writes a deleted message's last states as if they were rows.
    fn removed(
        &mut self,
        session: &str,
        removed: &Removed,
        output: &mut Output<'_>,
        feed: &mut Feed,
    ) -> Result<(), rusqlite::Error> {
        self.state(
            "message",
            "info",
            removed.event,
            session,
            removed,
            "",
            output,
            feed,
        )?;
        for (part, event) in &removed.parts {
            self.state("part", "part", *event, session, removed, part, output, feed)?;
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "one row's columns")]
    fn state(
        &mut self,
        table: &'static str,
        field: &str,
        event: i64,
        session: &str,
        removed: &Removed,
        part: &str,
        output: &mut Output<'_>,
        feed: &mut Feed,
    ) -> Result<(), rusqlite::Error> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT id, data FROM event WHERE rowid = ?1")?;
        let (id, data): (String, String) =
            statement.query_row([event], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let parsed = Object::parse(&data).ok();
        let Some(value) = parsed.and_then(|mut data| data.take(field)) else {
            return Ok(());
        };
        self.line.begin(table);
        self.line.json("removed", "true");
        if part.is_empty() {
            self.line.text("id", &removed.id);
        } else {
            self.line.text("id", part);
            self.line.text("message_id", &removed.id);
        }
        self.line.text("session_id", session);
        self.line.json("data", value.get());
        let table = self.tables.event.clone();
        self.put(table, id, output, feed);
        Ok(())
    }

    /// A session whose messages are all in a table that is not understood yet.
    fn newer_store(
        &self,
        session: &str,
        output: &mut Output<'_>,
        feed: &mut Feed,
    ) -> Result<(), rusqlite::Error> {
        if !has_table(self.connection, "session_message")? {
            return Ok(());
        }
        let count: i64 = self
            .connection
            .prepare_cached("SELECT count(*) FROM session_message WHERE session_id = ?1")?
            .query_row([session], |row| row.get(0))?;
        if count > 0 {
            let message = format!("{count} rows of the table `session_message` were not read");
            let issue = Issue::new(Severity::Warning, "unknown-record", message);
            let slot = feed.rows.slot(output);
            output.issue(slot, issue);
        }
        Ok(())
    }

    /// Passes the line on to the archive and to the mapping.
    fn put(&mut self, table: Arc<str>, id: String, output: &mut Output<'_>, feed: &mut Feed) {
        let source = Source::row(self.file.clone(), table, id);
        let line = self.line.end();
        feed.file.put(line, source, output, &mut feed.rows);
    }
}
