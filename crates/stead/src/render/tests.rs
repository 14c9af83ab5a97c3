//! The pictures, and what no session can do to them.

use proptest::prelude::*;
use stead_app::export::SessionWriter;
use stead_usf::{AgentId, Edit, Event, EventType, Inactive, Raw, Session, Tool, ToolKind};

use super::{RenderOptions, SessionRenderer, wrap};

const SAMPLE: &str = include_str!("../../../stead-app/src/export/view/testdata/sample.usf.jsonl");

const ESC: char = '\u{1b}';
/// Turns the direction of text round.
const OVERRIDE: char = '\u{202e}';

fn options(width: usize) -> RenderOptions {
    RenderOptions {
        width,
        colour: false,
        full: false,
        reasoning: false,
        timezone: jiff::tz::TimeZone::UTC,
        now: "2026-11-24T09:00:00Z".parse().unwrap(),
        all_branches: false,
    }
}

fn picture(header: &Session, events: &[Event], options: RenderOptions) -> String {
    let mut out = Vec::new();
    let mut renderer = SessionRenderer::new(&mut out, options);
    renderer.begin(header).unwrap();
    for event in events {
        renderer.event(event).unwrap();
    }
    renderer.end().unwrap();
    String::from_utf8(out).unwrap()
}

fn sample(options: RenderOptions) -> String {
    let (header, events) = stead_usf::read_lines(SAMPLE.as_bytes()).unwrap();
    let events: Vec<Event> = events.map(Result::unwrap).collect();
    picture(&header, &events, options)
}

#[test]
fn plain() {
    insta::assert_snapshot!(sample(options(80)));
}

#[test]
fn narrow() {
    insta::assert_snapshot!(sample(options(40)));
}

#[test]
fn coloured() {
    let coloured = RenderOptions {
        colour: true,
        ..options(100)
    };
    insta::assert_snapshot!(sample(coloured).replace('\u{1b}', "␛"));
}

#[test]
fn everything() {
    let everything = RenderOptions {
        full: true,
        all_branches: true,
        ..options(90)
    };
    insta::assert_snapshot!(sample(everything));
}

#[test]
fn reasoning_is_unfolded_when_wanted() {
    let reasoning = RenderOptions {
        reasoning: true,
        ..options(80)
    };
    assert!(sample(reasoning).contains("Fifth thought."));
}

#[test]
fn what_is_gone_looks_gone() {
    let options = RenderOptions {
        all_branches: true,
        colour: true,
        ..options(80)
    };
    let picture = sample(options);
    let line = picture
        .lines()
        .find(|line| line.contains("A reply that nobody"))
        .unwrap();
    assert!(
        line.contains("\u{1b}[2m\u{1b}[9m"),
        "dim and struck: {line:?}"
    );
}

/// Text as hostile programs write it.
fn text() -> impl Strategy<Value = String> {
    let bits = prop::sample::select(vec![
        "\u{1b}[31m",
        "\u{1b}]0;t\u{7}",
        "\u{9b}2J",
        "\u{1b}",
        "\r",
        "\n",
        "\t",
        "\u{202e}",
        "日本",
        "👩‍👩‍👧",
        "🇯🇵",
        "❯ ",
        "── 9 ──",
        "# ",
        "- ",
        "> ",
        "```\n",
        "| a |\n|--|\n",
        "[x](y)",
        "**",
        "word ",
        "\u{0}",
        "\u{200b}",
        "\u{8}",
    ]);
    let piece = prop_oneof![
        bits.prop_map(str::to_owned),
        any::<char>().prop_map(String::from)
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// A session in which every field says `text`.
fn hostile(text: &str) -> (Session, Vec<Event>) {
    let mut header = Session::new(AgentId::from(text.to_owned()), text);
    header.title = Some(text.to_owned());
    header.cwd = Some(text.to_owned());
    let mut events: Vec<Event> = EventType::ALL
        .iter()
        .map(|kind| {
            let mut event = Event::new(kind.as_str(), *kind);
            event.text = Some(text.to_owned());
            event
        })
        .collect();
    let mut call = Event::new("call", EventType::ToolCall);
    call.call_id = Some(text.to_owned());
    call.tool = Some(Tool::new(text, ToolKind::Shell));
    call.input = Some(Raw::of(&serde_json::json!({ "command": text })).unwrap());
    call.edits = vec![Edit::replace(text, text, format!("{text}x"))];
    let mut result = Event::new("result", EventType::ToolResult);
    result.call_id = Some(text.to_owned());
    result.output = Some(text.to_owned());
    result.ok = Some(false);
    let mut gone = Event::new("gone", EventType::User);
    gone.text = Some(text.to_owned());
    gone.inactive = Some(Inactive::Rewound);
    events.extend([call, result, gone]);
    (header, events)
}

/// `picture` without our own codes of style.
fn unstyled(picture: &str) -> String {
    let mut out = String::new();
    let mut rest = picture;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        let codes = after
            .bytes()
            .take_while(|b| b.is_ascii_digit() || *b == b';')
            .count();
        assert_eq!(
            after.as_bytes().get(codes),
            Some(&b'm'),
            "not a code of style"
        );
        rest = &after[codes + 1..];
    }
    out + rest
}

proptest! {
    #[test]
    fn no_control_code_of_a_session_gets_out(
        text in text(), colour: bool, full: bool, all_branches: bool,
    ) {
        let (header, events) = hostile(&text);
        let options = RenderOptions { colour, full, all_branches, ..options(80) };
        let picture = picture(&header, &events, options);
        if !colour {
            prop_assert!(!picture.contains(ESC), "{picture:?}");
        }
        let seen = unstyled(&picture);
        prop_assert!(!seen.chars().any(|c| c.is_control() && c != '\n'), "{seen:?}");
        prop_assert!(!seen.contains(OVERRIDE), "{seen:?}");
    }

    #[test]
    fn rows_keep_to_the_width(text in text(), width in 40_usize..=200, full: bool) {
        let (header, events) = hostile(&text);
        let options = RenderOptions { full, all_branches: true, ..options(width) };
        for row in picture(&header, &events, options).lines() {
            prop_assert!(wrap::width(row) <= width, "{} > {width}: {row:?}", wrap::width(row));
        }
    }
}
