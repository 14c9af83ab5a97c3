//! Colours, styled text, and the one place that writes to the terminal.

use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::{AnsiColor, Effects, Style};
use stead_redact::terminal;

const fn colour(colour: AnsiColor) -> Style {
    colour.on_default()
}

/// Text as it comes.
pub(crate) const PLAIN: Style = Style::new();
/// Headings, names of tools.
pub(crate) const BOLD: Style = Style::new().bold();
/// What matters less.
pub(crate) const DIM: Style = Style::new().dimmed();
/// The title of the session.
pub(crate) const TITLE: Style = Style::new().bold();
/// The mark before a prompt.
pub(crate) const MARK: Style = colour(AnsiColor::BrightBlue).bold();
/// What the user typed.
pub(crate) const PROMPT: Style = Style::new().bold();
/// Reasoning.
pub(crate) const THOUGHT: Style = Style::new().dimmed().italic();
/// Code within text.
pub(crate) const CODE: Style = colour(AnsiColor::Cyan);
/// Links within text.
pub(crate) const LINK: Style = Style::new().underline();
/// The sign of a tool.
pub(crate) const TOOL: Style = colour(AnsiColor::Magenta).bold();
/// What a tool was called with.
pub(crate) const ARGUMENT: Style = colour(AnsiColor::Cyan);
/// What failed.
pub(crate) const BAD: Style = colour(AnsiColor::Red).bold();
/// A line that came in.
pub(crate) const ADDED: Style = colour(AnsiColor::Green);
/// A line that went out.
pub(crate) const REMOVED: Style = colour(AnsiColor::Red);
/// Labels of blocks that are neither the user's nor the model's.
pub(crate) const LABEL: Style = colour(AnsiColor::Yellow).bold();

/// Text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    /// How it looks.
    pub(crate) style: Style,
    /// What it says.
    pub(crate) text: String,
}

/// One row of the terminal.
pub(crate) type Row = Vec<Span>;

/// `text` in `style`.
pub(crate) fn span(style: Style, text: impl Into<String>) -> Span {
    Span {
        style,
        text: text.into(),
    }
}

/// Appends `text` to a row, to its last span if that looks the same.
pub(crate) fn push(row: &mut Row, style: Style, text: &str) {
    match row.last_mut() {
        Some(last) if last.style == style => last.text.push_str(text),
        _ => row.push(span(style, text)),
    }
}

/// Writes rows. Whatever a span holds, nothing but its visible characters and
/// the codes of its style get out.
#[derive(Debug)]
pub(crate) struct Screen<W> {
    out: W,
    colour: bool,
    /// What is written is no part of the live conversation: it is struck out.
    pub(crate) faded: bool,
    /// What stands before each row.
    pub(crate) margin: &'static str,
    blank: bool,
    /// Rows written so far.
    pub(crate) rows: usize,
    buffer: String,
}

impl<W: Write> Screen<W> {
    /// A screen over `out`, at its top.
    pub(crate) const fn new(out: W, colour: bool) -> Self {
        Self {
            out,
            colour,
            faded: false,
            margin: "",
            blank: true,
            rows: 0,
            buffer: String::new(),
        }
    }

    /// Writes one row.
    pub(crate) fn row(&mut self, row: &[Span]) -> io::Result<()> {
        self.buffer.clear();
        let (style, margin) = (self.shown(DIM), self.margin);
        if !margin.is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(self.buffer, "{style}{margin}{style:#}");
        }
        for part in row.iter().filter(|part| !part.text.is_empty()) {
            let text = terminal::escape(&part.text);
            let text = text.replace(['\n', '\t'], " ");
            let style = self.shown(part.style);
            let _ = write!(self.buffer, "{style}{text}{style:#}");
        }
        if !self.colour {
            self.buffer.truncate(self.buffer.trim_end().len());
        }
        self.blank = row.iter().all(|part| part.text.trim().is_empty());
        self.buffer.push('\n');
        self.rows += 1;
        self.out.write_all(self.buffer.as_bytes())
    }

    /// Leaves one row free, unless the last is free already.
    pub(crate) fn gap(&mut self) -> io::Result<()> {
        if self.blank { Ok(()) } else { self.row(&[]) }
    }

    /// Where it is written to.
    pub(crate) const fn out(&mut self) -> &mut W {
        &mut self.out
    }

    /// Hands everything on.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn shown(&self, style: Style) -> Style {
        match (self.colour, self.faded) {
            (false, _) => PLAIN,
            (true, false) => style,
            (true, true) => {
                style.effects(style.get_effects() | Effects::DIMMED | Effects::STRIKETHROUGH)
            }
        }
    }
}
