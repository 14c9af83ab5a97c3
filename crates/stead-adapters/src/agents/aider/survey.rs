//! A first look over a history: where its sections begin. What stands beside the
//! chat is tied to it by text, and the same text may come again in a later section.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::kind::heading;

/// What looks like headings: their places and local times.
#[derive(Debug, Default)]
pub(super) struct Survey {
    headings: Vec<(u64, String)>,
}

impl Survey {
    /// Looks over the bytes from `begin` to `end`.
    pub(super) fn of(path: &Path, begin: u64, end: u64) -> io::Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(begin))?;
        let mut reader = BufReader::with_capacity(256 << 10, file.take(end.saturating_sub(begin)));
        let mut survey = Self::default();
        let (mut place, mut line) = (begin, Vec::new());
        loop {
            let length = reader.read_until(b'\n', &mut line)?;
            if length == 0 {
                return Ok(survey);
            }
            if line.starts_with(b"# aider")
                && let Ok(text) = std::str::from_utf8(&line)
                && let Some(time) = heading(text)
            {
                survey.headings.push((place, time.to_owned()));
            }
            place += length as u64;
            line.clear();
        }
    }

    /// The local time at which the section ended that began at `start`, if there is
    /// another one behind `place`. Headings that a model quotes are older.
    pub(super) fn end_of(&self, place: u64, start: &str) -> Option<&str> {
        let behind = self
            .headings
            .partition_point(|(heading, _)| *heading <= place);
        let mut later = self.headings[behind..].iter();
        let next = later.find(|(_, time)| time.as_str() >= start)?;
        Some(&next.1)
    }
}
