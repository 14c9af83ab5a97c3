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

/// One line cut into rows wherever the width ends, spaces kept; at most `most`
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
            rows.push(String::new());
            used = 0;
        }
        used += columns;
        if let Some(last) = rows.last_mut() {
            last.push_str(cluster);
        }
    }
    (rows, false)
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
mod tests {
    use super::super::style::{BOLD, PLAIN, span};
    use super::*;

    fn wrapped(text: &str, limit: usize) -> Vec<String> {
        let rows = words(&[span(PLAIN, text)], limit);
        rows.iter()
            .map(|row| row.iter().map(|s| s.text.as_str()).collect())
            .collect()
    }

    #[test]
    fn words_stay_whole_where_they_can() {
        assert_eq!(
            wrapped("the quick brown fox", 10),
            ["the quick", "brown fox"]
        );
        assert_eq!(wrapped("  indented words", 10), ["  indented", "words"]);
        assert_eq!(wrapped("abcdefghijkl mn", 5), ["abcde", "fghij", "kl mn"]);
        assert_eq!(wrapped("", 5), [""]);
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(
            wrapped("日本語のテキスト。", 8),
            ["日本語の", "テキス", "ト。"]
        );
        assert_eq!(hard("日本語", 5, 9).0, ["日本", "語"]);
        assert_eq!(width("👩‍👩‍👧‍👦🇯🇵e\u{301}"), 5);
        assert_eq!(clusters("👩‍👩‍👧‍👦🇯🇵🇩🇪e\u{301}x").count(), 5);
    }

    #[test]
    fn styles_survive_wrapping() {
        let rows = words(&[span(BOLD, "two wo"), span(PLAIN, "rds")], 6);
        assert_eq!(rows[0], [span(BOLD, "two")]);
        assert_eq!(rows[1], [span(BOLD, "wo"), span(PLAIN, "rds")]);
    }

    #[test]
    fn long_lines_are_cut_and_say_so() {
        assert_eq!(
            hard("abcdefgh", 3, 2),
            (vec!["abc".into(), "de…".into()], true)
        );
        assert_eq!(clip("abcdef", 4), "abc…");
        assert_eq!(clip("abcd", 4), "abcd");
        assert_eq!(untab("a\tb\tc"), "a   b   c");
    }
}
