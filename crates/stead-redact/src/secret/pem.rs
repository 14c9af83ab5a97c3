//! Private keys in PEM armour, also when newlines are written as `\n`, when an
//! editor or a tool put something before each line, and when the end is missing.

use std::ops::Range;

/// Longest armour read: a 16384-bit key with room for decoration.
const LONGEST: usize = 64 * 1024;

/// Fewer base64 characters than this are no key.
const SHORTEST: usize = 16;

/// The body of the key whose BEGIN line contains the literal at `hit`.
pub(super) fn find(text: &[u8], hit: Range<usize>) -> Option<Range<usize>> {
    let from = hit.start.saturating_sub(48);
    let head = &text[from..hit.start];
    let begin = memchr::memmem::rfind(head, b"-----BEGIN ")?;
    let label = &head[begin + 11..];
    if !label
        .iter()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b' ')
    {
        return None;
    }
    let mut body = hit.end;
    if text[body..].starts_with(b" BLOCK") {
        body += 6;
    }
    if !text[body..].starts_with(b"-----") {
        return None;
    }
    body += 5;
    body_range(text, body, text.len().min(body + LONGEST))
}

/// From the first to the last base64 character of the lines that belong to it.
fn body_range(text: &[u8], from: usize, end: usize) -> Option<Range<usize>> {
    let mut range: Option<Range<usize>> = None;
    let mut characters = 0;
    let mut at = from;
    while at < end {
        let line_end = line_end(text, at, end);
        match content(text, at..line_end) {
            Line::Stop(part) => {
                if let Some(part) = part {
                    characters += part.len();
                    extend(&mut range, part);
                }
                break;
            }
            Line::Skip => {}
            Line::Body(part) => {
                characters += part.len();
                extend(&mut range, part);
            }
        }
        at = after_break(text, line_end, end);
    }
    range.filter(|_| characters >= SHORTEST)
}

/// What a line is to the body.
enum Line {
    /// The end: the armour's END, or something that is no key. With what of
    /// the key stood before it on the same line.
    Stop(Option<Range<usize>>),
    /// Empty, or decoration only.
    Skip,
    /// Belongs to the body.
    Body(Range<usize>),
}

fn content(text: &[u8], line: Range<usize>) -> Line {
    let whole = trim(text, line);
    let bytes = &text[whole.clone()];
    if let Some(dashes) = memchr::memmem::find(bytes, b"-----") {
        let part = trim(text, whole.start..whole.start + dashes);
        let is_body = !part.is_empty() && is_base64_words(&text[part.clone()]);
        return Line::Stop(is_body.then_some(part));
    }
    if bytes.is_empty() || bytes == b"+" {
        Line::Skip
    } else if is_base64_words(bytes) || is_header(bytes) {
        Line::Body(whole)
    } else {
        Line::Stop(leading_base64(bytes).map(|length| whole.start..whole.start + length))
    }
}

/// Words of base64; only the last may be short.
fn is_base64_words(bytes: &[u8]) -> bool {
    let mut words = bytes
        .split(|byte| *byte == b' ')
        .filter(|word| !word.is_empty())
        .peekable();
    let mut all = true;
    while let Some(word) = words.next() {
        all &= word.iter().all(|byte| is_base64(*byte));
        all &= words.peek().is_none() || word.len() >= 40;
    }
    all
}

/// A long run of base64 at the start of a line that goes on otherwise.
fn leading_base64(bytes: &[u8]) -> Option<usize> {
    let length = bytes.iter().take_while(|byte| is_base64(**byte)).count();
    (length >= 40).then_some(length)
}

/// `Proc-Type: 4,ENCRYPTED` and its like.
fn is_header(bytes: &[u8]) -> bool {
    [
        &b"Proc-Type:"[..],
        b"DEK-Info:",
        b"Version:",
        b"Comment:",
        b"Hash:",
        b"Charset:",
    ]
    .iter()
    .any(|name| bytes.starts_with(name))
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// Removes what editors, quoting and string literals put around a line: blanks,
/// quotes, `>`, `|`, `#`, `*`, a `+`/`-` of a diff, and line numbers.
fn trim(text: &[u8], line: Range<usize>) -> Range<usize> {
    let is_edge = |byte: &u8| !is_base64(*byte) && *byte != b'-';
    let mut bytes = &text[line.clone()];
    let mut start = line.start;
    let number = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_digit() || **byte <= b' ')
        .count();
    let numbered = [&b"\t"[..], b"|", b":", "\u{2192}".as_bytes(), b" |"]
        .iter()
        .any(|mark| bytes[number..].starts_with(mark) || bytes[..number].ends_with(mark));
    let mut skip = if numbered { number } else { 0 };
    skip += bytes[skip..]
        .iter()
        .take_while(|byte| is_edge(byte))
        .count();
    if matches!(bytes[skip..], [b'+' | b'-', b' ' | b'\t', ..]) {
        skip += 2;
    }
    start += skip;
    bytes = &bytes[skip..];
    let tail = bytes.iter().rev().take_while(|byte| is_edge(byte)).count();
    let end = line.end.saturating_sub(tail).max(start);
    match &text[start..end] {
        // The operator that joins one string literal to the next.
        [head @ .., b'"' | b'\'' | b' ', b'+'] => {
            let tail = head.iter().rev().take_while(|byte| is_edge(byte)).count();
            start..start + head.len() - tail
        }
        _ => start..end,
    }
}

fn extend(range: &mut Option<Range<usize>>, part: Range<usize>) {
    *range = Some(range.as_ref().map_or(part.start, |known| known.start)..part.end);
}

/// Where the line that starts at `at` ends: at a newline or at a backslash,
/// which base64 never contains.
fn line_end(text: &[u8], at: usize, end: usize) -> usize {
    memchr::memchr3(b'\n', b'\r', b'\\', &text[at..end]).map_or(end, |offset| at + offset)
}

/// Skips the newline, or the backslashes and the letter of an escaped one.
fn after_break(text: &[u8], at: usize, end: usize) -> usize {
    let slashes = text[at..end]
        .iter()
        .take_while(|byte| **byte == b'\\')
        .count();
    if slashes == 0 {
        return (at + 1).min(end);
    }
    let escape = matches!(text.get(at + slashes), Some(b'n' | b'r' | b't' | b'"'));
    (at + slashes + usize::from(escape)).min(end)
}
