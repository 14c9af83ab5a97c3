//! JSON Lines as agents really leave them: one object a line, but also several
//! on one line, cut last lines, runs of NUL bytes after a crash, bytes that are
//! no UTF-8, and lines of many megabytes. Only the bad record is lost, and an
//! issue names its place.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use serde_json::value::RawValue;
use stead_usf::{Issue, Severity, Source};

use super::json::Object;
use crate::{Fate, Output, Position, ReadError};

/// A longer line is reported, not read: it would not fit in memory.
const MAX_LINE: usize = 48 << 20;
const CHUNK: usize = 256 << 10;

/// Maps the records of one file.
pub trait Records {
    /// Maps one record and says what became of it.
    fn record(&mut self, output: &mut Output<'_>, object: Object<'_>, source: Source) -> Fate;

    /// Takes in the issue of a record that could not be read.
    fn damaged(&mut self, output: &mut Output<'_>, issue: Issue);
}

/// How reading a file ended.
#[derive(Debug)]
pub struct End {
    /// Where to go on when the file has grown.
    pub position: Position,
    /// A last line that is not complete. It is read again when the file has
    /// grown, so it belongs to this reading only, not into the checkpoint.
    pub partial: Option<Issue>,
}

/// Reads a file from `since` (or from its start) to its end.
pub fn read(
    path: &Path,
    since: Option<&Position>,
    output: &mut Output<'_>,
    records: &mut dyn Records,
) -> Result<End, ReadError> {
    read_range(path, since, None, output, records)
}

/// Reads a file as [`read`] does, but not past the byte `until`.
pub fn read_range(
    path: &Path,
    since: Option<&Position>,
    until: Option<u64>,
    output: &mut Output<'_>,
    records: &mut dyn Records,
) -> Result<End, ReadError> {
    let io_error = |source| ReadError::Io {
        path: path.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(io_error)?;
    let (offset, line) = match since {
        Some(Position::Bytes {
            offset,
            line,
            prefix,
        }) => {
            if prefix_digest(&mut file, *offset)
                .map_err(io_error)?
                .as_ref()
                != Some(prefix)
            {
                return Err(ReadError::Rewritten {
                    path: path.to_owned(),
                });
            }
            (*offset, *line)
        }
        _ => (0, 0),
    };
    file.seek(SeekFrom::Start(offset)).map_err(io_error)?;
    let name: Arc<str> = path.to_string_lossy().into();
    let mut lines = Lines {
        file: Read::take(
            &file,
            until.map_or(u64::MAX, |until| until.saturating_sub(offset)),
        ),
        archive: name.clone(),
        name,
        buffer: Vec::new(),
        start: 0,
        offset,
        line,
        skipping: None,
    };
    let partial = lines.run(output, records).map_err(|error| match error {
        Stop::Io(source) => io_error(source),
        Stop::Asked => ReadError::Stopped,
    })?;
    let (offset, line) = (lines.offset, lines.line);
    let prefix = prefix_digest(&mut file, offset)
        .map_err(io_error)?
        .unwrap_or_default();
    Ok(End {
        position: Position::Bytes {
            offset,
            line,
            prefix,
        },
        partial,
    })
}

/// Reads lines from a stream that is no plain file, a decompressor say, to its
/// end. `path` is the file they are read from; the archive gets the bytes of the
/// stream under the name `archive`. Returns the issue of a last line that is not
/// complete.
pub fn read_stream(
    path: &Path,
    archive: &Path,
    input: &mut dyn Read,
    output: &mut Output<'_>,
    records: &mut dyn Records,
) -> Result<Option<Issue>, ReadError> {
    let mut lines = Lines {
        file: input,
        name: path.to_string_lossy().into(),
        archive: archive.to_string_lossy().into(),
        buffer: Vec::new(),
        start: 0,
        offset: 0,
        line: 0,
        skipping: None,
    };
    lines.run(output, records).map_err(|error| match error {
        Stop::Io(source) => ReadError::Io {
            path: path.to_owned(),
            source,
        },
        Stop::Asked => ReadError::Stopped,
    })
}

enum Stop {
    Io(io::Error),
    Asked,
}

struct Lines<R> {
    file: R,
    /// The file, as sources name it.
    name: Arc<str>,
    /// The file, as the archive is to name it.
    archive: Arc<str>,
    /// Bytes read but not yet passed on; `start` is the first of them.
    buffer: Vec<u8>,
    start: usize,
    /// Place in the file of `buffer[start]`.
    offset: u64,
    /// Complete lines before it.
    line: u64,
    /// Where the line began that is being skipped for its length.
    skipping: Option<u64>,
}

impl<R: Read> Lines<R> {
    fn run(
        &mut self,
        output: &mut Output<'_>,
        records: &mut dyn Records,
    ) -> Result<Option<Issue>, Stop> {
        let mut scanned = 0;
        loop {
            while let Some(end) = memchr::memchr(b'\n', &self.buffer[self.start + scanned..]) {
                let length = scanned + end;
                self.line(length, output, records);
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
                return Ok(self.tail(output, records));
            }
        }
    }

    /// Reads on; returns the number of new bytes.
    fn fill(&mut self, output: &mut Output<'_>) -> io::Result<usize> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let old = self.buffer.len();
        let wanted = old.clamp(CHUNK, 8 << 20);
        self.buffer.reserve_exact(wanted);
        self.buffer.resize(old + wanted, 0);
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

    /// Passes on the complete line `buffer[start..start + length]`.
    fn line(&mut self, length: usize, output: &mut Output<'_>, records: &mut dyn Records) {
        self.line += 1;
        let bytes = &self.buffer[self.start..self.start + length];
        let too_long = (length > MAX_LINE).then_some(self.offset);
        if let Some(begin) = self.skipping.take().or(too_long) {
            let end = self.offset + length as u64;
            output.record(Fate::Reported);
            records.damaged(
                output,
                Issue::new(
                    Severity::Error,
                    "line-too-long",
                    format!("a line of {} bytes was skipped", end - begin),
                )
                .at(Source::line(self.name.clone(), self.line, [begin, end])),
            );
            return;
        }
        let framing = Framing {
            name: &self.name,
            line: self.line,
            offset: self.offset,
        };
        framing.line(bytes, output, records);
    }

    /// Deals with what stands after the last line end: complete objects are
    /// passed on, the rest waits for the next reading.
    fn tail(&mut self, output: &mut Output<'_>, records: &mut dyn Records) -> Option<Issue> {
        let place = |from: u64, to: u64| Source::line(self.name.clone(), self.line + 1, [from, to]);
        if let Some(begin) = self.skipping {
            let end = self.offset;
            self.offset = begin;
            output.record(Fate::Reported);
            let issue = Issue::new(
                Severity::Error,
                "line-too-long",
                "a last line without end is too long",
            );
            return Some(issue.at(place(begin, end)));
        }
        let bytes = &self.buffer[self.start..];
        let text = trim(bytes);
        if text.is_empty() {
            return None;
        }
        let skipped = text.as_ptr() as usize - bytes.as_ptr() as usize;
        let framing = Framing {
            name: &self.name,
            line: self.line + 1,
            offset: self.offset,
        };
        let read = std::str::from_utf8(text)
            .map_or(0, |text| framing.values(text, skipped, output, records));
        let consumed = skipped + read;
        let rest = trim(&bytes[consumed..]);
        self.offset += consumed as u64;
        if rest.is_empty() {
            return None;
        }
        output.record(Fate::Reported);
        let end = self.offset + (bytes.len() - consumed) as u64;
        let issue = Issue::new(
            Severity::Warning,
            "cut-line",
            format!("the last line is not complete ({} bytes)", rest.len()),
        );
        Some(issue.at(place(self.offset, end)))
    }
}

/// Takes one line apart into records.
struct Framing<'a> {
    name: &'a Arc<str>,
    line: u64,
    offset: u64,
}

impl Framing<'_> {
    fn source(&self, from: usize, to: usize) -> Source {
        let bytes = [self.offset + from as u64, self.offset + to as u64];
        Source::line(self.name.clone(), self.line, bytes)
    }

    fn line(&self, bytes: &[u8], output: &mut Output<'_>, records: &mut dyn Records) {
        let trimmed = trim(bytes);
        if trimmed.is_empty() {
            if bytes.contains(&0) {
                output.record(Fate::Ignored("nul-padding"));
            }
            return;
        }
        let skipped = trimmed.as_ptr() as usize - bytes.as_ptr() as usize;
        let text = match std::str::from_utf8(trimmed) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => {
                let source = self.source(skipped, skipped + trimmed.len());
                let message = "the line holds bytes that are not UTF-8";
                records.damaged(
                    output,
                    Issue::new(Severity::Info, "bad-utf8", message).at(source),
                );
                String::from_utf8_lossy(trimmed)
            }
        };
        if let Ok(object) = Object::parse(&text) {
            let fate = records.record(
                output,
                object,
                self.source(skipped, skipped + trimmed.len()),
            );
            output.record(fate);
        } else {
            self.broken_line(&text, skipped, output, records);
        }
    }

    /// A line that is not just one object: several, or a damaged one that may
    /// be followed by whole ones.
    fn broken_line(
        &self,
        text: &str,
        skipped: usize,
        output: &mut Output<'_>,
        records: &mut dyn Records,
    ) {
        let mut from = 0;
        loop {
            from += self.values(&text[from..], skipped + from, output, records);
            let rest = text[from..].trim_start_matches(|c: char| c.is_whitespace() || c == '\0');
            if rest.is_empty() {
                return;
            }
            from = text.len() - rest.len();
            let next = next_start(rest).map_or(text.len(), |start| from + start);
            output.record(Fate::Reported);
            let message = format!("{} bytes are not a JSON object", next - from);
            let issue = Issue::new(Severity::Error, "bad-json", message);
            records.damaged(
                output,
                issue.at(self.source(skipped + from, skipped + next)),
            );
            from = next;
        }
    }

    /// Passes on the objects that `text` begins with; returns the bytes used.
    fn values(
        &self,
        text: &str,
        skipped: usize,
        output: &mut Output<'_>,
        records: &mut dyn Records,
    ) -> usize {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        let mut used = 0;
        while let Some(Ok(value)) = values.next() {
            let Some(object) = Object::of(value) else {
                break;
            };
            let start = value.get().as_ptr() as usize - text.as_ptr() as usize;
            let end = start + value.get().len();
            let fate = records.record(output, object, self.source(skipped + start, skipped + end));
            output.record(fate);
            used = end;
        }
        used
    }
}

/// Where, after damage, a run of whole objects begins that reaches the end.
fn next_start(text: &str) -> Option<usize> {
    memchr::memmem::find_iter(text.as_bytes(), b"{\"")
        .skip_while(|start| *start == 0)
        .take(64)
        .find(|start| {
            serde_json::Deserializer::from_str(&text[*start..])
                .into_iter::<&RawValue>()
                .all(|value| value.is_ok())
        })
}

/// Without white space, byte order mark and NUL bytes at both ends.
fn trim(mut bytes: &[u8]) -> &[u8] {
    let blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
    loop {
        let begin = bytes.iter().position(|b| !blank(b)).unwrap_or(bytes.len());
        bytes = &bytes[begin..];
        match bytes.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) => bytes = rest,
            None => break,
        }
    }
    let end = bytes
        .iter()
        .rposition(|b| !blank(b))
        .map_or(0, |last| last + 1);
    &bytes[..end]
}

/// A digest of samples of the first `length` bytes: head, tail and pieces in
/// between. `None` if the file is shorter.
fn prefix_digest(file: &mut File, length: u64) -> io::Result<Option<String>> {
    const ENDS: u64 = 4096;
    const PIECE: u64 = 512;
    if file.metadata()?.len() < length {
        return Ok(None);
    }
    let mut hasher = blake3::Hasher::new();
    let mut sample = |from: u64, size: u64| -> io::Result<()> {
        file.seek(SeekFrom::Start(from))?;
        io::copy(&mut file.take(size), &mut hasher).map(|_| ())
    };
    if length <= 4 * ENDS {
        sample(0, length)?;
    } else {
        sample(0, ENDS)?;
        for piece in 1..=6 {
            sample(length / 7 * piece, PIECE)?;
        }
        sample(length - ENDS, ENDS)?;
    }
    hasher.update(&length.to_le_bytes());
    Ok(Some(hasher.finalize().to_hex()[..32].to_owned()))
}

#[cfg(test)]
#[path = "jsonl_tests.rs"]
mod tests;
