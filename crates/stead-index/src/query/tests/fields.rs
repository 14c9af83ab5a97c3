//! Fields, their values, and what only looks like a field.

use jiff::tz::TimeZone;

use super::super::{Expr, Field, PathPattern, parse};
use super::{is_one_word, read, reads};

#[test]
fn fields_take_lists_and_quotes() {
    reads(&[
        ("agent:codex,opencode", "agent:codex,opencode"),
        ("AGENT:codex Agent:x", "and(agent:codex agent:x)"),
        ("project:\"my app\",other", "project:\"my app\",other"),
        ("(title:\"a)b\" OR id:x)", "or(title:\"a)b\" id:x)"),
        ("(title:a)", "title:a"),
        ("title:f(x)", "title:\"f(x)\""),
        ("file:C:\\src\\**\\*.rs", "file:C:\\src\\**\\*.rs"),
        (
            "file:/etc model:gpt-5[1m] tool:mcp__x",
            "and(file:/etc model:gpt-5[1m] tool:mcp__x)",
        ),
        ("branch:feat/x", "branch:feat/x"),
        ("is:Error,edit,archived", "is:error,edit,archived"),
    ]);
}

#[test]
fn a_file_value_with_a_wildcard_is_a_glob() {
    let Ok(Expr::Field(term)) = read("file:main.rs,\"a b/*.rs\",x?") else {
        panic!()
    };
    let want = ["a b/*.rs", "x?"].map(|glob| PathPattern::Glob(glob.into()));
    let Field::File(patterns) = term.field else {
        panic!()
    };
    assert_eq!(patterns[0], PathPattern::Substring("main.rs".into()));
    assert_eq!(patterns[1..], want);
}

#[test]
fn code_with_a_colon_is_text() {
    is_one_word(&[
        "http://x",
        "https://a.b/c?d=e",
        "file:///home/x",
        "s3://b/k",
        "std::fs",
        "file::open",
        "std::fs::read",
        r"C:\x",
        "C:/x",
        "c:foo",
        "12:30",
        "12:30:05",
        "foo:",
        "agent:",
        ":foo",
        "error[E0382]:",
        "main.rs:12",
        "localhost:8080",
        "key:123",
        "key:[1]",
        "key:{",
        "key:'x'",
        "git@github.com:a/b.git",
        "urn:isbn:1",
        "cargo:rustc-link=x",
        "mailto:a@b.c",
        "data:/var/lib",
        "data:text/html;base64",
        "TODO:fix",
        "TypeError:x",
        "x:i32",
        "sha256:abc",
        "max_width:big",
        "キー:値",
        "max-width:10px",
        "name:x,",
        r"\\server\share",
        "mode:{",
        r"mode:\x",
    ]);
    reads(&[
        ("key: value", "and(w<key:> w<value>)"),
        ("title: x", "and(w<title:> w<x>)"),
    ]);
}

#[test]
fn dates_resolve_in_the_time_zone() {
    let day = |day: &str| format!("since:{day}T15:00:00Z");
    reads(&[
        ("since:2026-11-21", &day("2026-11-20")),
        ("since:2026-11", &day("2026-10-31")),
        ("since:2026", &day("2025-12-31")),
        ("since:today", &day("2026-11-20")),
        ("since:Yesterday", &day("2026-11-19")),
        ("since:3d", "since:2026-11-18T01:30:00Z"),
        ("since:12h", "since:2026-11-20T13:30:00Z"),
        ("since:30m", "since:2026-11-21T01:00:00Z"),
        ("since:2w", "since:2026-11-07T01:30:00Z"),
        ("since:6mo", "since:2026-05-21T01:30:00Z"),
        ("since:1y", "since:2025-11-21T01:30:00Z"),
        ("before:2026-11", "before:2026-10-31T15:00:00Z"),
        ("since:2026-11-21T10:00", "since:2026-11-21T01:00:00Z"),
        (
            "since:2026-11-21T10:00:00+02:00",
            "since:2026-11-21T08:00:00Z",
        ),
        ("since:\"2026-11-21 10:00\"", "since:2026-11-21T01:00:00Z"),
        (
            "before:2026-11-21T10:00:00.25Z",
            "before:2026-11-21T10:00:00.25Z",
        ),
    ]);
}

#[test]
fn days_go_by_the_calendar_and_hours_by_the_clock() {
    let at = |input: &str, now: &str, tz: &str| {
        let tz = TimeZone::posix(tz).unwrap();
        parse(input, now.parse().unwrap(), &tz).unwrap().to_string()
    };
    // Daylight saving time starts on 2026-03-08: a day of 23 hours.
    let new_york = "EST5EDT,M3.2.0,M11.1.0";
    assert_eq!(
        at("since:1d", "2026-03-08T20:00:00Z", new_york),
        "since:2026-03-07T21:00:00Z"
    );
    assert_eq!(
        at("since:24h", "2026-03-08T20:00:00Z", new_york),
        "since:2026-03-07T20:00:00Z"
    );
    // Here it starts at midnight, so the day's first instant is one o'clock.
    let midnight = "AAA3BBB,M3.2.0/0,M11.1.0/0";
    let today = at("since:today", "2026-03-08T20:00:00Z", midnight);
    assert_eq!(today, "since:2026-03-08T03:00:00Z");
}
