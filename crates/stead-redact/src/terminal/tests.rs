use std::borrow::Cow;

use proptest::prelude::*;

use super::{escape, escape_into};

#[test]
fn sequences_are_dropped_whole() {
    let table = [
        ("\u{1b}[31mred\u{1b}[0m", "red"),
        ("\u{1b}[2J\u{1b}[1;1Hx", "x"),
        ("\u{1b}[?25lx\u{1b}[ q", "x"),
        ("\u{9b}31mred", "red"),
        ("\u{1b}]0;title\u{7}x", "x"),
        ("\u{1b}]52;c;aGk=\u{1b}\\x", "x"),
        ("\u{9d}0;title\u{9c}x", "x"),
        ("\u{1b}]8;;http://a\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
        ("\u{1b}Pq#0;2\u{1b}\\x", "x"),
        (
            "\u{1b}_app\u{1b}\\\u{1b}^pm\u{1b}\\\u{1b}Xsos\u{1b}\\x",
            "x",
        ),
        ("\u{1b}(Bx\u{1b}7y\u{1b}#8z", "xyz"),
        ("x\u{1b}", "x"),
        ("x\u{1b}[", "x"),
        ("x\u{1b}[31", "x"),
        ("x\u{1b}[31\ny", "x\ny"),
        ("\u{1b}\u{1b}[31mx", "x"),
        ("\u{1b}[3\u{1b}[31mx", "x"),
    ];
    for (text, expected) in table {
        assert_eq!(escape(text), expected, "{text:?}");
    }
}

#[test]
fn a_sequence_without_end_hides_only_its_line() {
    assert_eq!(escape("a\u{1b}]0;evil\nrest"), "a\nrest");
    assert_eq!(escape("a\u{1b}Pevil\nrest"), "a\nrest");
    assert_eq!(escape("a\u{1b}]0;evil"), "a");
}

#[test]
fn carriage_returns_cannot_overwrite() {
    assert_eq!(escape("a\r\nb\r\n"), "a\nb\n");
    assert_eq!(escape("rm -rf /\rls\n"), "rm -rf /\nls\n");
    assert_eq!(escape("a\r\r\nb"), "a\nb");
}

#[test]
fn only_the_last_state_of_a_progress_bar_stays() {
    assert_eq!(escape("get  1%\rget 50%\rget 100%\ndone"), "get 100%\ndone");
    assert_eq!(escape("get  1%\rget 50%\r\ndone"), "get 50%\ndone");
    assert_eq!(escape("x\n10%\r20%\r30%"), "x\n30%");
    assert_eq!(escape("load 1\rload 2\rdone\n"), "load 2\ndone\n");
}

#[test]
fn controls_and_invisible_characters_are_shown() {
    assert_eq!(escape("a\u{8}b\u{7}\u{7f}"), "a\u{2408}b\u{2407}\u{2421}");
    assert_eq!(escape("a\u{85}b"), "a\\u{85}b");
    assert_eq!(escape("a\u{202e}b\u{2066}"), "a\\u{202e}b\\u{2066}");
    assert_eq!(escape("a\u{200b}b\u{e0041}"), "a\\u{200b}b\\u{e0041}");
    assert_eq!(escape("a\u{200d}b"), "a\\u{200d}b");
}

#[test]
fn joiners_stay_in_emoji() {
    let family = "\u{1f468}\u{200d}\u{1f469}\u{fe0f}";
    assert_eq!(escape(family), family);
}

#[test]
fn clean_text_is_borrowed() {
    for text in ["", "a\tb\nc", "naïve 漢字 🎉 — “x”", &"long ".repeat(100)] {
        assert!(matches!(escape(text), Cow::Borrowed(_)), "{text:?}");
    }
}

/// Text rich in what matters here.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\u{1b}".to_owned()),
        Just("\u{1b}[".to_owned()),
        Just("\u{1b}]".to_owned()),
        Just("\u{1b}\\".to_owned()),
        Just("\u{1b}P".to_owned()),
        Just("\u{9b}".to_owned()),
        Just("\u{9c}".to_owned()),
        Just("\r".to_owned()),
        Just("\n".to_owned()),
        Just("\u{7}".to_owned()),
        Just("\u{202e}".to_owned()),
        Just("\u{200d}".to_owned()),
        "[a-z0-9;?]{0,4}",
        any::<String>(),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_harmful_stays(text in hostile()) {
        let safe = escape(&text);
        for c in safe.chars() {
            prop_assert!(!c.is_control() || c == '\n' || c == '\t', "{:?}", c);
            prop_assert!(!matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
                | '\u{200e}' | '\u{200f}' | '\u{61c}'), "{:?}", c);
        }
        let twice = escape(&safe).into_owned();
        prop_assert_eq!(twice.as_str(), safe.as_ref(), "a second time changes nothing");
        let mut out = String::from("é");
        escape_into(&text, &mut out);
        prop_assert!(out.len() >= "é".len());
    }

    #[test]
    fn printable_text_is_unchanged(text in "[ -~\n\tà-ü]{0,200}") {
        prop_assert!(matches!(escape(&text), Cow::Borrowed(same) if same == text));
    }
}
