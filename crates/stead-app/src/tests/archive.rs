//! What agents delete stays, looks as before, and can be left out.

use fs_err as fs;

use super::machine::{
    CLAUDE, CODEX, Machine, OPENCODE, State, all, assert_same, cases, documents, found, load, state,
};
use crate::export::html::HtmlWriter;
use crate::export::markdown::MarkdownWriter;
use crate::export::view::DocumentOptions;
use crate::{App, OpenOptions};

/// What a machine shows, but for the marks of archived sessions and for what
/// was found where.
fn shown(app: &mut App) -> State {
    let mut shown = state(app);
    shown.retain(|name, _| !name.starts_with("doctor"));
    for text in shown.values_mut() {
        *text = text.replace("  \"archived\": true,\n", "");
    }
    shown
}

/// All sessions as Markdown and HTML.
fn exports(app: &App) -> State {
    let mut exports = State::new();
    for header in app.list(&all()).unwrap() {
        let found = app.find(header.id.as_str()).unwrap();
        let look = DocumentOptions::default;
        let (mut markdown, mut html) = (Vec::new(), Vec::new());
        app.visit(
            &found,
            OpenOptions::default(),
            &mut MarkdownWriter::new(&mut markdown, look()),
        )
        .unwrap();
        app.visit(
            &found,
            OpenOptions::default(),
            &mut HtmlWriter::new(&mut html, look()),
        )
        .unwrap();
        for (form, bytes) in [("md", markdown), ("html", html)] {
            exports.insert(
                format!("{} {form}", header.id),
                String::from_utf8(bytes).unwrap(),
            );
        }
    }
    exports
}

fn delete_everything(machine: &Machine) {
    for entry in fs::read_dir(machine.home()).unwrap() {
        fs::remove_dir_all(entry.unwrap().path()).unwrap();
    }
}

#[test]
fn deleted_sessions_are_shown_as_before() {
    let machine = Machine::with_samples();
    let mut app = machine.synced();
    let (before, sessions) = (shown(&mut app), documents(&app));
    delete_everything(&machine);
    let (mut app, report) = machine.sync();
    assert_eq!((report.read, report.gone), (0, 14));
    assert!(
        app.list(&all())
            .unwrap()
            .iter()
            .all(|header| header.archived)
    );
    assert_same(&shown(&mut app), &before);
    assert_same(&documents(&app), &sessions);
    let (mut app, report) = machine.sync();
    assert_eq!((report.read, report.gone), (0, 0));
    assert_same(&shown(&mut app), &before);
}

#[test]
fn every_fixture_is_shown_from_the_archive_as_before() {
    for case in cases() {
        let machine = Machine::of(&case);
        let before = documents(&machine.synced());
        delete_everything(&machine);
        let app = machine.synced();
        assert!(
            app.list(&all())
                .unwrap()
                .iter()
                .all(|header| header.archived)
        );
        assert_same(&documents(&app), &before);
    }
}

#[test]
fn exports_come_from_the_archive_too() {
    let machine = Machine::with_samples();
    let before = exports(&machine.synced());
    delete_everything(&machine);
    let mut after = exports(&machine.synced());
    let forms: Vec<_> = after.keys().cloned().collect();
    assert_eq!(forms.len(), 2 * 19);
    for text in after.values_mut() {
        assert!(text.contains("archive"), "it says where it is from");
    }
    assert_eq!(forms, before.keys().cloned().collect::<Vec<_>>());
}

#[test]
fn archived_sessions_are_found_as_such() {
    let machine = Machine::with_samples();
    machine.synced();
    fs::remove_file(machine.file_of(CLAUDE)).unwrap();
    let app = machine.synced();
    assert_eq!(found(&app, "is:archived slugify"), [CLAUDE]);
    assert!(app.find(CLAUDE).unwrap().is_archived());
    assert!(!app.find(CODEX).unwrap().is_archived());
    assert!(found(&app, "slugify").contains(&CODEX.to_owned()));
}

#[test]
fn what_was_appended_is_in_the_archive() {
    let machine = Machine::with_samples();
    machine.synced();
    for number in 1..5 {
        machine.say(CLAUDE, number, &format!("step {number}"));
        machine.synced();
    }
    let before = documents(&machine.synced());
    fs::remove_file(machine.file_of(CLAUDE)).unwrap();
    assert_same(&documents(&machine.synced()), &before);
}

#[test]
fn a_file_that_comes_back_is_no_longer_archived() {
    let machine = Machine::with_samples();
    let before = state(&mut machine.synced());
    let file = machine.file_of(CODEX);
    let bytes = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    assert!(machine.synced().find(CODEX).unwrap().is_archived());
    fs::write(&file, bytes).unwrap();
    assert_same(&state(&mut machine.synced()), &before);
}

#[test]
fn a_file_that_was_cut_keeps_its_past() {
    let machine = Machine::with_samples();
    machine.say(CLAUDE, 1, "about the quokka");
    machine.synced();
    let file = machine.file_of(CLAUDE);
    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    fs::write(&file, lines[..lines.len() / 2].concat()).unwrap();
    machine.synced();
    fs::remove_file(&file).unwrap();
    let app = machine.synced();
    let last = load(&app, CLAUDE).events.pop().unwrap();
    assert_eq!(last.text.as_deref(), Some("about the quokka"));
}

#[test]
fn without_the_archive_deleted_sessions_are_gone() {
    let machine = Machine::with_samples().without_archive();
    machine.say(CLAUDE, 1, "about the quokka");
    machine.synced();
    assert!(!machine.data().join("archive").exists());
    fs::remove_file(machine.file_of(CLAUDE)).unwrap();
    let (mut app, report) = machine.sync();
    assert_eq!(report.gone, 1);
    assert!(app.find(CLAUDE).is_err() && found(&app, "quokka").is_empty());
    assert_same(&state(&mut app), &machine.fresh_state());
}

#[test]
fn the_archive_outlives_the_index() {
    let machine = Machine::with_samples();
    let mut app = machine.synced();
    let (before, sessions) = (shown(&mut app), documents(&app));
    delete_everything(&machine);
    fs::remove_dir_all(machine.data().join("index")).unwrap();
    let mut app = machine.synced();
    assert_same(&documents(&app), &sessions);
    assert_same(&shown(&mut app), &before);
    assert!(app.find(OPENCODE).unwrap().is_archived());
}
