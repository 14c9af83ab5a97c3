//! Tables in a terminal: aligned columns, the last one takes what is left.

use std::io::{self, Write};

use anstyle::Style;

use crate::text::{fit, width};

/// A table that is written when all rows are known.
pub(crate) struct Table {
    heads: Vec<&'static str>,
    right: Vec<bool>,
    rows: Vec<Vec<(String, Style)>>,
}

impl Table {
    /// A table with these headings; one that begins with `>` is aligned right.
    pub(crate) fn new(heads: &[&'static str]) -> Self {
        Self {
            right: heads.iter().map(|head| head.starts_with('>')).collect(),
            heads: heads
                .iter()
                .map(|head| head.trim_start_matches('>'))
                .collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row of as many cells as there are headings.
    pub(crate) fn row(&mut self, cells: Vec<(String, Style)>) {
        self.rows.push(cells);
    }

    /// Writes the table for so many columns.
    pub(crate) fn write(
        &self,
        out: &mut dyn Write,
        columns: usize,
        colour: bool,
    ) -> io::Result<()> {
        let last = self.heads.len() - 1;
        let mut widths: Vec<usize> = self.heads.iter().map(|head| width(head)).collect();
        for row in &self.rows {
            for (place, (text, _)) in row.iter().enumerate() {
                widths[place] = widths[place].max(width(text));
            }
        }
        let before: usize = widths[..last].iter().map(|width| width + 2).sum();
        widths[last] = widths[last].min(columns.saturating_sub(before).max(16));
        let dim = Style::new().dimmed();
        let heads: Vec<_> = self
            .heads
            .iter()
            .map(|head| ((*head).to_owned(), dim))
            .collect();
        for row in std::iter::once(&heads).chain(&self.rows) {
            let mut line = String::new();
            for (place, (text, style)) in row.iter().enumerate() {
                let text = fit(text, widths[place]);
                let gap = " ".repeat(widths[place].saturating_sub(width(&text)));
                let text = if colour {
                    format!("{style}{text}{style:#}")
                } else {
                    text
                };
                let parts = if self.right[place] {
                    [&gap, &text]
                } else {
                    [&text, &gap]
                };
                line.extend(parts.map(String::as_str));
                if place < last {
                    line += "  ";
                }
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
