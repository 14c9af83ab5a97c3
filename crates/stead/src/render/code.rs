//! Lines of a diff, with the code in them in colours.

use std::ops::Range;

use anstyle::{AnsiColor, Style};
use stead_agent::syntax::{Piece, pieces};
use stead_app::export::view::LineKind;

use super::style::{ADDED, PLAIN, REMOVED, Row, span};

/// Rows of code, one for each line: what came in or stayed in colours, as far as the file's
/// name tells the language; what went out in that of removed lines. The lines are safe to
/// print and have no tabs.
pub(super) fn rows(path: &str, lines: &[(LineKind, &str)]) -> Vec<Row> {
    let mut code = String::new();
    let mut begins = Vec::with_capacity(lines.len());
    for (kind, text) in lines {
        let stays = *kind != LineKind::Removed;
        begins.push(stays.then_some(code.len()));
        if stays {
            code.push_str(text);
            code.push('\n');
        }
    }
    let pieces = pieces(path, &code);
    let each = lines.iter().zip(begins);
    each.map(|((kind, text), begin)| match begin {
        Some(begin) => coloured(base(*kind), text, begin, &pieces),
        None => vec![span(base(*kind), *text)],
    })
    .collect()
}

/// How a line looks where it is nothing special.
pub(super) const fn base(kind: LineKind) -> Style {
    match kind {
        LineKind::Context => PLAIN,
        LineKind::Added => ADDED,
        LineKind::Removed => REMOVED,
    }
}

const fn style(piece: Piece) -> Style {
    match piece {
        Piece::Comment => Style::new().dimmed().italic(),
        Piece::Text => AnsiColor::Yellow.on_default(),
        Piece::Number => AnsiColor::Cyan.on_default(),
        Piece::Keyword => AnsiColor::Magenta.on_default(),
        Piece::Type => AnsiColor::Blue.on_default(),
    }
}

/// A line that begins at this byte of the code.
fn coloured(base: Style, text: &str, begin: usize, pieces: &[(Range<usize>, Piece)]) -> Row {
    let mut row = Row::new();
    let mut at = 0;
    let first = pieces.partition_point(|(range, _)| range.end <= begin);
    for (range, piece) in &pieces[first..] {
        if range.start >= begin + text.len() {
            break;
        }
        let start = range.start.saturating_sub(begin).max(at);
        let end = (range.end - begin).min(text.len());
        let (Some(between), Some(inside)) = (text.get(at..start), text.get(start..end)) else {
            break;
        };
        row.extend([span(base, between), span(style(*piece), inside)]);
        at = end;
    }
    row.push(span(base, text.get(at..).unwrap_or_default()));
    row.retain(|part| !part.text.is_empty());
    row
}

/// So many bytes of a row, from this one on.
pub(super) fn cut(row: &Row, from: usize, length: usize) -> Row {
    let mut out = Row::new();
    let mut at = 0;
    for part in row {
        let (begin, end) = (at, at + part.text.len());
        at = end;
        let start = from.max(begin) - begin;
        let stop = (from + length).min(end).saturating_sub(begin);
        if let Some(text) = part.text.get(start..stop).filter(|text| !text.is_empty()) {
            out.push(span(part.style, text));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(row: &Row) -> String {
        let each = row.iter();
        let each = each.map(|part| format!("{}{}{:#}", part.style, part.text, part.style));
        each.collect::<Vec<_>>().concat().replace('\u{1b}', "␛")
    }

    #[test]
    fn what_came_in_is_in_colours_and_what_went_out_is_not() {
        let lines = [
            (LineKind::Context, "def f():"),
            (LineKind::Removed, "    return 'a'"),
            (LineKind::Added, "    return 'b'  # c"),
        ];
        let rows = rows("a.py", &lines);
        let shown: Vec<String> = rows.iter().map(shown).collect();
        assert_eq!(
            shown,
            [
                "␛[35mdef␛[0m f():",
                "␛[31m    return 'a'␛[0m",
                "␛[32m    ␛[0m␛[35mreturn␛[0m␛[32m ␛[0m␛[33m'b'␛[0m␛[32m  ␛[0m␛[2m␛[3m# c␛[0m",
            ]
        );
    }

    #[test]
    fn nothing_is_lost() {
        let text = "    return 'ä' + 12  # é";
        let rows = rows("a.py", &[(LineKind::Added, text)]);
        let joined: String = rows[0].iter().map(|part| part.text.as_str()).collect();
        assert_eq!(joined, text);
        let parts: Vec<Row> = (0..text.len()).map(|at| cut(&rows[0], at, 1)).collect();
        let whole: usize = parts.iter().flatten().map(|part| part.text.len()).sum();
        let ascii = text.bytes().filter(u8::is_ascii).count();
        assert_eq!(whole, ascii, "only whole characters are cut out");
    }
}
