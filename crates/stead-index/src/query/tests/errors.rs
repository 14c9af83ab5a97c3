//! Each refusal, as it is shown.

use super::super::{MAX_DEPTH, MAX_QUERY_BYTES};
use super::{fails, read};

#[test]
fn a_mistyped_field_is_refused() {
    fails(
        "error agnt:codex",
        "
error agnt:codex
      ^^^^
unknown field `agnt`
hint: did you mean `agent:`?",
    );
    for (input, near) in [
        ("sinse:2026-11-21T10:00", "since"),
        ("-Modle:x", "model"),
        ("path:src", "file"),
        ("after:3d", "since"),
        ("fiel:x", "file"),
        ("ids:x", "id"),
        ("(barnch:x)", "branch"),
    ] {
        let hint = read(input).expect_err(input).hint;
        assert_eq!(
            hint,
            Some(format!("did you mean `{near}:`?")),
            "for {input}"
        );
    }
}

#[test]
fn an_unknown_field_is_refused() {
    fails(
        "foo:bar",
        "
foo:bar
^^^
unknown field `foo`
hint: put quotes around it to search for text; the fields are agent, model, tool, file, \
         project, since, before, is, title, id, branch",
    );
    for input in ["foo:\"bar baz\"", "-foo:bar", "node:fs"] {
        assert!(read(input).is_err(), "{input}");
    }
}

#[test]
fn a_value_that_cannot_be_is_refused() {
    fails(
        "agent:codex,",
        "
agent:codex,
            ^
a value of `agent:` is empty",
    );
    fails(
        "title:\"\"",
        "
title:\"\"
      ^^
a value of `title:` is empty",
    );
    fails(
        "title:\"a\"b",
        "
title:\"a\"b
         ^
unexpected `b` after the quotes
hint: put a space before it",
    );
    fails(
        "is:eror",
        "
is:eror
   ^^^^
unknown value `eror` of `is:`
hint: did you mean `is:error`?",
    );
    fails(
        "is:edit,nothing",
        "
is:edit,nothing
        ^^^^^^^
unknown value `nothing` of `is:`
hint: the values are error, edit, user, assistant, reasoning, tool, subagent, archived",
    );
}

#[test]
fn a_date_that_is_none_is_refused() {
    for input in [
        "2026-02-30",
        "2026-13",
        "2026-1",
        "20261121",
        "soon",
        "11/21",
        "d",
        "3",
        "-3d",
    ] {
        let want = format!(
            "since:{input}\n      {}\n`{input}` is not a date\nhint: write 2026-11-21, 2026-11, \
             2026, today, yesterday, 3d, 12h, or an RFC 3339 time",
            "^".repeat(input.len()),
        );
        fails(&format!("since:{input}"), &want);
    }
    fails(
        "since:3days",
        "
since:3days
      ^^^^^
unknown unit `days`
hint: the units are m (minutes), h, d, w, mo (months), y",
    );
    fails(
        "before:99999y",
        "
before:99999y
       ^^^^^^
`99999y` is out of range",
    );
    fails(
        "since:today,3d",
        "
since:today,3d
            ^^
`since:` takes one date",
    );
}

#[test]
fn an_operator_without_a_term_is_refused() {
    for (input, message) in [
        ("OR a", "`OR` needs a term before it"),
        ("a OR", "`OR` needs a term after it"),
        ("(OR a)", "`OR` needs a term before it"),
        ("(a AND)", "`AND` needs a term after it"),
        ("AND", "`AND` needs a term before it"),
        ("a OR OR b", "`OR` needs a term after it"),
        ("a NOT", "`NOT` needs a term after it"),
        ("NOT OR a", "`NOT` needs a term after it"),
        ("-OR", "`-` needs a term after it"),
    ] {
        assert_eq!(
            read(input).expect_err(input).message,
            message,
            "for {input}"
        );
    }
    fails(
        "a AND OR b",
        "
a AND OR b
  ^^^
`AND` needs a term after it
hint: to search for the word, write `\"AND\"`",
    );
}

#[test]
fn what_is_not_closed_is_refused() {
    fails(
        "a (b",
        "
a (b
  ^
`(` is never closed
hint: add the closing `)`, or put quotes around the text to search for it",
    );
    fails(
        "a )",
        "
a )
  ^
`)` closes nothing
hint: put quotes around it to search for text: `\")\"`",
    );
    fails(
        "a ( )",
        "
a ( )
  ^^^
the group is empty",
    );
    fails(
        "say \"hi",
        "
say \"hi
    ^
`\"` is never closed
hint: add the closing `\"`; inside quotes, `\\\"` is a quote and `\\\\` a backslash",
    );
    fails(
        "\"\"",
        "
\"\"
^^
the phrase is empty
hint: to search for quotes, write `\"\\\"\\\"\"`",
    );
}

#[test]
fn carets_stand_under_wide_characters() {
    fails(
        "検索 é e\u{301} 👩‍👩‍👧 is:検索 x",
        "
検索 é e\u{301} 👩‍👩‍👧 is:検索 x
               ^^^^
unknown value `検索` of `is:`
hint: the values are error, edit, user, assistant, reasoning, tool, subagent, archived",
    );
}

#[test]
fn what_moves_the_cursor_is_shown_as_a_space() {
    fails(
        "a\tb\nc\u{1b}[2J\u{202e} (",
        "
a b c [2J  (
           ^
`(` is never closed
hint: add the closing `)`, or put quotes around the text to search for it",
    );
}

#[test]
fn messages_quote_safely() {
    let value = format!("\u{1b}[2J{}", "x".repeat(100));
    let error = read(&format!("since:{value}")).unwrap_err();
    assert_eq!(
        error.message,
        format!("` [2J{}…` is not a date", "x".repeat(36))
    );
    let marks = "\u{301}".repeat(100_000);
    assert!(read(&marks).unwrap_err().render(&marks).len() < 1000);
}

#[test]
fn a_long_query_is_shown_in_part() {
    let input = format!("{}OR OR {}", "one two ".repeat(20), "three ".repeat(20));
    fails(
        &input,
        "
…one two one two one two one two one two OR OR three three three three three three three three three …
                                         ^^
`OR` needs a term after it
hint: to search for the word, write `\"OR\"`",
    );
}

#[test]
fn length_and_depth_are_bounded() {
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(read(&nested(MAX_DEPTH)).is_ok());
    let error = read(&nested(MAX_DEPTH + 1)).unwrap_err();
    assert_eq!(error.message, "groups nest deeper than 64 levels");
    assert_eq!(
        (error.span.start, error.span.end),
        (MAX_DEPTH, MAX_DEPTH + 1)
    );

    assert!(read(&"NOT ".repeat(MAX_QUERY_BYTES / 4 - 1)).is_err());
    assert!(read(&"a".repeat(MAX_QUERY_BYTES)).is_ok());
    let long = "検".repeat(MAX_QUERY_BYTES / 3 + 1);
    let error = read(&long).unwrap_err();
    assert_eq!(
        error.message,
        "the query is 4098 bytes long, the limit is 4096"
    );
    assert!(error.render(&long).len() < 500);
}
