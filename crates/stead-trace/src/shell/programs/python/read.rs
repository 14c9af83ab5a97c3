//! A program's lines as Python counts them: a statement ends where no bracket or
//! string is open.

/// A statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// So many blanks stand before it.
    pub(super) indent: usize,
    /// Its text, without comments after it.
    pub(super) text: &'a str,
}

/// The statements; none if a string or a bracket does not end.
pub(super) fn statements(text: &str) -> Option<Vec<Line<'_>>> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (end, comment) = statement(rest)?;
        let row = &rest[..comment.unwrap_or(end)];
        let bare = row.trim_start_matches([' ', '\t', '\n', '\r']);
        // Blank lines before it are no indentation.
        let start = row.len() - bare.len();
        let indent = start - row[..start].rfind('\n').map_or(0, |at| at + 1);
        let text = bare.trim_end();
        if !text.is_empty() {
            lines.push(Line { indent, text });
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    Some(lines)
}

/// Where the statement ends that begins here, and where a comment behind it begins.
fn statement(text: &str) -> Option<(usize, Option<usize>)> {
    let bytes = text.as_bytes();
    let (mut at, mut open) = (0, 0_usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\'' | b'"' => at += string(&text[at..])?.1,
            b'#' if open == 0 => {
                let length = text[at..].find('\n').unwrap_or(text.len() - at);
                return Some((at + length, Some(at)));
            }
            b'#' => at += text[at..].find('\n').unwrap_or(text.len() - at),
            b'(' | b'[' | b'{' => (at, open) = (at + 1, open + 1),
            b')' | b']' | b'}' => (at, open) = (at + 1, open.checked_sub(1)?),
            b'\\' => at += 2,
            b'\n' | b';' if open == 0 => return Some((at, None)),
            _ => at += 1,
        }
    }
    (open == 0).then_some((text.len(), None))
}

/// A string's raw text, from its quote on, and how long it is with its quotes.
pub(super) fn string(text: &str) -> Option<(&str, usize)> {
    let quote = text.get(..1)?;
    let triple = quote.repeat(3);
    let mark = if text.starts_with(&triple) {
        &triple
    } else {
        quote
    };
    let inner = &text[mark.len()..];
    let bytes = inner.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'\n' if mark.len() == 1 => return None,
            _ if bytes[at..].starts_with(mark.as_bytes()) => {
                return Some((&inner[..at], at + 2 * mark.len()));
            }
            _ => at += 1,
        }
    }
    None
}

/// The text that a string stands for, whose escapes are undone.
pub(super) fn unescaped(raw: &str) -> Option<String> {
    let mut text = String::with_capacity(raw.len());
    let mut letters = raw.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            text.push(letter);
            continue;
        }
        match letters.next()? {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            '\n' => {}
            sign @ ('\\' | '\'' | '"') => text.push(sign),
            // Numbers and names of signs.
            letter if letter.is_alphanumeric() => return None,
            other => text.extend(['\\', other]),
        }
    }
    Some(text)
}
