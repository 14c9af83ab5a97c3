//! Sessions are named by any beginning of their id that fits only one.

use super::machine::{CLAUDE, CODEX, Machine, OPENCODE, all};
use stead_index::ProjectFilter;

use crate::{App, AppError, ListOptions};

fn finds(app: &App, wanted: &str) -> String {
    app.find(wanted).unwrap().id().to_string()
}

#[test]
fn ids_and_their_beginnings() {
    let machine = Machine::with_samples();
    let app = machine.synced();
    for (wanted, id) in [
        (CLAUDE, format!("claude-code:{CLAUDE}")),
        ("e519", format!("claude-code:{CLAUDE}")),
        ("claude-code:e5", format!("claude-code:{CLAUDE}")),
        ("01a1fbc5-7", format!("codex:{CODEX}")),
        ("codex:01a1fbc5-7", format!("codex:{CODEX}")),
        (OPENCODE, format!("opencode:{OPENCODE}")),
        ("agent-a4", "claude-code:agent-a471b49d140e5aa85".into()),
    ] {
        assert_eq!(finds(&app, wanted), id, "{wanted}");
    }
}

#[test]
fn every_short_id_names_its_session() {
    for case in super::machine::cases() {
        let machine = Machine::of(&case);
        let app = machine.synced();
        for header in app.list(&all()).unwrap() {
            let short = app.short_id(&header.id).unwrap();
            assert_eq!(finds(&app, &short), header.id.to_string(), "{short}");
        }
    }
}

#[test]
fn a_beginning_of_several_names_them() {
    let machine = Machine::with_samples();
    let app = machine.synced();
    let Err(AppError::Ambiguous {
        wanted,
        count,
        candidates,
    }) = app.find("ses_e0416")
    else {
        panic!("it is ambiguous");
    };
    assert_eq!((wanted.as_str(), count), ("ses_e0416", 5));
    assert!(
        candidates.contains(&format!("opencode:{OPENCODE}")),
        "{candidates:?}"
    );
    assert!(matches!(
        app.find("codex:"),
        Err(AppError::Ambiguous { count: 6, .. })
    ));
    assert!(matches!(
        app.find(""),
        Err(AppError::Ambiguous { count: 19, .. })
    ));
}

#[test]
fn the_unknown_is_answered_with_what_is_near() {
    let machine = Machine::with_samples();
    let app = machine.synced();
    for wanted in ["zzz", "e519b8e9", "codex:e519", "%", "_", "' OR 1"] {
        let Err(AppError::NotFound { nearest, .. }) = app.find(wanted) else {
            panic!("there is no `{wanted}`");
        };
        assert_eq!(nearest.len(), 5, "{nearest:?}");
    }
    // The end of an id is what people copy by mistake.
    let Err(AppError::NotFound { nearest, .. }) = app.find("b8fd-b2a790cb2b86") else {
        panic!("it is no beginning");
    };
    assert_eq!(nearest[0], format!("claude-code:{CLAUDE}"));
    let Err(AppError::NotFound { nearest, .. }) = Machine::empty().synced().find("x") else {
        panic!("there is nothing");
    };
    assert!(nearest.is_empty());
}

#[test]
fn lists_are_narrowed_down() {
    let machine = Machine::with_samples();
    let app = machine.synced();
    let count = |options: ListOptions| {
        let listed = app.list(&options).unwrap().len();
        if options.limit.is_none() {
            assert_eq!(app.count(&options).unwrap(), listed as u64);
        }
        listed
    };
    let plain = ListOptions::default;
    let millis = |time: &str| {
        time.parse::<jiff::Timestamp>()
            .ok()
            .map(jiff::Timestamp::as_millisecond)
    };
    assert_eq!(count(plain()), 13);
    assert_eq!(count(all()), 19);
    for (options, expected) in [
        (
            ListOptions {
                agents: vec!["codex".into()],
                ..plain()
            },
            4,
        ),
        (
            ListOptions {
                agents: vec!["codex".into(), "opencode".into()],
                ..plain()
            },
            8,
        ),
        (
            ListOptions {
                agents: vec!["nobody".into()],
                ..plain()
            },
            0,
        ),
        (
            ListOptions {
                project: Some(ProjectFilter::part("work/OTHER")),
                ..plain()
            },
            3,
        ),
        (
            ListOptions {
                limit: Some(2),
                ..plain()
            },
            2,
        ),
        (
            ListOptions {
                since_ms: millis("2026-11-21T02:00:00Z"),
                ..plain()
            },
            4,
        ),
        (
            ListOptions {
                before_ms: millis("2026-11-21T01:30:00Z"),
                ..plain()
            },
            5,
        ),
        (
            ListOptions {
                since_ms: millis("2026-11-22T00:00:00Z"),
                ..plain()
            },
            0,
        ),
    ] {
        assert_eq!(count(options.clone()), expected, "{options:?}");
    }
    let newest: Vec<_> = app
        .list(&all())
        .unwrap()
        .iter()
        .map(|s| s.updated_at)
        .collect();
    assert!(newest.is_sorted_by(|a, b| a >= b), "the newest come first");
}

#[test]
fn children_name_their_parent() {
    let machine = Machine::with_samples();
    let app = machine.synced();
    let parent = app.find("a9f9eeee").unwrap().id().clone();
    let mut children: Vec<_> = app
        .children(&parent)
        .unwrap()
        .into_iter()
        .map(|child| child.native_id)
        .collect();
    children.sort();
    assert_eq!(
        children,
        [
            "agent-a8e2b5e42ac26acc7",
            "b282a111-0524-4c76-8a0f-2b272706cda7"
        ]
    );
}
