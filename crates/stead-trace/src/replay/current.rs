//! The content of a file while steps are played.

use std::sync::Arc;

use super::moves::moved;
use super::{Line, Writer};
use crate::align::{Part, parts};
use crate::keyed::Keyed;
use crate::text::{Key, Texts};

/// A file's text with the writer of each line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Current {
    /// The text; lines end with `\n`.
    pub(crate) held: Keyed,
    /// For each line.
    pub(crate) writers: Vec<Writer>,
    /// When it became so, in milliseconds since 1970.
    pub(crate) at_ms: i64,
    /// Nothing of the file is unknown.
    pub(crate) whole: bool,
}

impl Current {
    /// A text that no session wrote.
    pub(crate) fn outside(held: Keyed) -> Self {
        Self {
            writers: vec![Writer::Outside; held.keys.len()],
            held,
            at_ms: 0,
            whole: true,
        }
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.held.text
    }

    /// Its lines.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Line> + '_ {
        let lines = self.held.keys.iter().zip(&self.writers);
        lines.map(|(key, writer)| Line {
            key: *key,
            writer: *writer,
        })
    }

    /// The same file with another text: lines that were there keep their writer,
    /// others have `writer`.
    pub(crate) fn turned(&self, text: &str, writer: Writer, texts: &mut Texts) -> Self {
        let held = self.held.turned(plain_ends(text), texts);
        Self {
            writers: carried(&self.held.keys, &self.writers, &held.keys, writer),
            held,
            at_ms: self.at_ms,
            whole: true,
        }
    }

    /// The same file with a text that somebody else gave it: `writer` has what is
    /// new, and lines that only moved keep their writers.
    pub(crate) fn found(&self, text: &str, writer: Writer, texts: &mut Texts) -> Self {
        let mut found = self.turned(text, writer, texts);
        let old = (&*self.held.keys, &*self.writers);
        let new = (&*found.held.keys, &mut *found.writers);
        moved(old, new, writer, texts);
        found
    }

    /// The same file with other lines in place of some: `text` is all of the file,
    /// `writers` those of the lines that came in.
    pub(crate) fn spliced(
        &self,
        text: String,
        lines: std::ops::Range<usize>,
        writers: Vec<Writer>,
        texts: &mut Texts,
    ) -> Self {
        let mut all = Vec::with_capacity(self.writers.len() + writers.len());
        all.extend_from_slice(&self.writers[..lines.start]);
        all.extend(writers);
        all.extend_from_slice(&self.writers[lines.end..]);
        Self {
            held: self.held.turned(text.into(), texts),
            writers: all,
            ..*self
        }
    }
}

/// The writers of new lines: those that were there keep theirs.
pub(crate) fn carried(old: &[Key], writers: &[Writer], new: &[Key], writer: Writer) -> Vec<Writer> {
    let mut carried = vec![writer; new.len()];
    for part in parts(old, new) {
        if let Part::Same {
            before,
            after,
            lines,
        } = part
        {
            carried[after..after + lines].copy_from_slice(&writers[before..before + lines]);
        }
    }
    carried
}

/// The text with plain line ends.
pub(crate) fn plain_ends(text: &str) -> Arc<str> {
    if text.contains('\r') {
        text.replace("\r\n", "\n").into()
    } else {
        text.into()
    }
}
