//! Makes text from elsewhere safe to print on a terminal.
//!
//! What a text could do, and what becomes of it:
//!
//! * Escape sequences are dropped as a whole: CSI (colours, cursor movement),
//!   OSC (titles, links, the clipboard), DCS, APC, PM and SOS with all they
//!   carry, and two- or three-byte escapes. Both the `ESC [` and the C1 spelling
//!   count. A string sequence without its end is dropped up to the end of its
//!   line only, so that it cannot hide the rest of a text.
//! * `\r\n` becomes `\n`, and so does a lone `\r`: text cannot overwrite itself.
//!   Of successive states of a progress bar, drawn on one line with `\r`, only
//!   the last is kept if their letters are the same, so that no word is lost.
//! * Backspace, bell and all other C0 controls, DEL and C1 controls are shown
//!   as their picture (`␈`, `␇`) or, for C1, as `\u{85}`. `\n` and `\t` stay.
//! * Characters that change the direction of text, or that cannot be seen (zero
//!   width, tags, soft hyphen, fillers, line separators), are shown as
//!   `\u{202e}`. Joiners and emoji selectors stay behind a visible character
//!   outside ASCII, because scripts and emoji need them; flags that are spelled
//!   with tags (England) lose their looks.

mod sequence;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt::Write as _;

/// `text` made safe; borrowed if it is already.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if is_clean(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    write_escaped(text, &mut out);
    Cow::Owned(out)
}

/// Appends [`escape`] of `text` to `out`.
pub fn escape_into(text: &str, out: &mut String) {
    if is_clean(text) {
        out.push_str(text);
    } else {
        write_escaped(text, out);
    }
}

/// Whether nothing in `text` has to change.
fn is_clean(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(offset) = first_suspect(&bytes[at..]) {
        at += offset;
        // Only an ASCII byte or the first byte of a character is met here.
        let Some(c) = text[at..].chars().next() else {
            return true;
        };
        if c.is_control() || is_hidden(c) || is_joiner(c) {
            return false;
        }
        at += c.len_utf8();
    }
    true
}

/// The first byte that is a control or not ASCII. In blocks, which the compiler
/// turns into vector code.
fn first_suspect(bytes: &[u8]) -> Option<usize> {
    let suspect = |byte: u8| byte.wrapping_sub(0x20) >= 0x5f && byte != b'\n' && byte != b'\t';
    let mut from = 0;
    for block in bytes.chunks(64) {
        if block.iter().fold(false, |any, byte| any | suspect(*byte)) {
            break;
        }
        from += block.len();
    }
    bytes[from..]
        .iter()
        .position(|byte| suspect(*byte))
        .map(|offset| from + offset)
}

/// Characters that reorder text or cannot be seen.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Invisible characters that scripts and emoji need.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}')
}

/// Where the pieces between two carriage returns begin in the output.
struct Line {
    start: usize,
    /// The piece before this one on the same line of the terminal, if any.
    earlier: Option<usize>,
}

fn write_escaped(text: &str, out: &mut String) {
    let mut line = Line {
        start: out.len(),
        earlier: None,
    };
    let mut at = 0;
    while let Some(offset) = first_suspect_or_newline(&text.as_bytes()[at..]) {
        out.push_str(&text[at..at + offset]);
        at += offset;
        let rest = &text[at..];
        if let Some(length) = sequence::length(rest) {
            at += length;
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        at += c.len_utf8();
        match c {
            '\n' => line.end(out, false),
            '\r' => {
                let returns = rest.bytes().take_while(|byte| *byte == b'\r').count();
                at += returns - 1;
                let ends = rest.as_bytes().get(returns) == Some(&b'\n');
                at += usize::from(ends);
                line.end(out, !ends);
            }
            _ => write_char(c, out),
        }
    }
    out.push_str(&text[at..]);
    line.drop_earlier_state(out);
}

fn first_suspect_or_newline(bytes: &[u8]) -> Option<usize> {
    bytes
        .iter()
        .position(|byte| !(*byte == b'\t' || (0x20..0x7f).contains(byte)))
}

impl Line {
    /// Writes the newline; `returned` if the text wanted to go on over it.
    fn end(&mut self, out: &mut String, returned: bool) {
        self.drop_earlier_state(out);
        out.push('\n');
        self.earlier = returned.then_some(self.start);
        self.start = out.len();
    }

    /// Removes the piece before this one if it has the same letters.
    fn drop_earlier_state(&mut self, out: &mut String) {
        let Some(earlier) = self.earlier.take() else {
            return;
        };
        let letters =
            |text: &str| -> String { text.chars().filter(|c| c.is_alphabetic()).collect() };
        let (before, now) = (&out[earlier..self.start], &out[self.start..]);
        if !now.is_empty() && letters(before) == letters(now) {
            out.replace_range(earlier..self.start, "");
            self.start = earlier;
        }
    }
}

/// One character that is a control or outside ASCII.
fn write_char(c: char, out: &mut String) {
    let joins = || {
        out.chars()
            .next_back()
            .is_some_and(|last| !last.is_ascii() && !is_joiner(last))
    };
    match c {
        '\0'..='\u{1f}' => out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}')),
        '\u{7f}' => out.push('\u{2421}'),
        _ if c.is_control() || is_hidden(c) || (is_joiner(c) && !joins()) => {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
        _ => out.push(c),
    }
}
