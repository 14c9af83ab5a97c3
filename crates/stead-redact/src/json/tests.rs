use std::fmt::Write as _;
use std::io::Write as _;

use proptest::prelude::*;

use super::Escaped;

/// The text written in pieces of so many bytes.
fn escaped(text: &str, piece: usize) -> String {
    let mut out = Vec::new();
    let mut writer = Escaped::new(&mut out);
    for piece in text.as_bytes().chunks(piece) {
        writer.write_all(piece).unwrap();
    }
    writer.flush().unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn what_a_terminal_obeys_is_an_escape() {
    for (json, safe) in [
        ("\"a\u{80}\u{9f}b\"", r#""a\u0080\u009fb""#),
        ("\"\u{9b}31m\u{7f}\"", r#""\u009b31m\u007f""#),
        ("\"\u{61c}\u{200e}\u{200f}\"", r#""\u061c\u200e\u200f""#),
        (
            "\"\u{2028}\u{202e}\u{2066}\u{2069}\"",
            r#""\u2028\u202e\u2066\u2069""#,
        ),
        ("{\r\n \"a\":\r1}", "{\n\n \"a\":\n1}"),
        // The neighbours of each, and what looks alike.
        (
            "\"\u{a0}\u{c9}\u{61a}\u{61d}\u{200d}\u{2010}\u{2027}\u{202f}\"",
            "\"\u{a0}\u{c9}\u{61a}\u{61d}\u{200d}\u{2010}\u{2027}\u{202f}\"",
        ),
        (
            "\"\u{2065}\u{206a}\u{20ac}\u{d55c}\u{1f600}\"",
            "\"\u{2065}\u{206a}\u{20ac}\u{d55c}\u{1f600}\"",
        ),
        ("", ""),
    ] {
        for piece in 1..=4 {
            assert_eq!(escaped(json, piece), safe, "in pieces of {piece}");
        }
        assert_eq!(escaped(safe, 3), safe, "a second time changes nothing");
    }
}

proptest! {
    #[test]
    fn nothing_harmful_stays_and_nothing_else_changes(
        text in "(?s)([\u{70}-\u{b0}\u{600}-\u{640}\u{2000}-\u{2080}]|.){0,40}",
        piece in 1_usize..9,
    ) {
        let text = text.replace(|c: char| c < ' ' || c == '\\', "");
        let safe = escaped(&text, piece);
        let harmful = |c: char| {
            c.is_control() || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}'
                | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        prop_assert!(!safe.contains(harmful), "{safe:?}");
        let mut expected = String::new();
        for c in text.chars() {
            if harmful(c) {
                write!(expected, "\\u{:04x}", u32::from(c)).unwrap();
            } else {
                expected.push(c);
            }
        }
        prop_assert_eq!(safe, expected);
    }
}
