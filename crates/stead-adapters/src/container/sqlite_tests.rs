//! A database is read with its log, and nothing beside it is touched.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::Database;
use crate::ReadError;

fn files(folder: &Path) -> BTreeMap<String, (Vec<u8>, std::time::SystemTime)> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let modified = entry.metadata().unwrap().modified().unwrap();
            (name, (fs::read(entry.path()).unwrap(), modified))
        })
        .collect()
}

/// A database in WAL mode whose writer died: all rows are in the log.
fn abandoned(folder: &Path) -> std::path::PathBuf {
    let live = folder.join("live.db");
    let writer = Connection::open(&live).unwrap();
    writer
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
             CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2), (3);",
        )
        .unwrap();
    let store = folder.join("store");
    fs::create_dir(&store).unwrap();
    for suffix in ["", "-wal"] {
        fs::copy(
            super::beside(&live, suffix),
            store.join(format!("a.db{suffix}")),
        )
        .unwrap();
    }
    store.join("a.db")
}

fn count(database: &Database) -> i64 {
    let sql = "SELECT count(*) FROM t";
    database
        .connection()
        .query_row(sql, [], |row| row.get(0))
        .unwrap()
}

#[test]
fn rows_in_the_log_are_read_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = abandoned(folder.path());
    let before = files(path.parent().unwrap());
    let database = Database::open(&path).unwrap();
    assert_eq!(count(&database), 3);
    assert_eq!(database.columns("t").unwrap(), ["a"]);
    database.verify().unwrap();
    drop(database);
    assert_eq!(files(path.parent().unwrap()), before);
}

#[test]
fn a_live_writer_is_neither_blocked_nor_disturbed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("live.db");
    let writer = Connection::open(&path).unwrap();
    writer
        .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1);")
        .unwrap();
    let database = Database::open(&path).unwrap();
    assert_eq!(count(&database), 1);
    writer.execute_batch("INSERT INTO t VALUES (2);").unwrap();
    database
        .verify()
        .expect("appending to the log disturbs nobody");
    writer
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE); INSERT INTO t VALUES (3);")
        .unwrap();
    assert!(matches!(database.verify(), Err(ReadError::Unstable { .. })));
    drop(database);
    assert_eq!(count(&Database::open(&path).unwrap()), 3);
}

#[test]
fn a_half_done_transaction_is_undone_in_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let live = folder.path().join("live.db");
    let writer = Connection::open(&live).unwrap();
    writer
        .execute_batch(
            "PRAGMA cache_size = 1; CREATE TABLE t (a); INSERT INTO t VALUES (1);
             BEGIN; INSERT INTO t SELECT randomblob(5000) FROM json_each('[1,2,3,4,5,6,7,8]');",
        )
        .unwrap();
    let store = folder.path().join("store");
    fs::create_dir(&store).unwrap();
    for suffix in ["", "-journal"] {
        fs::copy(
            super::beside(&live, suffix),
            store.join(format!("a.db{suffix}")),
        )
        .unwrap();
    }
    let before = files(&store);
    assert_eq!(count(&Database::open(&store.join("a.db")).unwrap()), 1);
    assert_eq!(files(&store), before);
}

#[test]
fn what_is_no_database_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    for content in [&b""[..], b"SQLite format 3\0", &[7; 4096]] {
        fs::write(&path, content).unwrap();
        fs::write(super::beside(&path, "-wal"), b"left alone").unwrap();
        assert!(matches!(
            Database::open(&path),
            Err(ReadError::Database { .. })
        ));
        assert_eq!(
            fs::read(super::beside(&path, "-wal")).unwrap(),
            b"left alone"
        );
    }
}

/// A database whose writer closed it properly keeps no log, and gets none.
#[test]
fn a_database_without_a_log_is_not_given_one() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["plain", "a b?c#d%41"] {
        let store = folder.path().join(name);
        fs::create_dir(&store).unwrap();
        let path = store.join("a.db");
        let writer = Connection::open(&path).unwrap();
        let sql = "PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1);";
        writer.execute_batch(sql).unwrap();
        drop(writer);
        let before = files(&store);
        assert_eq!(before.len(), 1, "SQLite has removed its log");
        let database = Database::open(&path).unwrap();
        assert_eq!(count(&database), 1);
        database.verify().unwrap();
        // A writer that comes while it is read is noticed.
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch("INSERT INTO t VALUES (2);").unwrap();
        assert!(matches!(database.verify(), Err(ReadError::Unstable { .. })));
        drop((database, writer));
        assert_eq!(count(&Database::open(&path).unwrap()), 2);
        assert_eq!(files(&store).len(), 1);
    }
}
