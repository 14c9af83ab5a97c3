//! The one process at a time that may change the index.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use crate::batch::{SEGMENT, Shared};
use crate::pending::mark_archived;
use crate::text::{Entries, Segment, SegmentBuilder};
use crate::{Catalog, IndexError};

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

/// A segment that others are put together into holds so much text at most.
const MERGED: u64 = 2 * SEGMENT;
/// So many small segments may stand side by side before they are put together.
const MANY: usize = 12;

impl Writer {
    /// Takes the lock, or `None` if another process has it.
    pub fn open(folder: &Path) -> Result<Option<Self>, IndexError> {
        crate::make_private(folder).map_err(IndexError::io(folder))?;
        let Some(lock) = try_lock(folder)? else {
            return Ok(None);
        };
        let catalog = Catalog::open_locked(folder)?;
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
        let segments = self.catalog.segments()?;
        self.rewrite(&segments)?;
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

    fn put_together(&mut self) -> Result<(), IndexError> {
        self.remove_orphans()?;
        let sizes = self.segment_sizes()?;
        let live: i64 = self.catalog.db.query_row(
            "SELECT coalesce(sum(text_bytes), 0) FROM session",
            [],
            |row| row.get(0),
        )?;
        let total: u64 = sizes.iter().map(|(_, bytes)| bytes).sum();
        let dead = total.saturating_sub(live as u64);
        if dead > total / 3 && dead > 16 << 20 {
            let all = self.catalog.segments()?;
            return self.rewrite(&all);
        }
        let small: Vec<_> = sizes
            .into_iter()
            .filter(|(_, bytes)| *bytes < SEGMENT / 4)
            .collect();
        if small.len() > MANY {
            let paths: Vec<_> = small
                .iter()
                .map(|(number, _)| self.catalog.segment_path(*number))
                .collect();
            return self.rewrite(&paths);
        }
        Ok(())
    }

    fn segment_sizes(&self) -> Result<Vec<(u64, u64)>, IndexError> {
        let db = &self.catalog.db;
        let mut statement = db.prepare("SELECT number, text_bytes FROM segment ORDER BY number")?;
        let rows = statement.query_map([], |row| {
            Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Copies what is alive in these segments into new ones and drops them.
    fn rewrite(&mut self, segments: &[PathBuf]) -> Result<(), IndexError> {
        let mut rewriting = Rewriting {
            catalog: &self.catalog,
            next: self.next_segment()?,
            current: None,
            finished: Vec::new(),
        };
        for path in segments {
            rewriting.copy(path)?;
        }
        rewriting.finish_segment()?;
        let (finished, next) = (rewriting.finished, rewriting.next);
        let transaction = self.catalog.db.transaction()?;
        for path in segments {
            let number = path
                .file_stem()
                .and_then(|stem| stem.to_str())
                .unwrap_or_default();
            transaction.execute("DELETE FROM segment WHERE number = ?1", [number])?;
        }
        let sql = "UPDATE counter SET next = ?1 WHERE name = 'segment'";
        transaction.execute(sql, [next as i64])?;
        for (number, bytes) in finished {
            let sql = "INSERT INTO segment (number, text_bytes) VALUES (?1, ?2)";
            transaction.execute(sql, [number as i64, bytes as i64])?;
        }
        transaction.commit()?;
        self.remove_orphans()
    }

    /// The next segment's number; it is taken by naming it in a commit.
    fn next_segment(&self) -> Result<u64, IndexError> {
        let sql = "SELECT next FROM counter WHERE name = 'segment'";
        let number: i64 = self.catalog.db.query_row(sql, [], |row| row.get(0))?;
        Ok(number as u64)
    }

    fn remove_orphans(&self) -> Result<(), IndexError> {
        let live = self.catalog.segments()?;
        let folder = self.catalog.folder.join("text");
        for entry in std::fs::read_dir(&folder).map_err(IndexError::io(folder.as_path()))? {
            let path = entry.map_err(IndexError::io(folder.as_path()))?.path();
            if !live.contains(&path) {
                std::fs::remove_file(&path).map_err(IndexError::io(path.as_path()))?;
            }
        }
        Ok(())
    }
}

/// Copies live entries into new segments.
struct Rewriting<'c> {
    catalog: &'c Catalog,
    next: u64,
    current: Option<(u64, SegmentBuilder)>,
    finished: Vec<(u64, u64)>,
}

impl Rewriting<'_> {
    fn copy(&mut self, path: &Path) -> Result<(), IndexError> {
        let mut segment = Segment::open(path).map_err(IndexError::io(path))?;
        let mut decompressor = zstd::bulk::Decompressor::new().map_err(IndexError::io(path))?;
        let mut block = Vec::new();
        for number in 0..segment.blocks.len() {
            segment
                .read_block(number, &mut decompressor, &mut block)
                .map_err(IndexError::io(path))?;
            for entry in Entries::new(&block) {
                if self.is_alive(entry.session)? {
                    let builder = self.builder()?;
                    builder.add(&entry).map_err(IndexError::io(path))?;
                }
            }
            if self
                .current
                .as_ref()
                .is_some_and(|(_, built)| built.text_bytes() >= MERGED)
            {
                self.finish_segment()?;
            }
        }
        Ok(())
    }

    fn is_alive(&self, session: u64) -> Result<bool, IndexError> {
        let sql = "SELECT 1 FROM session WHERE no = ?1";
        Ok(self
            .catalog
            .db
            .prepare_cached(sql)?
            .exists([session as i64])?)
    }

    fn builder(&mut self) -> Result<&mut SegmentBuilder, IndexError> {
        if self.current.is_none() {
            let path = self.catalog.segment_path(self.next);
            let builder = SegmentBuilder::create(&path).map_err(IndexError::io(path))?;
            self.current = Some((self.next, builder));
            self.next += 1;
        }
        match &mut self.current {
            Some((_, builder)) => Ok(builder),
            None => Err(IndexError::Damaged {
                path: self.catalog.folder.clone(),
            }),
        }
    }

    fn finish_segment(&mut self) -> Result<(), IndexError> {
        if let Some((number, builder)) = self.current.take() {
            let bytes = builder.text_bytes();
            let path = self.catalog.segment_path(number);
            if builder.finish().map_err(IndexError::io(path))? {
                self.finished.push((number, bytes));
            }
        }
        Ok(())
    }
}
