//! One session of a database, row by row.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use stead_usf::{Session, Source};

use super::forks::Originals;
use super::rows::Rows;
use crate::Output;
use crate::container::rows::{Entry, Line, RowFile, column_names, has_columns, text};

/// Columns that hold JSON.
const JSON: &[&str] = &[
    "content_json",
    "metadata_json",
    "model_config_json",
    "recipe_json",
    "user_recipe_values_json",
    "parent_delegation",
];

/// The column that no reading needs and that may hold the keys of extensions.
const SETTINGS: &str = "extension_data";

/// What other sessions tell of this one.
#[derive(Debug, Default)]
pub(super) struct Link {
    /// The session that it is a copy of.
    pub(super) original: Option<String>,
    /// The session that started it, and the call that did.
    pub(super) caller: Option<(String, String)>,
}

pub(super) struct Reader<'c> {
    connection: &'c Connection,
    path: String,
    file: Arc<str>,
    line: Line,
    /// The columns of each table that are read.
    columns: BTreeMap<&'static str, String>,
}

/// The session that is being read.
struct Feed {
    rows: Rows,
    file: RowFile,
}

impl<'c> Reader<'c> {
    pub(super) fn new(connection: &'c Connection, path: &Path) -> Self {
        let path = path.to_string_lossy().into_owned();
        Self {
            connection,
            file: path.as_str().into(),
            path,
            line: Line::default(),
            columns: BTreeMap::new(),
        }
    }

    /// Reads a session; `None` if the receiver wants no more.
    #[expect(clippy::type_complexity, reason = "a header and a list of links")]
    pub(super) fn session(
        &mut self,
        entry: &Entry,
        link: &Link,
        output: &mut Output<'_>,
    ) -> Result<Option<(Session, Vec<(String, String)>)>, rusqlite::Error> {
        let mut feed = Feed {
            rows: Rows::new(&entry.id),
            file: RowFile::new(&self.path, &entry.id),
        };
        if let Some(rowid) = entry.rowid {
            self.line.begin("sessions");
            if let Some(original) = &link.original {
                self.line.text("fork_of", original);
            }
            if let Some((session, call)) = &link.caller {
                self.line.text("parent_session", session);
                self.line.text("parent_call", call);
            }
            self.row("sessions", rowid, output, &mut feed)?;
        }
        for rowid in self.keys("usage_ledger", "id", &entry.id)? {
            self.line.begin("usage_ledger");
            self.row("usage_ledger", rowid, output, &mut feed)?;
        }
        if !self.messages(&entry.id, link, output, &mut feed)? {
            return Ok(None);
        }
        let slot = feed.rows.slot(output);
        let children = feed.rows.finish(output);
        Ok(Some((output.header(slot).clone(), children)))
    }

    /// Reads the messages; `false` if the receiver wants no more.
    fn messages(
        &mut self,
        session: &str,
        link: &Link,
        output: &mut Output<'_>,
        feed: &mut Feed,
    ) -> Result<bool, rusqlite::Error> {
        let originals = match &link.original {
            Some(original) => Some(Originals::of(self.connection, original)?),
            None => None,
        };
        let order = "created_timestamp";
        let mut table = "messages";
        let mut keys = self.keys(table, order, session)?;
        if keys.is_empty() {
            // Some versions kept those of other clients in a table of their own.
            table = "thread_messages";
            keys = self.keys(table, order, session)?;
        }
        for rowid in keys {
            self.line.begin(table);
            if let Some(originals) = &originals
                && self.is_copy(rowid, originals)?
            {
                self.line.json("inherited", "true");
            }
            self.row(table, rowid, output, feed)?;
            if output.stopped() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The keys of a session's rows, in order. Sorting must not move whole rows.
    fn keys(&self, table: &str, order: &str, session: &str) -> Result<Vec<i64>, rusqlite::Error> {
        if !has_columns(self.connection, table, &["session_id", order])? {
            return Ok(Vec::new());
        }
        let sql =
            format!("SELECT rowid FROM {table} WHERE session_id = ?1 ORDER BY {order}, rowid");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let keys = statement.query_map([session], |row| row.get(0))?;
        keys.collect()
    }

    fn is_copy(&self, rowid: i64, originals: &Originals) -> Result<bool, rusqlite::Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT message_id, created_timestamp FROM messages WHERE rowid = ?1",
        )?;
        statement.query_row([rowid], |row| {
            let created = row.get_ref(1)?.as_i64().unwrap_or(0);
            Ok(originals.have(&text(row.get_ref(0)?), created))
        })
    }

    /// Adds the columns of a row to the line that was begun and passes it on to the
    /// archive and to the mapping.
    fn row(
        &mut self,
        table: &'static str,
        rowid: i64,
        output: &mut Output<'_>,
        feed: &mut Feed,
    ) -> Result<(), rusqlite::Error> {
        let sql = format!(
            "SELECT {} FROM {table} WHERE rowid = ?1",
            self.columns(table)?
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let names = column_names(&statement);
        let mut rows = statement.query([rowid])?;
        if let Some(row) = rows.next()? {
            self.line.columns(row, &names, JSON)?;
            let source = Source::row(self.file.clone(), table, rowid.to_string());
            feed.file
                .put(self.line.end(), source, output, &mut feed.rows);
        }
        Ok(())
    }

    /// The columns of a table that are read, for a query.
    fn columns(&mut self, table: &'static str) -> Result<&str, rusqlite::Error> {
        if !self.columns.contains_key(table) {
            let mut statement = self
                .connection
                .prepare("SELECT name FROM pragma_table_info(?1)")?;
            let names = statement.query_map([table], |row| row.get::<_, String>(0))?;
            let mut list = String::new();
            for name in names {
                let name = name?;
                if name != SETTINGS {
                    list += if list.is_empty() { "" } else { ", " };
                    let _ = write!(list, "\"{}\"", name.replace('"', "\"\""));
                }
            }
            self.columns.insert(table, list);
        }
        Ok(self.columns.get(table).map_or("*", String::as_str))
    }
}
