//! Rows of a database as JSON lines: the form in which the archive keeps them,
//! and in which adapters read the database itself. What the rows mean is the
//! adapters' business.

use std::borrow::Cow;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};
use serde::de::IgnoredAny;

use crate::extra::quoted;
use crate::ids::digest;

/// A column as text, whatever is in it.
pub(crate) fn text(value: ValueRef<'_>) -> Cow<'_, str> {
    match value {
        ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text),
        _ => Cow::Borrowed(""),
    }
}

/// Writes rows as lines.
#[derive(Debug, Default)]
pub(crate) struct Line {
    json: String,
    ended: bool,
}

impl Line {
    /// Begins a line for a row of `table`.
    pub(crate) fn begin(&mut self, table: &str) {
        self.json.clear();
        self.ended = false;
        self.json.push_str("{\"table\":\"");
        self.json.push_str(table);
        self.json.push('"');
    }

    /// Adds a column whose value is JSON. Line ends in it can only stand
    /// between its tokens; they become blanks.
    pub(crate) fn json(&mut self, name: &str, value: &str) {
        self.name(name);
        if memchr::memchr2(b'\n', b'\r', value.as_bytes()).is_some() {
            self.json.push_str(&value.replace(['\n', '\r'], " "));
        } else {
            self.json.push_str(value);
        }
    }

    /// Adds a column whose value is text.
    pub(crate) fn text(&mut self, name: &str, value: &str) {
        if let Some(value) = quoted(value) {
            self.name(name);
            self.json.push_str(&value);
        }
    }

    fn name(&mut self, name: &str) {
        self.json.push_str(",\"");
        self.json.push_str(name);
        self.json.push_str("\":");
    }

    /// Adds the columns of a row. Those named in `json` hold JSON; where that is
    /// damaged, it is text as the others are.
    pub(crate) fn columns(
        &mut self,
        row: &rusqlite::Row<'_>,
        names: &[String],
        json: &[&str],
    ) -> Result<(), rusqlite::Error> {
        for (place, name) in names.iter().enumerate() {
            match row.get_ref(place)? {
                ValueRef::Null => {}
                ValueRef::Integer(number) => self.json(name, &number.to_string()),
                ValueRef::Real(number) => {
                    if let Ok(number) = serde_json::to_string(&number) {
                        self.json(name, &number);
                    }
                }
                value => {
                    let text = text(value);
                    if json.contains(&name.as_str()) && is_json(&text) {
                        self.json(name, &text);
                    } else {
                        self.text(name, &text);
                    }
                }
            }
        }
        Ok(())
    }

    /// Ends the line; nothing more is added to it.
    pub(crate) fn end(&mut self) -> &str {
        if !std::mem::replace(&mut self.ended, true) {
            self.json.push('}');
        }
        &self.json
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Whether the database has this table.
pub(crate) fn has_table(connection: &Connection, table: &str) -> Result<bool, rusqlite::Error> {
    connection
        .prepare_cached("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1")?
        .query_row([table], |_| Ok(()))
        .optional()
        .map(|found| found.is_some())
}

/// The names of the columns that a query gives.
pub(crate) fn column_names(statement: &rusqlite::Statement<'_>) -> Vec<String> {
    let names = statement.column_names();
    names.into_iter().map(str::to_owned).collect()
}

/// A session's id as the name of a file. Odd ids are replaced by a digest: they
/// come from a file that anybody may have written.
pub(crate) fn file_name(id: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !id.is_empty() && id.len() < 100 && id.chars().all(plain) {
        id.to_owned()
    } else {
        format!("odd-{:016x}", digest(id))
    }
}
