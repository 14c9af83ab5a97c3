//! What the catalogue knows of units, and of where they were found.

use std::path::PathBuf;

use rusqlite::OptionalExtension;
use rustc_hash::FxHashMap;

use super::Catalog;
use crate::IndexError;

/// What the catalogue remembers of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownUnit {
    /// State of its files when it was read.
    pub stamp: u64,
    /// All its sessions are archived ones: the unit itself is gone.
    pub gone: bool,
}

/// A server that let us wait in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    /// Its address.
    pub url: String,
    /// What went wrong.
    pub why: String,
    /// When to ask again, in milliseconds since 1970.
    pub until_ms: i64,
}

impl Catalog {
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

    /// Servers that let us wait in vain, by address.
    pub fn away(&self) -> Result<Vec<Away>, IndexError> {
        let mut statement = self
            .db
            .prepare("SELECT url, why, until FROM away ORDER BY url")?;
        let rows = statement.query_map([], |row| {
            Ok(Away {
                url: row.get(0)?,
                why: row.get(1)?,
                until_ms: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
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
