//! A segment file that is opened for reading. `builder.rs` writes it.

use std::fs::File;
use std::io;
use std::path::Path;

use super::check::checked;
use super::file::{damaged, read_at};
use super::grams::Gram;
use super::pages::{Pages, PagesReader};
use super::postings::Bits;
use super::row::Row;

pub(crate) const MAGIC: &[u8; 8] = b"STEADSG3";

/// The numbers at the end of the file, their check, and the magic.
const FOOTER: usize = 4 * 8 + 4 + MAGIC.len();
/// What is read of the file's end at first; most often it is enough.
const FIRST_LOOK: u64 = 4 << 10;

/// A segment. Only the few bytes at its end are in memory, and its table once it
/// was asked for.
pub(crate) struct Segment {
    pub(crate) file: File,
    pub(crate) pages: Pages,
    /// Number of blocks.
    pub(crate) count: usize,
    table: Vec<Placed>,
}

/// A row of the table and where its block begins.
#[derive(Clone, Copy)]
pub(crate) struct Placed {
    pub(crate) offset: u64,
    pub(crate) row: Row,
}

impl Segment {
    /// Opens a segment; one that is cut, or whose end is damaged, is an error.
    /// Every other part is checked when it is read.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let look = length.min(FIRST_LOOK);
        let mut tail = Vec::new();
        read_at(&file, length - look, look as usize, &mut tail)?;
        let numbers = footer(&tail).ok_or_else(damaged)?;
        let whole = Pages::parts(numbers[2])
            .saturating_mul(4)
            .saturating_add(FOOTER as u64);
        if whole > length {
            return Err(damaged());
        }
        if whole > look {
            read_at(&file, length - whole, whole as usize, &mut tail)?;
        }
        let tail = &tail[tail.len() - whole as usize..tail.len() - MAGIC.len()];
        let tops = checked(tail).ok_or_else(damaged)?;
        let (tops, _) = tops[..tops.len() - 4 * 8].as_chunks::<4>();
        let [at, pages_length, pages_count, count] = numbers;
        let table = count.saturating_mul(Row::SIZE as u64).saturating_add(4);
        let sum = [
            pages_length,
            Pages::directory_length(pages_count),
            table,
            whole,
        ];
        if sum.into_iter().fold(at, u64::saturating_add) != length {
            return Err(damaged());
        }
        Ok(Self {
            file,
            pages: Pages {
                at,
                length: pages_length,
                count: pages_count,
                tops: tops.iter().map(|top| u32::from_le_bytes(*top)).collect(),
            },
            count: usize::try_from(count).map_err(io::Error::other)?,
            table: Vec::new(),
        })
    }

    /// The block table, read when it is first asked for.
    pub(crate) fn table(&mut self, buffer: &mut Vec<u8>) -> io::Result<&[Placed]> {
        if self.table.is_empty() {
            let pages = &self.pages;
            let directory = Pages::directory_length(pages.count);
            let at = pages
                .at
                .saturating_add(pages.length)
                .saturating_add(directory);
            read_at(&self.file, at, self.count * Row::SIZE + 4, buffer)?;
            let (rows, _) = checked(buffer).ok_or_else(damaged)?.as_chunks();
            let mut offset = MAGIC.len() as u64;
            self.table.extend(rows.iter().map(|row| {
                let row = Row::read(row);
                let placed = Placed { offset, row };
                offset += u64::from(row.length);
                placed
            }));
        }
        Ok(&self.table)
    }

    /// The blocks that hold a gram.
    pub(crate) fn blocks_with(&self, gram: Gram, buffer: &mut Vec<u8>) -> io::Result<Bits> {
        let mut bits = Bits::none(self.count);
        let posting = self.pages.posting(gram, &self.file, buffer)?;
        bits.fill(posting, 0, self.count);
        Ok(bits)
    }

    /// All grams and postings, in order.
    pub(crate) fn postings(&self) -> PagesReader<'_> {
        PagesReader::new(&self.pages, &self.file)
    }

    /// Decompresses a block into `block`.
    pub(crate) fn read_block(
        &self,
        placed: &Placed,
        decompressor: &mut zstd::bulk::Decompressor<'static>,
        buffer: &mut Vec<u8>,
        block: &mut Vec<u8>,
    ) -> io::Result<()> {
        read_at(
            &self.file,
            placed.offset,
            placed.row.length as usize,
            buffer,
        )?;
        block.clear();
        block.reserve(placed.row.raw_length as usize);
        decompressor.decompress_to_buffer(buffer, block).map(|_| ())
    }
}

/// The numbers of the footer: where the pages begin, their length, their number,
/// and the number of blocks.
fn footer(tail: &[u8]) -> Option<[u64; 4]> {
    let tail = tail.strip_suffix(MAGIC)?;
    let (_, footer) = tail.split_last_chunk::<36>()?;
    let (numbers, _) = footer.as_chunks::<8>();
    Some(std::array::from_fn(|place| {
        u64::from_le_bytes(numbers[place])
    }))
}
