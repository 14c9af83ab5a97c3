//! The lines of a file that match.

use std::ops::Range;

use regex::bytes::Regex;

/// A file's bytes, and where its lines begin.
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        let ends = memchr::memchr_iter(b'\n', bytes).map(|end| end + 1);
        let starts = std::iter::once(0).chain(ends);
        Self {
            bytes,
            starts: starts.filter(|start| *start < bytes.len()).collect(),
        }
    }

    pub(super) const fn count(&self) -> usize {
        self.starts.len()
    }

    /// A line without its end, counted from 0.
    pub(super) fn line(&self, number: usize) -> &'a [u8] {
        let end = self.starts.get(number + 1).copied();
        let line = &self.bytes[self.starts[number]..end.unwrap_or(self.bytes.len())];
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        line.strip_suffix(b"\r").unwrap_or(line)
    }

    fn at(&self, byte: usize) -> usize {
        self.starts
            .partition_point(|start| *start <= byte)
            .saturating_sub(1)
    }

    /// The lines that match; several together where a match may go over lines.
    pub(super) fn matching(&self, pattern: &Regex, over_lines: bool) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut from = 0;
        while let Some(next) = pattern.find_at(self.bytes, from) {
            let first = self.at(next.start());
            let end = if over_lines {
                self.at(next.end().saturating_sub(1).max(next.start())) + 1
            } else {
                first + 1
            };
            // What matches across lines need not match one of them.
            let is_match = over_lines || self.count() > first && pattern.is_match(self.line(first));
            if is_match && first < self.count() {
                found.push(first..end);
            }
            match self.starts.get(end) {
                Some(start) => from = *start,
                None => break,
            }
        }
        found
    }
}

/// Whether bytes are no text.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    memchr::memchr(0, bytes).is_some()
}
