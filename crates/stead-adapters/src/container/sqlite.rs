//! Reading a SQLite database that another program may be writing, without
//! leaving a trace: no lock, no `-shm` file, no copy.
//!
//! The database is opened read-only with SQLite's own lock-free file layer
//! (`unix-none`, `win32-none`) in exclusive locking mode, in which the index of
//! the write-ahead log is built in memory. What could go wrong without locks is
//! a checkpoint that overwrites pages while they are read: [`Database::verify`]
//! notices that afterwards, and the caller reads again. Where there is no log,
//! the database is opened as immutable, or SQLite would make an empty one. A
//! database with a hot rollback journal cannot be read in place; it is copied to
//! a private folder.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::ReadError;

/// A database opened for reading only.
pub struct Database {
    connection: Connection,
    path: PathBuf,
    state: State,
    /// The private copy, deleted when the database is closed.
    _copy: Option<tempfile::TempDir>,
}

/// What changes when somebody changes pages under our feet.
#[derive(Debug, PartialEq, Eq)]
struct State {
    length: u64,
    modified: Option<SystemTime>,
    /// The log's header holds a salt that changes when the log starts anew.
    log_header: Vec<u8>,
}

impl Database {
    /// Opens the database at `path` together with its write-ahead log.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let state = State::of(path)?;
        if state.length < 512 {
            return Err(database_error(path, rusqlite::ffi::SQLITE_NOTADB));
        }
        if beside(path, "-journal")
            .metadata()
            .is_ok_and(|journal| journal.len() > 0)
        {
            return Self::open_copy(path, state);
        }
        let read_only = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = if beside(path, "-wal").exists() {
            connect(path, path, read_only, Some(LOCK_FREE))?
        } else if let Some(address) = immutable(path) {
            let flags = read_only | OpenFlags::SQLITE_OPEN_URI;
            connect(path, Path::new(&address), flags, Some(LOCK_FREE))?
        } else {
            return Self::open_copy(path, state);
        };
        Ok(Self {
            connection,
            path: path.to_owned(),
            state,
            _copy: None,
        })
    }

    /// Opens a private copy, in which SQLite may undo a half-done transaction.
    fn open_copy(path: &Path, state: State) -> Result<Self, ReadError> {
        let io_error = |source| ReadError::Io {
            path: path.to_owned(),
            source,
        };
        let folder = tempfile::tempdir().map_err(io_error)?;
        let copy = folder.path().join("copy.db");
        fs::copy(path, &copy).map_err(io_error)?;
        for suffix in ["-journal", "-wal"] {
            let from = beside(path, suffix);
            if from.exists() {
                fs::copy(from, beside(&copy, suffix)).map_err(io_error)?;
            }
        }
        let connection = connect(path, &copy, OpenFlags::SQLITE_OPEN_READ_WRITE, None)?;
        Ok(Self {
            connection,
            path: path.to_owned(),
            state,
            _copy: Some(folder),
        })
    }

    /// The connection, for queries.
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Whether what was read since [`Database::open`] was one state of the
    /// database. [`ReadError::Unstable`] means: read it again.
    pub fn verify(&self) -> Result<(), ReadError> {
        if State::of(&self.path)? == self.state {
            Ok(())
        } else {
            Err(ReadError::Unstable {
                path: self.path.clone(),
            })
        }
    }

    /// The columns of a table, in order; empty if there is no such table.
    pub fn columns(&self, table: &str) -> Result<Vec<String>, rusqlite::Error> {
        let mut statement = self
            .connection
            .prepare("SELECT name FROM pragma_table_info(?1)")?;
        statement.query_map([table], |row| row.get(0))?.collect()
    }

    /// A [`ReadError`] for an error of this database.
    pub fn error(&self, source: rusqlite::Error) -> ReadError {
        ReadError::Database {
            path: self.path.clone(),
            source,
        }
    }
}

#[cfg(windows)]
const LOCK_FREE: &str = "win32-none";
#[cfg(not(windows))]
const LOCK_FREE: &str = "unix-none";

/// The address under which SQLite reads a file without looking for a log.
/// Paths that are not Unicode have none.
fn immutable(path: &Path) -> Option<String> {
    let mut address = String::from("file:");
    let path = path.to_str()?;
    if cfg!(windows) {
        address.push('/');
    }
    for character in path.chars() {
        match character {
            '%' => address.push_str("%25"),
            '?' => address.push_str("%3f"),
            '#' => address.push_str("%23"),
            '\\' if cfg!(windows) => address.push('/'),
            other => address.push(other),
        }
    }
    address.push_str("?immutable=1");
    Some(address)
}

/// Opens what `address` names; errors speak of `path`.
fn connect(
    path: &Path,
    address: &Path,
    mode: OpenFlags,
    vfs: Option<&str>,
) -> Result<Connection, ReadError> {
    let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || {
        let connection = match vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(address, flags, vfs)?,
            None => Connection::open_with_flags(address, flags)?,
        };
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        // Session stores are other people's data: no triggers, no views with
        // side effects, no functions that touch the file system.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        if vfs.is_some() {
            connection.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |_| Ok(()))?;
        }
        connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -8000;")?;
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(connection)
    };
    open().map_err(|source| ReadError::Database {
        path: path.to_owned(),
        source,
    })
}

impl State {
    fn of(path: &Path) -> Result<Self, ReadError> {
        let io_error = |source| ReadError::Io {
            path: path.to_owned(),
            source,
        };
        let metadata = fs::metadata(path).map_err(io_error)?;
        let mut log_header = Vec::new();
        if let Ok(log) = File::open(beside(path, "-wal")) {
            log.take(32)
                .read_to_end(&mut log_header)
                .map_err(io_error)?;
        }
        Ok(Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            log_header,
        })
    }
}

/// The file that SQLite keeps beside a database.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn database_error(path: &Path, code: std::ffi::c_int) -> ReadError {
    ReadError::Database {
        path: path.to_owned(),
        source: rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None),
    }
}

#[cfg(test)]
#[path = "sqlite_tests.rs"]
mod tests;
