//! What a command prints, passed on as it comes and cut in the middle if it is too much. What it
//! says is not looked at.

use std::collections::VecDeque;

/// Where a command printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// A piece of what a command printed. Pieces end anywhere, also within a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk<'a> {
    /// Where it was printed.
    pub stream: Stream,
    /// What was printed; or the note that stands for what was left out.
    pub bytes: &'a [u8],
}

/// Passes on the first half of the limit at once and keeps the last half for the end.
#[derive(Debug)]
pub(crate) struct Cutter {
    head: usize,
    keep: usize,
    tail: VecDeque<u8>,
    /// Bytes that fell out of the tail.
    left_out: u64,
}

impl Cutter {
    pub(crate) fn new(limit: usize) -> Self {
        let keep = limit / 2;
        Self {
            head: limit - keep,
            keep,
            tail: VecDeque::new(),
            left_out: 0,
        }
    }

    /// Takes in what was printed and gives what is passed on now.
    pub(crate) fn take<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (now, rest) = bytes.split_at(self.head.min(bytes.len()));
        self.head -= now.len();
        self.tail.extend(rest);
        let over = self.tail.len().saturating_sub(self.keep);
        self.tail.drain(..over);
        self.left_out += over as u64;
        now
    }

    /// Gives the end, after a note if something is missing before it.
    pub(crate) fn finish(self) -> Vec<u8> {
        let mut end = Vec::new();
        if self.left_out > 0 {
            end.extend(format!("\n[… {} bytes left out …]\n", self.left_out).bytes());
        }
        end.extend(self.tail);
        end
    }

    /// How many bytes were not passed on so far.
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out
    }
}
