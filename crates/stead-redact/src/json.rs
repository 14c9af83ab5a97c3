//! Makes JSON safe to print: what a terminal would obey is written as an escape
//! that stands for the same character, so that whoever parses it sees no change.
//!
//! JSON itself forbids the C0 controls within strings, and nothing else. Escaped
//! here are DEL and the C1 controls (a terminal may take U+009B for `ESC [`), the
//! characters that change the direction of text, and the line separators that
//! some readers take for the end of a line. A `\r` can only stand between two
//! tokens, where `\n` means the same. It does not check that it gets JSON.

use std::io::{self, Write};

#[cfg(test)]
mod tests;

/// Passes JSON on in UTF-8, in pieces cut anywhere, as safe JSON.
#[derive(Debug)]
pub struct Escaped<W> {
    out: W,
    /// The beginning of a character whose rest has not come yet.
    begun: [u8; 2],
    length: usize,
}

impl<W: Write> Escaped<W> {
    /// Writes to `out`, which should be buffered.
    pub const fn new(out: W) -> Self {
        Self {
            out,
            begun: [0; 2],
            length: 0,
        }
    }

    /// Takes the next byte of a character that has begun.
    fn go_on(&mut self, byte: u8) -> io::Result<()> {
        let bytes = [self.begun[0], self.begun[1], byte];
        let (from, whole) = match self.length {
            1 => ([self.begun[0], byte, 0], 2),
            _ => (bytes, 3),
        };
        match state(&from[..whole]) {
            State::Begun => {
                self.begun[self.length] = byte;
                self.length += 1;
                Ok(())
            }
            State::Harmful(c) => {
                self.length = 0;
                write!(self.out, "\\u{c:04x}")
            }
            State::Harmless => {
                self.length = 0;
                self.out.write_all(&from[..whole])
            }
        }
    }
}

impl<W: Write> Write for Escaped<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut at = 0;
        while at < bytes.len() {
            if self.length > 0 {
                self.go_on(bytes[at])?;
                at += 1;
                continue;
            }
            let rest = &bytes[at..];
            let clean = rest.iter().position(|byte| is_suspect(*byte));
            let clean = clean.unwrap_or(rest.len());
            self.out.write_all(&rest[..clean])?;
            at += clean;
            match bytes.get(at) {
                None => break,
                Some(b'\r') => self.out.write_all(b"\n")?,
                Some(0x7f) => self.out.write_all(b"\\u007f")?,
                Some(lead) => {
                    self.begun[0] = *lead;
                    self.length = 1;
                }
            }
            at += 1;
        }
        Ok(bytes.len())
    }

    /// The beginning of a character waits for its rest.
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Whether the byte is harmful, or begins a character that may be.
const fn is_suspect(byte: u8) -> bool {
    matches!(byte, b'\r' | 0x7f | 0xc2 | 0xd8 | 0xe2)
}

/// What a beginning of bytes is.
enum State {
    Begun,
    Harmful(u32),
    Harmless,
}

fn state(bytes: &[u8]) -> State {
    match *bytes {
        [0xc2, last @ 0x80..=0x9f] => State::Harmful(u32::from(last)),
        [0xd8, 0x9c] => State::Harmful(0x61c),
        [0xe2, 0x80 | 0x81] => State::Begun,
        [0xe2, 0x80, last @ (0x8e | 0x8f | 0xa8..=0xae)] => {
            State::Harmful(0x2000 + u32::from(last - 0x80))
        }
        [0xe2, 0x81, last @ 0xa6..=0xa9] => State::Harmful(0x2040 + u32::from(last - 0x80)),
        _ => State::Harmless,
    }
}
