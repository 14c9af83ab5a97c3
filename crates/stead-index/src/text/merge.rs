//! Puts segments together without unpacking them: blocks are copied as they are,
//! and only their numbers change in the postings. It takes little memory, however
//! large the segments.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::path::Path;

use super::builder::SegmentFile;
use super::grams::Gram;
use super::pages::{PagesReader, PagesWriter};
use super::postings::{Bits, Part, encode, join};
use super::segment::Segment;

/// A segment that goes into another.
pub(crate) struct Input {
    /// The segment.
    pub(crate) segment: Segment,
    /// Its blocks that are copied; the others are left out.
    pub(crate) keep: Bits,
}

/// Writes the blocks of `inputs`, in order, as one segment to `path`, which
/// appears when it is whole. Without blocks there is no file, and it is `false`.
pub(crate) fn merge(inputs: &mut [Input], path: &Path) -> io::Result<bool> {
    let mut merged = SegmentFile::create(path)?;
    let mut buffer = Vec::new();
    for input in &mut *inputs {
        copy_blocks(input, &mut merged, &mut buffer)?;
    }
    let count = merged.rows.len();
    merged.finish(|pages, file| {
        let mut sources = Vec::with_capacity(inputs.len());
        let mut base = 0;
        for input in &*inputs {
            let source = Source::new(input, base);
            base += source.count;
            sources.push(source);
        }
        merge_postings(&mut sources, count, pages, file)
    })
}

/// Copies runs of neighbouring blocks, and their rows.
fn copy_blocks(
    input: &mut Input,
    merged: &mut SegmentFile,
    buffer: &mut Vec<u8>,
) -> io::Result<()> {
    let table = input.segment.table(buffer)?;
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for block in input.keep.iter() {
        let placed = &table[block];
        let length = u64::from(placed.row.length);
        match runs.last_mut() {
            Some((start, run)) if *start + *run == placed.offset => *run += length,
            _ => runs.push((placed.offset, length)),
        }
        merged.rows.push(placed.row);
        merged.offset += length;
    }
    let mut file = &input.segment.file;
    for (start, length) in runs {
        file.seek(SeekFrom::Start(start))?;
        // The system copies from file to file by itself.
        let copied = io::copy(&mut io::Read::take(file, length), &mut merged.file)?;
        if copied != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

/// A segment's grams, one after the other.
struct Source<'s> {
    reader: PagesReader<'s>,
    /// The number of its first block in the merged segment, and how many follow.
    base: usize,
    count: usize,
    /// For each of its blocks the place among those that are kept; absent if all are.
    places: Option<Vec<Option<u32>>>,
    /// Blocks of the segment, and a posting with numbers as they will be.
    length: usize,
    posting: Vec<u8>,
}

impl<'s> Source<'s> {
    fn new(input: &'s Input, base: usize) -> Self {
        let (length, count) = (input.segment.count, input.keep.count());
        let mut next = 0;
        let places = (count < length).then(|| {
            let mut place = |block| {
                let place = input.keep.contains(block).then_some(next);
                next += u32::from(place.is_some());
                place
            };
            (0..length).map(&mut place).collect()
        });
        Self {
            reader: input.segment.postings(),
            base,
            count,
            places,
            length,
            posting: Vec::new(),
        }
    }

    /// Makes the posting ready; `false` if no block of it is kept.
    fn renumber(&mut self) -> bool {
        let Some(places) = &self.places else {
            return true;
        };
        let mut bits = Bits::none(self.length);
        bits.fill(self.reader.posting(), 0, self.length);
        let kept: Vec<u32> = bits.iter().filter_map(|block| places[block]).collect();
        encode(kept.iter().copied(), self.count, &mut self.posting);
        !kept.is_empty()
    }

    fn part(&self) -> Part<'_> {
        Part {
            posting: match self.places {
                Some(_) => &self.posting,
                None => self.reader.posting(),
            },
            base: self.base,
            count: self.count,
        }
    }
}

/// Goes through the grams of all sources side by side.
fn merge_postings(
    sources: &mut [Source<'_>],
    count: usize,
    pages: &mut PagesWriter,
    file: &mut io::BufWriter<File>,
) -> io::Result<()> {
    /// No gram is as large.
    const END: Gram = Gram::MAX;
    let mut grams = Vec::with_capacity(sources.len());
    for source in &mut *sources {
        grams.push(source.reader.advance()?.unwrap_or(END));
    }
    let (mut scratch, mut posting) = (Bits::none(0), Vec::new());
    while let Some(gram) = grams.iter().copied().min().filter(|gram| *gram != END) {
        let mut parts = Vec::with_capacity(sources.len());
        for (source, at) in sources.iter_mut().zip(&grams) {
            if *at == gram && source.renumber() {
                parts.push(source.part());
            }
        }
        if !parts.is_empty() {
            join(&parts, count, &mut scratch, &mut posting);
            pages.add(gram, &posting, file)?;
        }
        drop(parts);
        for (source, at) in sources.iter_mut().zip(&mut grams) {
            if *at == gram {
                *at = source.reader.advance()?.unwrap_or(END);
            }
        }
    }
    Ok(())
}
