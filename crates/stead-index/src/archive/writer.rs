//! Puts raw bytes into the archive as they are read.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::params;
use rustc_hash::FxHashSet;

use super::pack::{Location, Packs};
use super::{Archive, name_hash};
use crate::IndexError;

/// Chunks begin at multiples of this, so that a file that is read again from
/// its start falls into the same chunks.
const CHUNK: usize = 1 << 20;
/// So many bytes may be lost with the power before they are forced to disk.
const UNSAFE_BYTES: u64 = 4 << 20;

/// The archive while it is written to, shared by the worker threads.
pub struct ArchiveWriter {
    inner: Mutex<Inner>,
    /// Compressors are dear to make; idle ones wait here for the next chunk.
    compressors: Mutex<Vec<zstd::bulk::Compressor<'static>>>,
    forgotten: FxHashSet<Vec<u8>>,
}

struct Inner {
    archive: Archive,
    packs: Packs,
    unsafe_bytes: u64,
}

/// What one worker reads of one unit.
pub struct UnitRecorder<'a> {
    writer: &'a ArchiveWriter,
    append: bool,
    file: Option<Buffered>,
    pieces: Vec<(String, u64, Location, bool)>,
    total: u64,
}

struct Buffered {
    name: String,
    offset: u64,
    bytes: Vec<u8>,
}

impl ArchiveWriter {
    /// Makes an archive ready to be written to.
    pub fn new(archive: Archive) -> Result<Self, IndexError> {
        let packs = Packs::new(&archive.folder);
        let forgotten = archive.forgotten()?;
        Ok(Self {
            inner: Mutex::new(Inner {
                archive,
                packs,
                unsafe_bytes: 0,
            }),
            compressors: Mutex::default(),
            forgotten,
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a unit; with `append`, what was kept before goes on.
    pub const fn unit(&self, append: bool) -> UnitRecorder<'_> {
        UnitRecorder {
            writer: self,
            append,
            file: None,
            pieces: Vec::new(),
            total: 0,
        }
    }

    /// Leaves the archive as those who open it next like it best.
    pub fn tidy(&self) -> Result<(), IndexError> {
        let inner = self.inner();
        let log = inner.archive.folder.join("archive.db-wal");
        crate::catalog::merge_log(&inner.archive.db, &log)
    }

    /// Whether anything of the unit is kept.
    pub fn holds(&self, unit: &str) -> Result<bool, IndexError> {
        self.inner().archive.holds(unit)
    }
}

impl UnitRecorder<'_> {
    /// Takes bytes of the file `name` at `offset`.
    pub fn raw(&mut self, name: &str, offset: u64, bytes: &[u8]) -> Result<(), IndexError> {
        let follows = self.file.as_ref().is_some_and(|file| {
            file.name == name && file.offset + file.bytes.len() as u64 == offset
        });
        if !follows {
            self.flush()?;
            if self.writer.forgotten.contains(&name_hash(name)) {
                return Ok(());
            }
            self.file = Some(Buffered {
                name: name.to_owned(),
                offset,
                bytes: Vec::new(),
            });
        }
        let mut rest = bytes;
        while let Some(file) = &mut self.file {
            let in_chunk = (file.offset as usize + file.bytes.len()) % CHUNK;
            let (now, later) = rest.split_at(rest.len().min(CHUNK - in_chunk));
            file.bytes.extend_from_slice(now);
            rest = later;
            if in_chunk + now.len() < CHUNK {
                break;
            }
            let (name, next) = (file.name.clone(), file.offset + file.bytes.len() as u64);
            self.flush()?;
            self.file = Some(Buffered {
                name,
                offset: next,
                bytes: Vec::with_capacity(rest.len()),
            });
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), IndexError> {
        let Some(file) = self.file.take().filter(|file| !file.bytes.is_empty()) else {
            return Ok(());
        };
        self.total += file.bytes.len() as u64;
        let (location, new) = self.writer.store(&file.bytes)?;
        self.pieces.push((file.name, file.offset, location, new));
        Ok(())
    }

    /// Names what was read as the unit's content, in one transaction.
    pub fn finish(mut self, unit: &str, agent: &str) -> Result<(), IndexError> {
        self.flush()?;
        if self.pieces.is_empty() {
            return Ok(());
        }
        let mut inner = self.writer.inner();
        let inner = &mut *inner;
        if inner.unsafe_bytes > UNSAFE_BYTES {
            inner.packs.flush()?;
            inner.unsafe_bytes = 0;
        }
        let transaction = inner.archive.db.transaction()?;
        let sql = "SELECT coalesce(max(generation), 0) FROM piece WHERE unit = ?1";
        let last: i64 = transaction.query_row(sql, [unit], |row| row.get(0))?;
        let sql = "SELECT coalesce(sum(raw_length), 0) FROM piece JOIN chunk USING (hash)
                   WHERE unit = ?1 AND generation = ?2";
        let before: i64 = transaction.query_row(sql, params![unit, last], |row| row.get(0))?;
        let mut generation = last.max(1);
        if !self.append && last > 0 {
            if self.total >= before as u64 {
                let sql = "DELETE FROM piece WHERE unit = ?1 AND generation = ?2";
                transaction.execute(sql, params![unit, last])?;
            } else {
                generation = last + 1;
            }
        }
        for (name, offset, location, new) in &self.pieces {
            if *new {
                let sql = "INSERT OR IGNORE INTO chunk (hash, pack, offset, length, raw_length)
                           VALUES (?1, ?2, ?3, ?4, ?5)";
                transaction.prepare_cached(sql)?.execute(params![
                    location.hash,
                    location.pack as i64,
                    location.offset as i64,
                    location.length as i64,
                    location.raw_length as i64
                ])?;
            }
            let sql = "INSERT OR REPLACE INTO piece (unit, agent, generation, name, offset, hash)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            transaction.prepare_cached(sql)?.execute(params![
                unit,
                agent,
                generation,
                name,
                *offset as i64,
                location.hash
            ])?;
        }
        transaction.commit()?;
        Ok(())
    }
}

impl ArchiveWriter {
    /// Stores a chunk once; says whether it still has to be named.
    fn store(&self, bytes: &[u8]) -> Result<(Location, bool), IndexError> {
        let hash = blake3::hash(bytes).as_bytes().to_vec();
        if let Some(location) = self.known(&hash)? {
            return Ok((location, false));
        }
        // Compressing is the slow part and needs no lock.
        let frame = self.compress(bytes).map_err(IndexError::io("packs"))?;
        let mut inner = self.inner();
        let (pack, offset) = inner.packs.append(&frame)?;
        inner.unsafe_bytes += frame.len() as u64;
        let location = Location {
            pack,
            offset,
            length: frame.len() as u64,
            raw_length: bytes.len() as u64,
            hash,
        };
        Ok((location, true))
    }

    fn compress(&self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let idle = || {
            self.compressors
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        let waiting = idle().pop();
        let mut compressor = match waiting {
            Some(compressor) => compressor,
            None => zstd::bulk::Compressor::new(1)?,
        };
        let frame = compressor.compress(bytes)?;
        idle().push(compressor);
        Ok(frame)
    }

    fn known(&self, hash: &[u8]) -> Result<Option<Location>, IndexError> {
        let inner = self.inner();
        let mut statement = inner.archive.db.prepare_cached(
            "SELECT pack, offset, length, raw_length, hash FROM chunk WHERE hash = ?1",
        )?;
        let mut rows = statement.query([hash])?;
        Ok(rows
            .next()?
            .map(|row| Location::from_row(row, 0))
            .transpose()?)
    }
}
