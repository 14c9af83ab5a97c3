//! Text as tools show it, with numbers before the lines.

/// The signs that agents put between number and line.
const BETWEEN: [&str; 5] = ["\t", "→", "| ", "|", ": "];

/// The first line's number and the lines without numbers, if there are at least
/// two and every number is the one before plus one. What stands before and after
/// the numbered lines (tags, notes) is left out.
pub(crate) fn numbered(output: &str) -> Option<(u64, String)> {
    let mut first = None;
    let mut next = 0;
    let mut text = String::new();
    let mut count = 0;
    for line in output.lines() {
        let Some((number, line)) = split(line) else {
            if first.is_some() {
                break;
            }
            continue;
        };
        if first.is_none() {
            first = Some(number);
        } else if number != next {
            break;
        }
        next = number + 1;
        count += 1;
        text.push_str(line);
        text.push('\n');
    }
    first.filter(|_| count > 1).map(|first| (first, text))
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
