//! Patterns of `sed` and `perl` as the regular expressions that replaying uses.
//! What cannot be said in them exactly is not translated.

use regex::RegexBuilder;

/// So large may a compiled pattern become, in bytes.
const SIZE: usize = 1 << 20;

/// The dialect of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `sed`: `\(`, `\+`.
    Basic,
    /// `sed -E`: `(`, `+`.
    Extended,
    Perl,
}

/// The pattern, if it means the same in our dialect.
pub(super) fn pattern(text: &str, dialect: Dialect, any_case: bool) -> Option<String> {
    let mut pattern = match dialect {
        Dialect::Perl => text.to_owned(),
        Dialect::Basic | Dialect::Extended => posix(text, dialect == Dialect::Extended)?,
    };
    if text.is_empty() || dialect == Dialect::Perl && takes_line_ends(text) {
        return None;
    }
    if any_case {
        pattern.insert_str(0, "(?i)");
    }
    let built = RegexBuilder::new(&pattern).size_limit(SIZE).build();
    built.is_ok().then_some(pattern)
}

/// `perl` keeps the end of a line in the line; we do not. Whether a pattern may
/// match it.
fn takes_line_ends(pattern: &str) -> bool {
    let bare = pattern.strip_suffix('$').unwrap_or(pattern);
    let ends_in_letter = bare.ends_with(|c: char| c.is_alphanumeric() || "\"'=;:,><".contains(c))
        && bare
            .rsplit_once('\\')
            .is_none_or(|(_, last)| last.len() != 1);
    let open = ["\\s", "\\W", "\\D", "[^", "\\n", "\\R", "\\v"];
    let has_open = open.iter().any(|class| pattern.contains(class));
    // A variable of perl's, or an anchor in the middle.
    let variable = bare.contains('$') || pattern.contains('@');
    variable || has_open && !(ends_in_letter && bare.len() == pattern.len())
}

fn posix(text: &str, extended: bool) -> Option<String> {
    let mut whole = String::with_capacity(text.len() + 8);
    let mut letters = text.chars().peekable();
    let mut at_start = true;
    while let Some(letter) = letters.next() {
        let starts = std::mem::replace(&mut at_start, false);
        match letter {
            '[' => bracket(&mut letters, &mut whole)?,
            '\\' => {
                let escaped = letters.next()?;
                at_start = !extended && matches!(escaped, '(' | '|');
                escape(escaped, extended, &mut whole)?;
            }
            '*' if starts => whole.push_str(r"\*"),
            '^' if starts || extended => {
                at_start = true;
                whole.push('^');
            }
            '^' => whole.push_str(r"\^"),
            '$' if extended || ends_branch(&letters) => whole.push('$'),
            '$' => whole.push_str(r"\$"),
            '(' | '|' if extended => {
                at_start = true;
                whole.push(letter);
            }
            ')' | '+' | '?' | '{' | '}' if extended => whole.push(letter),
            '(' | ')' | '|' | '+' | '?' | '{' | '}' | ']' => whole.extend(['\\', letter]),
            '\n' => return None,
            letter => whole.push(letter),
        }
    }
    Some(whole)
}

fn ends_branch(rest: &std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    let mut rest = rest.clone();
    match rest.next() {
        None => true,
        Some('\\') => matches!(rest.next(), Some(')' | '|')),
        Some(_) => false,
    }
}

fn escape(letter: char, extended: bool, whole: &mut String) -> Option<()> {
    match letter {
        '(' | ')' | '{' | '}' | '|' | '+' | '?' if !extended => whole.push(letter),
        'w' | 'W' | 's' | 'S' | 'b' | 'B' => whole.extend(['\\', letter]),
        '<' => whole.push_str(r"\b{start}"),
        '>' => whole.push_str(r"\b{end}"),
        't' => whole.push('\t'),
        // Groups named in the pattern, line ends, and what is not known.
        letter if letter.is_alphanumeric() => return None,
        '\n' => return None,
        letter => whole.push_str(&regex::escape(letter.encode_utf8(&mut [0; 4]))),
    }
    Some(())
}

fn bracket(
    letters: &mut std::iter::Peekable<std::str::Chars<'_>>,
    whole: &mut String,
) -> Option<()> {
    whole.push('[');
    if letters.next_if_eq(&'^').is_some() {
        whole.push('^');
    }
    let mut is_first = true;
    loop {
        match letters.next()? {
            ']' if !is_first => break,
            ']' => whole.push_str(r"\]"),
            '[' if letters.peek() == Some(&':') => {
                whole.push('[');
                loop {
                    let letter = letters.next()?;
                    whole.push(letter);
                    if letter == ']' {
                        break;
                    }
                }
            }
            '[' if matches!(letters.peek(), Some('.' | '=')) => return None,
            '[' => whole.push_str(r"\["),
            // GNU's sed has these two inside brackets.
            '\\' => match letters.peek() {
                Some('t') => {
                    letters.next();
                    whole.push('\t');
                }
                Some('n') => return None,
                _ => whole.push_str(r"\\"),
            },
            '-' if letters.peek() == Some(&'-') => return None,
            '&' => whole.push_str(r"\&"),
            '~' => whole.push_str(r"\~"),
            '^' => whole.push_str(r"\^"),
            letter => whole.push(letter),
        }
        is_first = false;
    }
    whole.push(']');
    Some(())
}

/// What is put in, with `${1}` for groups; nothing if it is more than text and
/// groups, or has line ends.
pub(super) fn replacement(text: &str, dialect: Dialect) -> Option<String> {
    let mut whole = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    let perl = dialect == Dialect::Perl;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next()? {
                digit @ '0'..='9' => group(digit, &mut whole),
                't' => whole.push('\t'),
                '$' => whole.push_str("$$"),
                other if other.is_alphanumeric() || other == '\n' => return None,
                other => whole.push(other),
            },
            '&' if !perl => whole.push_str("${0}"),
            '$' if perl => match letters.next()? {
                '&' => whole.push_str("${0}"),
                digit @ '1'..='9' => group(digit, &mut whole),
                '{' => {
                    let digit = letters.next().filter(char::is_ascii_digit)?;
                    letters.next_if_eq(&'}')?;
                    group(digit, &mut whole);
                }
                _ => return None,
            },
            '@' if perl => return None,
            '$' => whole.push_str("$$"),
            '\n' => return None,
            letter => whole.push(letter),
        }
    }
    Some(whole)
}

fn group(digit: char, whole: &mut String) {
    whole.extend(['$', '{', digit, '}']);
}

/// The parts of `/a/b/rest`, where any sign may stand for `/`: it may be in the
/// parts behind a backslash.
pub(super) fn parts(text: &str) -> Option<(String, String, &str)> {
    let sign = text.chars().next()?;
    if sign.is_alphanumeric() || sign.is_whitespace() || "\\{([<".contains(sign) {
        return None;
    }
    let (first, rest) = part(&text[sign.len_utf8()..], sign)?;
    let (second, rest) = part(rest, sign)?;
    Some((first, second, rest))
}

/// Up to the sign.
pub(super) fn part(text: &str, sign: char) -> Option<(String, &str)> {
    let mut part = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            letter if letter == sign => {
                return Some((part, &text[at + sign.len_utf8()..]));
            }
            '\\' => {
                let (_, escaped) = letters.next()?;
                if escaped != sign {
                    part.push('\\');
                } else if !"/,#:!%~@\"'`;=_".contains(sign) {
                    // `s|a\|b|c|`: whether it still is special is told differently.
                    return None;
                }
                part.push(escaped);
                continue;
            }
            _ => {}
        }
        part.push(letter);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Dialect, pattern, replacement};

    #[test]
    fn patterns_mean_the_same() {
        use Dialect::{Basic, Extended, Perl};
        for (text, dialect, expected) in [
            ("a.b*", Basic, Some("a.b*")),
            (r"a\(b\|c\)\+", Basic, Some("a(b|c)+")),
            ("f(x)+", Basic, Some(r"f\(x\)\+")),
            ("f(x)+", Extended, Some("f(x)+")),
            (r"f\(x\)", Extended, Some(r"f\(x\)")),
            ("*a", Basic, Some(r"\*a")),
            ("a^b$c", Basic, Some(r"a\^b\$c")),
            ("^a$", Basic, Some("^a$")),
            (r"\<a\>", Basic, Some(r"\b{start}a\b{end}")),
            (r"[]a\.]", Basic, Some(r"[\]a\\.]")),
            ("[[:space:]]*", Basic, Some("[[:space:]]*")),
            (r"\(a\)\1", Basic, None),
            (r"a\nb", Basic, None),
            ("", Basic, None),
            (r"(?<!a)b", Perl, None),
            (r"\bfoo\(", Perl, Some(r"\bfoo\(")),
            (r"a\s+$", Perl, None),
            (r"a\s+b", Perl, Some(r"a\s+b")),
            ("$name", Perl, None),
        ] {
            assert_eq!(pattern(text, dialect, false).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn replacements_mean_the_same() {
        use Dialect::{Basic, Perl};
        for (text, dialect, expected) in [
            (r"<&> \1 \& $x", Basic, Some("<${0}> ${1} & $$x")),
            (r"a\nb", Basic, None),
            ("$1 ${2}x \\$3", Perl, Some("${1} ${2}x $$3")),
            ("$name", Perl, None),
            ("a & b", Perl, Some("a & b")),
        ] {
            assert_eq!(replacement(text, dialect).as_deref(), expected, "{text}");
        }
    }
}
