//! The two forms of interchange: one JSON document, and JSON Lines.

use std::io::{self, BufRead, Write};

use serde::Serialize;

use crate::{Event, Session};

/// Why a USF document could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The input could not be read.
    #[error("the input could not be read")]
    Io(#[from] io::Error),
    /// A line (from 1) is no USF.
    #[error("line {line} is not USF: {source}")]
    Json {
        /// Line in the input, from 1.
        line: u64,
        /// What the JSON reader said.
        source: serde_json::Error,
    },
    /// There was no header line.
    #[error("the input has no header line")]
    Empty,
}

/// Reads a session from one JSON document.
pub fn read_document(json: &[u8]) -> Result<Session, DocumentError> {
    serde_json::from_slice(json).map_err(|source| DocumentError::Json {
        line: source.line() as u64,
        source,
    })
}

/// Writes one line of the JSON Lines form: first the header (a [`Session`]
/// without events), then each [`Event`]. White space around line breaks in
/// values that are kept to the letter is left out.
pub fn write_line<T: Serialize>(out: &mut dyn Write, value: &T) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    if line.contains(&b'\n') || line.contains(&b'\r') {
        line = without_breaks(&line);
    }
    line.push(b'\n');
    out.write_all(&line)
}

/// Without the runs of white space that hold a line break. In JSON a line break
/// can only stand between tokens, and such a run never parts two words.
fn without_breaks(json: &[u8]) -> Vec<u8> {
    let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let mut line = Vec::with_capacity(json.len());
    let mut pieces = json.split(is_break).peekable();
    while let Some(mut piece) = pieces.next() {
        if !line.is_empty() {
            let start = piece.iter().position(|byte| !is_blank(byte));
            piece = &piece[start.unwrap_or(piece.len())..];
        }
        if pieces.peek().is_some() {
            let end = piece.iter().rposition(|byte| !is_blank(byte));
            piece = &piece[..end.map_or(0, |last| last + 1)];
        }
        line.extend_from_slice(piece);
    }
    line
}

/// Reads the JSON Lines form: the header at once, the events as they are asked
/// for, so that a session of any size streams.
pub fn read_lines<R: BufRead>(input: R) -> Result<(Session, FromLines<R>), DocumentError> {
    let mut lines = FromLines { input, line: 0 };
    let header = lines
        .next_value::<Session>()
        .ok_or(DocumentError::Empty)??;
    Ok((header, lines))
}

/// The events of a session in JSON Lines form.
#[derive(Debug)]
pub struct FromLines<R> {
    input: R,
    line: u64,
}

impl<R: BufRead> FromLines<R> {
    fn next_value<T: serde::de::DeserializeOwned>(&mut self) -> Option<Result<T, DocumentError>> {
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match self.input.read_until(b'\n', &mut buffer) {
                Ok(0) => return None,
                Ok(_) => self.line += 1,
                Err(error) => return Some(Err(error.into())),
            }
            if buffer.trim_ascii().is_empty() {
                continue;
            }
            let line = self.line;
            return Some(
                serde_json::from_slice(&buffer)
                    .map_err(|source| DocumentError::Json { line, source }),
            );
        }
    }
}

impl<R: BufRead> Iterator for FromLines<R> {
    type Item = Result<Event, DocumentError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_value()
    }
}

/// The JSON Schema of [`Session`], as published in `schema/usf.v1.schema.json`.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Session).to_value()
}
