//! File changes.

use std::io::{self, Write};

use stead_app::export::view::{DiffLine, DiffRow, FileDiff, LineKind, count};
use stead_redact::terminal::escape;
use stead_usf::Edit;

use super::page::Page;
use super::style::{ADDED, BOLD, DIM, PLAIN, REMOVED, Row, span};
use super::wrap;

/// Rows of a change that are shown without `--full`; of a written file, fewer.
const CHANGE_ROWS: usize = 40;
const FILE_ROWS: usize = 8;
/// What stands before each row.
const INDENT: &str = "    ";

/// Paints the changes of one event; `named` if the path of the first has been
/// said already.
pub(crate) fn paint<W: Write>(page: &mut Page<W>, edits: &[Edit], named: bool) -> io::Result<()> {
    for (at, edit) in edits.iter().enumerate() {
        let diff = FileDiff::new(edit);
        let said = at == 0 && named && edits.len() == 1 && edit.new_path.is_none();
        if !said {
            heading(page, &diff)?;
        }
        lines(page, &diff)?;
    }
    Ok(())
}

/// `+3 −1`, coloured.
pub(crate) fn counts(added: usize, removed: usize) -> Row {
    let mut row = Row::new();
    if added > 0 {
        row.push(span(ADDED, format!("+{added}")));
    }
    if removed > 0 {
        let space = if row.is_empty() { "" } else { " " };
        row.push(span(REMOVED, format!("{space}−{removed}")));
    }
    row
}

fn heading<W: Write>(page: &mut Page<W>, diff: &FileDiff<'_>) -> io::Result<()> {
    let mut row = vec![
        span(DIM, format!("{} ", diff.verb())),
        span(BOLD, escape(page.caller.relative(&diff.edit.path))),
    ];
    if let Some(place) = &diff.edit.new_path {
        row.push(span(DIM, " → "));
        row.push(span(BOLD, escape(page.caller.relative(place))));
    }
    row.push(span(PLAIN, "  "));
    row.extend(counts(diff.added, diff.removed));
    for row in wrap::words(&row, page.options.width.saturating_sub(INDENT.len())) {
        page.behind(&span(PLAIN, INDENT), row)?;
    }
    Ok(())
}

fn lines<W: Write>(page: &mut Page<W>, diff: &FileDiff<'_>) -> io::Result<()> {
    let changed = diff.removed > 0 || diff.rows.len() > diff.added;
    let limit = if changed { CHANGE_ROWS } else { FILE_ROWS };
    let over = diff.rows.len().saturating_sub(limit);
    let hidden = if page.options.full || over < 3 {
        0
    } else {
        over
    };
    let numbers = diff.last_number().map_or(0, |last| last.to_string().len());
    for row in &diff.rows[..diff.rows.len() - hidden] {
        match row {
            DiffRow::Gap(place) => gap(page, numbers, place.unwrap_or(""))?,
            DiffRow::Line(line) => one(page, numbers, line)?,
        }
    }
    if hidden > 0 {
        let words = format!("… {} (--full)", count(hidden, "more line"));
        page.behind(&span(PLAIN, INDENT), vec![span(DIM, words)])?;
    }
    Ok(())
}

fn gap<W: Write>(page: &mut Page<W>, numbers: usize, place: &str) -> io::Result<()> {
    let sign = format!("{:>numbers$}⋮ ", "");
    let limit = page
        .options
        .width
        .saturating_sub(INDENT.len() + numbers + 2);
    let place = escape(place).replace('\n', " ");
    let row = vec![span(DIM, sign), span(DIM, wrap::clip(&place, limit))];
    page.behind(&span(PLAIN, INDENT), row)
}

fn one<W: Write>(page: &mut Page<W>, numbers: usize, line: &DiffLine<'_>) -> io::Result<()> {
    let style = match line.kind {
        LineKind::Context => PLAIN,
        LineKind::Added => ADDED,
        LineKind::Removed => REMOVED,
    };
    let number = line
        .new
        .or(line.old)
        .map_or_else(String::new, |number| number.to_string());
    let mut gutter = if numbers == 0 {
        String::new()
    } else {
        format!("{number:>numbers$} ")
    };
    let limit = page
        .options
        .width
        .saturating_sub(INDENT.len() + gutter.len() + 2);
    let most = if page.options.full { usize::MAX } else { 3 };
    let text = escape(line.text);
    for text in text.lines().chain(text.is_empty().then_some("")) {
        for piece in wrap::hard(text, limit, most).0 {
            let row = vec![
                span(DIM, gutter.clone()),
                span(style, format!("{} {piece}", line.kind.sign())),
            ];
            page.behind(&span(PLAIN, INDENT), row)?;
            gutter = " ".repeat(gutter.len());
        }
    }
    Ok(())
}
