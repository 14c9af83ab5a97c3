//! What the catalogue knows of sessions.

use rusqlite::{OptionalExtension, Row, params};
use stead_usf::{Session, SessionId};

use super::{Catalog, Filter};
use crate::IndexError;
use crate::requests::{self, ModelRequest};
use crate::text::Facts;

/// Where a session is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The session's number.
    pub number: u64,
    /// Its id.
    pub id: SessionId,
    /// The unit that holds it.
    pub unit: String,
    /// The agent's files are gone.
    pub archived: bool,
    /// It is no subagent's.
    pub top_level: bool,
}

/// A session by where it worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workplace {
    /// The unit that holds it.
    pub unit: String,
    /// The agent.
    pub agent: String,
    /// The folder that it worked in, if that is recorded.
    pub cwd: Option<String>,
    /// The project of this folder.
    pub project: Option<String>,
    /// The agent's files are gone.
    pub archived: bool,
}

impl Catalog {
    /// Where every session worked.
    pub fn workplaces(&self) -> Result<Vec<Workplace>, IndexError> {
        let sql = "SELECT unit, agent, cwd, project, archived FROM session";
        let mut statement = self.db.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            Ok(Workplace {
                unit: row.get(0)?,
                agent: row.get(1)?,
                cwd: row.get(2)?,
                project: row.get(3)?,
                archived: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Headers of sessions as JSON texts, newest first.
    pub fn headers(&self, filter: &Filter) -> Result<Vec<String>, IndexError> {
        let (condition, values) = filter.condition();
        let limit = filter.limit.map_or(-1, |limit| limit as i64);
        let sql = format!(
            "SELECT header FROM session s JOIN session_data USING (no) WHERE {condition}
             ORDER BY updated DESC, no DESC LIMIT {limit}"
        );
        let mut statement = self.db.prepare(&sql)?;
        let rows = statement.query_map(rusqlite::params_from_iter(values), |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many sessions a filter lets through, its limit aside.
    pub fn count(&self, filter: &Filter) -> Result<u64, IndexError> {
        let (condition, values) = filter.condition();
        let sql = format!("SELECT count(*) FROM session s WHERE {condition}");
        let count: i64 = self
            .db
            .query_row(&sql, rusqlite::params_from_iter(values), |row| row.get(0))?;
        Ok(count as u64)
    }

    /// The header of one session by its number.
    pub fn header(&self, number: u64) -> Result<Option<Session>, IndexError> {
        let mut statement = self
            .db
            .prepare_cached("SELECT header FROM session_data WHERE no = ?1")?;
        let json: Option<String> = statement
            .query_row([number as i64], |row| row.get(0))
            .optional()?;
        Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
    }

    /// What queries ask for of a session; `None` if its text is dead.
    pub fn facts(&self, number: u64) -> Result<Option<Facts>, IndexError> {
        let mut statement = self.db.prepare_cached(
            "SELECT id, agent, models, cwd, title, branch, link, archived, updated, project
             FROM session WHERE no = ?1 AND NOT duplicate",
        )?;
        let facts = statement.query_row([number as i64], |row| {
            let text = |column| {
                row.get::<_, Option<String>>(column)
                    .map(Option::unwrap_or_default)
            };
            Ok(Facts {
                id: text(0)?,
                agent: text(1)?,
                models: text(2)?.lines().map(str::to_owned).collect(),
                cwd: text(3)?,
                title: text(4)?,
                branch: text(5)?,
                subagent: text(6)? == "subagent",
                archived: row.get(7)?,
                updated_ms: row.get(8)?,
                project: text(9)?,
            })
        });
        Ok(facts.optional()?)
    }

    /// Sessions whose id (whole, or without the agent) begins with `prefix`.
    pub fn resolve(&self, prefix: &str) -> Result<Vec<Place>, IndexError> {
        let mut statement = self.db.prepare(
            "SELECT no, id, unit, archived, coalesce(link, '') <> 'subagent' FROM session
             WHERE (id >= ?1 AND id < ?2 OR native >= ?1 AND native < ?2) AND NOT duplicate
             ORDER BY updated DESC",
        )?;
        let after = format!("{prefix}\u{10ffff}");
        let rows = statement.query_map([prefix, &after], place)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The shortest beginning of a native id that no other session shares, of at
    /// least eight characters.
    pub fn short_native(&self, native: &str) -> Result<String, IndexError> {
        let mut shared = 0;
        for sql in [
            // A subagent named after its session does not count: the session itself
            // is meant by the beginning that they share.
            "SELECT native FROM session WHERE native > ?1
             AND substr(native, 1, length(?1) + 1) <> ?1 || '/' ORDER BY native LIMIT 1",
            "SELECT native FROM session WHERE native < ?1 ORDER BY native DESC LIMIT 1",
        ] {
            let mut statement = self.db.prepare_cached(sql)?;
            let near: Option<String> =
                statement.query_row([native], |row| row.get(0)).optional()?;
            let pairs = near
                .iter()
                .flat_map(|near| near.chars().zip(native.chars()));
            shared = shared.max(pairs.take_while(|(a, b)| a == b).count());
        }
        Ok(native.chars().take((shared + 1).max(8)).collect())
    }

    /// Ids that are nearest to `text`, for messages: sessions that hold it
    /// anywhere in their id, then the newest.
    pub fn nearest(&self, text: &str, most: usize) -> Result<Vec<String>, IndexError> {
        let mut statement = self.db.prepare(
            "SELECT id FROM session WHERE coalesce(link, '') <> 'subagent' AND NOT duplicate
             ORDER BY instr(id, ?1) = 0, updated DESC LIMIT ?2",
        )?;
        let rows = statement.query_map(params![text, most as i64], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Numbers, ids and events of a unit's sessions.
    pub(crate) fn sessions_of(&self, unit: &str) -> Result<Vec<KnownSession>, IndexError> {
        let mut statement = self.db.prepare(
            "SELECT no, native, events, text_bytes, requests, calls
             FROM session JOIN session_data USING (no) WHERE unit = ?1",
        )?;
        let rows = statement.query_map([unit], |row| {
            Ok(KnownSession {
                number: row.get::<_, i64>(0)? as u64,
                native: row.get(1)?,
                events: row.get::<_, i64>(2)? as u64,
                text_bytes: row.get::<_, i64>(3)? as u64,
                requests: requests::decode(&row.get::<_, Vec<u8>>(4)?),
                calls: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Hands out the model requests of every session, parents before copies.
    pub fn model_requests(
        &self,
        filter: &Filter,
        each: &mut dyn FnMut(&Session, Vec<ModelRequest>),
    ) -> Result<(), IndexError> {
        let (condition, values) = filter.condition();
        let sql = format!(
            "SELECT header, requests FROM session s JOIN session_data USING (no)
             WHERE {condition} ORDER BY created NULLS LAST, no"
        );
        let mut statement = self.db.prepare(&sql)?;
        let mut rows = statement.query(rusqlite::params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            let header: String = row.get(0)?;
            if let Ok(header) = serde_json::from_str(&header) {
                each(&header, requests::decode(&row.get::<_, Vec<u8>>(1)?));
            }
        }
        Ok(())
    }
}

/// What the catalogue holds of a session when more of it is read.
#[derive(Debug, Clone)]
pub(crate) struct KnownSession {
    pub(crate) number: u64,
    pub(crate) native: String,
    pub(crate) events: u64,
    pub(crate) text_bytes: u64,
    pub(crate) requests: Vec<ModelRequest>,
    pub(crate) calls: Option<String>,
}

fn place(row: &Row<'_>) -> rusqlite::Result<Place> {
    let id: String = row.get(1)?;
    Ok(Place {
        number: row.get::<_, i64>(0)? as u64,
        id: SessionId::parse(&id).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(
                1,
                rusqlite::types::Type::Text,
                Box::new(error),
            )
        })?,
        unit: row.get(2)?,
        archived: row.get(3)?,
        top_level: row.get(4)?,
    })
}
