//! The archive: raw records of every session seen, compressed, each piece
//! stored once under the hash of its content. Agents delete and cut their
//! sessions; what stead has seen can still be shown, and read again by a later
//! version of an adapter.
//!
//! Chunks lie in pack files; `archive.db` says which chunks make which file.
//! Only the holder of the index's lock writes.

mod pack;
mod writer;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, params};
use rustc_hash::FxHashSet;

use crate::IndexError;
use pack::{Location, Packs};
pub use writer::{ArchiveWriter, UnitRecorder};

const VERSION: i64 = 1;

/// Receives restored bytes: path, place in the file, bytes.
pub type Piece<'a> = dyn FnMut(&str, u64, &[u8]) -> io::Result<()> + 'a;

/// An archive folder.
pub struct Archive {
    db: Connection,
    folder: PathBuf,
    /// Held while the archive is changed: indexes of several views share it.
    lock: Option<File>,
}

impl Archive {
    /// Opens the archive in `folder`, making it where there is none.
    pub fn open(folder: &Path) -> Result<Self, IndexError> {
        crate::make_private(folder).map_err(IndexError::io(folder))?;
        let db = Connection::open(folder.join("archive.db"))?;
        db.busy_timeout(std::time::Duration::from_secs(10))?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        let version: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if version == 0 {
            db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
            let sql = include_str!("schema.sql");
            let made = db.execute_batch(&format!(
                "BEGIN IMMEDIATE; {sql} PRAGMA user_version = {VERSION}; COMMIT;"
            ));
            made.or_else(|error| crate::catalog::lost_race(&db, VERSION, error))?;
        }
        db.execute_batch("PRAGMA synchronous = NORMAL;")?;
        Ok(Self {
            db,
            folder: folder.to_owned(),
            lock: None,
        })
    }

    /// Keeps others from changing the archive; `None` if another stead does.
    pub fn try_locked(mut self) -> Result<Option<Self>, IndexError> {
        self.lock = crate::writer::try_lock(&self.folder)?;
        Ok(self.lock.is_some().then_some(self))
    }

    /// Whether anything of the unit is kept.
    pub fn holds(&self, unit: &str) -> Result<bool, IndexError> {
        let mut statement = self
            .db
            .prepare_cached("SELECT 1 FROM piece WHERE unit = ?1")?;
        Ok(statement.exists([unit])?)
    }

    /// Every unit that is kept, with its agent.
    pub fn units(&self) -> Result<Vec<(String, String)>, IndexError> {
        let mut statement = self.db.prepare("SELECT DISTINCT unit, agent FROM piece")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Bytes of the chunks on disk, and what they unpack to.
    pub fn size(&self) -> Result<(u64, u64), IndexError> {
        let sql = "SELECT coalesce(sum(length), 0), coalesce(sum(raw_length), 0) FROM chunk";
        let read = |row: &rusqlite::Row<'_>| {
            Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64))
        };
        Ok(self.db.query_row(sql, [], read)?)
    }

    /// Hands out the files of a unit piece by piece, each file from its start:
    /// path, place in the file, bytes. A later piece may begin before the end of
    /// an earlier one, whose tail was not complete when it was read: it counts.
    /// Of a unit that shrank, what it was when it held most.
    pub fn restore(&self, unit: &str, each: &mut Piece<'_>) -> Result<(), IndexError> {
        let Some(generation) = self.fullest_generation(unit)? else {
            return Ok(());
        };
        let mut statement = self.db.prepare(
            "SELECT name, piece.offset, pack, chunk.offset, length, raw_length, chunk.hash
             FROM piece JOIN chunk USING (hash)
             WHERE unit = ?1 AND generation = ?2 ORDER BY name, piece.offset",
        )?;
        let mut rows = statement.query(params![unit, generation])?;
        let packs = Packs::new(&self.folder);
        while let Some(row) = rows.next()? {
            let name: String = row.get(0)?;
            let offset = row.get::<_, i64>(1)? as u64;
            let bytes = packs.read(&Location::from_row(row, 2)?)?;
            each(&name, offset, &bytes).map_err(IndexError::io(name.as_str()))?;
        }
        Ok(())
    }

    fn fullest_generation(&self, unit: &str) -> Result<Option<i64>, IndexError> {
        let mut statement = self.db.prepare(
            "SELECT generation FROM piece JOIN chunk USING (hash) WHERE unit = ?1
             GROUP BY generation ORDER BY sum(raw_length) DESC, generation DESC LIMIT 1",
        )?;
        let mut rows = statement.query([unit])?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
    }

    /// Hashes of the sessions that must not come back.
    pub fn forgotten(&self) -> Result<FxHashSet<Vec<u8>>, IndexError> {
        let mut statement = self.db.prepare("SELECT hash FROM forgotten")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets a session: the files of its unit that `belongs` picks go away
    /// with every chunk that nothing else needs, and its id is remembered (as a
    /// hash) so that it does not come back.
    pub fn forget(
        &mut self,
        id: &str,
        unit: &str,
        belongs: &dyn Fn(&str) -> bool,
    ) -> Result<(), IndexError> {
        let transaction = self.db.transaction()?;
        let sql = "INSERT OR IGNORE INTO forgotten (hash) VALUES (?1)";
        transaction.execute(sql, [session_hash(id)])?;
        let names: Vec<String> = {
            let mut names =
                transaction.prepare("SELECT DISTINCT name FROM piece WHERE unit = ?1")?;
            let rows = names.query_map([unit], |row| row.get(0))?;
            rows.collect::<Result<_, _>>()?
        };
        for name in names.iter().filter(|name| belongs(name)) {
            let sql = "DELETE FROM piece WHERE unit = ?1 AND name = ?2";
            transaction.execute(sql, [unit, name])?;
            // Its bytes must not come back with the next reading either.
            let sql = "INSERT OR IGNORE INTO forgotten (hash) VALUES (?1)";
            transaction.execute(sql, [name_hash(name)])?;
        }
        transaction.commit()?;
        Packs::new(&self.folder).drop_unused(&mut self.db)?;
        self.db
            .execute_batch("PRAGMA wal_checkpoint(TRUNCATE); VACUUM;")?;
        Ok(())
    }
}

/// The hash under which a forgotten session is remembered.
pub(crate) fn session_hash(id: &str) -> Vec<u8> {
    blake3::hash(id.as_bytes()).as_bytes().to_vec()
}

/// The hash under which a file of a forgotten session is remembered.
pub(crate) fn name_hash(name: &str) -> Vec<u8> {
    blake3::hash(format!("\0{name}").as_bytes())
        .as_bytes()
        .to_vec()
}

#[cfg(test)]
mod tests;
