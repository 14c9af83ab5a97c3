//! Tables in a model's reply.

use pulldown_cmark::Alignment;

use super::style::{BOLD, DIM, PLAIN, Row, push, span};
use super::wrap;

/// Between two columns.
const BETWEEN: &str = "  ";

/// A table as it is read.
pub(crate) struct Table {
    columns: Vec<Alignment>,
    done: Vec<Vec<Row>>,
    row: Vec<Row>,
}

impl Table {
    /// A table whose columns are set like this.
    pub(crate) const fn new(columns: Vec<Alignment>) -> Self {
        Self {
            columns,
            done: Vec::new(),
            row: Vec::new(),
        }
    }

    /// The next cell of the row; those of the first row are the heads.
    pub(crate) fn cell(&mut self, mut cell: Row) {
        if self.done.is_empty() {
            for part in &mut cell {
                part.style |= BOLD.get_effects();
            }
        }
        self.row.push(cell);
    }

    /// The row is complete.
    pub(crate) fn end_row(&mut self) {
        self.done.push(std::mem::take(&mut self.row));
    }

    /// The table in `limit` columns of the terminal: side by side if that fits,
    /// else one cell below the other.
    pub(crate) fn rows(self, limit: usize) -> Vec<Row> {
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|at| {
                let cells = self.done.iter().filter_map(|row| row.get(at));
                cells.map(|cell| wrap::row_width(cell)).max().unwrap_or(0)
            })
            .collect();
        let total = widths.iter().sum::<usize>() + BETWEEN.len() * widths.len().saturating_sub(1);
        if total <= limit {
            self.beside(&widths)
        } else {
            self.below(limit)
        }
    }

    fn beside(self, widths: &[usize]) -> Vec<Row> {
        let mut rows = Vec::with_capacity(self.done.len() + 1);
        for (at, cells) in self.done.into_iter().enumerate() {
            let mut row = Row::new();
            for ((cell, columns), set) in cells.into_iter().zip(widths).zip(&self.columns) {
                if !row.is_empty() {
                    push(&mut row, PLAIN, BETWEEN);
                }
                let free = " ".repeat(columns - wrap::row_width(&cell));
                let right = *set == Alignment::Right;
                row.push(span(PLAIN, if right { free.as_str() } else { "" }));
                row.extend(cell);
                row.push(span(PLAIN, if right { "" } else { free.as_str() }));
            }
            rows.push(row);
            if at == 0 {
                let lines: Vec<String> =
                    widths.iter().map(|columns| "─".repeat(*columns)).collect();
                rows.push(vec![span(DIM, lines.join(BETWEEN))]);
            }
        }
        rows
    }

    fn below(self, limit: usize) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut done = self.done.into_iter();
        let heads = done.next().unwrap_or_default();
        for cells in done {
            if !rows.is_empty() {
                rows.push(Row::new());
            }
            for (at, cell) in cells.into_iter().enumerate() {
                let mut row = heads.get(at).cloned().unwrap_or_default();
                push(&mut row, PLAIN, ": ");
                row.extend(cell);
                rows.extend(wrap::words(&row, limit));
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::super::prose;

    const TABLE: &str = "| case | fails |\n|---|--:|\n| cold | 3 |\n| 日本 | 12 |";

    fn plain(limit: usize) -> Vec<String> {
        let rows = prose::rows(TABLE, limit);
        rows.iter()
            .map(|row| prose::text(row).trim_end().to_owned())
            .collect()
    }

    #[test]
    fn side_by_side_or_below() {
        assert_eq!(
            plain(40),
            ["case  fails", "────  ─────", "cold      3", "日本     12"]
        );
        let long = TABLE.replace("cold", "a cell that is long");
        let rows = prose::rows(&long, 20);
        let rows: Vec<String> = rows.iter().map(|row| prose::text(row)).collect();
        assert_eq!(
            rows,
            [
                "case: a cell that is",
                "long",
                "fails: 3",
                "",
                "case: 日本",
                "fails: 12"
            ]
        );
    }
}
