//! Shows lines of a file with their numbers, as far as an answer has room.

use super::answer::MOST;

/// Longer lines are cut.
pub(super) const LONGEST_LINE: usize = 2_000;
/// Room for what is said below the lines.
const ROOM: usize = MOST - 1_000;

/// The text of a file's bytes; those that are no UTF-8 are read byte by byte, as
/// `stead-edit` does, and told. `Err` says why there is no text.
pub(super) fn text(bytes: &[u8]) -> Result<(String, Option<&'static str>), String> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("it is text in UTF-16, which only `shell` can convert (`iconv`)".to_owned());
    }
    if bytes.contains(&0) {
        let first: Vec<String> = bytes
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        return Err(format!(
            "it is a binary file of {} bytes that begins with {}",
            bytes.len(),
            first.join(" ")
        ));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok((text.to_owned(), None)),
        Err(_) => Ok((
            bytes.iter().map(|byte| char::from(*byte)).collect(),
            Some("not in UTF-8: each byte is shown as the Latin-1 character of its number"),
        )),
    }
}

/// A piece of a text as it is shown.
pub(super) struct Shown {
    /// `12<tab>line`, one below the other.
    pub(super) text: String,
    /// The number of the first line that is not shown; `None` if all are.
    pub(super) next: Option<usize>,
    /// So many lines were cut.
    pub(super) cut: usize,
}

/// Shows lines from a number on, counted from 1, at most so many.
pub(super) fn numbered(lines: &[&str], from: usize, most: usize) -> Shown {
    let mut shown = Shown {
        text: String::new(),
        next: None,
        cut: 0,
    };
    let mut room = ROOM;
    let from = from.max(1);
    for (count, line) in lines.iter().skip(from - 1).enumerate() {
        let (piece, is_cut) = shortened(line, LONGEST_LINE);
        let row = format!("{}\t{piece}\n", from + count);
        let length = row.chars().count();
        if count == most || length > room {
            shown.next = Some(from + count);
            break;
        }
        room -= length;
        shown.cut += usize::from(is_cut);
        shown.text.push_str(&row);
    }
    shown
}

/// The beginning of a line, and whether that is not all.
pub(super) fn shortened(line: &str, most: usize) -> (String, bool) {
    match line.char_indices().nth(most) {
        None => (line.to_owned(), false),
        Some((end, _)) => (format!("{}…", &line[..end]), true),
    }
}

/// A count with its noun.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
