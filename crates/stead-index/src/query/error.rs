//! Where a query went wrong, and how to show it under the query itself.

use unicode_width::UnicodeWidthStr;

/// A byte range of the query text. Both ends lie on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range from `start` up to, not including, `end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The text the span covers, or nothing when it does not lie in `input`.
    #[must_use]
    pub fn of(self, input: &str) -> &str {
        input.get(self.start..self.end).unwrap_or_default()
    }
}

/// A query that cannot be read: what is wrong, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// What is wrong: a lowercase fragment with the user's text in backticks.
    pub message: String,
    /// The place in the query.
    pub span: Span,
    /// What would work instead.
    pub hint: Option<String>,
}

impl QueryError {
    /// An error without a hint.
    pub(super) fn new(message: impl Into<String>, span: Span) -> Self {
        Self {
            message: message.into(),
            span,
            hint: None,
        }
    }

    /// The same error with a hint.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The error as lines of text, without a line end after the last:
    /// the query, carets under the place, the message, the hint.
    ///
    /// `input` is the text that was parsed. A long query is cut to the part around
    /// the place; line breaks, tabs and control characters are shown as spaces, so
    /// the carets stand right and a pasted escape sequence stays harmless.
    #[must_use]
    pub fn render(&self, input: &str) -> String {
        let excerpt = Excerpt::around(input, self.span);
        let mut out = String::new();
        for line in [excerpt.line(), excerpt.carets(), self.message.clone()] {
            out.push_str(line.trim_end());
            out.push('\n');
        }
        if let Some(hint) = &self.hint {
            out.push_str("hint: ");
            out.push_str(hint);
        }
        out.truncate(out.trim_end().len());
        out
    }
}

/// How many columns of the query are shown before the place and from it on.
const BEFORE: usize = 40;
const AFTER: usize = 60;

/// The part of the query that is shown, split at the place and made printable.
struct Excerpt {
    before: String,
    marked: String,
    after: String,
}

impl Excerpt {
    fn around(input: &str, span: Span) -> Self {
        let start = input.floor_char_boundary(span.start.min(input.len()));
        let end = input.ceil_char_boundary(span.end.clamp(start, input.len()));
        let (marked, cut) = keep_front(&input[start..end], AFTER);
        let rest = AFTER.saturating_sub(marked.width());
        let after = if cut {
            String::new()
        } else {
            keep_front(&input[end..], rest).0
        };
        Self {
            before: keep_back(&input[..start], BEFORE),
            marked,
            after,
        }
    }

    fn line(&self) -> String {
        format!("{}{}{}", self.before, self.marked, self.after)
    }

    /// Measured as strings, not character by character: a joined emoji is one glyph.
    fn carets(&self) -> String {
        let indent = self.before.width();
        let wide = format!("{}{}", self.before, self.marked)
            .width()
            .saturating_sub(indent);
        format!("{}{}", " ".repeat(indent), "^".repeat(wide.max(1)))
    }
}

/// The user's text as it may stand in a message: printable, and not too long.
pub(super) fn shown(text: &str) -> String {
    keep_front(text, BEFORE).0
}

/// The text with every character that would move the cursor replaced by a space.
fn printable(text: &str) -> String {
    let moves = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|c| if moves(c) { ' ' } else { c })
        .collect()
}

/// The front of `text` that fills `columns`, with `…` and true when that is not all.
fn keep_front(text: &str, columns: usize) -> (String, bool) {
    // Marks without width cost nothing in columns, so characters are counted too.
    let end = text
        .char_indices()
        .nth(4 * columns)
        .map_or(text.len(), |(at, _)| at);
    let front = printable(&text[..end]);
    if end == text.len() && front.width() <= columns {
        return (front, false);
    }
    let full = |at: &usize| front[..*at].width() >= columns;
    let end = front
        .char_indices()
        .map(|(at, _)| at)
        .find(full)
        .unwrap_or(front.len());
    (format!("{}…", &front[..end]), true)
}

/// The back of `text` that fills `columns`, after `…` when that is not all.
fn keep_back(text: &str, columns: usize) -> String {
    let start = text
        .char_indices()
        .rev()
        .nth(4 * columns)
        .map_or(0, |(at, _)| at);
    let back = printable(&text[start..]);
    if start == 0 && back.width() <= columns {
        return back;
    }
    let full = |at: &usize| back[*at..].width() >= columns;
    let start = back
        .char_indices()
        .rev()
        .map(|(at, _)| at)
        .find(full)
        .unwrap_or(0);
    format!("…{}", &back[start..])
}
