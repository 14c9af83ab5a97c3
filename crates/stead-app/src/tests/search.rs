//! The query language on real sessions: what is found, where, and why.

use super::machine::{CLAUDE, CODEX, Machine, OPENCODE, found, load, prompt};
use stead_index::ProjectFilter;

use crate::{App, AppError, ListOptions, SearchHit, SearchOptions};

/// Sessions that are found, by the first letters of their ids.
fn short(app: &App, query: &str) -> String {
    let mut ids: Vec<String> = found(app, query)
        .iter()
        .map(|id| app.short_id(&session_id(app, id)).unwrap())
        .collect();
    ids.sort();
    ids.join(" ")
}

fn session_id(app: &App, native: &str) -> stead_usf::SessionId {
    app.find(native).unwrap().id().clone()
}

fn first(app: &App, query: &str) -> SearchHit {
    let report = app.search(query, &SearchOptions::default()).unwrap();
    report.hits.into_iter().next().unwrap()
}

#[test]
fn queries_find_what_they_mean() {
    let machine = Machine::with_samples();
    let app = machine.synced();
    for (query, expected) in [
        ("\"drops punctuation\"", "01a1fbc5-7 e519b8e8 ses_e0417"),
        ("\"DROPS Punctuation\"", "01a1fbc5-7 e519b8e8 ses_e0417"),
        ("\"punctuation drops\"", ""),
        ("ops punctua at ends of", "01a1fbc5-7 e519b8e8 ses_e0417"),
        ("agent:codex is:user slugify", "01a1fbc5-7 01a1fbc6"),
        ("agent:codex is:user slugify -tests", "01a1fbc6"),
        ("agent:claude-code title:counting", "f525b7c4"),
        ("project:other", "01a1fbc6 85e65a38 ses_e04160"),
        (
            "project:other OR title:counting",
            "01a1fbc6 85e65a38 f525b7c4 ses_e04160",
        ),
        ("file:NOTES.md agent:claude-code", "a9f9eeee f525b7c4"),
        ("file:**/NOTES.md agent:opencode", "ses_e0416bb ses_e0416f6"),
        ("file:src/*.py tool:edit agent:claude-code", "e519b8e8"),
        ("tool:shell is:error", "01a1fbc5-7 e519b8e8 ses_e0417"),
        ("tool:shell is:error agent:codex", "01a1fbc5-7"),
        ("model:opus is:user \"drop punctuation\"", "e519b8e8"),
        ("model:opus agent:codex", ""),
        ("id:e519", "e519b8e8"),
        ("is:subagent agent:claude-code", "agent-a4 agent-a8"),
        (
            "branch:main is:user \"git say\" agent:claude-code",
            "a9f9eeee b282a111",
        ),
        ("since:2026-11-21T02:22:50Z", "ses_e04160"),
        ("before:2026-11-21T01:12:00Z is:user", "e519b8e8"),
        ("since:2026-11-22", ""),
        (
            "since:2d is:user \"drop punctuation\" agent:opencode",
            "ses_e0417",
        ),
        ("before:2d", ""),
        ("nowhereatall", ""),
    ] {
        assert_eq!(short(&app, query), expected, "{query}");
    }
}

#[test]
fn negations_split_what_there_is() {
    let machine = Machine::with_samples();
    let app = machine.synced();
    for term in ["agent:codex", "project:other", "is:subagent", "id:e519"] {
        let (with, without) = (found(&app, term), found(&app, &format!("-{term}")));
        assert!(!with.is_empty() && !without.is_empty(), "{term}");
        assert!(with.iter().all(|id| !without.contains(id)), "{term}");
        assert_eq!(with.len() + without.len(), 19, "{term}");
    }
    let with = found(&app, "slugify OR notes").len();
    assert!(with >= found(&app, "slugify").len().max(found(&app, "notes").len()));
}

#[test]
fn hits_name_the_event() {
    let machine = Machine::with_samples();
    let app = machine.synced();
    for (query, native, kind) in [
        (
            "agent:claude-code is:error \"does-not-exist\"",
            CLAUDE,
            "tool_result",
        ),
        (
            "agent:codex is:error \"does-not-exist\"",
            CODEX,
            "tool_result",
        ),
        ("agent:claude-code \"Also drop\"", CLAUDE, "user"),
        (
            "id:ses_e0416f655 is:user \"Write that down\"",
            OPENCODE,
            "user",
        ),
        ("agent:codex \"drops punctuation\"", CODEX, "assistant"),
    ] {
        let hit = first(&app, query);
        assert_eq!(
            (hit.session.native_id.as_str(), hit.kind),
            (native, kind),
            "{query}"
        );
        let session = load(&app, native);
        let event = hit.event.unwrap();
        let event = session.events.iter().find(|e| e.id == event).unwrap();
        assert_eq!(event.kind.as_str(), kind, "{query}");
        assert_eq!(hit.at, event.at, "{query}");
        assert!(!hit.snippet.matches.is_empty(), "{query}");
        for range in &hit.snippet.matches {
            let marked = hit.snippet.text[range.clone()].to_lowercase();
            assert!(query.to_lowercase().contains(&marked), "{query}: {marked}");
        }
    }
}

#[test]
fn words_of_any_script_and_of_any_length_are_found() {
    let machine = Machine::with_samples();
    let words = "修复了登录错误 Ünïcode ОШИБКА x9 naïve🦀crab";
    machine.append(CLAUDE, &prompt(CLAUDE, 1, words));
    let app = machine.synced();
    for query in [
        "登录",
        "修复了登录错误",
        "ünïcode",
        "ошибка",
        "шибк",
        "x9",
        "🦀",
        "naïve🦀",
    ] {
        assert_eq!(found(&app, query), [CLAUDE], "{query}");
    }
    assert!(found(&app, "登错").is_empty());
}

#[test]
fn options_narrow_a_search_down() {
    let machine = Machine::with_samples();
    let app = machine.synced();
    let count = |list: ListOptions| {
        let report = app.search("slugify", &SearchOptions { list }).unwrap();
        report.hits.len()
    };
    let plain = ListOptions::default;
    let whole = count(plain());
    let by_agent = ["claude-code", "codex", "opencode"].map(|agent| {
        count(ListOptions {
            agents: vec![agent.into()],
            ..plain()
        })
    });
    assert_eq!(by_agent.iter().sum::<usize>(), whole);
    assert_eq!(
        count(ListOptions {
            limit: Some(3),
            ..plain()
        }),
        3
    );
    assert_eq!(
        count(ListOptions {
            project: Some(ProjectFilter::part("WORK/other")),
            ..plain()
        }),
        3
    );
}

#[test]
fn better_hits_come_first() {
    let machine = Machine::with_samples();
    let app = machine.synced();
    let report = app.search("counting", &SearchOptions::default()).unwrap();
    assert_eq!(report.hits[0].session.title.as_deref(), Some("counting"));
    let scores: Vec<_> = report.hits.iter().map(|hit| hit.score).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
}

#[test]
fn a_wrong_query_is_an_error_with_a_place() {
    let machine = Machine::with_samples();
    let app = machine.synced();
    for query in [
        "a (b",
        "since:fortnight",
        "\"open",
        "agnet:codex x",
        "is:nothing",
    ] {
        let result = app.search(query, &SearchOptions::default());
        let Err(AppError::Query(error)) = result else {
            panic!("{query} is accepted");
        };
        let shown = error.render(query);
        assert!(shown.lines().nth(1).unwrap().contains('^'), "{shown}");
    }
}
