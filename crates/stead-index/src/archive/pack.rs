//! Pack files: zstd frames one after the other.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Row, params};

use crate::IndexError;

/// A pack that has reached this size gets no more chunks.
const FULL: u64 = 256 << 20;

/// Where a chunk lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) pack: u64,
    pub(super) offset: u64,
    pub(super) length: u64,
    pub(super) raw_length: u64,
    pub(super) hash: Vec<u8>,
}

impl Location {
    /// From the columns pack, offset, length, raw_length, hash.
    pub(super) fn from_row(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        let number = |column| {
            row.get::<_, i64>(first + column)
                .map(|number| number as u64)
        };
        Ok(Self {
            pack: number(0)?,
            offset: number(1)?,
            length: number(2)?,
            raw_length: number(3)?,
            hash: row.get(first + 4)?,
        })
    }
}

/// The pack files of an archive.
pub(super) struct Packs {
    folder: PathBuf,
    open: Option<Open>,
}

struct Open {
    number: u64,
    file: File,
    length: u64,
}

impl Packs {
    pub(super) fn new(archive: &Path) -> Self {
        Self {
            folder: archive.join("packs"),
            open: None,
        }
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number}.pack"))
    }

    /// Reads a chunk and checks that it is what its hash says.
    pub(super) fn read(&self, location: &Location) -> Result<Vec<u8>, IndexError> {
        let path = self.path(location.pack);
        let read = || -> io::Result<Vec<u8>> {
            let mut file = File::open(&path)?;
            io::Seek::seek(&mut file, io::SeekFrom::Start(location.offset))?;
            let frame = io::Read::take(file, location.length);
            let mut bytes = Vec::with_capacity(location.raw_length as usize);
            zstd::stream::copy_decode(frame, &mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().map_err(IndexError::io(path.as_path()))?;
        if blake3::hash(&bytes).as_bytes()[..] != location.hash {
            return Err(IndexError::Damaged { path });
        }
        Ok(bytes)
    }

    /// Appends a compressed chunk; returns its pack and place.
    pub(super) fn append(&mut self, frame: &[u8]) -> Result<(u64, u64), IndexError> {
        if self.open.as_ref().is_none_or(|open| open.length >= FULL) {
            self.flush()?;
            self.open = Some(self.open_last()?);
        }
        let path = self.folder.clone();
        let Some(open) = &mut self.open else {
            return Err(IndexError::Damaged { path });
        };
        if let Err(error) = open.file.write_all(frame) {
            // How much of it was written is not known: look again the next time.
            self.open = None;
            return Err(IndexError::io(path)(error));
        }
        let place = (open.number, open.length);
        open.length += frame.len() as u64;
        Ok(place)
    }

    /// Makes sure that what was appended is on the disk.
    pub(super) fn flush(&self) -> Result<(), IndexError> {
        match &self.open {
            Some(open) => open
                .file
                .sync_data()
                .map_err(IndexError::io(self.folder.as_path())),
            None => Ok(()),
        }
    }

    fn numbers(&self) -> io::Result<Vec<u64>> {
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if let Some(number) = path
                .file_stem()
                .and_then(|stem| stem.to_str()?.parse().ok())
            {
                numbers.push(number);
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The last pack, or a new one if that is full.
    fn open_last(&self) -> Result<Open, IndexError> {
        let open = || -> io::Result<Open> {
            crate::make_private(&self.folder)?;
            let last = self.numbers()?.last().copied().unwrap_or(1);
            let full = fs::metadata(self.path(last)).is_ok_and(|metadata| metadata.len() >= FULL);
            let number = if full { last + 1 } else { last };
            let file = OpenOptions::new()
                .create(true)
                .append(true)
                .open(self.path(number))?;
            let length = file.metadata()?.len();
            Ok(Open {
                number,
                file,
                length,
            })
        };
        open().map_err(IndexError::io(self.folder.as_path()))
    }

    /// Removes chunks that no piece names, and writes the packs anew that held
    /// them or anything else that no chunk names, so that nothing is left on the
    /// disk but what is wanted.
    pub(super) fn drop_unused(&mut self, db: &mut Connection) -> Result<(), IndexError> {
        self.open = None;
        if !self.folder.exists() {
            return Ok(());
        }
        let packs = self
            .numbers()
            .map_err(IndexError::io(self.folder.as_path()))?;
        let mut next = packs.last().copied().unwrap_or(0) + 1;
        for pack in packs {
            let path = self.path(pack);
            let length = fs::metadata(&path)
                .map_err(IndexError::io(path.as_path()))?
                .len();
            let sql = "SELECT coalesce(sum(length), 0) FROM chunk
                       WHERE pack = ?1 AND hash IN (SELECT hash FROM piece)";
            let used: i64 = db.query_row(sql, [pack as i64], |row| row.get(0))?;
            if used as u64 != length {
                self.copy_used(db, pack, next)?;
                next += 1;
            }
        }
        let sql = "DELETE FROM chunk WHERE hash NOT IN (SELECT hash FROM piece)";
        db.execute(sql, [])?;
        Ok(())
    }

    /// Copies the chunks of a pack that are still named into pack `to`, one by
    /// one, and removes the pack.
    fn copy_used(&self, db: &mut Connection, from: u64, to: u64) -> Result<(), IndexError> {
        let path = self.path(to);
        let in_pack = || IndexError::io(path.as_path());
        let transaction = db.transaction()?;
        let mut file = File::create(&path).map_err(in_pack())?;
        let mut offset = 0;
        {
            let mut used = transaction.prepare(
                "SELECT pack, offset, length, raw_length, hash FROM chunk
                 WHERE pack = ?1 AND hash IN (SELECT hash FROM piece) ORDER BY offset",
            )?;
            let mut rows = used.query([from as i64])?;
            while let Some(row) = rows.next()? {
                let location = Location::from_row(row, 0)?;
                let bytes = self.read(&location)?;
                let frame = zstd::bulk::compress(&bytes, 3).map_err(in_pack())?;
                file.write_all(&frame).map_err(in_pack())?;
                let sql = "UPDATE chunk SET pack = ?1, offset = ?2, length = ?3 WHERE hash = ?4";
                let length = frame.len() as i64;
                transaction.execute(sql, params![to as i64, offset, length, location.hash])?;
                offset += length;
            }
        }
        file.sync_all().map_err(in_pack())?;
        drop(file);
        transaction.execute("DELETE FROM chunk WHERE pack = ?1", [from as i64])?;
        transaction.commit()?;
        let old = self.path(from);
        fs::remove_file(&old).map_err(IndexError::io(old.as_path()))?;
        if offset == 0 {
            fs::remove_file(&path).map_err(in_pack())?;
        }
        Ok(())
    }
}
