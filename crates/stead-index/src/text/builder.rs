//! Writes a segment: an immutable file of compressed blocks and, for each gram,
//! the blocks that hold it. `docs/specs/index.md` describes the bytes.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::block::{BlockBuilder, Built, Entries, Entry};
use super::check::check;
use super::fold::fold_into;
use super::grams::GramSet;
use super::pages::{Pages, PagesWriter};
use super::postings::encode;
use super::row::{Lane, Row};
use super::runs::RunsBuilder;
use super::segment::MAGIC;

/// A block is closed when it has reached this size.
const BLOCK: usize = 16 << 10;
/// An event longer than this is cut into pieces that overlap, so that a match
/// is found wherever it lies.
const PIECE: usize = 512 << 10;
const OVERLAP: usize = 256;
/// zstd's fastest regular level: the blocks are read far more often than kept.
const LEVEL: i32 = 1;

/// A segment's file while it is written: it appears when it is whole.
pub(crate) struct SegmentFile {
    path: PathBuf,
    pub(crate) file: BufWriter<File>,
    /// Bytes written so far.
    pub(crate) offset: u64,
    pub(crate) rows: Vec<Row>,
}

impl SegmentFile {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let mut file = BufWriter::with_capacity(256 << 10, File::create(temporary(path))?);
        file.write_all(MAGIC)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            offset: MAGIC.len() as u64,
            rows: Vec::new(),
        })
    }

    /// Writes the rest of the file and puts it in its place. An empty segment
    /// leaves no file and gives `false`.
    ///
    /// `fill` hands in all postings; the blocks are written by now.
    pub(crate) fn finish(
        mut self,
        fill: impl FnOnce(&mut PagesWriter, &mut BufWriter<File>) -> io::Result<()>,
    ) -> io::Result<bool> {
        if self.rows.is_empty() {
            drop(self.file);
            std::fs::remove_file(temporary(&self.path))?;
            return Ok(false);
        }
        let mut writer = PagesWriter::default();
        fill(&mut writer, &mut self.file)?;
        let pages = writer.finish(self.offset, &mut self.file)?;
        let mut rows = Vec::with_capacity(self.rows.len() * Row::SIZE + 4);
        for row in &self.rows {
            row.write(&mut rows);
        }
        let sum = check(&rows);
        rows.extend_from_slice(&sum.to_le_bytes());
        self.file.write_all(&rows)?;
        self.file.write_all(&tail(&pages, self.rows.len()))?;
        self.file.flush()?;
        drop(self.file);
        std::fs::rename(temporary(&self.path), &self.path)?;
        Ok(true)
    }
}

/// The end of the file, from which everything else is found.
fn tail(pages: &Pages, blocks: usize) -> Vec<u8> {
    let mut tail = Vec::new();
    for top in &pages.tops {
        tail.extend_from_slice(&top.to_le_bytes());
    }
    for number in [pages.at, pages.length, pages.count, blocks as u64] {
        tail.extend_from_slice(&number.to_le_bytes());
    }
    let sum = check(&tail);
    tail.extend_from_slice(&sum.to_le_bytes());
    tail.extend_from_slice(MAGIC);
    tail
}

fn temporary(path: &Path) -> PathBuf {
    path.with_extension("tmp")
}

/// Builds one segment file out of entries.
pub(crate) struct SegmentBuilder {
    segment: SegmentFile,
    lanes: [BlockBuilder; 4],
    postings: RunsBuilder,
    grams: GramSet,
    folded: Vec<u8>,
    compressor: zstd::bulk::Compressor<'static>,
    compressed: Vec<u8>,
    text_bytes: u64,
}

impl SegmentBuilder {
    /// Begins a segment at `path`, which appears only when it is finished.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self {
            segment: SegmentFile::create(path)?,
            lanes: Default::default(),
            postings: RunsBuilder::default(),
            grams: GramSet::new(),
            folded: Vec::new(),
            compressor: checked_compressor()?,
            compressed: Vec::new(),
            text_bytes: 0,
        })
    }

    /// Bytes of text taken in.
    pub(crate) const fn text_bytes(&self) -> u64 {
        self.text_bytes
    }

    /// Takes in an event.
    pub(crate) fn add(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        let mut rest = entry.text;
        while rest.len() > PIECE {
            let end = rest.floor_char_boundary(PIECE);
            let piece = Entry {
                text: &rest[..end],
                ..entry.clone()
            };
            self.add_piece(&piece)?;
            rest = &rest[rest.floor_char_boundary(end - OVERLAP)..];
        }
        self.add_piece(&Entry {
            text: rest,
            ..entry.clone()
        })
    }

    fn add_piece(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        self.text_bytes += entry.text.len() as u64;
        let lane = Lane::of(entry);
        let builder = &mut self.lanes[lane as usize];
        builder.add(entry);
        if builder.len() >= BLOCK {
            let built = builder.finish();
            self.close_block(&built)?;
        }
        Ok(())
    }

    fn close_block(&mut self, built: &Built) -> io::Result<()> {
        // Tool names and paths stand among the heads and are searched too, so the
        // filter covers them.
        for part in Entries::new(&built.bytes) {
            let paths = part.paths.iter().copied();
            for text in paths.chain([part.text, part.tool_name]) {
                fold_into(text, &mut self.folded);
                self.grams.add(&self.folded);
            }
        }
        let postings = &mut self.postings;
        self.grams.drain(|gram| postings.add(gram));
        postings.end_block();
        let bound = zstd::compress_bound(built.bytes.len());
        self.compressed.clear();
        self.compressed.reserve(bound);
        self.compressor
            .compress_to_buffer(&built.bytes, &mut self.compressed)?;
        let segment = &mut self.segment;
        segment.file.write_all(&self.compressed)?;
        segment.offset += self.compressed.len() as u64;
        segment.rows.push(Row {
            length: u32::try_from(self.compressed.len()).map_err(io::Error::other)?,
            raw_length: u32::try_from(built.bytes.len()).map_err(io::Error::other)?,
            newest_ms: built.newest_ms,
            mask: built.mask,
            sessions: built.sessions,
        });
        Ok(())
    }

    /// Writes what is left and puts the file in its place. An empty segment
    /// leaves no file and gives `false`.
    pub(crate) fn finish(mut self) -> io::Result<bool> {
        for lane in Lane::ALL {
            let builder = &mut self.lanes[lane as usize];
            if !builder.is_empty() {
                let built = builder.finish();
                self.close_block(&built)?;
            }
        }
        let (count, postings) = (self.segment.rows.len(), self.postings);
        self.segment.finish(|pages, file| {
            let mut bytes = Vec::new();
            postings.finish(|gram, blocks| {
                encode(blocks.iter().copied(), count, &mut bytes);
                pages.add(gram, &bytes, file)
            })
        })
    }
}

/// A compressor whose frames bear a checksum: damage is noticed, not searched.
fn checked_compressor() -> io::Result<zstd::bulk::Compressor<'static>> {
    let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
    compressor.include_checksum(true)?;
    Ok(compressor)
}
