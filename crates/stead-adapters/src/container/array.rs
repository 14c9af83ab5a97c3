//! A file that holds one JSON array, alone or as a field of an object, read element
//! by element, so that a file of a gigabyte needs no more memory than its largest
//! element. It frames elements and knows nothing of what they mean.

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
pub(crate) struct Element {
    /// Its JSON.
    pub(crate) text: String,
    /// Where it stands.
    pub(crate) source: Source,
    /// Bytes that are no UTF-8 were replaced.
    pub(crate) lossy: bool,
}

/// What the array holds next.
#[derive(Debug)]
pub(crate) enum Next {
    /// An object.
    Element(Element),
    /// Something that is no object, or damaged; the array goes on behind it.
    Damaged(Issue),
}

/// A file that is read as an array.
pub(crate) struct Array {
    file: File,
    name: Arc<str>,
    /// Bytes read and not yet passed; `start` is the first of them.
    buffer: Vec<u8>,
    start: usize,
    /// Place in the file of `buffer[start]`.
    offset: u64,
    begun: bool,
    ended: bool,
    /// The field of an object that the array is; the file is the array if empty.
    field: &'static str,
    /// The object around the array, without the array's elements.
    around: Vec<u8>,
    /// How the last good element began (`{"ts":`): what follows damage is looked
    /// for by it. In a JSON text it can stand nowhere but at an object's head.
    head: Vec<u8>,
}

impl Array {
    /// Opens a file; `None` if there is none. `head` is how elements begin.
    pub(crate) fn open(path: &Path, head: &str) -> Result<Option<Self>, ReadError> {
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
            field: "",
            around: Vec::new(),
            head: head.as_bytes().to_vec(),
        }))
    }

    /// Opens a file that holds an object with the array as a field.
    pub(crate) fn open_field(
        path: &Path,
        field: &'static str,
        head: &str,
    ) -> Result<Option<Self>, ReadError> {
        let array = Self::open(path, head)?;
        Ok(array.map(|array| Self { field, ..array }))
    }

    /// The object around the array as far as it was read, the array left empty: what
    /// stands before the array until the end was seen.
    pub(crate) fn around(&self) -> String {
        let around = String::from_utf8_lossy(&self.around);
        if self.ended {
            around.into_owned()
        } else {
            format!("{around}]}}")
        }
    }

    /// Reads up to the array.
    pub(crate) fn enter(&mut self, output: &mut Output<'_>) -> Result<(), ReadError> {
        let entered = self.find_field(output);
        entered.map_err(|source| io_error(Path::new(&*self.name), source))
    }

    fn find_field(&mut self, output: &mut Output<'_>) -> io::Result<()> {
        if self.begun || self.field.is_empty() {
            return Ok(());
        }
        let name = format!("\"{}\"", self.field);
        loop {
            let rest = &self.buffer[self.start..];
            // No text of the file can hold the name in quotes: there they are escaped.
            let behind = memmem::find(rest, name.as_bytes()).map(|place| place + name.len());
            let opening =
                behind.and_then(|behind| opening(&rest[behind..]).map(|place| behind + place));
            if let Some(place) = opening {
                self.around = rest[..=place].to_vec();
                self.pass(place + 1);
                self.begun = true;
                return Ok(());
            }
            if rest.len() > MAX_ELEMENT || self.fill(output)? == 0 {
                return Ok(());
            }
        }
    }

    /// The next element; `None` at the end.
    pub(crate) fn next(&mut self, output: &mut Output<'_>) -> Result<Option<Next>, ReadError> {
        let next = self.advance(output);
        next.map_err(|source| io_error(Path::new(&*self.name), source))
    }

    fn advance(&mut self, output: &mut Output<'_>) -> io::Result<Option<Next>> {
        if self.ended {
            return self.finish(output).map(|()| None);
        }
        self.find_field(output)?;
        if !self.begun && !self.field.is_empty() {
            let empty = self.buffer.is_empty() && self.offset == 0;
            self.ended = true;
            self.finish(output)?;
            return Ok((!empty).then(|| self.cut(0)));
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
            if !self.field.is_empty() {
                return self.leave(output).map(|()| None);
            }
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

    /// Reads the rest of the object.
    fn leave(&mut self, output: &mut Output<'_>) -> io::Result<()> {
        loop {
            let rest = &self.buffer[self.start..];
            if self.around.len() + rest.len() <= MAX_ELEMENT {
                self.around.extend_from_slice(rest);
            }
            self.pass(rest.len());
            if self.fill(output)? == 0 {
                return Ok(());
            }
        }
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

/// Where the array opens behind its name.
fn opening(behind: &[u8]) -> Option<usize> {
    let mut signs = (0..)
        .zip(behind)
        .filter(|(_, byte)| !byte.is_ascii_whitespace());
    (*signs.next()?.1 == b':').then_some(())?;
    signs
        .next()
        .filter(|(_, byte)| **byte == b'[')
        .map(|(place, _)| place)
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::{Array, Next};
    use crate::{Document, Output};

    #[track_caller]
    fn check(text: &str, field: &'static str, elements: &[&str], around: &str) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let mut document = Document::default();
        let mut output = Output::new(&mut document);
        let mut array = Array::open_field(file.path(), field, "{\"a\":")
            .unwrap()
            .unwrap();
        let mut found = Vec::new();
        while let Some(next) = array.next(&mut output).unwrap() {
            found.push(match next {
                Next::Element(element) => {
                    let [from, to] = element.source.bytes.unwrap();
                    assert_eq!(
                        &text.as_bytes()[from as usize..to as usize],
                        element.text.as_bytes()
                    );
                    element.text
                }
                Next::Damaged(issue) => {
                    format!("{} {:?}", issue.code, issue.source.unwrap().bytes.unwrap())
                }
            });
        }
        assert_eq!(found, elements);
        assert_eq!(array.around(), around);
    }

    #[test]
    fn arrays_are_read_in_parts() {
        let element = format!(r#"{{"a":"{}"}}"#, "x\\\"]}".repeat(100_000));
        let text = format!("\u{feff} [\n{element} ,{{\"a\":[1]}}\n]\n");
        check(&text, "", &[&element, r#"{"a":[1]}"#], "");
        check("[]", "", &[], "");
        check("", "", &[], "");
    }

    #[test]
    fn fields_of_objects_are_read() {
        let text = r#"{"b":"\"list\":[","list" : [{"a":1},{"a":2}],"c":3}"#;
        let around = r#"{"b":"\"list\":[","list" : [],"c":3}"#;
        check(text, "list", &[r#"{"a":1}"#, r#"{"a":2}"#], around);
        check(r#"{"b":1}"#, "list", &["cut-file [0, 7]"], "");
    }

    #[test]
    fn damage_is_passed_by() {
        check(
            r#"[{"a":1},{"b:2},{"a":3}]"#,
            "",
            &[r#"{"a":1}"#, "bad-json [9, 16]", r#"{"a":3}"#],
            "",
        );
        check(
            r#"[{"a":1},7,{"a":3}]x"#,
            "",
            &[
                r#"{"a":1}"#,
                "bad-json [9, 11]",
                r#"{"a":3}"#,
                "leftover [19, 20]",
            ],
            "",
        );
        check(
            r#"[{"a":1},{"a":"#,
            "",
            &[r#"{"a":1}"#, "cut-file [9, 14]"],
            "",
        );
    }
}
