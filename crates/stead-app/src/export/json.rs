//! The two JSON forms of USF, written as the events come.

use std::io::{self, Write};

use stead_usf::{Event, Session, write_line};

use super::SessionWriter;

/// Writes one JSON document.
pub struct DocumentWriter<W> {
    out: W,
    first: bool,
}

impl<W: Write> DocumentWriter<W> {
    /// Writes to `out`.
    pub const fn new(out: W) -> Self {
        Self { out, first: true }
    }
}

impl<W: Write> SessionWriter for DocumentWriter<W> {
    fn begin(&mut self, header: &Session) -> io::Result<()> {
        let json = serde_json::to_string(header)?;
        // A header has no events, so the list can be put before its last brace.
        let open = json.strip_suffix('}').unwrap_or(&json);
        write!(self.out, "{open},\"events\":[")
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        let comma = if std::mem::take(&mut self.first) {
            "\n"
        } else {
            ",\n"
        };
        self.out.write_all(comma.as_bytes())?;
        serde_json::to_writer(&mut self.out, event)?;
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n]}\n")
    }
}

/// Writes JSON Lines: the header, then an event a line.
pub struct LinesWriter<W> {
    out: W,
}

impl<W: Write> LinesWriter<W> {
    /// Writes to `out`.
    pub const fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write> SessionWriter for LinesWriter<W> {
    fn begin(&mut self, header: &Session) -> io::Result<()> {
        write_line(&mut self.out, header)
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        write_line(&mut self.out, event)
    }

    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }
}
