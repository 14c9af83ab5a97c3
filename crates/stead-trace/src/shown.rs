//! Text as tools show it, with numbers before the lines.

/// The signs that agents put between number and line.
const BETWEEN: [&str; 5] = ["\t", "→", "| ", "|", ": "];

/// Lines of a file that a tool showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown<'a> {
    /// The first line's number.
    pub(crate) first: u64,
    /// The lines, without numbers.
    pub(crate) text: String,
    /// What stands after them: notes, tags.
    pub(crate) rest: &'a str,
}

/// The first line's number and the lines without numbers, if there are at least
/// two. One alone may be anything that was printed.
pub(crate) fn numbered(output: &str) -> Option<(u64, String)> {
    let shown = shown(output)?;
    let several = shown.text.lines().count() > 1;
    several.then_some((shown.first, shown.text))
}

/// The lines that a tool showed, each with a number that is the one before plus
/// one. What stands before the numbered lines is left out.
pub(crate) fn shown(output: &str) -> Option<Shown<'_>> {
    let mut first = None;
    let mut next = 0;
    let mut text = String::new();
    let mut rest = output;
    for row in output.split_inclusive('\n') {
        let line = row.trim_end_matches(['\n', '\r']);
        match split(line).filter(|(number, _)| first.is_none() || *number == next) {
            Some((number, line)) => {
                first = first.or(Some(number));
                next = number.saturating_add(1);
                text.push_str(line);
                text.push('\n');
            }
            None if first.is_some() => break,
            None => {}
        }
        rest = rest.get(row.len()..).unwrap_or_default();
    }
    first.map(|first| Shown { first, text, rest })
}

/// A line's number and the rest.
fn split(line: &str) -> Option<(u64, &str)> {
    let bare = line.trim_start();
    let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = bare.split_at(digits);
    let number = number.parse().ok()?;
    // Cline pads: `  1 | text`.
    let rest = rest
        .strip_prefix(' ')
        .filter(|rest| rest.starts_with('|'))
        .unwrap_or(rest);
    if rest.is_empty() {
        return Some((number, rest));
    }
    let rest = BETWEEN.iter().find_map(|sign| rest.strip_prefix(sign))?;
    Some((number, rest))
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn numbers_of_every_agent_are_taken_off() {
        for shown in [
            "1\tfn a() {\n2\t    b\n",
            "     1→fn a() {\n     2→    b\n\n<system-reminder>\n",
            "<file>\n00001| fn a() {\n00002|     b\n</file>",
            "1 | fn a() {\n2 |     b\n\n(File has 2 lines total.)",
            "1: fn a() {\n2:     b",
        ] {
            let expected = Some((1, "fn a() {\n    b\n".to_owned()));
            assert_eq!(numbered(shown), expected, "{shown}");
        }
        for text in [
            "10:30 meeting\n11:30 lunch",
            "no numbers\nhere",
            "1. one\n2. two",
        ] {
            assert_eq!(numbered(text), None, "{text}");
        }
    }
}
