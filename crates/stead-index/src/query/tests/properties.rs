//! What holds for every tree and every string.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::collection::vec;
use proptest::prelude::*;

use super::super::lexer::reads_as;
use super::super::{Expr, Field, FieldTerm, Flag, PathPattern, Span, TextKind, TextTerm, parse};
use super::{now, tokyo};

fn without_spans(expr: Expr) -> Expr {
    let all = |members: Vec<Expr>| members.into_iter().map(without_spans).collect();
    match expr {
        Expr::All => Expr::All,
        Expr::Text(term) => Expr::Text(TextTerm {
            span: Span::default(),
            ..term
        }),
        Expr::Field(term) => Expr::Field(FieldTerm {
            span: Span::default(),
            ..term
        }),
        Expr::Not(inner) => Expr::Not(Box::new(without_spans(*inner))),
        Expr::And(members) => Expr::And(all(members)),
        Expr::Or(members) => Expr::Or(all(members)),
    }
}

fn text_term(kind: TextKind, text: String) -> Expr {
    Expr::Text(TextTerm {
        text,
        kind,
        span: Span::default(),
    })
}

/// Text made of what the language gives a meaning to, and of anything else.
fn tricky() -> impl Strategy<Value = String> {
    prop_oneof![
        r#"[a-cA-Z():"*,\\/.<=>-]{1,8}"#,
        r#"[-"() \\a検🦀é]{1,6}"#,
        "\\PC{1,6}"
    ]
}

fn text() -> impl Strategy<Value = Expr> {
    let word = |kind: TextKind, star: &'static str| {
        let reads = move |text: &String| reads_as(&format!("{text}{star}"), text, kind, true);
        tricky()
            .prop_filter("not a word", reads)
            .prop_map(move |text| text_term(kind, text))
    };
    let phrase = tricky().prop_map(|text| text_term(TextKind::Phrase, text));
    prop_oneof![
        "[a-z]{1,6}".prop_map(|text| text_term(TextKind::Word, text)),
        "[a-z]{1,6}".prop_map(|text| text_term(TextKind::Prefix, text)),
        word(TextKind::Word, ""),
        word(TextKind::Prefix, "*"),
        phrase,
    ]
}

fn field() -> impl Strategy<Value = Expr> {
    let list = || vec(tricky(), 1..4);
    let instant = || {
        let (min, max) = (
            Timestamp::MIN.as_nanosecond(),
            Timestamp::MAX.as_nanosecond(),
        );
        (min..=max).prop_map(|nanos| Timestamp::from_nanosecond(nanos).unwrap())
    };
    let paths = |texts: Vec<String>| texts.into_iter().map(PathPattern::new).collect();
    prop_oneof![
        list().prop_map(Field::Agent),
        list().prop_map(Field::Model),
        list().prop_map(Field::Tool),
        list().prop_map(move |texts| Field::File(paths(texts))),
        list().prop_map(Field::Project),
        list().prop_map(Field::Title),
        list().prop_map(Field::Id),
        list().prop_map(Field::Branch),
        instant().prop_map(Field::Since),
        instant().prop_map(Field::Before),
        vec(proptest::sample::select(&Flag::ALL), 1..4).prop_map(Field::Is),
    ]
    .prop_map(|field| {
        Expr::Field(FieldTerm {
            field,
            span: Span::default(),
        })
    })
}

fn tree() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![3 => text(), 1 => field()];
    leaf.prop_recursive(5, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..4).prop_map(Expr::all_of),
            vec(inner.clone(), 1..4).prop_map(Expr::any_of),
            inner.prop_map(Expr::negate),
        ]
    })
}

/// Strings that often parse: pieces of the language in any order.
fn almost_query() -> impl Strategy<Value = String> {
    let pieces = [
        "(", ")", "-", "--", "\"", "\\", "OR", "AND", "NOT", " ", " ", " ", " ", "a", "bc", "*",
        ":", "::", "//", ",", "is:error", "agent:", "file:", "since:3d", "before:", "2026", "foo:",
        "検", "\"x y\"", "(a OR b)", "()", "\u{3000}",
    ];
    vec(proptest::sample::select(pieces.to_vec()), 0..16).prop_map(|pieces| pieces.concat())
}

/// A string is read or refused, without a panic; what is read prints as a query that
/// is the same tree, also elsewhere and later; a refusal points into the string.
fn check(input: &str) -> Result<(), TestCaseError> {
    match parse(input, now(), &tokyo()) {
        Ok(query) => {
            let printed = query.to_string();
            let again = parse(&printed, Timestamp::UNIX_EPOCH, &TimeZone::UTC);
            let again = again.map_err(|error| TestCaseError::fail(error.render(&printed)))?;
            prop_assert_eq!(
                without_spans(again.expr),
                without_spans(query.expr),
                "{}",
                printed
            );
        }
        Err(error) => {
            prop_assert!(input.get(error.span.start..error.span.end).is_some());
            let shown = error.render(input);
            prop_assert!(
                shown.lines().count() >= 2 && shown.lines().count() <= 4,
                "{}",
                shown
            );
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_printed_tree_reads_back(expr in tree()) {
        let printed = expr.to_string();
        let again = parse(&printed, now(), &tokyo());
        let again = again.map_err(|error| TestCaseError::fail(error.render(&printed)))?;
        prop_assert_eq!(&again.to_string(), &printed);
        prop_assert_eq!(without_spans(again.expr), expr, "{}", printed);
    }

    #[test]
    fn arbitrary_text_is_read_or_refused(input in any::<String>()) {
        check(&input)?;
    }

    #[test]
    fn almost_queries_are_read_or_refused(input in almost_query()) {
        check(&input)?;
    }

    #[test]
    fn arbitrary_dates_are_read_or_refused(date in "[0-9TZ:+.-]{1,12}|[0-9]{1,20}[a-z]{1,2}") {
        check(&format!("since:{date}"))?;
    }
}
