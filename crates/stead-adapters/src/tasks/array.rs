//! A file that holds one JSON array, read element by element, so that a file of a
//! gigabyte needs no more memory than its largest element. It frames elements and
//! knows nothing of what they mean.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use memchr::memmem;
use serde::de::IgnoredAny;
use stead_usf::{Issue, Severity, Source};

use crate::{Output, ReadError};

/// A larger element is reported, not read: it would not fit in memory.
const MAX_ELEMENT: usize = 48 << 20;
const CHUNK: usize = 256 << 10;

/// One object of the array.
#[derive(Debug)]
pub(super) struct Element {
    /// Its JSON.
    pub(super) text: String,
    /// Where it stands.
    pub(super) source: Source,
    /// Bytes that are no UTF-8 were replaced.
    pub(super) lossy: bool,
}

/// What the array holds next.
#[derive(Debug)]
pub(super) enum Next {
    Element(Element),
    /// Something that is no object, or damaged; the array goes on behind it.
    Damaged(Issue),
}

/// A file that is read as an array.
pub(super) struct Array {
    file: File,
    name: Arc<str>,
    /// Bytes read and not yet passed; `start` is the first of them.
    buffer: Vec<u8>,
    start: usize,
    /// Place in the file of `buffer[start]`.
    offset: u64,
    begun: bool,
    ended: bool,
    /// How the last good element began (`{"ts":`): what follows damage is looked
    /// for by it. In a JSON text it can stand nowhere but at an object's head.
    head: Vec<u8>,
}

impl Array {
    /// Opens a file; `None` if there is none. `head` is how elements begin.
    pub(super) fn open(path: &Path, head: &str) -> Result<Option<Self>, ReadError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(io_error(path, source)),
        };
        Ok(Some(Self {
            file,
            name: path.to_string_lossy().into(),
            buffer: Vec::new(),
            start: 0,
            offset: 0,
            begun: false,
            ended: false,
            head: head.as_bytes().to_vec(),
        }))
    }

    /// The next element; `None` at the end.
    pub(super) fn next(&mut self, output: &mut Output<'_>) -> Result<Option<Next>, ReadError> {
        let next = self.advance(output);
        next.map_err(|source| io_error(Path::new(&*self.name), source))
    }

    fn advance(&mut self, output: &mut Output<'_>) -> io::Result<Option<Next>> {
        if self.ended {
            return self.finish(output).map(|()| None);
        }
        let Some(first) = self.skip_between(output)? else {
            self.ended = true;
            // A file without anything in it has no records that could be lost.
            let empty = !self.begun && self.offset == 0;
            return Ok((!empty).then(|| self.cut(0)));
        };
        if !self.begun && first == b'[' {
            self.begun = true;
            self.pass(1);
            return self.advance(output);
        }
        if self.begun && first == b']' {
            self.ended = true;
            self.pass(1);
            let Some(_) = self.skip_between(output)? else {
                return Ok(None);
            };
            let from = self.offset;
            self.finish(output)?;
            return Ok(Some(self.damaged(
                "leftover",
                "something stands behind the list",
                from,
            )));
        }
        self.begun = true;
        self.element(output).map(Some)
    }

    /// The element at `start`.
    fn element(&mut self, output: &mut Output<'_>) -> io::Result<Next> {
        let mut scan = Scan::default();
        let length = loop {
            if let Some(length) = scan.run(&self.buffer[self.start..]) {
                break length;
            }
            let long = self.buffer.len() - self.start > MAX_ELEMENT;
            if long || self.fill(output)? == 0 {
                return self.resume(output);
            }
        };
        let bytes = &self.buffer[self.start..self.start + length];
        let text = String::from_utf8_lossy(bytes);
        let whole =
            bytes.first() == Some(&b'{') && serde_json::from_str::<IgnoredAny>(&text).is_ok();
        if !whole {
            return self.resume(output);
        }
        if let Some(colon) = memchr::memchr(b':', bytes) {
            self.head = bytes[..=colon].to_vec();
        }
        let lossy = matches!(text, std::borrow::Cow::Owned(_));
        let text = text.into_owned();
        let source = self.place(self.offset, self.offset + length as u64);
        self.pass(length);
        Ok(Next::Element(Element {
            text,
            source,
            lossy,
        }))
    }

    /// The element at `start` is damaged: goes on where the next one begins.
    fn resume(&mut self, output: &mut Output<'_>) -> io::Result<Next> {
        let from = self.offset;
        let mut searched = 1;
        loop {
            let rest = &self.buffer[self.start..];
            let found = rest
                .get(searched..)
                .and_then(|rest| memmem::find(rest, &self.head))
                .map(|place| searched + place);
            if let Some(place) = found {
                self.pass(place);
                return Ok(self.damaged("bad-json", "a record is no JSON object", from));
            }
            // The head may stand across the border of what was read.
            let kept = (self.head.len() - 1).min(rest.len().saturating_sub(1));
            self.pass(rest.len() - kept);
            searched = 0;
            if self.fill(output)? == 0 {
                self.pass(kept);
                self.ended = true;
                return Ok(self.cut(from));
            }
        }
    }

    /// The first byte that is neither blank nor a comma.
    fn skip_between(&mut self, output: &mut Output<'_>) -> io::Result<Option<u8>> {
        loop {
            let rest = &self.buffer[self.start..];
            let between = |byte: &u8| {
                byte.is_ascii_whitespace() || matches!(byte, b',' | 0 | 0xEF | 0xBB | 0xBF)
            };
            if let Some(place) = rest.iter().position(|byte| !between(byte)) {
                let first = rest[place];
                self.pass(place);
                return Ok(Some(first));
            }
            self.pass(rest.len());
            if self.fill(output)? == 0 {
                return Ok(None);
            }
        }
    }

    fn pass(&mut self, length: usize) {
        self.start += length;
        self.offset += length as u64;
    }

    /// Reads on; returns the number of new bytes.
    fn fill(&mut self, output: &mut Output<'_>) -> io::Result<usize> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let old = self.buffer.len();
        let wanted = old.clamp(CHUNK, 8 << 20) as u64;
        let read = Read::take(&self.file, wanted).read_to_end(&mut self.buffer)?;
        if read > 0 {
            output.raw(&self.name, self.offset + old as u64, &self.buffer[old..]);
        }
        Ok(read)
    }

    /// Reads to the end of the file, for the archive's sake.
    fn finish(&mut self, output: &mut Output<'_>) -> io::Result<()> {
        loop {
            self.pass(self.buffer.len() - self.start);
            if self.fill(output)? == 0 {
                return Ok(());
            }
        }
    }

    fn place(&self, from: u64, to: u64) -> Source {
        Source {
            bytes: Some([from, to]),
            ..Source::file(self.name.clone())
        }
    }

    fn damaged(&self, code: &'static str, message: &str, from: u64) -> Next {
        let issue = Issue::new(Severity::Error, code, message);
        Next::Damaged(issue.at(self.place(from, self.offset)))
    }

    /// The file ends too early.
    fn cut(&self, from: u64) -> Next {
        self.damaged("cut-file", "the list has no end", from)
    }
}

fn io_error(path: &Path, source: io::Error) -> ReadError {
    ReadError::Io {
        path: path.to_owned(),
        source,
    }
}

/// Finds the end of a JSON value, as far as brackets and quotes tell.
#[derive(Default)]
struct Scan {
    at: usize,
    depth: usize,
    in_string: bool,
}

impl Scan {
    /// The length of the value that `bytes` begin with; `None` if it goes on.
    fn run(&mut self, bytes: &[u8]) -> Option<usize> {
        while let Some(&byte) = bytes.get(self.at) {
            if self.in_string {
                let rest = &bytes[self.at..];
                let Some(place) = memchr::memchr2(b'"', b'\\', rest) else {
                    self.at = bytes.len();
                    return None;
                };
                if rest[place] == b'\\' {
                    // The escaped byte may not have been read yet.
                    self.at += place;
                    bytes.get(self.at + 1)?;
                    self.at += 2;
                } else {
                    self.at += place + 1;
                    self.in_string = false;
                }
            } else {
                match byte {
                    b'"' => self.in_string = true,
                    b'{' | b'[' => self.depth += 1,
                    b'}' | b']' | b',' if self.depth == 0 => return Some(self.at),
                    b'}' | b']' => self.depth -= 1,
                    _ => {}
                }
                self.at += 1;
                if self.depth == 0 && matches!(byte, b'}' | b']') {
                    return Some(self.at);
                }
            }
        }
        None
    }
}
