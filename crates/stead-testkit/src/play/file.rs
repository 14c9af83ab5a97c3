//! A text file as lines and back: line ends, a missing last one, and bytes that
//! are no UTF-8. It does not know where the file lies.

use super::line::Line;

/// How bytes stand for characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8.
    Utf8,
    /// ISO 8859-1: a byte a character.
    Latin1,
}

/// A text file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its lines.
    pub lines: Vec<Line>,
    /// Lines end in CR LF.
    pub crlf: bool,
    /// The last line ends in a line end.
    pub ends: bool,
    /// How its bytes are to be read.
    pub charset: Charset,
}

impl Default for File {
    fn default() -> Self {
        Self {
            lines: Vec::new(),
            crlf: false,
            ends: true,
            charset: Charset::Utf8,
        }
    }
}

impl File {
    /// The bytes on the disk.
    pub fn bytes(&self) -> Vec<u8> {
        let end = if self.crlf { "\r\n" } else { "\n" };
        let text = self.joined(end);
        match self.charset {
            Charset::Utf8 => text.into_bytes(),
            Charset::Latin1 => text
                .chars()
                .map(|c| u8::try_from(c).unwrap_or(b'?'))
                .collect(),
        }
    }

    /// The text as an agent sees it: lines end in LF, and what is no UTF-8 is
    /// replaced.
    pub fn seen(&self) -> String {
        let text = self.joined("\n");
        match self.charset {
            Charset::Utf8 => text,
            Charset::Latin1 => text
                .chars()
                .map(|c| if c.is_ascii() { c } else { '\u{fffd}' })
                .collect(),
        }
    }

    fn joined(&self, end: &str) -> String {
        let lines: Vec<&str> = self.lines.iter().map(|line| line.text.as_str()).collect();
        let mut text = lines.join(end);
        if self.ends && !lines.is_empty() {
            text.push_str(end);
        }
        text
    }
}

/// What bytes look like as a text file.
#[derive(Debug)]
pub(super) struct Shape {
    /// The texts of the lines.
    pub(super) texts: Vec<String>,
    /// Lines end in CR LF.
    pub(super) crlf: bool,
    /// The last line ends in a line end.
    pub(super) ends: bool,
    /// How the bytes were read.
    pub(super) charset: Charset,
}

/// Takes bytes apart; `None` if they are no text.
pub(super) fn shape(bytes: &[u8]) -> Option<Shape> {
    if bytes.contains(&0) {
        return None;
    }
    let (text, charset) = match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), Charset::Utf8),
        Err(_) => (
            bytes.iter().map(|byte| char::from(*byte)).collect(),
            Charset::Latin1,
        ),
    };
    let crlf = text.contains("\r\n");
    let ends = text.is_empty() || text.ends_with('\n');
    let mut texts: Vec<String> = text.split('\n').map(str::to_owned).collect();
    if ends {
        texts.pop();
    }
    for text in &mut texts {
        if crlf && text.ends_with('\r') {
            text.pop();
        }
    }
    Some(Shape {
        texts,
        crlf,
        ends,
        charset,
    })
}
