//! Sessions of servers that the configuration names.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use stead_testkit::server::{Answer, FakeServer, Question};

use crate::machine::{Machine, Run};

const ID: &str = "0f9a9d4c-6f0d-4a5e-9d7e-0a1b2c3d4e5f";
const BARE: &str = "0f9a9d4c6f0d4a5e9d7e0a1b2c3d4e5f";

const EVENT: &str = r#"{"kind":"MessageEvent","id":"e1","timestamp":"2026-11-21T01:00:01","source":"user",
    "llm_message":{"role":"user","content":[{"type":"text","text":"Where are you?"}]}}"#;

fn conversation() -> String {
    format!(
        r#"{{"id":"{ID}","title":"Ask the server","workspace":{{"working_dir":"/work"}},"updated_at":"2026-11-21T01:00:02Z"}}"#
    )
}

fn page(items: &str) -> String {
    format!(r#"{{"items":[{items}],"next_page_id":null}}"#)
}

/// One conversation, shown to who has the key.
fn answer(question: &Question) -> Answer {
    if question.header("X-Session-API-Key") != Some("hunter2") {
        return Answer::Status(401);
    }
    match question.place().strip_prefix("/api/conversations/") {
        Some("search") => Answer::Body(page(&conversation())),
        Some("count") => Answer::Body("1".into()),
        Some(rest) if rest == ID => Answer::Body(conversation()),
        Some(rest) if rest == format!("{ID}/events/search") => Answer::Body(page(EVENT)),
        _ => Answer::Status(404),
    }
}

fn configured(machine: &Machine, toml: &str, arguments: &[&str]) -> Run {
    let config = machine.home().join("config.toml");
    fs_err::write(&config, toml).unwrap();
    let mut command = machine.command(arguments);
    command
        .env("STEAD_CONFIG", &config)
        .env("THE_KEY", "hunter2");
    Run::of(command.output().unwrap())
}

fn server(url: &str, key: &str) -> String {
    format!("[[server]]\nagent = 'openhands'\nurl = '{url}'\n{key}\n")
}

#[test]
fn sessions_of_a_server_are_shown_and_kept() {
    let (machine, fake) = (Machine::empty(), FakeServer::new(answer));
    for key in [
        "key = 'hunter2'",
        "key_variable = 'THE_KEY'",
        "key_command = ['echo', 'hunter2']",
    ] {
        let listed = configured(&machine, &server(&fake.url, key), &["ls"]);
        assert_eq!(listed.code, 0, "{key}: {}", listed.err);
        assert!(
            listed.out.contains("Ask the server"),
            "{key}: {}",
            listed.out
        );
    }
    let config = server(&fake.url, "key = 'hunter2'");
    let shown = configured(&machine, &config, &["show", &BARE[..8]]);
    assert!(shown.out.contains("Where are you?"), "{}", shown.out);
    let doctor = configured(&machine, &config, &["doctor"]);
    assert_eq!(doctor.code, 0, "{}{}", doctor.out, doctor.err);
    assert!(doctor.out.contains(&fake.url), "{}", doctor.out);

    // What the server had said is kept when it is away, and that it is away is told.
    let url = fake.url.clone();
    drop(fake);
    let away = configured(&machine, &config, &["doctor"]);
    assert_eq!(away.code, 5, "{}", away.out);
    assert!(
        away.out.contains(&format!("{url}  (not there)")),
        "{}",
        away.out
    );
    assert!(away.out.contains("could not be asked"), "{}", away.out);
    let listed = configured(&machine, &config, &["ls"]);
    assert!(
        listed.out.contains("Ask the server"),
        "{}{}",
        listed.out,
        listed.err
    );
    let shown = configured(&machine, &config, &["show", &BARE[..8]]);
    assert!(
        shown.out.contains("Where are you?"),
        "{}{}",
        shown.out,
        shown.err
    );
    for run in [&away, &listed, &shown] {
        assert!(!run.out.contains("hunter2") && !run.err.contains("hunter2"));
    }
}

#[test]
fn a_server_that_lets_us_wait_is_not_waited_for_again_at_once() {
    let machine = Machine::with_samples();
    let fake = FakeServer::new(|_| Answer::Half("[]".into()));
    let config = server(&fake.url, "");
    let first = configured(&machine, &config, &["ls"]);
    assert!(first.err.contains("could not be asked"), "{}", first.err);
    assert!(!fake.asked().is_empty());
    // Not even while an agent is writing, when stores are looked at all the time.
    for minute in [10, 11] {
        machine.say(minute, "Something new");
        let again = configured(&machine, &config, &["ls"]);
        assert!(again.err.contains("could not be asked"), "{}", again.err);
        assert_eq!(fake.asked().len(), 0);
    }
    // Who wants to know asks.
    configured(&machine, &config, &["doctor"]);
    assert!(!fake.asked().is_empty());
}

#[test]
fn a_server_without_an_archive_is_asked_for_its_sessions() {
    let (machine, fake) = (Machine::empty(), FakeServer::new(answer));
    let config = format!(
        "archive.enabled = false\n{}",
        server(&fake.url, "key = 'hunter2'")
    );
    let shown = configured(&machine, &config, &["show", &BARE[..8]]);
    assert!(shown.out.contains("Where are you?"), "{}", shown.err);
    drop(fake);
    let away = configured(&machine, &config, &["show", &BARE[..8]]);
    assert_ne!(away.code, 0);
    assert!(away.err.contains("could not be"), "{}", away.err);
}

#[test]
fn what_a_server_has_can_be_forgotten() {
    let (machine, fake) = (Machine::empty(), FakeServer::new(answer));
    let config = server(&fake.url, "key = 'hunter2'");
    configured(&machine, &config, &["ls"]);
    let forgotten = configured(&machine, &config, &["forget", "--yes", BARE]);
    assert_eq!(forgotten.code, 0, "{}", forgotten.err);
    for arguments in [["ls"].as_slice(), &["sync", "--rebuild"], &["ls"]] {
        let run = configured(&machine, &config, arguments);
        assert!(!run.out.contains("Ask the server"), "{}", run.out);
    }
    drop(fake);
    let shown = configured(&machine, &config, &["show", BARE]);
    assert_ne!(shown.code, 0);
}

#[test]
fn what_lies_here_and_is_served_is_shown_once() {
    let (machine, fake) = (Machine::empty(), FakeServer::new(answer));
    let folder = machine.home().join(".openhands/conversations").join(BARE);
    fs_err::create_dir_all(folder.join("events")).unwrap();
    fs_err::write(folder.join("base_state.json"), conversation()).unwrap();
    fs_err::write(folder.join("events/event-00000-e1.json"), EVENT).unwrap();
    let config = server(&fake.url, "key = 'hunter2'");
    let listed = configured(&machine, &config, &["ls", "--json"]);
    assert_eq!(listed.out.matches("native_id").count(), 1, "{}", listed.out);
    let found = configured(&machine, &config, &["search", "Where are you"]);
    assert_eq!(
        found.out.matches("Where are you").count(),
        1,
        "{}",
        found.out
    );
}

#[test]
fn what_a_server_no_longer_has_stays() {
    let gone = Arc::new(AtomicBool::new(false));
    let is_gone = gone.clone();
    let fake = FakeServer::new(move |question| match is_gone.load(Ordering::Relaxed) {
        true if question.place().ends_with("/search") => Answer::Body(page("")),
        true => Answer::Status(404),
        false => answer(question),
    });
    let (machine, config) = (Machine::empty(), server(&fake.url, "key = 'hunter2'"));
    configured(&machine, &config, &["ls"]);
    gone.store(true, Ordering::Relaxed);
    let doctor = configured(&machine, &config, &["doctor"]);
    assert!(doctor.out.contains("1 of them archived"), "{}", doctor.out);
    let shown = configured(&machine, &config, &["show", "--json", BARE]);
    assert!(shown.out.contains("Where are you?"), "{}", shown.err);
    // Named as it was, not as it lies in the archive.
    let file = format!("{}/api/conversations/{ID}/events", fake.url);
    assert!(shown.out.contains(&file), "{}", shown.out);
}

#[test]
fn no_server_is_asked_that_is_not_named() {
    let (machine, fake) = (Machine::with_samples(), FakeServer::new(answer));
    for arguments in [["ls"].as_slice(), &["doctor"], &["sync"]] {
        machine.ok(arguments);
    }
    let other = configured(&machine, "", &["ls"]);
    assert_eq!(other.code, 0);
    assert_eq!(fake.asked().len(), 0);
}

#[test]
fn a_server_that_cannot_be_asked_is_told_and_hides_nothing() {
    let (machine, fake) = (Machine::with_samples(), FakeServer::new(answer));
    for (key, why) in [
        ("", "401"),
        ("key = 'wrong'", "401"),
        ("key_variable = 'NOT_SET'", "NOT_SET"),
        ("key_command = ['false']", "`false` failed"),
    ] {
        let run = configured(&machine, &server(&fake.url, key), &["sync"]);
        assert_eq!(run.code, 5, "{key}: {}{}", run.out, run.err);
        let said = format!("{}{}", run.out, run.err);
        assert!(said.contains(why), "{key}: {said}");
        assert!(!said.contains("hunter2"));
        let listed = configured(&machine, &server(&fake.url, key), &["ls"]);
        assert!(listed.out.lines().count() > 5, "{}", listed.out);
    }
}

#[test]
fn a_server_of_another_agent_is_a_mistake_in_the_configuration() {
    let machine = Machine::empty();
    let toml = "[[server]]\nagent = 'codex'\nurl = 'http://127.0.0.1:1'\n";
    let run = configured(&machine, toml, &["ls"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("agents with servers: openhands"),
        "{}",
        run.err
    );
}
