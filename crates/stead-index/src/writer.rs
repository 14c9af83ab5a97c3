//! The one process at a time that may change the index.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use crate::batch::Shared;
use crate::pending::mark_archived;
use crate::{Away, Catalog, IndexError};

/// Holds the index's lock. Readers need none; another writer is told to wait.
pub struct Writer {
    pub(crate) catalog: Catalog,
    /// Released when the file is closed, by us or by the system.
    _lock: File,
}

fn lock_file(folder: &Path) -> Result<(PathBuf, File), IndexError> {
    let path = folder.join("lock");
    let file = File::create(&path).map_err(IndexError::io(path.as_path()))?;
    Ok((path, file))
}

/// Takes a folder's lock, or `None` if another process has it. It is given back
/// when the file is closed.
pub(crate) fn try_lock(folder: &Path) -> Result<Option<File>, IndexError> {
    let (path, file) = lock_file(folder)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(IndexError::Io {
            path,
            source: error,
        }),
    }
}

/// Waits for a folder's lock. It is given back when the file is closed.
pub(crate) fn lock(folder: &Path) -> Result<File, IndexError> {
    let (path, file) = lock_file(folder)?;
    file.lock().map_err(IndexError::io(path))?;
    Ok(file)
}

impl Writer {
    /// Takes the lock, or `None` if another process has it.
    pub fn open(folder: &Path) -> Result<Option<Self>, IndexError> {
        crate::make_private(folder).map_err(IndexError::io(folder))?;
        let Some(lock) = try_lock(folder)? else {
            return Ok(None);
        };
        let catalog = Catalog::open_locked(folder)?;
        // Mapped pages count as our memory, and a writer touches all of them.
        catalog.db.execute_batch("PRAGMA mmap_size = 0;")?;
        let writer = Self {
            catalog,
            _lock: lock,
        };
        Ok(Some(writer))
    }

    /// The catalogue.
    pub const fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Writes down what discovery saw while the units are as they are known.
    pub fn remember(&mut self, sightings: &[u8]) -> Result<(), IndexError> {
        let transaction = self.catalog.db.transaction()?;
        transaction.execute("DELETE FROM sightings", [])?;
        transaction.execute("INSERT INTO sightings (bytes) VALUES (?1)", [sightings])?;
        transaction.commit()?;
        self.catalog.merge_log()
    }

    /// Writes down which servers let us wait in vain, in place of what stood there.
    pub fn note_away(&mut self, away: &[Away]) -> Result<(), IndexError> {
        let transaction = self.catalog.db.transaction()?;
        transaction.execute("DELETE FROM away", [])?;
        for server in away {
            transaction.execute(
                "INSERT OR REPLACE INTO away (url, why, until) VALUES (?1, ?2, ?3)",
                (&server.url, &server.why, server.until_ms),
            )?;
        }
        Ok(transaction.commit()?)
    }

    /// Notes that everything that only the archive has is in this index.
    pub fn mark_restored(&mut self) -> Result<(), IndexError> {
        let sql = "INSERT INTO restored SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM restored)";
        self.catalog.db.execute(sql, [])?;
        Ok(())
    }

    /// Throws everything away: the next opening begins with nothing.
    pub fn discard(self) -> Result<(), IndexError> {
        self.catalog.db.execute_batch("PRAGMA user_version = -1;")?;
        Ok(())
    }

    /// What the worker threads' batches share.
    ///
    /// Sessions whose hash is in `forgotten` are left out.
    pub fn shared(&mut self, forgotten: FxHashSet<Vec<u8>>) -> Result<Shared<'_>, IndexError> {
        Shared::new(self, forgotten)
    }

    /// Units whose files are gone: their sessions stay as archived ones if
    /// `archived` holds for the unit, else they are dropped.
    pub fn units_gone(
        &mut self,
        units: &[String],
        archived: &dyn Fn(&str) -> bool,
    ) -> Result<(), IndexError> {
        let transaction = self.catalog.db.transaction()?;
        for unit in units {
            if archived(unit) {
                mark_archived(&transaction, unit, None)?;
                transaction.execute("UPDATE unit SET gone = 1 WHERE key = ?1", [unit])?;
                let sql = "UPDATE unit_state SET checkpoint = NULL WHERE key = ?1";
                transaction.execute(sql, [unit])?;
            } else {
                transaction.execute("DELETE FROM session WHERE unit = ?1", [unit])?;
                transaction.execute("DELETE FROM unit WHERE key = ?1", [unit])?;
                transaction.execute("DELETE FROM unit_state WHERE key = ?1", [unit])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Removes a session: its row, its text, and what its unit's checkpoint may
    /// hold of it.
    pub fn forget(&mut self, id: &str) -> Result<(), IndexError> {
        let transaction = self.catalog.db.transaction()?;
        let units = "(SELECT unit FROM session WHERE id = ?1)";
        let sql = format!("UPDATE unit_state SET checkpoint = NULL WHERE key IN {units}");
        transaction.execute(&sql, [id])?;
        let sql = format!("UPDATE unit SET stamp = 0 WHERE key IN {units}");
        transaction.execute(&sql, [id])?;
        transaction.execute("DELETE FROM session WHERE id = ?1", [id])?;
        transaction.commit()?;
        self.drop_dead_text()?;
        self.catalog
            .db
            .execute_batch("PRAGMA wal_checkpoint(TRUNCATE); VACUUM;")?;
        Ok(())
    }

    /// Leaves the index as readers like it best: few segments, a short log, no
    /// files that no catalogue names.
    pub fn tidy(&mut self) -> Result<(), IndexError> {
        self.catalog.mark_duplicates()?;
        self.put_together()?;
        self.catalog.merge_log()
    }
}
