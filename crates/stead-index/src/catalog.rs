//! The catalogue: which units and sessions are known, in SQLite.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::IndexError;

mod filter;
mod sessions;
mod units;

pub use filter::{Filter, ProjectFilter};
pub(crate) use sessions::KnownSession;
pub use sessions::{Place, Workplace};
pub use units::{Away, KnownUnit, UnitReport};

/// Raised whenever the catalogue or the segments change their form; an older
/// index is thrown away and built anew.
const VERSION: i64 = 7;

/// How long to wait for another connection's lock.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);
/// A log of so many bytes is merged at the end of a sync.
const LOG: u64 = 256 << 10;

/// The catalogue of an index folder.
pub struct Catalog {
    pub(crate) db: Connection,
    pub(crate) folder: PathBuf,
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
