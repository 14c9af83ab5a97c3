//! Text into rows of a given width, counted in columns of the terminal.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use super::style::{Row, Span, push};

/// Columns that `text` takes.
pub(crate) fn width(text: &str) -> usize {
    clusters(text).map(UnicodeWidthStr::width).sum()
}

/// Columns that a row takes.
pub(crate) fn row_width(row: &[Span]) -> usize {
    row.iter().map(|span| width(&span.text)).sum()
}

/// `text` in pieces that must not be torn apart: a character with its marks, an
/// emoji sequence, a flag.
pub(crate) fn clusters(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = cluster_end(rest)?;
        let (cluster, after) = rest.split_at(end);
        rest = after;
        Some(cluster)
    })
}

/// Where the first cluster of `text` ends.
fn cluster_end(text: &str) -> Option<usize> {
    let mut chars = text.char_indices();
    let (_, first) = chars.next()?;
    let (mut last, mut flags) = (first, usize::from(is_flag(first)));
    for (at, c) in chars {
        let pairs = is_flag(c) && flags == 1 && at == first.len_utf8();
        if !(c == '\u{200d}' || last == '\u{200d}' || pairs || extends(c))
            || first.is_ascii_control()
        {
            return Some(at);
        }
        flags += usize::from(pairs);
        last = c;
    }
    Some(text.len())
}

fn is_flag(c: char) -> bool {
    ('\u{1f1e6}'..='\u{1f1ff}').contains(&c)
}

/// Whether `c` only changes the character before it.
fn extends(c: char) -> bool {
    !c.is_ascii()
        && (matches!(c, '\u{fe0e}' | '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
            || unicode_width::UnicodeWidthChar::width(c) == Some(0))
}

/// Characters that must not begin a row in Chinese and Japanese.
fn closes(cluster: &str) -> bool {
    matches!(
        cluster,
        "、" | "。"
            | "，"
            | "．"
            | "）"
            | "」"
            | "』"
            | "】"
            | "》"
            | "！"
            | "？"
            | "："
            | "；"
            | "ー"
    )
}

/// Wraps prose between words, or between wide characters; words that are wider
/// than a row are cut.
pub(crate) fn words(spans: &[Span], limit: usize) -> Vec<Row> {
    let mut wrap = Wrap::new(limit);
    for span in spans {
        for cluster in clusters(&span.text) {
            wrap.cluster(span, cluster);
        }
    }
    wrap.finish()
}

struct Wrap {
    limit: usize,
    rows: Vec<Row>,
    row: Row,
    used: usize,
    space: Row,
    word: Row,
    word_width: usize,
    last_wide: bool,
}

impl Wrap {
    const fn new(limit: usize) -> Self {
        Self {
            limit: if limit < 2 { 2 } else { limit },
            rows: Vec::new(),
            row: Vec::new(),
            used: 0,
            space: Vec::new(),
            word: Vec::new(),
            word_width: 0,
            last_wide: false,
        }
    }

    fn cluster(&mut self, span: &Span, cluster: &str) {
        if matches!(cluster, " " | "\t" | "\n") {
            self.end_word();
            push(
                &mut self.space,
                span.style,
                if cluster == "\t" { "    " } else { " " },
            );
            self.last_wide = false;
            return;
        }
        let columns = cluster.width();
        let wide = columns > 1;
        let cut = self.word_width + columns > self.limit;
        if cut || ((wide || self.last_wide) && !closes(cluster)) {
            self.end_word();
        }
        push(&mut self.word, span.style, cluster);
        self.word_width += columns;
        self.last_wide = wide;
    }

    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        let space = std::mem::take(&mut self.space);
        let mut space_width = row_width(&space);
        if self.used + space_width + self.word_width > self.limit {
            if self.used > 0 {
                self.rows.push(std::mem::take(&mut self.row));
                self.used = 0;
            }
            space_width = 0;
        } else {
            for part in &space {
                push(&mut self.row, part.style, &part.text);
            }
        }
        self.used += space_width + self.word_width;
        for part in std::mem::take(&mut self.word) {
            push(&mut self.row, part.style, &part.text);
        }
        self.word_width = 0;
    }

    fn finish(mut self) -> Vec<Row> {
        self.end_word();
        if !self.row.is_empty() || self.rows.is_empty() {
            self.rows.push(self.row);
        }
        self.rows
    }
}

/// One line cut into rows where the width ends, after a space if one is near,
/// spaces kept; at most `most`
/// rows, the last with an ellipsis if there is more. Says whether it was cut.
pub(crate) fn hard(line: &str, limit: usize, most: usize) -> (Vec<String>, bool) {
    let limit = limit.max(2);
    let line = untab(line);
    let mut rows = vec![String::new()];
    let mut used = 0;
    for cluster in clusters(&line) {
        let columns = cluster.width();
        if used + columns > limit {
            if rows.len() >= most {
                if let Some(last) = rows.last_mut() {
                    *last = format!("{}…", prefix(last, limit - 1));
                }
                return (rows, true);
            }
            let tail = rows.last_mut().map_or_else(String::new, split_at_space);
            used = width(&tail);
            rows.push(tail);
        }
        used += columns;
        if let Some(last) = rows.last_mut() {
            last.push_str(cluster);
        }
    }
    (rows, false)
}

/// Takes the last word off a row, if the row is long enough without it.
fn split_at_space(row: &mut String) -> String {
    match row.rfind(' ') {
        Some(at) if at > row.len() / 2 => row.split_off(at + 1),
        _ => String::new(),
    }
}

/// A row cut to what fits.
pub(crate) fn clip_row(row: Row, limit: usize) -> Row {
    let mut left = limit;
    let mut out = Row::new();
    for part in row {
        let text = clip(&part.text, left);
        left -= width(&text);
        out.push(Span {
            style: part.style,
            text: text.into_owned(),
        });
        if left == 0 {
            break;
        }
    }
    out
}

/// `text` if it fits, else its beginning and an ellipsis.
pub(crate) fn clip(text: &str, limit: usize) -> Cow<'_, str> {
    let kept = prefix(text, limit);
    if kept.len() == text.len() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}…", prefix(text, limit.saturating_sub(1))))
}

/// The longest beginning of `text` that fits.
fn prefix(text: &str, limit: usize) -> &str {
    let (mut used, mut end) = (0, 0);
    for cluster in clusters(text) {
        used += cluster.width();
        if used > limit {
            break;
        }
        end += cluster.len();
    }
    &text[..end]
}

/// Tabs as spaces up to the next multiple of four columns.
pub(crate) fn untab(line: &str) -> Cow<'_, str> {
    if !line.contains('\t') {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len() + 16);
    let mut used = 0;
    for cluster in clusters(line) {
        if cluster == "\t" {
            let spaces = 4 - used % 4;
            out.extend(std::iter::repeat_n(' ', spaces));
            used += spaces;
        } else {
            out.push_str(cluster);
            used += cluster.width();
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests;
