//! What the view shows, as text.

use std::time::Duration;

use serde_json::json;
use stead_agent::run::{Wish, Word};
use stead_agent::tools::Question;
use stead_llm::{Delta, Label};
use stead_usf::{Edit, EditOperation, Event, EventType, Raw, Scope, Tool, ToolKind};

use super::editor::Key;
use super::view::{Sent, View};
use super::{Reply, Told};
use crate::cmd::run::front::tally::Prices;
use crate::render::RenderOptions;

fn view() -> View {
    let options = RenderOptions {
        width: 70,
        colour: false,
        full: false,
        reasoning: false,
        timezone: jiff::tz::TimeZone::UTC,
        now: "2026-11-24T09:00:00Z".parse().unwrap(),
        all_branches: false,
    };
    let mut view = View::new(options, "/work/project", Prices::default());
    view.route("→ parser: rules → generator: local/small (MIT)");
    assert_eq!(
        settled(&mut view),
        "  → parser: rules → generator: local/small (MIT)\n"
    );
    view.route("→ parser: rules → generator: local/small (MIT)");
    assert_eq!(settled(&mut view), "", "it is no news");
    view
}

const AT: Duration = Duration::from_secs(5);

fn recorded(view: &mut View, event: Event) {
    view.told(Told::Recorded(Box::new(event)), AT);
}

fn region(view: &View) -> String {
    let (rows, _) = view.region(70, 24, Duration::from_secs(7));
    let text = |row: Vec<crate::render::style::Span>| -> String {
        row.into_iter().map(|part| part.text).collect()
    };
    let rows: Vec<String> = rows.into_iter().map(text).collect();
    rows.join("\n")
}

/// What was settled, without free rows above it.
fn settled(view: &mut View) -> String {
    let text = String::from_utf8(view.settled()).unwrap();
    text.trim_start_matches('\n').to_owned()
}

fn call(name: &str, kind: ToolKind, input: &serde_json::Value) -> Event {
    Event {
        call_id: Some("c1".to_owned()),
        tool: Some(Tool::new(name.to_owned(), kind)),
        input: Raw::of(input).ok(),
        ..Event::new("1", EventType::ToolCall)
    }
}

fn result(output: &str, ok: bool) -> Event {
    Event {
        call_id: Some("c1".to_owned()),
        ok: Some(ok),
        output: Some(output.to_owned()),
        ..Event::new("2", EventType::ToolResult)
    }
}

fn typed(view: &mut View, text: &str) -> Option<Sent> {
    text.chars()
        .for_each(|letter| view.editor.press(Key::Char(letter)));
    view.enter()
}

#[test]
fn a_command_is_shown_while_it_runs_and_settles_when_it_ended() {
    let mut view = view();
    recorded(
        &mut view,
        call("shell", ToolKind::Shell, &json!({"command": "make test"})),
    );
    assert_eq!(settled(&mut view), "", "a call waits for its result");
    view.told(
        Told::Output("one\ntwo\u{1b}[2J\nthree\nfour\nfive\n".to_owned()),
        AT,
    );
    let shown = region(&view);
    assert!(shown.starts_with("⠋ shell make test 0:02\n  │ two\n  │ three\n  │ four\n  │ five\n"));
    assert!(!shown.contains('\u{1b}'));
    recorded(&mut view, result("all is well", true));
    assert_eq!(
        settled(&mut view),
        "  $ shell  make test\n  │ all is well\n"
    );
    assert!(region(&view).starts_with("⠋ waits for the model 0:02\n"));
}

#[test]
fn an_answer_is_shown_while_it_comes_and_settles_whole() {
    let mut view = view();
    let delta = |text: &str| Delta::Text {
        part: Label::default(),
        text: text.to_owned(),
    };
    view.told(Told::Delta(delta("It is **so")), AT);
    view.told(Told::Delta(delta("**.")), AT);
    assert!(
        region(&view).starts_with("  It is so.\n⠋ writes 0:02\n"),
        "{}",
        region(&view)
    );
    recorded(
        &mut view,
        Event {
            text: Some("It is **so**.".to_owned()),
            ..Event::new("1", EventType::Assistant)
        },
    );
    assert_eq!(settled(&mut view), "  It is so.\n");
}

#[test]
fn a_change_is_shown_as_a_diff() {
    let mut view = view();
    let edit = Edit {
        scope: Some(Scope::File),
        before: Some("a\nb\n".to_owned()),
        after: Some("a\nc\n".to_owned()),
        ..Edit::new("src/x.py".to_owned(), EditOperation::Modify)
    };
    recorded(
        &mut view,
        Event {
            edits: vec![edit],
            ..Event::new("1", EventType::Edit)
        },
    );
    assert_eq!(
        settled(&mut view),
        "    changed src/x.py  +1 −1\n    1   a\n    2 - b\n    2 + c\n"
    );
}

#[test]
fn the_models_plan_stands_below_until_it_is_done() {
    let mut view = view();
    let plan = |last: &str| json!({"items": [{"text": "look", "status": "done"}, {"text": "write", "status": last}]});
    recorded(&mut view, call("todo", ToolKind::Todo, &plan("active")));
    assert!(
        region(&view).contains("\n  ✓ look\n  ▸ write\n"),
        "{}",
        region(&view)
    );
    recorded(&mut view, call("todo", ToolKind::Todo, &plan("done")));
    assert!(!region(&view).contains("✓ look"));
}

#[test]
fn only_a_clear_yes_allows_a_call() {
    let wish = Wish {
        tool: "shell".to_owned(),
        arguments: r#"{"command":"rm -rf build\u001b[2J","why":"a\nb"}"#.to_owned(),
        why: "it deletes".to_owned(),
    };
    for (words, wanted) in [
        ("y", Word::Once),
        ("always", Word::Always),
        ("n", Word::No(None)),
        (
            "yesterday you said no",
            Word::No(Some("yesterday you said no".to_owned())),
        ),
    ] {
        let mut view = view();
        view.told(Told::Approve(wish.clone()), AT);
        let shown = region(&view);
        assert!(
            shown.starts_with("? shell: it deletes\ny: this once"),
            "{shown}"
        );
        // All of it stands above, to stay.
        assert_eq!(
            settled(&mut view),
            "  ? shell: it deletes\n  ┃ command: rm -rf build\n  ┃ why:\n  ┃ a\n  ┃ b\n"
        );
        assert!(typed(&mut view, "").is_none(), "nothing is no word");
        let Some(Sent::Reply(Reply::Word(word))) = typed(&mut view, words) else {
            panic!("{words} is no reply");
        };
        assert_eq!(word, wanted);
        assert!(!region(&view).contains("it deletes"));
        assert!(settled(&mut view).starts_with("  ? shell rm -rf build"));
    }
}

#[test]
fn a_question_is_answered_by_its_number_or_in_words() {
    let question = Question {
        text: "Which one?".to_owned(),
        options: vec!["left".to_owned(), "right".to_owned()],
    };
    for (words, wanted) in [("2", "right"), ("0", "0"), ("neither", "neither")] {
        let mut view = view();
        view.told(Told::Ask(question.clone()), AT);
        assert!(region(&view).starts_with("? Which one?\n    1: left\n    2: right\n"));
        let Some(Sent::Reply(Reply::Answer(answer))) = typed(&mut view, words) else {
            panic!("{words} is no reply");
        };
        assert_eq!(answer.as_deref(), Some(wanted));
    }
    let mut view = view();
    view.told(Told::Ask(question), AT);
    assert!(matches!(view.unanswered(), Some(Reply::Answer(None))));
}

#[test]
fn words_for_the_model_wait_until_they_are_on_record() {
    let mut view = view();
    let Some(Sent::Words(words)) = typed(&mut view, " in Rust, please ") else {
        panic!("they are for the model");
    };
    assert_eq!(words, "in Rust, please");
    assert!(region(&view).contains("  ❯ in Rust, please (at the next step)\n"));
    recorded(
        &mut view,
        Event {
            text: Some(words),
            ..Event::new("1", EventType::User)
        },
    );
    assert!(!region(&view).contains("at the next step"));
}

#[test]
fn the_region_fits_any_terminal_and_says_the_route() {
    let mut view = view();
    view.told(Told::Output("x".repeat(500)), AT);
    typed(&mut view, &"word ".repeat(100));
    "é漢"
        .repeat(90)
        .chars()
        .for_each(|letter| view.editor.press(Key::Char(letter)));
    for (columns, rows) in [(20, 4), (70, 10), (300, 100)] {
        let (region, cursor) = view.region(columns, rows, AT);
        assert!(region.len() < rows.max(4));
        assert!(cursor < columns);
        for row in &region {
            assert!(crate::render::wrap::row_width(row) < columns);
        }
    }
    assert!(region(&view).contains("→ parser: rules → generator: local/small"));
}
