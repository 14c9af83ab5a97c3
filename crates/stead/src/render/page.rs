//! What the parts of a picture share: the screen, the options, and the forms
//! that text takes on it.

use std::io::{self, Write};

use anstyle::Style;
use stead_app::export::view::{Caller, Clock, count};
use stead_redact::terminal::escape;

use super::RenderOptions;
use super::style::{DIM, PLAIN, Row, Screen, Span, span};
use super::wrap;

/// Rows that one line of folded output may take before it is cut.
const ROWS_PER_LINE: usize = 3;
/// So few hidden lines are shown: the note would take as much room.
const WORTH_HIDING: usize = 3;

/// How much of a text is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fold {
    /// Lines from its beginning.
    pub(crate) head: usize,
    /// Lines from its end.
    pub(crate) tail: usize,
}

/// Where a session is painted.
#[derive(Debug)]
pub(crate) struct Page<W> {
    pub(crate) screen: Screen<W>,
    pub(crate) options: RenderOptions,
    pub(crate) clock: Clock,
    pub(crate) caller: Caller,
    /// How to see what is folded.
    pub(crate) unfold: &'static str,
}

impl<W: Write> Page<W> {
    /// An empty page over `out`.
    pub(crate) fn new(out: W, mut options: RenderOptions) -> Self {
        options.width = options.width.clamp(20, 400);
        Self {
            screen: Screen::new(out, options.colour),
            clock: Clock {
                timezone: options.timezone.clone(),
                now: Some(options.now),
            },
            caller: Caller::default(),
            unfold: "--full",
            options,
        }
    }

    /// Columns for prose: very long rows are hard to read.
    pub(crate) fn prose_width(&self) -> usize {
        (self.options.width - 2).min(100)
    }

    /// One row behind a gutter.
    pub(crate) fn behind(&mut self, gutter: &Span, row: Row) -> io::Result<()> {
        let mut full = vec![gutter.clone()];
        full.extend(row);
        self.screen.row(&full)
    }

    /// A dim remark of ours in brackets.
    pub(crate) fn remark(&mut self, indent: &str, words: &str) -> io::Result<()> {
        let limit = self.options.width.saturating_sub(indent.len());
        for row in wrap::words(&[span(DIM, format!("({})", escape(words)))], limit) {
            self.behind(&span(PLAIN, indent), row)?;
        }
        Ok(())
    }

    /// A rule over the whole width, with a word at its start and one at its end.
    pub(crate) fn rule(&mut self, left: (Style, &str), right: &str) -> io::Result<()> {
        let mut row = vec![span(DIM, "── ")];
        if !left.1.is_empty() {
            row.extend([span(left.0, left.1), span(DIM, " ")]);
        }
        let end = if right.is_empty() {
            String::new()
        } else {
            format!(" {right} ──")
        };
        let used = wrap::row_width(&row) + wrap::width(&end);
        row.push(span(
            DIM,
            "─".repeat(self.options.width.min(102).saturating_sub(used)),
        ));
        row.push(span(DIM, end));
        self.screen.row(&row)
    }

    /// Text as it is, line by line behind a gutter, folded unless all is wanted;
    /// `how` is what the note says to see the rest.
    pub(crate) fn verbatim(
        &mut self,
        gutter: &Span,
        style: Style,
        text: &str,
        fold: Option<Fold>,
        how: &str,
    ) -> io::Result<()> {
        let text = escape(text);
        let text = text.trim_end();
        let lines = text.lines().count();
        let hidden = fold.map_or(0, |fold| lines.saturating_sub(fold.head + fold.tail));
        let hidden = if hidden < WORTH_HIDING { 0 } else { hidden };
        let head = fold.map_or(lines, |fold| if hidden == 0 { lines } else { fold.head });
        let most = fold.map_or(usize::MAX, |_| ROWS_PER_LINE);
        let mut cut = false;
        for (at, line) in text.lines().enumerate() {
            if (head..head + hidden).contains(&at) {
                if at == head {
                    let words = format!("… {} ({how})", count(hidden, "more line"));
                    self.behind(gutter, vec![span(DIM, words)])?;
                }
                continue;
            }
            let limit = self.options.width.saturating_sub(wrap::width(&gutter.text));
            let (rows, was_cut) = wrap::hard(line, limit, most);
            cut |= was_cut;
            for row in rows {
                self.behind(gutter, vec![span(style, row)])?;
            }
        }
        if cut {
            self.behind(
                gutter,
                vec![span(DIM, format!("… long lines are cut ({how})"))],
            )?;
        }
        Ok(())
    }
}
