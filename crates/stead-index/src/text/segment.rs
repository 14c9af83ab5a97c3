//! A segment: an immutable file of compressed blocks and, for each gram,
//! the blocks that hold it. `docs/specs/index.md` describes the bytes.

use std::fs::File;
use std::io::{self, BufWriter, Write};
#[cfg(not(unix))]
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use stead_usf::EventType;

use super::TITLE;
use super::block::{BlockBuilder, Built, Entry};
use super::fold::fold_into;
use super::grams::{Gram, GramSet};
use super::runs::RunsBuilder;
use super::varint::{self, Reader};

const MAGIC: &[u8; 8] = b"STEADSG2";
/// A block is closed when it has reached this size.
const BLOCK: usize = 16 << 10;
/// An event longer than this is cut into pieces that overlap, so that a match
/// is found wherever it lies.
const PIECE: usize = 512 << 10;
const OVERLAP: usize = 256;
/// zstd's fastest regular level: the blocks are read far more often than kept.
const LEVEL: i32 = 1;
/// Keys between two entries of the sparse key table.
const STRIDE: usize = 64;

/// What the block table says of one block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockInfo {
    offset: u64,
    length: u32,
    raw_length: u32,
    pub(crate) newest_ms: i64,
    pub(crate) lane: Lane,
}

/// What a block holds. Each lane fills blocks of its own: a search looks through
/// titles and talk before the rest, and through no more of it than it must.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lane {
    /// Tool calls and results, reasoning, machinery.
    Rest,
    /// What people and models said to each other.
    Talk,
    /// Titles of sessions.
    Title,
}

impl Lane {
    const ALL: [Self; 3] = [Self::Rest, Self::Talk, Self::Title];

    const fn of(entry: &Entry<'_>) -> Self {
        match entry.kind {
            _ if entry.sequence == TITLE => Self::Title,
            EventType::User | EventType::Assistant | EventType::Summary if !entry.injected => {
                Self::Talk
            }
            _ => Self::Rest,
        }
    }
}

/// Builds one segment file.
pub(crate) struct SegmentBuilder {
    path: PathBuf,
    file: BufWriter<File>,
    offset: u64,
    lanes: [BlockBuilder; 3],
    blocks: Vec<BlockInfo>,
    postings: RunsBuilder,
    grams: GramSet,
    folded: Vec<u8>,
    compressor: zstd::bulk::Compressor<'static>,
    text_bytes: u64,
}

impl SegmentBuilder {
    /// Begins a segment at `path`, which appears only when it is finished.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let mut file = BufWriter::with_capacity(256 << 10, File::create(temporary(path))?);
        file.write_all(MAGIC)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            offset: MAGIC.len() as u64,
            lanes: Default::default(),
            blocks: Vec::new(),
            postings: RunsBuilder::default(),
            grams: GramSet::new(),
            folded: Vec::new(),
            compressor: checked_compressor()?,
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
            self.close_block(&built, lane)?;
        }
        Ok(())
    }

    fn close_block(&mut self, built: &Built, lane: Lane) -> io::Result<()> {
        // Ids, tool names and paths stand among the heads and are searched too,
        // so the filter covers the whole block.
        for part in super::block::Entries::new(&built.bytes) {
            for text in part
                .paths
                .iter()
                .copied()
                .chain([part.text, part.tool_name])
            {
                fold_into(text, &mut self.folded);
                self.grams.add(&self.folded);
            }
        }
        let postings = &mut self.postings;
        self.grams.drain(|gram| postings.add(gram));
        postings.end_block();
        let compressed = self.compressor.compress(&built.bytes)?;
        self.file.write_all(&compressed)?;
        self.blocks.push(BlockInfo {
            offset: self.offset,
            length: u32::try_from(compressed.len()).map_err(io::Error::other)?,
            raw_length: u32::try_from(built.bytes.len()).map_err(io::Error::other)?,
            newest_ms: built.newest_ms,
            lane,
        });
        self.offset += compressed.len() as u64;
        Ok(())
    }

    /// Writes what is left and puts the file in its place. An empty segment
    /// leaves no file and gives `false`.
    pub(crate) fn finish(mut self) -> io::Result<bool> {
        for lane in Lane::ALL {
            let builder = &mut self.lanes[lane as usize];
            if !builder.is_empty() {
                let built = builder.finish();
                self.close_block(&built, lane)?;
            }
        }
        if self.blocks.is_empty() {
            drop(self.file);
            std::fs::remove_file(temporary(&self.path))?;
            return Ok(false);
        }
        let footer = self.write_tables()?;
        self.file.write_all(&footer)?;
        self.file.flush()?;
        drop(self.file);
        std::fs::rename(temporary(&self.path), &self.path)?;
        Ok(true)
    }

    /// Postings, key table, sparse key table and block table; returns the footer.
    fn write_tables(&mut self) -> io::Result<Vec<u8>> {
        let (mut table, mut sparse) = (Vec::new(), Vec::new());
        let postings_at = self.offset;
        let (mut at, mut place, mut previous) = (0, 0, 0);
        let (file, count) = (&mut self.file, self.blocks.len());
        let mut bytes = Vec::new();
        std::mem::take(&mut self.postings).finish(|gram, blocks| {
            if place % STRIDE == 0 {
                sparse.extend_from_slice(&gram.to_le_bytes());
                sparse.extend_from_slice(&(table.len() as u32).to_le_bytes());
                sparse.extend_from_slice(&(at as u64).to_le_bytes());
                previous = gram;
            }
            encode(blocks, count, &mut bytes);
            varint::put(&mut table, u64::from(gram - previous));
            varint::put(&mut table, bytes.len() as u64);
            at += bytes.len();
            place += 1;
            previous = gram;
            file.write_all(&bytes)
        })?;
        let mut blocks = Vec::with_capacity(self.blocks.len() * BlockInfo::SIZE);
        for block in &self.blocks {
            block.write(&mut blocks);
        }
        let mut footer = Vec::new();
        for number in [
            postings_at,
            at as u64,
            table.len() as u64,
            sparse.len() as u64,
            self.blocks.len() as u64,
        ] {
            footer.extend_from_slice(&number.to_le_bytes());
        }
        for part in [&table, &sparse, &blocks] {
            self.file.write_all(part)?;
        }
        let check = blake3::hash(&[sparse, blocks, footer.clone()].concat());
        footer.extend_from_slice(&check.as_bytes()[..8]);
        footer.extend_from_slice(MAGIC);
        Ok(footer)
    }
}

/// A gram's blocks: their distances as varints, or one bit a block where that is
/// shorter. The first byte tells which.
fn encode(blocks: &[u32], count: usize, out: &mut Vec<u8>) {
    out.clear();
    out.push(0);
    let bitmap = count.div_ceil(8);
    // Each distance takes a byte at least.
    if blocks.len() <= bitmap {
        let mut next = 0;
        for block in blocks {
            varint::put(out, u64::from(block - next));
            next = block + 1;
        }
        if out.len() <= bitmap + 1 {
            return;
        }
    }
    out.clear();
    out.resize(bitmap + 1, 0);
    out[0] = 1;
    for block in blocks {
        out[1 + *block as usize / 8] |= 1 << (block % 8);
    }
}

impl BlockInfo {
    const SIZE: usize = 25;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.offset.to_le_bytes());
        out.extend_from_slice(&self.length.to_le_bytes());
        out.extend_from_slice(&self.raw_length.to_le_bytes());
        out.extend_from_slice(&self.newest_ms.to_le_bytes());
        out.push(self.lane as u8);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let number = |from: usize, to: usize| bytes.get(from..to);
        Some(Self {
            offset: u64::from_le_bytes(number(0, 8)?.try_into().ok()?),
            length: u32::from_le_bytes(number(8, 12)?.try_into().ok()?),
            raw_length: u32::from_le_bytes(number(12, 16)?.try_into().ok()?),
            newest_ms: i64::from_le_bytes(number(16, 24)?.try_into().ok()?),
            lane: *Lane::ALL.get(usize::from(*bytes.get(24)?))?,
        })
    }
}

/// A compressor whose frames bear a checksum: damage is noticed, not searched.
fn checked_compressor() -> io::Result<zstd::bulk::Compressor<'static>> {
    let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
    compressor.include_checksum(true)?;
    Ok(compressor)
}

fn temporary(path: &Path) -> PathBuf {
    path.with_extension("tmp")
}

/// A segment file opened for searching. Only the small tables are in memory.
pub(crate) struct Segment {
    file: File,
    postings_at: u64,
    table_at: u64,
    /// First key of each stride, where its table rows begin, where its postings begin.
    sparse: Vec<(Gram, u32, u64)>,
    table_length: u64,
    pub(crate) blocks: Vec<BlockInfo>,
}

/// No table and no block is larger.
const MOST_AT_ONCE: usize = 256 << 20;

const FOOTER: usize = 5 * 8 + 8 + MAGIC.len();

impl Segment {
    /// Opens a segment; one that is cut or damaged in its tables is an error.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the segment is damaged");
        let start = length.checked_sub(FOOTER as u64).ok_or_else(damaged)?;
        let footer = read_at(&mut file, start, FOOTER)?;
        if &footer[FOOTER - MAGIC.len()..] != MAGIC {
            return Err(damaged());
        }
        let mut numbers = [0_u64; 5];
        for (number, bytes) in numbers.iter_mut().zip(footer.chunks_exact(8)) {
            *number = u64::from_le_bytes(bytes.try_into().unwrap_or_default());
        }
        let [
            postings_at,
            postings_length,
            table_length,
            sparse_length,
            count,
        ] = numbers;
        let blocks_length = count.saturating_mul(BlockInfo::SIZE as u64);
        let table_at = postings_at.saturating_add(postings_length);
        let sparse_at = table_at.saturating_add(table_length);
        if sparse_at
            .saturating_add(sparse_length)
            .saturating_add(blocks_length)
            != start
        {
            return Err(damaged());
        }
        let tables = read_at(&mut file, sparse_at, (start - sparse_at) as usize)?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(&tables).update(&footer[..40]);
        if hasher.finalize().as_bytes()[..8] != footer[40..48] {
            return Err(damaged());
        }
        let (sparse, blocks) = tables.split_at(sparse_length as usize);
        let sparse = sparse.chunks_exact(16).map(sparse_row).collect();
        let blocks = blocks.chunks_exact(BlockInfo::SIZE);
        let blocks = blocks
            .map(BlockInfo::read)
            .collect::<Option<_>>()
            .ok_or_else(damaged)?;
        Ok(Self {
            file,
            postings_at,
            table_at,
            sparse,
            table_length,
            blocks,
        })
    }

    /// The blocks that hold a gram, one bit each.
    pub(crate) fn blocks_with(&mut self, gram: Gram) -> io::Result<Bits> {
        let mut bits = Bits::none(self.blocks.len());
        let Some(stride) = self
            .sparse
            .partition_point(|row| row.0 <= gram)
            .checked_sub(1)
        else {
            return Ok(bits);
        };
        let (first, from, mut at) = self.sparse[stride];
        let to = self
            .sparse
            .get(stride + 1)
            .map_or(self.table_length, |row| u64::from(row.1));
        let rows = read_at(
            &mut self.file,
            self.table_at + u64::from(from),
            (to - u64::from(from)) as usize,
        )?;
        let mut reader = Reader(&rows);
        let mut key = u64::from(first);
        while let (Some(step), Some(length)) = (reader.number(), reader.number()) {
            key += step;
            if key == u64::from(gram) {
                let posting = read_at(&mut self.file, self.postings_at + at, length as usize)?;
                bits.fill(&posting);
                break;
            }
            if key > u64::from(gram) {
                break;
            }
            at += length;
        }
        Ok(bits)
    }

    /// Decompresses a block into `buffer`.
    pub(crate) fn read_block(
        &mut self,
        number: usize,
        decompressor: &mut zstd::bulk::Decompressor<'static>,
        buffer: &mut Vec<u8>,
    ) -> io::Result<()> {
        let info = self.blocks[number];
        let compressed = read_at(&mut self.file, info.offset, info.length as usize)?;
        buffer.clear();
        buffer.reserve(info.raw_length as usize);
        decompressor
            .decompress_to_buffer(&compressed, buffer)
            .map(|_| ())
    }
}

fn sparse_row(row: &[u8]) -> (Gram, u32, u64) {
    let number =
        |from: usize| u32::from_le_bytes(row[from..from + 4].try_into().unwrap_or_default());
    let at = u64::from_le_bytes(row[8..16].try_into().unwrap_or_default());
    (number(0), number(4), at)
}

/// Reads a piece of the file. A length that cannot be is damage, not a reason to
/// ask for the memory.
fn read_at(file: &mut File, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    if length > MOST_AT_ONCE {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the segment is damaged",
        ));
    }
    let mut bytes = vec![0; length];
    #[cfg(unix)]
    std::os::unix::fs::FileExt::read_exact_at(file, &mut bytes, offset)?;
    #[cfg(not(unix))]
    {
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut bytes)?;
    }
    Ok(bytes)
}

/// A set of blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bits {
    words: Vec<u64>,
    length: usize,
}

impl Bits {
    pub(crate) fn none(length: usize) -> Self {
        Self {
            words: vec![0; length.div_ceil(64)],
            length,
        }
    }

    pub(crate) fn all(length: usize) -> Self {
        let mut bits = Self::none(length);
        (0..length).for_each(|block| bits.insert(block));
        bits
    }

    fn insert(&mut self, block: usize) {
        self.words[block / 64] |= 1 << (block % 64);
    }

    fn fill(&mut self, posting: &[u8]) {
        match posting.split_first() {
            Some((0, varints)) => {
                let mut reader = Reader(varints);
                let mut next = 0;
                while let Some(skip) = reader.number() {
                    let block = next + skip as usize;
                    if block >= self.length {
                        return;
                    }
                    self.insert(block);
                    next = block + 1;
                }
            }
            Some((_, bitmap)) => {
                for (word, bytes) in self.words.iter_mut().zip(bitmap.chunks(8)) {
                    let mut full = [0; 8];
                    full[..bytes.len()].copy_from_slice(bytes);
                    *word = u64::from_le_bytes(full);
                }
            }
            None => {}
        }
    }

    pub(crate) fn and(&mut self, other: &Self) {
        self.words
            .iter_mut()
            .zip(&other.words)
            .for_each(|(a, b)| *a &= b);
    }

    pub(crate) fn or(&mut self, other: &Self) {
        self.words
            .iter_mut()
            .zip(&other.words)
            .for_each(|(a, b)| *a |= b);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        (0..self.length).filter(|block| self.words[block / 64] >> (block % 64) & 1 == 1)
    }
}
