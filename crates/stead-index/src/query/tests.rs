//! The rules of `docs/specs/query.md`, as tables.

mod errors;
mod fields;
mod properties;

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Expr, QueryError, TextKind, parse};

/// 2026-11-21 10:30 in Tokyo.
fn now() -> Timestamp {
    "2026-11-21T01:30:00Z".parse().unwrap()
}

fn tokyo() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(9))
}

fn read(input: &str) -> Result<Expr, QueryError> {
    parse(input, now(), &tokyo()).map(|query| query.expr)
}

/// The tree with its kinds visible: `w:` word, `p:` prefix, `q:` phrase.
fn sketch(expr: &Expr) -> String {
    let all = |members: &[Expr]| members.iter().map(sketch).collect::<Vec<_>>().join(" ");
    match expr {
        Expr::All => "all".into(),
        Expr::Text(term) => match term.kind {
            TextKind::Word => format!("w<{}>", term.text),
            TextKind::Prefix => format!("p<{}>", term.text),
            TextKind::Phrase => format!("q<{}>", term.text),
        },
        Expr::Field(term) => term.to_string(),
        Expr::Not(inner) => format!("not({})", sketch(inner)),
        Expr::And(members) => format!("and({})", all(members)),
        Expr::Or(members) => format!("or({})", all(members)),
    }
}

/// Each input becomes the tree, and its canonical form becomes it again.
#[track_caller]
fn reads(table: &[(&str, &str)]) {
    for (input, want) in table {
        let expr = read(input).unwrap_or_else(|error| panic!("{}", error.render(input)));
        assert_eq!(sketch(&expr), *want, "reading {input:?}");
        let printed = expr.to_string();
        let again = read(&printed).unwrap_or_else(|error| panic!("{}", error.render(&printed)));
        assert_eq!(sketch(&again), *want, "{input:?} printed as {printed:?}");
    }
}

/// Each input is one word, literally.
#[track_caller]
fn is_one_word(inputs: &[&str]) {
    for input in inputs {
        reads(&[(input, &format!("w<{input}>"))]);
    }
}

#[track_caller]
fn fails(input: &str, want: &str) {
    let error = read(input).expect_err(input);
    assert_eq!(
        error.render(input),
        want.trim_matches('\n'),
        "for {input:?}"
    );
}

#[test]
fn words_are_joined_by_and() {
    reads(&[
        ("", "all"),
        (" \t\n\u{3000}", "all"),
        ("one", "w<one>"),
        (" one  two\nthree ", "and(w<one> w<two> w<three>)"),
        ("one AND two", "and(w<one> w<two>)"),
        ("検索 naïve 🦀", "and(w<検索> w<naïve> w<🦀>)"),
        ("and or not", "and(w<and> w<or> w<not>)"),
        ("it's foo(bar) x=1", "and(w<it's> w<foo(bar)> w<x=1>)"),
    ]);
}

#[test]
fn a_star_after_a_letter_is_a_prefix() {
    reads(&[
        ("pars*", "p<pars>"),
        ("検*", "p<検>"),
        ("my_*", "p<my_>"),
        ("-pars*", "not(p<pars>)"),
        (
            "/* ** * *.rs a*b &* a** std::*",
            "and(w</*> w<**> w<*> w<*.rs> w<a*b> w<&*> w<a**> w<std::*>)",
        ),
    ]);
}

#[test]
fn phrases_are_exact() {
    reads(&[
        ("\"some words\"", "q<some words>"),
        (r#""say \"hi\" \\ C:\new""#, r#"q<say "hi" \ C:\new>"#),
        ("\"OR\" \"-x\" \"a:b\"", "and(q<OR> q<-x> q<a:b>)"),
        ("5\" a\"b", "and(w<5\"> w<a\"b>)"),
        ("\"one*\"", "q<one*>"),
        ("\" \"", "q< >"),
    ]);
}

#[test]
fn quotes_glued_to_text_are_text() {
    reads(&[
        (r#""key": 1"#, r#"and(q<"key":> w<1>)"#),
        (r#""key":"some value""#, r#"and(q<"key":"some> w<value">)"#),
        (r#""two words":1"#, r#"q<"two words":1>"#),
        (r#"{"a":"b","n":1}"#, r#"w<{"a":"b","n":1}>"#),
        (r#""a")"#, r#"q<"a")>"#),
        (r#"("a")"#, "q<a>"),
        (r#""""doc""""#, r#"q<"""doc""">"#),
    ]);
}

#[test]
fn or_binds_weaker_than_and() {
    reads(&[
        ("a b OR c d", "or(and(w<a> w<b>) and(w<c> w<d>))"),
        ("a (b OR c) d", "and(w<a> or(w<b> w<c>) w<d>)"),
        ("(a OR b) OR c", "or(w<a> w<b> w<c>)"),
        ("(a b) c", "and(w<a> w<b> w<c>)"),
        ("((a))", "w<a>"),
        ("( a )", "w<a>"),
        ("(a)(b)", "and(w<a> w<b>)"),
    ]);
}

#[test]
fn a_minus_or_not_negates() {
    reads(&[
        ("-a", "not(w<a>)"),
        ("NOT a b", "and(not(w<a>) w<b>)"),
        ("-\"a b\"", "not(q<a b>)"),
        ("-(a OR b)", "not(or(w<a> w<b>))"),
        ("-agent:codex", "not(agent:codex)"),
        ("NOT NOT a", "w<a>"),
        ("NOT -a", "w<a>"),
        ("-(-a)", "w<a>"),
        ("-404", "not(w<404>)"),
        ("NOT --flag", "not(w<--flag>)"),
    ]);
}

#[test]
fn a_dash_that_is_not_before_a_term_is_text() {
    is_one_word(&["-", "--", "---", "--no-verify", "->", "-=", "a-b", "–x"]);
    reads(&[
        ("a - b", "and(w<a> w<-> w<b>)"),
        ("(a -)", "and(w<a> w<->)"),
    ]);
}

#[test]
fn parentheses_inside_words_are_text() {
    is_one_word(&[
        "foo(bar)", "main()", "OR(x)", "()", "f(g(x))", "foo)", "Vec<()>", "foo(bar", ":)",
    ]);
    reads(&[
        ("(foo(bar) OR x) y", "and(or(w<foo(bar)> w<x>) w<y>)"),
        ("(x OR foo(bar ) y", "and(or(w<x> w<foo(bar>) w<y>)"),
        ("fn f(a: &str)", "and(w<fn> w<f(a:> w<&str)>)"),
    ]);
}

#[test]
fn positive_terms_leave_out_what_is_negated() {
    let expr = read("a -b (\"c d\" OR e*) NOT (f -g) file:h").unwrap();
    let texts: Vec<&str> = expr
        .positive_terms()
        .iter()
        .map(|term| &*term.text)
        .collect();
    assert_eq!(texts, ["a", "c d", "e"]);
}

#[test]
fn spans_cover_what_was_written() {
    let input = "検 -\"a b\" pre* id:\"x\",y";
    let Ok(Expr::And(members)) = read(input) else {
        panic!()
    };
    let mut seen = String::new();
    for member in &members {
        let span = match member {
            Expr::Text(term) => term.span,
            Expr::Field(term) => term.span,
            Expr::Not(inner) => match &**inner {
                Expr::Text(term) => term.span,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        };
        write!(seen, "[{}]", span.of(input)).unwrap();
    }
    assert_eq!(seen, "[検][\"a b\"][pre*][id:\"x\",y]");
}
