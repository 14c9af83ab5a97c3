//! The content of a file while steps are played.

use std::sync::Arc;

use super::{Line, Writer};
use crate::align::{Part, parts};
use crate::text::{Key, Texts, lines};

/// A file's text with the writer of each line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Current {
    /// The text; lines end with `\n`.
    pub(crate) text: Arc<str>,
    /// For each line.
    pub(crate) writers: Vec<Writer>,
    /// When it became so, in milliseconds since 1970.
    pub(crate) at_ms: i64,
    /// Nothing of the file is unknown.
    pub(crate) whole: bool,
}

impl Current {
    /// A text that no session wrote.
    pub(crate) fn outside(text: &str) -> Self {
        let text = plain_ends(text);
        Self {
            writers: vec![Writer::Outside; lines(&text).count()],
            text,
            at_ms: 0,
            whole: true,
        }
    }

    /// The same file with another text: lines that were there keep their writer,
    /// others have `writer`.
    pub(crate) fn turned(&self, text: &str, writer: Writer, texts: &mut Texts) -> Self {
        let text = plain_ends(text);
        let (old, new) = (texts.keys(&self.text), texts.keys(&text));
        Self {
            writers: carried(&old, &self.writers, &new, writer),
            text,
            at_ms: self.at_ms,
            whole: true,
        }
    }

    /// Its lines, to be kept.
    pub(crate) fn lines(&self, texts: &mut Texts) -> Vec<Line> {
        let keys = lines(&self.text).map(|line| texts.key(line));
        let writers = self.writers.iter();
        keys.zip(writers)
            .map(|(key, writer)| Line {
                key,
                writer: *writer,
            })
            .collect()
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
