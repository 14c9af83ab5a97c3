//! Which blocks hold which gram, on disk: pages of about a kilobyte in the order
//! of the grams, a directory of the pages, and a list of its parts.

use std::fs::File;
use std::io::{self, Write};

use super::check::{check, checked};
use super::file::{damaged, read_at};
use super::grams::Gram;
use super::varint::{self, Reader};

/// A page is closed when it has reached this size.
const PAGE: usize = 1 << 10;
/// Pages that one part of the directory names.
const PART: usize = 64;
/// A row of the directory: first gram and length of a page.
const ROW: usize = 8;

/// Writes postings in the order of their grams.
#[derive(Default)]
pub(crate) struct PagesWriter {
    /// Of the page that is being filled: first and last gram, rows, postings.
    first: Gram,
    last: Gram,
    rows: Vec<u8>,
    postings: Vec<u8>,
    page: Vec<u8>,
    /// First gram and length of each page.
    pages: Vec<(Gram, u32)>,
    length: u64,
}

impl PagesWriter {
    /// Takes in the next gram.
    pub(crate) fn add(
        &mut self,
        gram: Gram,
        posting: &[u8],
        file: &mut impl Write,
    ) -> io::Result<()> {
        if self.rows.is_empty() {
            (self.first, self.last) = (gram, 0);
        }
        varint::put(&mut self.rows, u64::from(gram - self.last));
        varint::put(&mut self.rows, posting.len() as u64);
        self.postings.extend_from_slice(posting);
        self.last = gram;
        if self.rows.len() + self.postings.len() >= PAGE {
            self.close(file)?;
        }
        Ok(())
    }

    fn close(&mut self, file: &mut impl Write) -> io::Result<()> {
        self.page.clear();
        varint::put_bytes(&mut self.page, &self.rows);
        self.rows.clear();
        self.page.append(&mut self.postings);
        let sum = check(&self.page);
        self.page.extend_from_slice(&sum.to_le_bytes());
        file.write_all(&self.page)?;
        let length = u32::try_from(self.page.len()).map_err(io::Error::other)?;
        self.pages.push((self.first, length));
        self.length += u64::from(length);
        Ok(())
    }

    /// Writes the last page and the directory, and tells what finds them again.
    pub(crate) fn finish(mut self, at: u64, file: &mut impl Write) -> io::Result<Pages> {
        if !self.rows.is_empty() {
            self.close(file)?;
        }
        let (mut offset, mut tops) = (0, Vec::new());
        for part in self.pages.chunks(PART) {
            let mut bytes = Vec::with_capacity(part_length(part.len()) as usize);
            bytes.extend_from_slice(&u64::to_le_bytes(offset));
            for (first, length) in part {
                bytes.extend_from_slice(&first.to_le_bytes());
                bytes.extend_from_slice(&length.to_le_bytes());
                offset += u64::from(*length);
            }
            let sum = check(&bytes);
            bytes.extend_from_slice(&sum.to_le_bytes());
            file.write_all(&bytes)?;
            tops.extend(part.first().map(|page| page.0));
        }
        Ok(Pages {
            at,
            length: self.length,
            count: self.pages.len() as u64,
            tops,
        })
    }
}

const fn part_length(pages: usize) -> u64 {
    (8 + pages * ROW + 4) as u64
}

/// Where a segment's pages are.
#[derive(Debug)]
pub(crate) struct Pages {
    /// Place of the first page in the file.
    pub(crate) at: u64,
    /// Bytes of all pages.
    pub(crate) length: u64,
    /// Number of pages.
    pub(crate) count: u64,
    /// The first gram of each part of the directory.
    pub(crate) tops: Vec<Gram>,
}

impl Pages {
    /// Parts of a directory of so many pages.
    pub(crate) const fn parts(count: u64) -> u64 {
        count.div_ceil(PART as u64)
    }

    /// Bytes of a directory of so many pages.
    pub(crate) const fn directory_length(count: u64) -> u64 {
        count
            .saturating_mul(ROW as u64)
            .saturating_add(Self::parts(count).saturating_mul(part_length(0)))
    }

    /// Reads the page that may hold a gram into `buffer` and gives the gram's
    /// posting; empty if no block has it.
    pub(crate) fn posting<'b>(
        &self,
        gram: Gram,
        file: &File,
        buffer: &'b mut Vec<u8>,
    ) -> io::Result<&'b [u8]> {
        let after = self.tops.partition_point(|top| *top <= gram);
        let Some(part) = after.checked_sub(1) else {
            return Ok(&[]);
        };
        let (mut offset, rows) = self.part(part, file, buffer)?;
        let mut length = 0;
        for (first, next) in rows {
            if first > gram {
                break;
            }
            offset = offset.saturating_add(u64::from(length));
            length = next;
        }
        read_at(
            file,
            self.at.saturating_add(offset),
            length as usize,
            buffer,
        )?;
        let page = checked(buffer).and_then(Page::read).ok_or_else(damaged)?;
        let mut rows = page.filter(|(found, _)| *found == gram);
        Ok(rows.next().map_or(&[], |(_, posting)| posting))
    }

    /// A part of the directory: the place of its first page among the pages, and
    /// first gram and length of each page.
    fn part<'b>(
        &self,
        part: usize,
        file: &File,
        buffer: &'b mut Vec<u8>,
    ) -> io::Result<(u64, impl Iterator<Item = (Gram, u32)> + use<'b>)> {
        let directory = self.at.saturating_add(self.length);
        let at = directory.saturating_add(part as u64 * part_length(PART));
        let pages = (self.count as usize).saturating_sub(part * PART).min(PART);
        read_at(file, at, part_length(pages) as usize, buffer)?;
        let bytes = checked(buffer).ok_or_else(damaged)?;
        let (offset, rows) = bytes.split_first_chunk::<8>().ok_or_else(damaged)?;
        let (rows, _) = rows.as_chunks::<ROW>();
        let rows = rows.iter().map(|row| {
            let both = u64::from_le_bytes(*row);
            (both as u32, (both >> 32) as u32)
        });
        Ok((u64::from_le_bytes(*offset), rows))
    }
}

/// The grams of one page and their postings.
struct Page<'a> {
    rows: Reader<'a>,
    postings: Reader<'a>,
    gram: u64,
}

impl<'a> Page<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut postings = Reader(bytes);
        let rows = Reader(postings.bytes()?);
        Some(Self {
            rows,
            postings,
            gram: 0,
        })
    }
}

impl<'a> Iterator for Page<'a> {
    type Item = (Gram, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.rows.number()?;
        let length = self.rows.number()?;
        self.gram = self.gram.saturating_add(step);
        let posting = self.postings.take(usize::try_from(length).ok()?)?;
        Some((u32::try_from(self.gram).ok()?, posting))
    }
}

/// Goes through all grams of a segment in order, in little memory.
pub(crate) struct PagesReader<'s> {
    pages: &'s Pages,
    file: &'s File,
    /// The next part of the directory, and lengths of the pages of this one.
    part: usize,
    lengths: std::collections::VecDeque<u32>,
    /// Pages of this part, and where the next of them begins.
    bytes: Vec<u8>,
    next_page: usize,
    /// What is left of this page, by places in `bytes`.
    rows: std::ops::Range<usize>,
    postings: usize,
    gram: u64,
    posting: std::ops::Range<usize>,
}

impl<'s> PagesReader<'s> {
    pub(crate) fn new(pages: &'s Pages, file: &'s File) -> Self {
        Self {
            pages,
            file,
            part: 0,
            lengths: std::collections::VecDeque::new(),
            bytes: Vec::new(),
            next_page: 0,
            rows: 0..0,
            postings: 0,
            gram: 0,
            posting: 0..0,
        }
    }

    /// Goes to the next gram and gives it; `None` at the end.
    pub(crate) fn advance(&mut self) -> io::Result<Option<Gram>> {
        while self.rows.is_empty() {
            if !self.next_page()? {
                return Ok(None);
            }
        }
        let mut rows = Reader(&self.bytes[self.rows.clone()]);
        let row = rows.number().zip(rows.number());
        self.rows.start = self.rows.end - rows.0.len();
        let (step, length) = row.ok_or_else(damaged)?;
        self.gram = self.gram.saturating_add(step);
        let end = self.postings.saturating_add(length as usize);
        if end > self.next_page {
            return Err(damaged());
        }
        self.posting = self.postings..end;
        self.postings = end;
        u32::try_from(self.gram).map(Some).map_err(|_| damaged())
    }

    /// The posting of the gram that was given last.
    pub(crate) fn posting(&self) -> &[u8] {
        &self.bytes[self.posting.clone()]
    }

    fn next_page(&mut self) -> io::Result<bool> {
        if self.lengths.is_empty() && !self.next_part()? {
            return Ok(false);
        }
        let length = self.lengths.pop_front().unwrap_or(0) as usize;
        let start = self.next_page;
        let page = self.bytes.get(start..start.saturating_add(length));
        let page = page.and_then(checked).ok_or_else(damaged)?;
        let mut reader = Reader(page);
        let rows = reader.bytes().ok_or_else(damaged)?;
        self.postings = start + page.len() - reader.0.len();
        self.rows = self.postings - rows.len()..self.postings;
        self.next_page = start + length;
        self.gram = 0;
        Ok(true)
    }

    fn next_part(&mut self) -> io::Result<bool> {
        if self.part == self.pages.tops.len() {
            return Ok(false);
        }
        let (offset, rows) = self.pages.part(self.part, self.file, &mut self.bytes)?;
        self.lengths.extend(rows.map(|row| row.1));
        let length: usize = self.lengths.iter().map(|length| *length as usize).sum();
        let at = self.pages.at.saturating_add(offset);
        read_at(self.file, at, length, &mut self.bytes)?;
        self.part += 1;
        self.next_page = 0;
        Ok(true)
    }
}
