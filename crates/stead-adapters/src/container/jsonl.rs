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
    // What is written from now on is left to the next reading, or a fast writer
    // would never let us go.
    let until = match until {
        Some(until) => until,
        None => file.metadata().map_err(io_error)?.len(),
    };
    let begun = is_within_line(&mut file, offset).map_err(io_error)?;
    file.seek(SeekFrom::Start(offset)).map_err(io_error)?;
    let name: Arc<str> = path.to_string_lossy().into();
    let mut lines = Lines {
        file: Read::take(&file, until.saturating_sub(offset)),
        archive: name.clone(),
        name,
        buffer: Vec::new(),
        start: 0,
        offset,
        line,
        skipping: None,
        begun,
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
        begun: false,
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
    /// Objects of the first line were read before, in an earlier reading.
    begun: bool,
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
        let begun = std::mem::replace(&mut self.begun, false);
        let framing = Framing {
            name: &self.name,
            line: self.line,
            offset: self.offset,
            begun,
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
        let framing = Framing {
            name: &self.name,
            line: self.line + 1,
            offset: self.offset,
            begun: self.begun,
        };
        let text = Text::of(bytes, text);
        let read = framing.values(&text, 0, output, records);
        let consumed = if read > 0 { text.place(read) } else { 0 };
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
    /// This is the rest of a line of which objects were read before.
    begun: bool,
}

impl Framing<'_> {
    /// The place of `text[from..to]`.
    fn source(&self, text: &Text<'_>, from: usize, to: usize) -> Source {
        let place = |at| self.offset + text.place(at) as u64;
        Source::line(self.name.clone(), self.line, [place(from), place(to)])
    }

    fn line(&self, bytes: &[u8], output: &mut Output<'_>, records: &mut dyn Records) {
        let trimmed = trim(bytes);
        if trimmed.is_empty() {
            if bytes.contains(&0) && !self.begun {
                output.record(Fate::Ignored("nul-padding"));
            }
            return;
        }
        let text = Text::of(bytes, trimmed);
        if let Ok(object) = Object::parse(&text.letters) {
            self.object(&text, (0, text.letters.len()), object, output, records);
        } else {
            self.broken_line(&text, output, records);
        }
    }

    /// Passes on `text[from..to]`, one object.
    fn object(
        &self,
        text: &Text<'_>,
        (from, to): (usize, usize),
        object: Object<'_>,
        output: &mut Output<'_>,
        records: &mut dyn Records,
    ) {
        let source = self.source(text, from, to);
        if text.is_mended(from, to) {
            let message = "the record holds bytes that are not UTF-8";
            let issue = Issue::new(Severity::Info, "bad-utf8", message);
            records.damaged(output, issue.at(source.clone()));
        }
        let fate = records.record(output, object, source);
        output.record(fate);
    }

    /// A line that is not just one object: several, or a damaged one that may
    /// be followed by whole ones.
    fn broken_line(&self, text: &Text<'_>, output: &mut Output<'_>, records: &mut dyn Records) {
        let whole = &*text.letters;
        let mut from = 0;
        loop {
            from = self.values(text, from, output, records);
            let rest = whole[from..].trim_start_matches(|c: char| c.is_whitespace() || c == '\0');
            if rest.is_empty() {
                return;
            }
            from = whole.len() - rest.len();
            let next = next_start(rest).map_or(whole.len(), |start| from + start);
            output.record(Fate::Reported);
            let message = format!("{} bytes are not a JSON object", next - from);
            let issue = Issue::new(Severity::Error, "bad-json", message);
            records.damaged(output, issue.at(self.source(text, from, next)));
            from = next;
        }
    }

    /// Passes on the objects that `text[from..]` begins with; returns where the
    /// last of them ends.
    fn values(
        &self,
        text: &Text<'_>,
        from: usize,
        output: &mut Output<'_>,
        records: &mut dyn Records,
    ) -> usize {
        let whole = &*text.letters;
        let mut values =
            serde_json::Deserializer::from_str(&whole[from..]).into_iter::<&RawValue>();
        let mut used = from;
        while let Some(Ok(value)) = values.next() {
            let Some(object) = Object::of(value) else {
                break;
            };
            let start = value.get().as_ptr() as usize - whole.as_ptr() as usize;
            used = start + value.get().len();
            self.object(text, (start, used), object, output, records);
        }
        used
    }
}

/// A line as text, and where its parts stand in the line as bytes.
struct Text<'a> {
    letters: Cow<'a, str>,
    /// Where the text begins in the line.
    start: usize,
    /// For each run of bytes that are no UTF-8: where U+FFFD in its place begins
    /// and ends in the text, and where the run ends in the line.
    mended: Vec<(usize, usize, usize)>,
}

impl<'a> Text<'a> {
    /// `part` of `line` as text.
    fn of(line: &[u8], part: &'a [u8]) -> Self {
        let start = part.as_ptr() as usize - line.as_ptr() as usize;
        let mut mended = Vec::new();
        let text = if let Ok(text) = std::str::from_utf8(part) {
            Cow::Borrowed(text)
        } else {
            let mut text = String::with_capacity(part.len());
            let mut at = start;
            for chunk in part.utf8_chunks() {
                text.push_str(chunk.valid());
                at += chunk.valid().len() + chunk.invalid().len();
                if !chunk.invalid().is_empty() {
                    let begin = text.len();
                    text.push(char::REPLACEMENT_CHARACTER);
                    mended.push((begin, text.len(), at));
                }
            }
            Cow::Owned(text)
        };
        Self {
            letters: text,
            start,
            mended,
        }
    }

    /// Where in the line a place in the text is.
    fn place(&self, at: usize) -> usize {
        let before = self.mended.partition_point(|(_, end, _)| *end <= at);
        match before.checked_sub(1).map(|last| self.mended[last]) {
            Some((_, end, place)) => place + (at - end),
            None => self.start + at,
        }
    }

    /// Whether bytes of this part of the text were no UTF-8.
    fn is_mended(&self, from: usize, to: usize) -> bool {
        let first = self.mended.partition_point(|(begin, ..)| *begin < from);
        self.mended
            .get(first)
            .is_some_and(|(begin, ..)| *begin < to)
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

/// Whether a line is under way at `offset`.
fn is_within_line(file: &mut File, offset: u64) -> io::Result<bool> {
    let Some(before) = offset.checked_sub(1) else {
        return Ok(false);
    };
    let mut last = [0];
    file.seek(SeekFrom::Start(before))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// A digest of samples of the first `length` bytes: head, tail and pieces in
/// between. `None` if the file is shorter.
pub(super) fn prefix_digest(file: &mut File, length: u64) -> io::Result<Option<String>> {
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
