//! One session of a database, row by row.

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use stead_usf::{Session, Source};

use super::database::HISTORY;
use super::rows::Rows;
use crate::Output;
use crate::container::rows::{Entry, Line, RowFile, column_names, has_columns, text};

/// Columns that hold JSON.
const JSON: &[&str] = &["parts", "todos"];

pub(super) struct Reader<'c> {
    connection: &'c Connection,
    path: String,
    file: Arc<str>,
    /// The folder that the project works in.
    project: Option<&'c str>,
    line: Line,
}

/// The session that is being read.
struct Feed {
    rows: Rows,
    file: RowFile,
}

/// What was read of a session.
pub(super) enum Read {
    /// Its header.
    Session(Box<Session>),
    /// It is none that is shown.
    Nothing,
    /// The receiver wants no more.
    Stopped,
}

impl<'c> Reader<'c> {
    pub(super) fn new(connection: &'c Connection, path: &Path, project: Option<&'c str>) -> Self {
        let path = path.to_string_lossy().into_owned();
        Self {
            connection,
            file: path.as_str().into(),
            path,
            project,
            line: Line::default(),
        }
    }

    /// Reads a session.
    pub(super) fn session(
        &mut self,
        entry: &Entry,
        output: &mut Output<'_>,
    ) -> Result<Read, rusqlite::Error> {
        let mut feed = Feed {
            rows: Rows::new(&entry.id),
            file: RowFile::new(&self.path, &entry.id),
        };
        if let Some(rowid) = entry.rowid {
            self.line.begin("sessions");
            if let Some(project) = self.project {
                self.line.text("project", project);
            }
            self.row("sessions", rowid, output, &mut feed)?;
        }
        // A version of a file stands before the result that tells of it.
        let mut keys = self.keys("messages", 1, &entry.id)?;
        if has_columns(self.connection, HISTORY.0, HISTORY.1)? {
            keys.extend(self.keys(HISTORY.0, 0, &entry.id)?);
        }
        keys.sort_unstable();
        for (_, table, rowid) in keys {
            let table = if table == 0 { HISTORY.0 } else { "messages" };
            self.line.begin(table);
            self.row(table, rowid, output, &mut feed)?;
            if output.stopped() {
                return Ok(Read::Stopped);
            }
        }
        Ok(match feed.rows.finish(output) {
            Some(slot) => Read::Session(Box::new(output.header(slot).clone())),
            None => Read::Nothing,
        })
    }

    /// The keys of a session's rows with their times. Sorting must not move whole rows.
    fn keys(
        &self,
        table: &str,
        number: u8,
        session: &str,
    ) -> Result<Vec<(i64, u8, i64)>, rusqlite::Error> {
        let sql = format!("SELECT created_at, rowid FROM {table} WHERE session_id = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let keys = statement.query_map([session], |row| {
            let created = row.get_ref(0)?.as_i64().unwrap_or(0);
            Ok((created, number, row.get(1)?))
        })?;
        keys.collect()
    }

    /// Adds the columns of a row to the line that was begun and passes it on.
    fn row(
        &mut self,
        table: &'static str,
        rowid: i64,
        output: &mut Output<'_>,
        feed: &mut Feed,
    ) -> Result<(), rusqlite::Error> {
        let sql = format!("SELECT * FROM {table} WHERE rowid = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let names = column_names(&statement);
        let mut rows = statement.query([rowid])?;
        if let Some(row) = rows.next()? {
            self.line.columns(row, &names, JSON)?;
            let key = text(row.get_ref("id")?).into_owned();
            let source = Source::row(self.file.clone(), table, key);
            feed.file
                .put(self.line.end(), source, output, &mut feed.rows);
        }
        Ok(())
    }
}
