//! What fits into a row.

use super::*;
use crate::render::style::{BOLD, PLAIN, span};

fn wrapped(text: &str, limit: usize) -> Vec<String> {
    let rows = words(&[span(PLAIN, text)], limit);
    rows.iter()
        .map(|row| row.iter().map(|s| s.text.as_str()).collect())
        .collect()
}

#[test]
fn words_stay_whole_where_they_can() {
    assert_eq!(
        wrapped("the quick brown fox", 10),
        ["the quick", "brown fox"]
    );
    assert_eq!(wrapped("  indented words", 10), ["  indented", "words"]);
    assert_eq!(wrapped("abcdefghijkl mn", 5), ["abcde", "fghij", "kl mn"]);
    assert_eq!(wrapped("", 5), [""]);
}

#[test]
fn wide_characters_take_two_columns() {
    assert_eq!(
        wrapped("日本語のテキスト。", 8),
        ["日本語の", "テキス", "ト。"]
    );
    assert_eq!(hard("日本語", 5, 9).0, ["日本", "語"]);
    assert_eq!(width("👩‍👩‍👧‍👦🇯🇵e\u{301}"), 5);
    assert_eq!(clusters("👩‍👩‍👧‍👦🇯🇵🇩🇪e\u{301}x").count(), 5);
}

#[test]
fn styles_survive_wrapping() {
    let rows = words(&[span(BOLD, "two wo"), span(PLAIN, "rds")], 6);
    assert_eq!(rows[0], [span(BOLD, "two")]);
    assert_eq!(rows[1], [span(BOLD, "wo"), span(PLAIN, "rds")]);
}

#[test]
fn long_lines_are_cut_and_say_so() {
    assert_eq!(
        hard("abcdefgh", 3, 2),
        (vec!["abc".into(), "de…".into()], true)
    );
    assert_eq!(clip("abcdef", 4), "abc…");
    assert_eq!(clip("abcd", 4), "abcd");
    assert_eq!(untab("a\tb\tc"), "a   b   c");
}
