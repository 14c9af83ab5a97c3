//! The catalogue: which units and sessions are known, in SQLite.

use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension, Row, params};
use rustc_hash::FxHashMap;
use stead_usf::{Session, SessionId};

use crate::IndexError;
use crate::requests::{self, ModelRequest};
use crate::text::Facts;

/// Raised whenever the catalogue or the segments change their form; an older
/// index is thrown away and built anew.
const VERSION: i64 = 6;

/// How long to wait for another connection's lock.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);
/// A log of so many bytes is merged at the end of a sync.
const LOG: u64 = 256 << 10;

/// The catalogue of an index folder.
pub struct Catalog {
    pub(crate) db: Connection,
    pub(crate) folder: PathBuf,
}

/// What the catalogue remembers of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownUnit {
    /// State of its files when it was read.
    pub stamp: u64,
    /// All its sessions are archived ones: the unit itself is gone.
    pub gone: bool,
}

/// Which sessions a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Ids of agents; empty means all.
    pub agents: Vec<String>,
    /// Where the sessions worked.
    pub project: Option<ProjectFilter>,
    /// Last change at or after, in milliseconds since 1970.
    pub since_ms: Option<i64>,
    /// Last change before, in milliseconds since 1970.
    pub before_ms: Option<i64>,
    /// At most so many, newest first.
    pub limit: Option<usize>,
    /// Subagents and superseded copies too.
    pub all: bool,
    /// Only children of this session.
    pub parent: Option<SessionId>,
}

/// Where sessions must have worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProjectFilter {
    /// The path of folder or project holds this, in small letters.
    Part(String),
    /// The project is this folder or lies below it.
    Folder(String),
}

impl ProjectFilter {
    /// The path of folder or project holds this text, whatever its case.
    pub fn part(text: &str) -> Self {
        Self::Part(text.to_lowercase())
    }

    fn text(&self) -> &str {
        match self {
            Self::Part(text) | Self::Folder(text) => text,
        }
    }

    /// Whether a session is meant that worked in `cwd`, which lies in `project`.
    pub fn admits(&self, cwd: &str, project: &str) -> bool {
        match self {
            Self::Part(part) => {
                cwd.to_lowercase().contains(part) || project.to_lowercase().contains(part)
            }
            Self::Folder(folder) => {
                let below = project.strip_prefix(folder.as_str());
                below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
        }
    }
}

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

impl Catalog {
    /// Opens the catalogue in `folder`, making or remaking it where needed.
    pub fn open(folder: &Path) -> Result<Self, IndexError> {
        crate::make_private(&folder.join("text")).map_err(IndexError::io(folder))?;
        match Self::try_open(folder) {
            Ok(Some(catalog)) => Ok(catalog),
            Err(error) if !error.is_damage() => Err(error),
            // It must be made anew, and nobody else may be at work on it.
            _ => {
                let _lock = crate::writer::lock(folder)?;
                Self::open_locked(folder)
            }
        }
    }

    /// Opens the catalogue while the folder's lock is held.
    pub(crate) fn open_locked(folder: &Path) -> Result<Self, IndexError> {
        match Self::try_open(folder) {
            Ok(Some(catalog)) => Ok(catalog),
            Ok(None) => Self::remake(folder),
            Err(error) if error.is_damage() => Self::remake(folder),
            Err(error) => Err(error),
        }
    }

    fn try_open(folder: &Path) -> Result<Option<Self>, IndexError> {
        let db = Connection::open(folder.join("catalog.db"))?;
        db.busy_timeout(PATIENCE)?;
        // Merging the log at every close would wait for the disk each time; it is
        // merged when it has grown.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        let version: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let folder = folder.to_owned();
        match version {
            VERSION => {
                db.execute_batch(
                    "PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;
                     PRAGMA mmap_size = 268435456;",
                )?;
                Ok(Some(Self { db, folder }))
            }
            0 => {
                // The switch to WAL must come before the first table.
                db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
                db.execute_batch(&format!(
                    "BEGIN IMMEDIATE; {} PRAGMA user_version = {VERSION}; COMMIT;",
                    include_str!("schema.sql")
                ))
                .or_else(|error| lost_race(&db, VERSION, error))?;
                Ok(Some(Self { db, folder }))
            }
            _ => Ok(None),
        }
    }

    /// Throws the index away. The archive lies elsewhere and stays.
    fn remake(folder: &Path) -> Result<Self, IndexError> {
        for name in ["catalog.db", "catalog.db-wal", "catalog.db-shm", "text"] {
            let path = folder.join(name);
            let removed = if path.is_dir() {
                std::fs::remove_dir_all(&path)
            } else {
                std::fs::remove_file(&path)
            };
            match removed {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(IndexError::Io {
                        path,
                        source: error,
                    });
                }
                _ => {}
            }
        }
        crate::make_private(&folder.join("text")).map_err(IndexError::io(folder))?;
        Self::try_open(folder)?.ok_or_else(|| IndexError::Damaged {
            path: folder.join("catalog.db"),
        })
    }

    /// Marks sessions that stand in several units: the one that holds most is
    /// shown, one whose files are still there before an archived one.
    pub(crate) fn mark_duplicates(&self) -> Result<(), IndexError> {
        let twice = "SELECT id FROM session GROUP BY id HAVING count(*) > 1";
        let best = "SELECT no FROM session b WHERE b.id = session.id
                    ORDER BY archived, events DESC, updated DESC, no LIMIT 1";
        self.db.execute_batch(&format!(
            "BEGIN IMMEDIATE;
             UPDATE session SET duplicate = 0 WHERE duplicate AND id NOT IN ({twice});
             UPDATE session SET duplicate = (no <> ({best})) WHERE id IN ({twice});
             COMMIT;"
        ))?;
        Ok(())
    }

    /// Merges the log into the database if it has grown: every process that opens
    /// the catalogue reads the whole log first. Readers are not waited for.
    pub(crate) fn merge_log(&self) -> Result<(), IndexError> {
        merge_log(&self.db, &self.folder.join("catalog.db-wal"))
    }

    /// Runs `look` on one state of the catalogue, whatever is committed
    /// meanwhile. Many small looks are also faster this way.
    pub fn snapshot<T, E: From<IndexError>>(
        &self,
        look: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = self.db.unchecked_transaction().map_err(IndexError::from)?;
        let result = look()?;
        transaction.finish().map_err(IndexError::from)?;
        Ok(result)
    }

    /// Every unit that was read.
    pub fn units(&self) -> Result<FxHashMap<String, KnownUnit>, IndexError> {
        let mut statement = self.db.prepare("SELECT key, stamp, gone FROM unit")?;
        let rows = statement.query_map([], |row| {
            let stamp = row.get::<_, i64>(1)? as u64;
            let gone = row.get(2)?;
            Ok((row.get(0)?, KnownUnit { stamp, gone }))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether everything that only the archive has is in this index.
    pub fn is_restored(&self) -> Result<bool, IndexError> {
        Ok(self.db.prepare("SELECT 1 FROM restored")?.exists([])?)
    }

    /// Every folder that a session worked in, and the projects of these.
    pub fn folders(&self) -> Result<Vec<String>, IndexError> {
        let mut statement = self.db.prepare(
            "SELECT cwd FROM session WHERE cwd IS NOT NULL
             UNION SELECT project FROM session WHERE project IS NOT NULL",
        )?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether a session worked in this folder or project.
    pub fn knows_folder(&self, folder: &str) -> Result<bool, IndexError> {
        let sql = "SELECT 1 FROM session WHERE project = ?1 OR cwd = ?1 LIMIT 1";
        Ok(self.db.prepare(sql)?.exists([folder])?)
    }

    /// What discovery saw when the units were as they are known; `None` if they
    /// have changed since it was written down.
    pub fn sightings(&self) -> Result<Option<Vec<u8>>, IndexError> {
        let sql = "SELECT bytes FROM sightings";
        Ok(self.db.query_row(sql, [], |row| row.get(0)).optional()?)
    }

    /// How far a unit was read, in the form that was handed in.
    pub fn checkpoint(&self, unit: &str) -> Result<Option<Vec<u8>>, IndexError> {
        let sql = "SELECT checkpoint FROM unit_state WHERE key = ?1";
        let blob: Option<Option<Vec<u8>>> = self
            .db
            .query_row(sql, [unit], |row| row.get(0))
            .optional()?;
        Ok(blob
            .flatten()
            .and_then(|blob| zstd::decode_all(blob.as_slice()).ok()))
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

    /// Every unit that holds a session, duplicates too.
    pub fn units_of(&self, id: &str) -> Result<Vec<String>, IndexError> {
        let mut statement = self.db.prepare("SELECT unit FROM session WHERE id = ?1")?;
        let rows = statement.query_map([id], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many sessions a unit holds.
    pub fn sessions_in(&self, unit: &str) -> Result<u64, IndexError> {
        let sql = "SELECT count(*) FROM session WHERE unit = ?1";
        Ok(self.db.query_row(sql, [unit], |row| row.get::<_, i64>(0))? as u64)
    }

    /// Issues that belong to no session, of the units that are there: agent, and
    /// the issues as JSON.
    pub fn unit_issues(&self) -> Result<Vec<(String, String)>, IndexError> {
        let mut statement = self.db.prepare(
            "SELECT agent, issues FROM unit_state JOIN unit USING (key)
             WHERE issues IS NOT NULL AND NOT gone ORDER BY key",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What reading said of each unit: key, agent, tally and unplaced issues.
    pub fn reports(&self) -> Result<Vec<UnitReport>, IndexError> {
        let mut statement = self
            .db
            .prepare("SELECT key, agent, tally, issues FROM unit JOIN unit_state USING (key)")?;
        let rows = statement.query_map([], |row| {
            Ok(UnitReport {
                unit: row.get(0)?,
                agent: row.get(1)?,
                tally: row.get(2)?,
                issues: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Paths of the live segments, oldest first.
    pub fn segments(&self) -> Result<Vec<PathBuf>, IndexError> {
        let mut statement = self
            .db
            .prepare("SELECT number FROM segment ORDER BY number")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        let numbers: Vec<i64> = rows.collect::<Result<_, _>>()?;
        Ok(numbers
            .into_iter()
            .map(|number| self.segment_path(number as u64))
            .collect())
    }

    pub(crate) fn segment_path(&self, number: u64) -> PathBuf {
        self.folder.join("text").join(format!("{number}.seg"))
    }
}

/// What reading said of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitReport {
    /// Path of the unit.
    pub unit: String,
    /// The agent.
    pub agent: String,
    /// What became of its records, as JSON.
    pub tally: Option<String>,
    /// Issues that belong to no session, as JSON.
    pub issues: Option<String>,
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

/// Merges a database's log into it if it has grown, without waiting for readers.
pub(crate) fn merge_log(db: &Connection, log: &Path) -> Result<(), IndexError> {
    if std::fs::metadata(log).map_or(0, |log| log.len()) < LOG {
        return Ok(());
    }
    db.busy_timeout(std::time::Duration::ZERO)?;
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(db.busy_timeout(PATIENCE)?)
}

/// Another process may have made the tables between our look and our try.
pub(crate) fn lost_race(
    db: &Connection,
    version: i64,
    error: rusqlite::Error,
) -> Result<(), rusqlite::Error> {
    // The failed batch has left its transaction open.
    let _ = db.execute_batch("ROLLBACK");
    let found: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found == version { Ok(()) } else { Err(error) }
}

impl Filter {
    /// The SQL condition on `session s` and its values.
    fn condition(&self) -> (String, Vec<rusqlite::types::Value>) {
        let mut parts = vec!["NOT s.duplicate".to_owned()];
        let mut values: Vec<rusqlite::types::Value> = Vec::new();
        let mut with = |part: &str, value: rusqlite::types::Value| {
            values.push(value);
            parts.push(part.replace('?', &format!("?{}", values.len())));
        };
        if let Some(project) = &self.project {
            let sql = match project {
                ProjectFilter::Part(_) => {
                    "(instr(lower(cwd), ?) > 0 OR instr(lower(project), ?) > 0)"
                }
                ProjectFilter::Folder(_) => {
                    "(project = ? OR substr(project, 1, length(?) + 1) = ? || '/')"
                }
            };
            with(sql, project.text().to_owned().into());
        }
        if let Some(since) = self.since_ms {
            with("updated >= ?", since.into());
        }
        if let Some(before) = self.before_ms {
            with("updated < ?", before.into());
        }
        if let Some(parent) = &self.parent {
            with("parent = ?", parent.as_str().to_owned().into());
        }
        if !self.agents.is_empty() {
            let list: Vec<String> = (0..self.agents.len())
                .map(|place| format!("?{}", values.len() + place + 1))
                .collect();
            parts.push(format!("agent IN ({})", list.join(", ")));
            values.extend(self.agents.iter().map(|agent| agent.clone().into()));
        }
        if !self.all {
            parts.push("coalesce(link, '') <> 'subagent'".into());
            // A session that was copied to go on elsewhere is shown there.
            parts.push(
                "s.id NOT IN (SELECT parent FROM session
                              WHERE link = 'resume' AND parent IS NOT NULL)"
                    .into(),
            );
        }
        (parts.join(" AND "), values)
    }
}
