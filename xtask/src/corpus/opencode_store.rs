//! OpenCode's folder: the database, projects and ids.

use std::path::{Path, PathBuf};

use anyhow::Result;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, params};

use super::json::{S, put};
use super::rng::{Rng, push_hex};
use super::sink::write_small;

/// `~/.local/share/opencode`.
pub(super) struct Store {
    pub(super) root: PathBuf,
    pub(super) db: Connection,
}

impl Store {
    pub(super) fn create(home: &Path) -> Result<Self> {
        let root = home.join(".local/share/opencode");
        fs_err::create_dir_all(&root)?;
        let db = Connection::open(root.join("opencode.db"))?;
        db.pragma_update(None, "journal_mode", "wal")?;
        db.pragma_update(None, "synchronous", "off")?;
        // The agent is killed more often than closed: its last pages are in the WAL.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        db.execute_batch(include_str!("opencode.sql"))?;
        Ok(Self { root, db })
    }

    /// A project, which sessions refer to.
    pub(super) fn project(&self, id: &str, cwd: &str, at: i64) -> Result<()> {
        self.db.execute(
            "INSERT OR IGNORE INTO project (id, worktree, vcs, time_created, time_updated, sandboxes) VALUES (?1, ?2, 'git', ?3, ?3, '[]')",
            params![id, cwd, at],
        )?;
        self.db.execute(
            "INSERT OR IGNORE INTO project_directory (project_id, directory, time_created) VALUES (?1, ?2, ?3)",
            params![id, cwd, at],
        )?;
        let mut json = String::new();
        put!(&mut json; r#"{"id":"#, S(id), r#","worktree":"#, S(cwd), r#","vcs":"git","time":{"created":"#, at, r#","updated":"#, at, "}}");
        write_small(
            &self.root.join(format!("storage/project/{id}.json")),
            &pretty(&json)?,
            at,
        )
    }

    /// The size of the database and its WAL.
    pub(super) fn bytes(&self) -> u64 {
        let size = |name: &str| std::fs::metadata(self.root.join(name)).map_or(0, |m| m.len());
        size("opencode.db") + size("opencode.db-wal")
    }
}

/// An id with the time in it; those of sessions go down.
pub(super) fn new_id(rng: &mut Rng, prefix: &str, at: i64, counter: &mut u64) -> String {
    *counter = (*counter + 1) % 0x1000;
    let mut value = (at as u64) << 12 | *counter;
    if prefix == "ses" {
        value = !value;
    }
    let mut out = format!("{prefix}_");
    push_hex(&mut out, value & 0xffff_ffff_ffff, 12);
    out.push_str(&rng.base62(14));
    out
}

pub(super) fn pretty(json: &str) -> Result<String> {
    Ok(serde_json::to_string_pretty(&serde_json::from_str::<
        serde_json::Value,
    >(json)?)?)
}
