//! What the text around an assignment says about it.

/// Whether an assignment here is one of a configuration file or a shell.
pub(super) fn starts_line(before: &[u8]) -> bool {
    let trimmed = before.len()
        - before
            .iter()
            .rev()
            .take_while(|byte| is_blank(**byte))
            .count();
    match &before[..trimmed] {
        [] | [.., b'\n' | b'\r'] | [.., b'\\', b'n' | b'r'] => true,
        head => [
            &b"export"[..],
            b"ENV",
            b"ARG",
            b"env",
            b"set",
            b" -e",
            b"--env",
            b"+",
            b"declare -x",
        ]
        .iter()
        .any(|word| head.ends_with(word) && (trimmed < before.len() || *word == b"+")),
    }
}

/// Whether nothing but blanks or a comment follows on the line.
pub(super) fn at_line_end(after: &[u8]) -> bool {
    let blanks = run(after, 64, is_blank);
    match &after[blanks..] {
        [] | [b'\n' | b'\r', ..] | [b'\\', b'n' | b'r', ..] => true,
        [b'#', ..] => blanks > 0,
        _ => false,
    }
}

/// How many bytes at the start of `text`, at most `most`, are accepted.
pub(super) fn run(text: &[u8], most: usize, accepts: impl Fn(u8) -> bool) -> usize {
    text.iter()
        .take(most)
        .take_while(|byte| accepts(**byte))
        .count()
}

/// A blank within a line.
pub(super) fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}
