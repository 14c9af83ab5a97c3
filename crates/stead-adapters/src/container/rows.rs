//! Rows of a database as JSON lines: the form in which the archive keeps them,
//! and in which adapters read the database itself. What the rows mean is the
//! adapters' business.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};
use serde::de::IgnoredAny;
use stead_usf::{Issue, Severity, Source};

use super::json::Object;
use super::jsonl::Records;
use crate::extra::quoted;
use crate::ids::digest;
use crate::{Fate, Output};

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

/// One session's rows on their way to the archive and to the mapping.
#[derive(Debug)]
pub(crate) struct RowFile {
    name: String,
    length: u64,
}

impl RowFile {
    /// The rows of a session of the database at `path`.
    pub(crate) fn new(path: &str, session: &str) -> Self {
        Self {
            name: format!("{path}.rows/{}.jsonl", file_name(session)),
            length: 0,
        }
    }

    /// Passes a line on and counts it.
    pub(crate) fn put(
        &mut self,
        line: &str,
        source: Source,
        output: &mut Output<'_>,
        records: &mut dyn Records,
    ) {
        output.raw(&self.name, self.length, line.as_bytes());
        output.raw(&self.name, self.length + line.len() as u64, b"\n");
        self.length += line.len() as u64 + 1;
        let fate = match Object::parse(line) {
            Ok(object) => records.record(output, object, source),
            Err(error) => {
                let issue = Issue::new(Severity::Error, "bad-json", error.to_string());
                records.damaged(output, issue.at(source));
                Fate::Reported
            }
        };
        output.record(fate);
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

/// Whether a table is there and has these columns.
pub(crate) fn has_columns(
    connection: &Connection,
    table: &str,
    names: &[&str],
) -> Result<bool, rusqlite::Error> {
    let mut statement =
        connection.prepare_cached("SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2")?;
    for name in names {
        if !statement.exists([table, name])? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// For each session, what its rows of one table add up to.
pub(crate) type Sums = BTreeMap<String, Vec<i64>>;

/// For each session: number, newest key, and lengths of columns of its rows. The
/// lengths stand before the texts, so SQLite does not load those.
pub(crate) fn sums(
    connection: &Connection,
    table: &str,
    columns: &[&str],
) -> Result<Sums, rusqlite::Error> {
    let mut sql = "SELECT session_id, count(*), max(rowid)".to_owned();
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let there = statement.query_map([table], |row| row.get(0))?;
    let there: Vec<String> = there.collect::<Result<_, _>>()?;
    let is_there = |column: &&&str| there.iter().any(|name| name == **column);
    for column in columns.iter().filter(is_there) {
        // Weighed by their rows, so that two changes do not make up for each other.
        let weighed = format!("octet_length({column}) * (rowid % 8191 + 1) % 1000000007");
        let _ = write!(sql, ", sum(coalesce({weighed}, 0))");
    }
    let _ = write!(sql, " FROM {table} GROUP BY session_id");
    let mut statement = connection.prepare(&sql)?;
    let width = statement.column_count();
    let rows = statement.query_map([], |row| {
        let numbers = (1..width)
            .map(|place| row.get(place))
            .collect::<Result<_, _>>()?;
        Ok((text(row.get_ref(0)?).into_owned(), numbers))
    })?;
    rows.collect()
}

/// A session of a database.
#[derive(Debug)]
pub(crate) struct Entry {
    /// What the agent calls it.
    pub(crate) id: String,
    /// Its row, if that is there.
    pub(crate) rowid: Option<i64>,
    /// Changes whenever anything of the session does.
    pub(crate) mark: u64,
}

/// All rows of the table `sessions` in the order in which they were made, and then
/// the sessions of which only messages are left. Their marks are made of the row and
/// of what [`sums`] has of their messages and of one more table.
pub(crate) fn entries(
    connection: &Connection,
    messages: Sums,
    more: &Sums,
) -> Result<Vec<Entry>, rusqlite::Error> {
    let mut statement =
        connection.prepare("SELECT *, rowid AS place FROM sessions ORDER BY rowid")?;
    let names = column_names(&statement);
    let mut rows = statement.query([])?;
    let (mut entries, mut line) = (Vec::new(), Line::default());
    while let Some(row) = rows.next()? {
        line.begin("sessions");
        line.columns(row, &names[..names.len() - 1], &[])?;
        let id = text(row.get_ref("id")?).into_owned();
        let mark = format!("{} {:?} {:?}", line.end(), messages.get(&id), more.get(&id));
        entries.push(Entry {
            mark: digest(&mark),
            rowid: row.get("place")?,
            id,
        });
    }
    let known: BTreeSet<_> = entries.iter().map(|entry| entry.id.clone()).collect();
    let lost = messages.into_iter().filter(|(id, _)| !known.contains(id));
    entries.extend(lost.map(|(id, sums)| Entry {
        mark: digest(&format!("{sums:?}")),
        rowid: None,
        id,
    }));
    Ok(entries)
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
