//! A JSON list of any length, one element after the other. Elements are framed by
//! their brackets alone: what is no JSON is told by who reads them.

use std::io::{self, Read};

use memchr::memchr2;

/// A longer element is skipped: it would not fit in memory.
const LONGEST: usize = 48 << 20;
const CHUNK: usize = 256 << 10;

/// Gives the elements of a list that is read from `input`, as they stand there.
/// Returns whether the list was closed. `passed` sees all bytes.
pub(super) fn each(
    input: &mut dyn Read,
    passed: &mut dyn FnMut(&[u8]),
    found: &mut dyn FnMut(Element<'_>) -> bool,
) -> io::Result<bool> {
    let mut framing = Framing::default();
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = match input.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        if read == 0 {
            framing.flush(found);
            return Ok(framing.closed);
        }
        passed(&buffer[..read]);
        if !framing.take(&buffer[..read], found) {
            return Ok(framing.closed);
        }
    }
}

/// An element of the list.
pub(super) enum Element<'a> {
    /// Its bytes.
    Whole(&'a [u8]),
    /// So many bytes that it was skipped.
    TooLong(usize),
}

#[derive(Default)]
struct Framing {
    element: Vec<u8>,
    length: usize,
    depth: usize,
    in_string: bool,
    escaped: bool,
    closed: bool,
}

impl Framing {
    /// Takes in the next bytes; `false` if no more are wanted.
    fn take(&mut self, mut bytes: &[u8], found: &mut dyn FnMut(Element<'_>) -> bool) -> bool {
        while let Some((&byte, rest)) = bytes.split_first() {
            if self.in_string && !self.escaped {
                // Most bytes are in strings: they are looked through at once.
                let end = memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len());
                if end > 0 {
                    self.keep(&bytes[..end]);
                    bytes = &bytes[end..];
                    continue;
                }
            }
            bytes = rest;
            if self.closed {
                continue;
            }
            if !self.one(byte, found) {
                return false;
            }
        }
        true
    }

    fn one(&mut self, byte: u8, found: &mut dyn FnMut(Element<'_>) -> bool) -> bool {
        if self.in_string {
            self.in_string = self.escaped || byte != b'"';
            self.escaped = !self.escaped && byte == b'\\';
            self.keep(&[byte]);
            return true;
        }
        match byte {
            b'[' | b'{' => {
                self.depth += 1;
                if self.depth > 1 {
                    self.keep(&[byte]);
                }
            }
            b']' | b'}' => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    self.closed = byte == b']';
                    return self.flush(found);
                }
                self.keep(&[byte]);
            }
            b',' if self.depth == 1 => return self.flush(found),
            _ if self.depth == 0 => {}
            _ => {
                self.in_string = byte == b'"';
                let is_space = byte.is_ascii_whitespace();
                if !(is_space && self.element.is_empty()) {
                    self.keep(&[byte]);
                }
            }
        }
        true
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.length += bytes.len();
        if self.length <= LONGEST {
            self.element.extend_from_slice(bytes);
        }
    }

    fn flush(&mut self, found: &mut dyn FnMut(Element<'_>) -> bool) -> bool {
        let length = std::mem::take(&mut self.length);
        let element = std::mem::take(&mut self.element);
        match length {
            0 => true,
            _ if length > LONGEST => found(Element::TooLong(length)),
            _ => found(Element::Whole(&element)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Element, each};

    fn elements(json: &str, step: usize) -> (Vec<String>, bool) {
        let (mut found, mut seen) = (Vec::new(), Vec::new());
        let mut slow = Slow(json.as_bytes(), step);
        let closed = each(
            &mut slow,
            &mut |bytes| seen.extend_from_slice(bytes),
            &mut |element| {
                let Element::Whole(bytes) = element else {
                    return true;
                };
                found.push(String::from_utf8_lossy(bytes).trim().to_owned());
                true
            },
        )
        .unwrap();
        assert_eq!(seen, json.as_bytes(), "every byte is passed on");
        (found, closed)
    }

    struct Slow<'a>(&'a [u8], usize);

    impl std::io::Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let step = self.1.min(self.0.len());
            buffer[..step].copy_from_slice(&self.0[..step]);
            self.0 = &self.0[step..];
            Ok(step)
        }
    }

    #[test]
    fn elements_are_framed_wherever_the_input_is_cut() {
        let json = r#" [ {"a":"]},\"[{"} , [1,{"b":[]}],"x\\", 3 ]
            leftover"#;
        let whole = [r#"{"a":"]},\"[{"}"#, r#"[1,{"b":[]}]"#, r#""x\\""#, "3"];
        for step in [1, 2, 7, 1000] {
            assert_eq!(
                elements(json, step),
                (whole.map(str::to_owned).to_vec(), true)
            );
        }
    }

    #[test]
    fn a_list_that_is_cut_gives_what_is_there() {
        let (found, closed) = elements(r#"[{"a":1},{"b":"#, 5);
        assert_eq!(found, [r#"{"a":1}"#, r#"{"b":"#]);
        assert!(!closed);
        assert_eq!(elements("", 1), (Vec::new(), false));
        assert_eq!(elements("[]", 1), (Vec::new(), true));
    }
}
