//! What leaves the server: texts with secrets masked, of bounded length.

use std::collections::VecDeque;
use std::io::{self, Write};

use stead_redact::{Redactor, terminal};

/// No answer has more characters.
pub(super) const MOST: usize = 30_000;

/// So many an answer has at most, if nobody asked for more.
pub(super) const USUAL: usize = 12_000;

/// A text as it may leave: secrets masked, control characters made visible, cut.
pub(super) fn safe(text: &str, most: usize) -> String {
    let masked = Redactor::default_rules().mask(text).into_owned();
    let text = terminal::escape(&masked).trim_end().to_owned();
    match text.char_indices().nth(most.min(MOST)) {
        None => text,
        Some((end, _)) => format!(
            "{}\n[… cut: ask for less at a time]",
            text[..end].trim_end()
        ),
    }
}

/// Which end of a text is kept when there is more than fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Its beginning.
    Beginning,
    /// Its end.
    End,
}

/// Takes a text of any length and keeps so many bytes of it.
#[derive(Debug)]
pub(super) struct Window {
    kept: VecDeque<u8>,
    most: usize,
    keep: Keep,
    /// Bytes that were written so far.
    pub(super) written: usize,
}

impl Window {
    pub(super) fn new(most: usize, keep: Keep) -> Self {
        Self {
            kept: VecDeque::new(),
            most,
            keep,
            written: 0,
        }
    }

    /// More was written than fits.
    pub(super) const fn is_over(&self) -> bool {
        self.written > self.most
    }

    /// What was kept: whole lines, if something was left out.
    pub(super) fn text(&self) -> String {
        let bytes: Vec<u8> = self.kept.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if !self.is_over() {
            return text;
        }
        match self.keep {
            Keep::Beginning => text.rfind('\n').map(|end| text[..end].to_owned()),
            Keep::End => text.find('\n').map(|end| text[end + 1..].to_owned()),
        }
        .unwrap_or(text)
    }
}

impl Write for Window {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written += bytes.len();
        match self.keep {
            Keep::Beginning => {
                let room = self.most.saturating_sub(self.kept.len());
                self.kept.extend(&bytes[..bytes.len().min(room)]);
            }
            Keep::End => {
                self.kept.extend(bytes);
                let surplus = self.kept.len().saturating_sub(self.most);
                self.kept.drain(..surplus);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
