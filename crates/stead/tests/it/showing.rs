//! `show`: one session, named well or badly.

use serde_json::Value;
use stead_usf::Session;

use super::machine::{CLAUDE, Machine};

#[test]
fn documents_follow_the_published_schema() {
    let machine = Machine::with_samples();
    let schema = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../stead-usf/schema/usf.v1.schema.json"
    );
    let schema: Value = serde_json::from_slice(&fs_err::read(schema).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let listed = machine.json(&["ls", "--all", "--json"]);
    for header in listed.as_array().unwrap() {
        assert!(validator.is_valid(header));
        let id = header["id"].as_str().unwrap();
        let document = machine.json(&["show", id, "--json"]);
        let errors: Vec<_> = validator
            .iter_errors(&document)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{id}: {errors:#?}");
        let session: Session = serde_json::from_value(document.clone()).unwrap();
        assert_eq!(stead_usf::validate(&session), [], "{id}");
        assert!(!session.events.is_empty(), "{id}");
        // What lists say is what documents say.
        for (name, value) in header.as_object().unwrap() {
            assert_eq!(&document[name], value, "{id}: {name}");
        }
    }
}

#[test]
fn a_session_is_shown_as_it_went() {
    let machine = Machine::with_samples();
    let text = machine.ok(&["show", "e519"]);
    let mut rest = text.as_str();
    for words in [
        "Add a slugify helper with tests to src/utils.py",
        "Claude Code 2.1.329 · claude-opus-5-5",
        "/home/dev/work/demo",
        "main",
        "❯ Add a slugify helper with tests to src/utils.py",
        "def slugify(text):",
        "❯ Also drop punctuation",
        "does-not-exist",
        "slugify() now drops punctuation at the ends of words.",
    ] {
        let place = rest
            .find(words)
            .unwrap_or_else(|| panic!("{words:?} after that in {text}"));
        rest = &rest[place..];
    }
    assert!(
        text.lines().all(|line| line.chars().count() <= 100),
        "{text}"
    );
    let newest = machine.ok(&["show"]);
    assert_eq!(newest, machine.ok(&["show", "ses_e04160"]));
    let of_agent = machine.ok(&["show", "-a", "codex"]);
    assert_eq!(of_agent, machine.ok(&["show", "01a1fbc6"]));
}

#[test]
fn a_session_is_shown_from_an_event_on() {
    let machine = Machine::with_samples();
    let session: Session = serde_json::from_str(&machine.ok(&["show", CLAUDE, "--json"])).unwrap();
    let second = session
        .events
        .iter()
        .filter(|event| event.is_prompt())
        .nth(1)
        .unwrap();
    let text = machine.ok(&["show", CLAUDE, "--at", &second.id]);
    assert!(text.contains("❯ Also drop punctuation"), "{text}");
    assert!(!text.contains("❯ Add a slugify"), "{text}");
    let run = machine.run(&["show", CLAUDE, "--at", "nowhere"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("no event `nowhere`"), "{}", run.err);
}

#[test]
fn an_unknown_id_is_answered_with_the_nearest() {
    let machine = Machine::with_samples();
    for arguments in [
        &["show", "b8fd-b2a790cb2b86"][..],
        &["export", "b8fd-b2a790cb2b86"],
    ] {
        let run = machine.run(arguments);
        assert_eq!((run.code, run.out.as_str()), (3, ""), "{}", run.err);
        let nearest = format!("the nearest are claude-code:{CLAUDE}");
        assert!(
            run.err.contains("error: no session `b8fd-b2a790cb2b86`"),
            "{}",
            run.err
        );
        assert!(run.err.contains(&nearest), "{}", run.err);
    }
}

#[test]
fn an_ambiguous_id_is_answered_with_the_candidates() {
    let machine = Machine::with_samples();
    let run = machine.run(&["show", "01a1fbc5"]);
    assert_eq!((run.code, run.out.as_str()), (4, ""));
    assert!(
        run.err
            .contains("`01a1fbc5` is the beginning of 5 sessions"),
        "{}",
        run.err
    );
    assert!(run.err.contains("codex:01a1fbc5-763d"), "{}", run.err);
}

/// Text of a session that would change the title, move the cursor, or set the
/// clipboard of a terminal.
#[test]
fn terminal_sequences_stay_harmless() {
    let machine = Machine::with_samples();
    let hostile = "quokka \u{1b}]0;owned\u{7} \u{1b}[2J\u{1b}[H \u{9b}31m \u{1b}]52;c;AAAA\u{1b}\\ \r\u{8} end";
    machine.say(1, hostile);
    let id = CLAUDE;
    for arguments in [
        &["ls", "--all"][..],
        &["show", id],
        &["show", id, "--full", "--all-branches", "--reveal"],
        &["search", "quokka"],
        &["export", id, "--format", "md"],
        &["export", id, "--format", "html"],
        &["show", id, "--json"],
        &[],
    ] {
        let text = machine.ok(arguments);
        // JSON escapes what is ASCII; the rest is for programs.
        let json = arguments.contains(&"--json");
        let control = |c: char| c.is_control() && c != '\n' && c != '\t' && (c.is_ascii() || !json);
        assert!(!text.contains(control), "{arguments:?}: {text:?}");
    }
    let run = machine.run(&["show", "\u{1b}]0;owned\u{7}"]);
    assert!(!run.err.contains('\u{1b}'), "{:?}", run.err);
}
