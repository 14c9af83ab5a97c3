//! `search`: hits for people and for scripts, options anywhere, wrong queries.

use super::machine::{CLAUDE, Machine};

#[test]
fn hits_say_why_and_how_to_open_them() {
    let machine = Machine::with_samples();
    let text = machine.ok(&["search", "tool:shell is:error agent:claude-code"]);
    let lines: Vec<_> = text.lines().collect();
    assert!(
        lines[0].starts_with("e519b8e8  Add a slugify helper with tests"),
        "{text}"
    );
    assert!(lines[1].starts_with("  tool result: "), "{text}");
    assert!(
        lines[1].contains("cannot access 'does-not-exist'"),
        "{text}"
    );
    let next: Vec<_> = lines[2].split_whitespace().skip(1).take(4).collect();
    assert_eq!(next[..3], ["show", "e519b8e8", "--at"], "{text}");
    assert!(machine.ok(&next).contains("does-not-exist"));
}

#[test]
fn hits_are_data_for_scripts() {
    let machine = Machine::with_samples();
    let report = machine.json(&[
        "search",
        "--json",
        "\"drops punctuation\" agent:claude-code",
    ]);
    let hit = &report["hits"][0];
    assert_eq!(hit["session"]["native_id"], CLAUDE);
    assert_eq!(hit["type"], "assistant");
    let text = hit["snippet"]["text"].as_str().unwrap();
    let range = &hit["snippet"]["matches"][0];
    let at = |end: &str| range[end].as_u64().unwrap() as usize;
    assert_eq!(&text[at("start")..at("end")], "drops punctuation");
    assert_eq!(report["complete"], true);
}

#[test]
fn options_may_stand_after_the_query() {
    let machine = Machine::with_samples();
    for arguments in [
        &[
            "search", "--json", "-n", "1", "-a", "codex", "slugify", "helper",
        ][..],
        &[
            "search", "slugify", "helper", "--json", "-n", "1", "-a", "codex",
        ],
        &[
            "s",
            "slugify",
            "--limit=1",
            "helper",
            "--agent",
            "codex",
            "--json",
        ],
        &[
            "--json",
            "search",
            "slugify",
            "-n",
            "1",
            "helper",
            "--agent=codex",
        ],
    ] {
        let report = machine.json(arguments);
        let hits = report["hits"].as_array().unwrap();
        assert_eq!(hits.len(), 1, "{arguments:?}");
        assert_eq!(hits[0]["session"]["agent"], "codex", "{arguments:?}");
    }
}

#[test]
fn words_are_negated_with_and_without_quotes() {
    let machine = Machine::with_samples();
    let quoted = machine.ok(&["search", "is:user slugify -tests"]);
    assert!(
        quoted.contains("01a1fbc6") && !quoted.contains("e519b8e8"),
        "{quoted}"
    );
    assert_eq!(
        machine.ok(&["search", "is:user", "slugify", "-tests"]),
        quoted
    );
    assert_eq!(
        machine.ok(&["search", "-tests", "is:user", "slugify"]),
        quoted
    );
    assert_eq!(
        machine.ok(&["search", "--", "-tests", "is:user", "slugify"]),
        quoted
    );
}

#[test]
fn nothing_found_is_no_error() {
    let machine = Machine::with_samples();
    let run = machine.run(&["search", "nowhereatall"]);
    assert_eq!((run.code, run.out.as_str()), (0, ""));
    assert!(run.err.ends_with("Nothing found.\n"), "{}", run.err);
    let report = machine.json(&["search", "--json", "nowhereatall"]);
    assert_eq!(report["hits"], serde_json::json!([]));
}

/// The caret stands under the place, in the column of the query as shown.
#[test]
fn a_wrong_query_is_shown_with_a_caret() {
    let machine = Machine::with_samples();
    for (query, wrong) in [
        ("slugify since:fortnight", "fortnight"),
        ("slugify (open", "("),
        ("修复 agnet:codex", "agnet"),
    ] {
        let run = machine.run(&["search", query]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{query}");
        let lines: Vec<_> = run.err.lines().collect();
        let caret = lines
            .iter()
            .position(|line| line.trim().starts_with('^'))
            .unwrap();
        let column = lines[caret].find('^').unwrap();
        let shown = lines[caret - 1];
        // Wide characters take two columns.
        let wide = shown.chars().filter(|c| *c > '\u{2e80}').count();
        let start = shown.chars().count() - shown.trim_start().chars().count();
        let place = shown.chars().take(column - wide).collect::<String>();
        let marked: String = shown.chars().skip(column - wide).collect();
        assert!(
            marked.starts_with(wrong) || place.ends_with("since:"),
            "{}",
            run.err
        );
        assert_eq!(shown.trim_start(), query, "{}", run.err);
        assert!(start <= column, "{}", run.err);
    }
}

#[test]
fn words_that_stand_apart_are_told_with_what_to_do() {
    let machine = Machine::with_samples();
    machine.say(1, "a zebra crosses");
    machine.say(2, "the giraffe's way");
    let run = machine.run(&["search", "zebra", "giraffe's", "agent:claude-code"]);
    assert_eq!((run.code, run.out.as_str()), (0, ""));
    for line in [
        "Nothing found.",
        "  zebra agent:claude-code: 1 event in 1 session",
        "  giraffe's agent:claude-code: 1 event in 1 session",
        "Each in another event of the same session: e519b8e8",
        r"stead search '(zebra OR giraffe'\''s) agent:claude-code'",
    ] {
        assert!(run.err.contains(line), "{line}: {}", run.err);
    }
    let found = machine.ok(&["search", "(zebra OR giraffe's) agent:claude-code"]);
    assert!(found.contains("e519b8e8"), "{found}");
    // Where nothing stands apart, or somebody parses, there is no advice.
    for query in [
        &["unicorn"][..],
        &["unicorn", "basilisk"],
        &["zebra", "giraffe's", "--json"],
    ] {
        let run = machine.run(&[&["search"], query].concat());
        assert!(!run.err.contains("one event"), "{}", run.err);
    }
}
