//! Where an escape sequence ends.

/// The length of the escape sequence at the start of `text`; `None` if none
/// starts there.
pub(super) fn length(text: &str) -> Option<usize> {
    let mut chars = text.chars();
    let (kind, introducer) = match chars.next()? {
        '\u{1b}' => match chars.next() {
            Some(c @ ('[' | ']' | 'P' | 'X' | '^' | '_')) => (c, 2),
            _ => return Some(1 + short(&text.as_bytes()[1..])),
        },
        '\u{90}' => ('P', 2),
        '\u{98}' => ('X', 2),
        '\u{9b}' => ('[', 2),
        '\u{9d}' => (']', 2),
        '\u{9e}' => ('^', 2),
        '\u{9f}' => ('_', 2),
        // A terminator without a sequence shows nothing anywhere.
        '\u{9c}' => return Some(2),
        _ => return None,
    };
    let body = &text[introducer..];
    Some(
        introducer
            + if kind == '[' {
                csi(body.as_bytes())
            } else {
                string(body, kind == ']')
            },
    )
}

/// Intermediate bytes and the final byte of an escape without a body.
fn short(bytes: &[u8]) -> usize {
    let between = bytes
        .iter()
        .take_while(|byte| (0x20..0x30).contains(*byte))
        .count();
    between
        + usize::from(
            bytes
                .get(between)
                .is_some_and(|byte| (0x30..0x7f).contains(byte)),
        )
}

/// Parameters, intermediate bytes and the final byte; what there is of them if
/// something else interrupts the sequence.
fn csi(bytes: &[u8]) -> usize {
    let parameters = bytes
        .iter()
        .take_while(|byte| (0x30..0x40).contains(*byte))
        .count();
    let between = bytes[parameters..]
        .iter()
        .take_while(|b| (0x20..0x30).contains(*b))
        .count();
    let end = parameters + between;
    end + usize::from(
        bytes
            .get(end)
            .is_some_and(|byte| (0x40..0x7f).contains(byte)),
    )
}

/// The body of a string sequence with its terminator, or what is left of the
/// line if that does not come.
fn string(text: &str, bell_ends: bool) -> usize {
    for (at, c) in text.char_indices() {
        match c {
            '\u{9c}' => return at + 2,
            '\u{7}' if bell_ends => return at + 1,
            '\u{1b}' if text[at + 1..].starts_with('\\') => return at + 2,
            '\u{1b}' | '\n' | '\r' => return at,
            _ => {}
        }
    }
    text.len()
}
