//! Text files line by line, each line with its place. What the lines mean is
//! no business of this module.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use stead_usf::{Issue, Severity, Source};

use super::jsonl::prefix_digest;
use crate::{Fate, Output, Position, ReadError};

/// A longer line is reported, not read: it would not fit in memory.
const MAX_LINE: usize = 48 << 20;
const CHUNK: usize = 256 << 10;

/// A line of a text file.
#[derive(Debug)]
pub struct Line<'a> {
    /// Its text without the line end; bytes that are no UTF-8 are replaced.
    pub text: Cow<'a, str>,
    /// Its number, from 1.
    pub number: u64,
    /// Its place in the file, without the line end.
    pub bytes: [u64; 2],
    /// Whether its line end is there: the last line may still be growing.
    pub ended: bool,
}

/// Takes in the lines of one file.
pub trait Lines {
    /// Takes in a line.
    fn line(&mut self, output: &mut Output<'_>, line: &Line<'_>);

    /// Takes in the issue of a line that could not be read as it is.
    fn damaged(&mut self, output: &mut Output<'_>, issue: Issue);
}

/// What is to be read.
#[derive(Debug, Clone, Copy)]
pub struct Extent<'a> {
    /// The file.
    pub path: &'a Path,
    /// The file's name in the archive.
    pub archive: &'a Path,
    /// Where an earlier reading stopped.
    pub since: Option<&'a Position>,
    /// Where to stop, if not at the end.
    pub until: Option<u64>,
}

/// Reads a file and returns where to go on. A last line without a line end is
/// handed out, but it will be again when the file has grown.
pub fn read(
    extent: Extent<'_>,
    output: &mut Output<'_>,
    lines: &mut dyn Lines,
) -> Result<Position, ReadError> {
    let path = extent.path;
    let io_error = |source| ReadError::Io {
        path: path.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(io_error)?;
    let (offset, number) = match extent.since {
        Some(Position::Bytes {
            offset,
            line,
            prefix,
        }) => {
            let found = prefix_digest(&mut file, *offset).map_err(io_error)?;
            if found.as_ref() != Some(prefix) {
                return Err(ReadError::Rewritten {
                    path: path.to_owned(),
                });
            }
            (*offset, *line)
        }
        _ => (0, 0),
    };
    file.seek(SeekFrom::Start(offset)).map_err(io_error)?;
    let until = extent.until.unwrap_or(u64::MAX);
    let mut framer = Framer {
        file: Read::take(&file, until.saturating_sub(offset)),
        name: path.to_string_lossy().into(),
        archive: extent.archive.to_string_lossy(),
        buffer: Vec::new(),
        start: 0,
        offset,
        number,
        skipping: None,
    };
    framer.run(output, lines).map_err(|stop| match stop {
        Stop::Io(source) => io_error(source),
        Stop::Asked => ReadError::Stopped,
    })?;
    let (offset, line) = (framer.offset, framer.number);
    let prefix = prefix_digest(&mut file, offset).map_err(io_error)?;
    Ok(Position::Bytes {
        offset,
        line,
        prefix: prefix.unwrap_or_default(),
    })
}

/// Reads a file as [`read`] does, and from its start if it does not begin as it did
/// before: for files of which nothing was put out that would have to be taken back.
pub fn read_anew(
    extent: Extent<'_>,
    output: &mut Output<'_>,
    lines: &mut dyn Lines,
) -> Result<Position, ReadError> {
    match read(extent, output, lines) {
        Err(ReadError::Rewritten { .. }) => {
            let since = None;
            read(Extent { since, ..extent }, output, lines)
        }
        other => other,
    }
}

enum Stop {
    Io(io::Error),
    Asked,
}

struct Framer<'n, R> {
    file: R,
    /// The file, as sources name it.
    name: Arc<str>,
    /// The file, as the archive is to name it.
    archive: Cow<'n, str>,
    /// Bytes read but not yet passed on; `start` is the first of them.
    buffer: Vec<u8>,
    start: usize,
    /// Place in the file of `buffer[start]`.
    offset: u64,
    /// Complete lines before it.
    number: u64,
    /// Where the line began that is being skipped for its length.
    skipping: Option<u64>,
}

impl<R: Read> Framer<'_, R> {
    fn run(&mut self, output: &mut Output<'_>, lines: &mut dyn Lines) -> Result<(), Stop> {
        let mut scanned = 0;
        loop {
            while let Some(end) = memchr::memchr(b'\n', &self.buffer[self.start + scanned..]) {
                let length = scanned + end;
                self.number += 1;
                self.hand_out(length, true, output, lines);
                self.start += length + 1;
                self.offset += length as u64 + 1;
                scanned = 0;
                if output.stopped() {
                    return Err(Stop::Asked);
                }
            }
            scanned = self.buffer.len() - self.start;
            if scanned > MAX_LINE {
                self.skipping.get_or_insert(self.offset);
                self.offset += scanned as u64;
                self.start += scanned;
                scanned = 0;
            }
            if self.fill(output).map_err(Stop::Io)? == 0 {
                self.tail(output, lines);
                return Ok(());
            }
        }
    }

    /// Reads on; returns the number of new bytes.
    fn fill(&mut self, output: &mut Output<'_>) -> io::Result<usize> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let old = self.buffer.len();
        self.buffer.resize(old + old.clamp(CHUNK, 8 << 20), 0);
        let read = loop {
            match self.file.read(&mut self.buffer[old..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        let read = read.inspect_err(|_| self.buffer.truncate(old))?;
        self.buffer.truncate(old + read);
        if read > 0 {
            output.raw(&self.archive, self.offset + old as u64, &self.buffer[old..]);
        }
        Ok(read)
    }

    /// Hands out what stands after the last line end; it stays unread.
    fn tail(&mut self, output: &mut Output<'_>, lines: &mut dyn Lines) {
        let length = self.buffer.len() - self.start;
        let begin = self.skipping.unwrap_or(self.offset);
        if self.skipping.is_some() || length > 0 {
            self.number += 1;
            self.hand_out(length, false, output, lines);
            self.number -= 1;
        }
        self.offset = begin;
    }

    /// Hands out `buffer[start..start + length]`.
    fn hand_out(
        &mut self,
        length: usize,
        ended: bool,
        output: &mut Output<'_>,
        lines: &mut dyn Lines,
    ) {
        let end = self.offset + length as u64;
        let too_long = (length > MAX_LINE).then_some(self.offset);
        let skipped = self.skipping.take().or(too_long);
        let place = |begin| Source::line(self.name.clone(), self.number, [begin, end]);
        if let Some(begin) = skipped {
            output.record(Fate::Reported);
            let message = format!("a line of {} bytes was skipped", end - begin);
            let issue = Issue::new(Severity::Error, "line-too-long", message);
            lines.damaged(output, issue.at(place(begin)));
            return;
        }
        let mut bytes = &self.buffer[self.start..self.start + length];
        if ended && let Some(shorter) = bytes.strip_suffix(b"\r") {
            bytes = shorter;
        }
        let text = String::from_utf8_lossy(bytes);
        if matches!(text, Cow::Owned(_)) {
            let message = "the line holds bytes that are not UTF-8";
            let issue = Issue::new(Severity::Info, "bad-utf8", message);
            lines.damaged(output, issue.at(place(self.offset)));
        }
        let line = Line {
            text,
            number: self.number,
            bytes: [self.offset, self.offset + bytes.len() as u64],
            ended,
        };
        lines.line(output, &line);
    }
}

#[cfg(test)]
mod tests {
    use stead_usf::{Event, Issue, Session};

    use super::{Extent, Line, Lines, read, read_anew};
    use crate::{Output, Position, ReadError, Sink, Slot};

    #[derive(Default)]
    struct Kept(Vec<(String, u64, [u64; 2], bool)>, Vec<String>);

    impl Lines for Kept {
        fn line(&mut self, _: &mut Output<'_>, line: &Line<'_>) {
            let text = line.text.clone().into_owned();
            self.0.push((text, line.number, line.bytes, line.ended));
        }

        fn damaged(&mut self, _: &mut Output<'_>, issue: Issue) {
            self.1.push(issue.code.into_owned());
        }
    }

    struct Nobody;

    impl Sink for Nobody {
        fn event(&mut self, _: Slot, _: Event) {}
        fn end(&mut self, _: Slot, _: Session) {}
    }

    fn lines_of(bytes: &[u8], since: Option<&Position>) -> Result<(Kept, Position), ReadError> {
        lines_by(read, bytes, since)
    }

    fn lines_by(
        read: fn(Extent<'_>, &mut Output<'_>, &mut dyn Lines) -> Result<Position, ReadError>,
        bytes: &[u8],
        since: Option<&Position>,
    ) -> Result<(Kept, Position), ReadError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let mut kept = Kept::default();
        let extent = Extent {
            path: file.path(),
            archive: file.path(),
            since,
            until: None,
        };
        let position = read(extent, &mut Output::new(&mut Nobody), &mut kept)?;
        Ok((kept, position))
    }

    #[test]
    fn lines_of_text_have_places() {
        let (kept, _) = lines_of(b"a\r\n\n\xffb\nrest", None).unwrap();
        let line = |text: &str, number, bytes, ended| (text.to_owned(), number, bytes, ended);
        let expected = [
            line("a", 1, [0, 1], true),
            line("", 2, [3, 3], true),
            line("\u{fffd}b", 3, [4, 6], true),
            line("rest", 4, [7, 11], false),
        ];
        assert_eq!(kept.0, expected);
        assert_eq!(kept.1, ["bad-utf8"]);
    }

    #[test]
    fn reading_goes_on_where_the_last_complete_line_ended() {
        let (_, position) = lines_of(b"a\nres", None).unwrap();
        let (kept, _) = lines_of(b"a\nrest\n", Some(&position)).unwrap();
        assert_eq!(kept.0, [("rest".to_owned(), 2, [2, 6], true)]);
        let rewritten = lines_of(b"b\nrest\n", Some(&position));
        assert!(matches!(rewritten, Err(ReadError::Rewritten { .. })));
        let (kept, _) = lines_by(read_anew, b"b\nrest\n", Some(&position)).unwrap();
        assert_eq!(kept.0.len(), 2);
    }
}
