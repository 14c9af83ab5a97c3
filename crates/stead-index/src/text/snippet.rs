//! The part of an entry that shows why it was found.

use std::ops::Range;

/// A piece of text on one line, with the matches marked.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Snippet {
    /// The text; line ends and tabs are spaces, `…` stands where it was cut.
    pub text: String,
    /// Byte ranges of `text` that match.
    pub matches: Vec<Range<usize>>,
}

/// Bytes shown before the first match and in all.
const BEFORE: usize = 60;
const LENGTH: usize = 240;

/// Cuts the piece around the first of `places`, which are byte ranges of
/// `text` in order.
pub(crate) fn snippet(text: &str, places: &[Range<usize>]) -> Snippet {
    let first = places.first().map_or(0, |place| place.start);
    let mut start = text.floor_char_boundary(first.saturating_sub(BEFORE));
    // Rather begin at a word than inside one.
    if start > 0
        && let Some(space) = text[start..text.floor_char_boundary(first)].find(char::is_whitespace)
    {
        start += space + 1;
        start = text.ceil_char_boundary(start);
    }
    let end = text.ceil_char_boundary((start + LENGTH).min(text.len()));
    let mut snippet = Snippet::default();
    if start > 0 {
        snippet.text.push('…');
    }
    let mut at = start;
    for place in places {
        let from = text.floor_char_boundary(place.start.clamp(at, end));
        let to = text.ceil_char_boundary(place.end.clamp(from, end));
        if from >= to || place.start < at {
            continue;
        }
        push_line(&mut snippet.text, &text[at..from]);
        let begin = snippet.text.len();
        push_line(&mut snippet.text, &text[from..to]);
        snippet.matches.push(begin..snippet.text.len());
        at = to;
    }
    push_line(&mut snippet.text, &text[at..end]);
    if end < text.len() {
        snippet.text.push('…');
    }
    snippet
}

/// Appends text on one line: runs of white space become one space.
fn push_line(line: &mut String, text: &str) {
    for character in text.chars() {
        if !character.is_whitespace() {
            line.push(character);
        } else if !line.is_empty() && !line.ends_with([' ', '…']) {
            line.push(' ');
        }
    }
}
