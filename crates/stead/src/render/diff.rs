//! File changes.

use std::io::{self, Write};

use stead_app::export::view::{DiffLine, DiffRow, FileDiff, LineKind, count};
use stead_redact::terminal::escape;
use stead_usf::Edit;

use super::page::Page;
use super::style::{ADDED, BOLD, DIM, PLAIN, REMOVED, Row, span};
use super::{code, wrap};

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
    let shown = &diff.rows[..diff.rows.len() - hidden];
    let mut codes = codes(page, &diff.edit.path, shown).into_iter();
    for row in shown {
        match row {
            DiffRow::Gap(place) => gap(page, numbers, place.unwrap_or(""))?,
            DiffRow::Line(line) => one(page, numbers, line, &codes.next().unwrap_or_default())?,
        }
    }
    if hidden > 0 {
        let words = format!("… {} ({})", count(hidden, "more line"), page.unfold);
        page.behind(&span(PLAIN, INDENT), vec![span(DIM, words)])?;
    }
    Ok(())
}

/// The code of each line, without tabs; in colours, if the page has any.
fn codes<W>(page: &Page<W>, path: &str, rows: &[DiffRow<'_>]) -> Vec<Row> {
    let lines = rows.iter().filter_map(|row| match row {
        DiffRow::Line(line) => Some((line.kind, safe(line.text))),
        DiffRow::Gap(_) => None,
    });
    let lines: Vec<(LineKind, String)> = lines.collect();
    let lines = lines.iter().map(|(kind, text)| (*kind, text.as_str()));
    if page.options.colour {
        return code::rows(path, &lines.collect::<Vec<_>>());
    }
    lines.map(|(_, text)| vec![span(PLAIN, text)]).collect()
}

/// A line without what a terminal would obey. A lone carriage return would make two of it.
fn safe(text: &str) -> String {
    wrap::untab(&escape(text).replace('\n', "␍")).into_owned()
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

fn one<W: Write>(
    page: &mut Page<W>,
    numbers: usize,
    line: &DiffLine<'_>,
    code: &Row,
) -> io::Result<()> {
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
    let text: String = code.iter().map(|part| part.text.as_str()).collect();
    let (pieces, was_cut) = wrap::hard(&text, limit, most);
    let (mut at, last) = (0, pieces.len().saturating_sub(1));
    for (number, piece) in pieces.iter().enumerate() {
        let cut = was_cut && number == last;
        let length = piece.len() - if cut { '…'.len_utf8() } else { 0 };
        let sign = span(code::base(line.kind), format!("{} ", line.kind.sign()));
        let mut row = vec![span(DIM, gutter.clone()), sign];
        row.extend(code::cut(code, at, length));
        if cut {
            row.push(span(DIM, "…"));
        }
        page.behind(&span(PLAIN, INDENT), row)?;
        gutter = " ".repeat(gutter.len());
        at += length;
    }
    Ok(())
}
