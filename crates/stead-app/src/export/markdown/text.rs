//! Session text made safe for Markdown.

use stead_redact::{html, terminal};

/// `text` on one line, not at its start; every letter with a meaning escaped.
pub(super) fn line(text: &str) -> String {
    let safe = terminal::escape(text);
    let mut out = String::with_capacity(safe.len() + 8);
    let words: Vec<&str> = safe.split_whitespace().collect();
    letters(&words.join(" "), false, &mut out);
    out
}

/// Appends `text`, which is safe for a terminal and has no line ends. At the
/// start of a line more letters have a meaning.
pub(super) fn letters(text: &str, at_start: bool, out: &mut String) {
    if at_start {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let after = text.as_bytes().get(digits);
        if matches!(text.as_bytes().first(), Some(b'#' | b'+' | b'-' | b'=')) {
            out.push('\\');
        } else if digits > 0 && matches!(after, Some(b'.' | b')')) {
            out.push_str(&text[..digits]);
            out.push('\\');
            return rest(&text[digits..], None, out);
        }
    }
    rest(text, None, out);
}

fn rest(text: &str, mut before: Option<char>, out: &mut String) {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let after = chars.peek().copied();
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' if after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '#') => {
                out.push_str("&amp;");
            }
            '_' if word(before) && word(after) => out.push('_'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
        before = Some(c);
    }
}

/// A text as a quotation, its lines and their indentation kept.
pub(super) fn quoted(text: &str) -> String {
    let safe = terminal::escape(text);
    let lines: Vec<&str> = safe.trim_end().lines().collect();
    let mut out = String::with_capacity(safe.len() + 4 * lines.len());
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            let breaks = !line.trim().is_empty() && !lines[at - 1].trim().is_empty();
            out.push_str(if breaks { "\\\n" } else { "\n" });
        }
        let words = line.trim();
        if words.is_empty() {
            out.push('>');
            continue;
        }
        out.push_str("> ");
        let indent = line.len() - line.trim_start().len();
        for space in line[..indent].chars() {
            out.push_str(if space == '\t' {
                "&nbsp;&nbsp;&nbsp;&nbsp;"
            } else {
                "&nbsp;"
            });
        }
        letters(words, indent == 0, &mut out);
    }
    out
}

/// `text` as code within a line.
pub(super) fn code(text: &str) -> String {
    let safe = terminal::escape(text);
    let words: Vec<&str> = safe.split_whitespace().collect();
    let text = words.join(" ");
    if text.is_empty() {
        return text;
    }
    let ticks = "`".repeat(longest_run(&text) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{ticks}{space}{text}{space}{ticks}")
}

/// `text` in a fence that nothing in it can close, without the last line end.
pub(super) fn fence(info: &str, text: &str) -> String {
    let safe = terminal::escape(text);
    let ticks = "`".repeat(longest_run(&safe).max(2) + 1);
    let word = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '.' | '#');
    let info: String = info.chars().take_while(word).take(32).collect();
    format!("{ticks}{info}\n{}\n{ticks}", safe.trim_end_matches('\n'))
}

/// `text` for the summary of a folded block, which is HTML.
pub(super) fn summary(text: &str) -> String {
    let safe = terminal::escape(text);
    let words: Vec<&str> = safe.split_whitespace().collect();
    html::escape(&words.join(" ")).into_owned()
}

/// The longest row of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}
