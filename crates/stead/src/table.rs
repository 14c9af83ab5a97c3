//! Tables in a terminal: aligned columns, the last one takes what is left. In a
//! narrow terminal those in the middle give way.

use std::io::{self, Write};

use anstyle::Style;

use crate::text::{fit, width};

/// The last column has so many at least.
const LAST: usize = 16;
/// A text in the middle that would be cut shorter is left out.
const MIDDLE: usize = 12;

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
        let shown = self.fitting(columns);
        let last = shown.last().map_or(0, |(place, _)| *place);
        let dim = Style::new().dimmed();
        let heads: Vec<_> = self
            .heads
            .iter()
            .map(|head| ((*head).to_owned(), dim))
            .collect();
        for row in std::iter::once(&heads).chain(&self.rows) {
            let mut line = String::new();
            for (place, columns) in shown.iter().copied() {
                let (text, style) = &row[place];
                let text = fit(text, columns);
                let gap = " ".repeat(columns.saturating_sub(width(&text)));
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

    /// Which columns are shown and how wide. The first says what the row is, the
    /// last and the numbers what is asked for; texts between them give way, first
    /// by being cut, then, the rightmost first, altogether.
    fn fitting(&self, columns: usize) -> Vec<(usize, usize)> {
        let last = self.heads.len() - 1;
        let widest = |place: usize| {
            let cells = self.rows.iter().map(|row| width(&row[place].0));
            cells.fold(width(self.heads[place]), usize::max)
        };
        let mut shown: Vec<(usize, usize)> =
            (0..=last).map(|place| (place, widest(place))).collect();
        let gives_way = |place: usize| place > 0 && place < last && !self.right[place];
        loop {
            let before: usize = shown
                .iter()
                .take_while(|(place, _)| *place < last)
                .map(|(_, width)| width + 2)
                .sum();
            let wanted = shown[shown.len() - 1].1.min(LAST);
            let over = (before + wanted).saturating_sub(columns);
            let middle = shown.iter_mut().filter(|(place, _)| gives_way(*place));
            let cut = middle.max_by_key(|(_, width)| *width);
            match cut {
                Some((_, width)) if over > 0 && *width > MIDDLE => {
                    *width = width.saturating_sub(over).max(MIDDLE);
                }
                Some(_) if over > 0 => {
                    let rightmost = shown.iter().rposition(|(place, _)| gives_way(*place));
                    shown.remove(rightmost.unwrap_or_default());
                }
                _ => {
                    let left = columns.saturating_sub(before).max(LAST);
                    let end = shown.len() - 1;
                    shown[end].1 = shown[end].1.min(left);
                    return shown;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use anstyle::Style;

    use super::Table;

    fn written(columns: usize) -> String {
        let mut table = Table::new(&["ID", "WHEN", "AGENT", "PROJECT", "TITLE"]);
        let row = [
            "ses_e0416bb",
            "5h ago",
            "claude-code",
            "/home/dev/work/demo",
            "Count the functions of the module",
        ];
        let cells = row.map(|text| (text.to_owned(), Style::new()));
        table.row(cells.to_vec());
        let mut out = Vec::new();
        table.write(&mut out, columns, false).unwrap();
        let text = String::from_utf8(out).unwrap();
        text.lines().last().unwrap().to_owned()
    }

    #[test]
    fn columns_in_the_middle_give_way() {
        for (columns, line) in [
            (
                120,
                "ses_e0416bb  5h ago  claude-code  /home/dev/work/demo  Count the functions of the module",
            ),
            (
                80,
                "ses_e0416bb  5h ago  claude-code  /home/dev/work/demo  Count the functions of t…",
            ),
            (
                68,
                "ses_e0416bb  5h ago  claude-code  /home/dev/work/…  Count the funct…",
            ),
            (
                60,
                "ses_e0416bb  5h ago  claude-code  Count the functions of th…",
            ),
            (40, "ses_e0416bb  5h ago  Count the function…"),
        ] {
            assert_eq!(written(columns), line);
            assert!(crate::text::width(&written(columns)) <= columns);
        }
    }

    #[test]
    fn numbers_are_never_cut() {
        let mut table = Table::new(&["AGENT", ">SESSIONS", ">INPUT"]);
        let cells = ["claude-code", "1234567", "7654321"];
        table.row(cells.map(|text| (text.to_owned(), Style::new())).to_vec());
        let mut out = Vec::new();
        table.write(&mut out, 20, false).unwrap();
        assert!(
            String::from_utf8(out)
                .unwrap()
                .contains("claude-code   1234567  7654321")
        );
    }
}
