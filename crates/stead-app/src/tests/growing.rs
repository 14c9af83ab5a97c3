//! What is new in the stores is seen, and only that is read.

use fs_err as fs;
use stead_adapters::conformance;

use super::machine::{CLAUDE, CODEX, Machine, all, assert_same, found, load, prompt, state};
use crate::export::html::HtmlWriter;
use crate::export::markdown::MarkdownWriter;
use crate::export::view::DocumentOptions;
use crate::export::{DocumentWriter, LinesWriter, SessionWriter};
use crate::{App, ListOptions, OpenOptions};

#[test]
fn everything_is_read_once() {
    let machine = Machine::with_samples();
    let (app, first) = machine.sync();
    assert_eq!(first.read, app.units.len());
    assert!(first.read >= 14 && first.bytes > 1_000_000, "{first:?}");
    let (mut app, second) = machine.sync();
    assert_eq!((second.read, second.bytes, second.gone), (0, 0, 0));
    assert_same(&state(&mut app), &machine.fresh_state());
}

#[test]
fn nothing_is_looked_for_again_while_nothing_changes() {
    let machine = Machine::with_samples();
    machine.synced();
    let later = |machine: &Machine| {
        let mut settings = machine.settings();
        // What was changed a moment ago is not relied on.
        settings.now = jiff::Timestamp::from_second(32_503_680_000).unwrap();
        App::open(settings).unwrap()
    };
    let ask = |app: &mut App| app.ask_if_fresh(|app| app.count(&all())).unwrap();
    let count = ask(&mut later(&machine)).expect("nothing is new");
    let mut second = later(&machine);
    assert_eq!(ask(&mut second), Some(count));
    assert!(second.units.is_empty(), "one look a file was enough");

    machine.say(CLAUDE, 1, "now about the quokka");
    assert_eq!(ask(&mut later(&machine)), None, "a file has grown");
    machine.synced();
    assert_eq!(ask(&mut later(&machine)), Some(count));
    fs::remove_file(machine.file_of(CODEX)).unwrap();
    assert_eq!(ask(&mut later(&machine)), None, "a file is gone");
}

#[test]
fn nothing_is_found_on_an_empty_machine() {
    let machine = Machine::empty();
    let (mut app, report) = machine.sync();
    assert_eq!((report.read, report.gone), (0, 0));
    assert!(app.list(&all()).unwrap().is_empty());
    assert!(state(&mut app)["top level"].is_empty());
    assert!(found(&app, "anything").is_empty());
}

#[test]
fn progress_ends_with_everything() {
    let machine = Machine::with_samples();
    let mut app = machine.open();
    let last = std::sync::Mutex::new(crate::Progress::default());
    let report = app.sync(&|progress| {
        let mut last = last.lock().unwrap();
        if progress.units >= last.units {
            *last = progress;
        }
    });
    let report = report.unwrap();
    let last = last.into_inner().unwrap();
    assert_eq!((last.units, last.total_units), (report.read, report.read));
    assert_eq!((last.bytes, last.total_bytes), (report.bytes, report.bytes));
}

#[test]
fn an_appended_line_is_found_and_only_its_file_is_read() {
    let machine = Machine::with_samples();
    machine.synced();
    machine.say(CLAUDE, 1, "now about the quokka");
    let (mut app, report) = machine.sync();
    assert_eq!(report.read, 1);
    assert_eq!(found(&app, "quokka"), [CLAUDE]);
    let events = load(&app, CLAUDE).events;
    assert_eq!(
        events.last().unwrap().text.as_deref(),
        Some("now about the quokka")
    );
    assert_same(&state(&mut app), &machine.fresh_state());
}

#[test]
fn half_a_line_is_read_when_it_is_whole() {
    let machine = Machine::with_samples();
    machine.synced();
    let line = prompt(CLAUDE, 1, "the wombat is whole");
    let (begin, rest) = line.split_at(line.len() / 2);
    machine.append(CLAUDE, begin);
    let app = machine.synced();
    assert!(found(&app, "wombat").is_empty());
    machine.append(CLAUDE, rest);
    let (mut app, report) = machine.sync();
    assert_eq!(report.read, 1);
    assert_eq!(found(&app, "wombat"), [CLAUDE]);
    assert_same(&state(&mut app), &machine.fresh_state());
}

#[test]
fn growing_line_by_line_is_the_same_as_reading_at_once() {
    for native in [CLAUDE, CODEX] {
        let machine = Machine::with_samples();
        let file = machine.file_of(native);
        let whole = fs::read_to_string(&file).unwrap();
        fs::write(&file, "").unwrap();
        let lines: Vec<_> = whole.split_inclusive('\n').collect();
        for part in lines.chunks(9) {
            machine.append(native, &part.concat());
            machine.synced();
        }
        assert_same(&state(&mut machine.synced()), &machine.fresh_state());
    }
}

#[test]
fn a_rewritten_file_is_noticed() {
    let machine = Machine::with_samples();
    machine.say(CLAUDE, 1, "about the quokka");
    machine.synced();
    let file = machine.file_of(CLAUDE);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("quokka", "wombat")).unwrap();
    let (mut app, report) = machine.sync();
    assert_eq!(report.read, 1);
    assert_eq!(found(&app, "wombat"), [CLAUDE]);
    assert!(found(&app, "quokka").is_empty());
    assert_same(&state(&mut app), &machine.fresh_state());
}

#[test]
fn a_file_that_was_cut_is_noticed() {
    let machine = Machine::with_samples().without_archive();
    machine.say(CLAUDE, 1, "about the quokka");
    machine.synced();
    let file = machine.file_of(CLAUDE);
    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    fs::write(&file, lines[..lines.len() / 2].concat()).unwrap();
    let mut app = machine.synced();
    assert!(found(&app, "quokka").is_empty());
    assert_same(&state(&mut app), &machine.fresh_state());
}

#[test]
fn an_agent_that_comes_later_is_seen() {
    let machine = Machine::with_samples();
    let (store, aside) = (machine.home().join(".codex"), machine.home().join("aside"));
    fs::rename(&store, &aside).unwrap();
    let without = machine.synced().count(&all()).unwrap();
    fs::rename(&aside, &store).unwrap();
    let (mut app, report) = machine.sync();
    assert_eq!(report.read, 6);
    assert_eq!(app.count(&all()).unwrap(), without + 6);
    assert_same(&state(&mut app), &machine.fresh_state());
}

#[test]
fn stores_are_never_written() {
    let machine = Machine::with_samples();
    machine.say(CLAUDE, 1, "about the quokka");
    let before = conformance::hash_tree(machine.home());
    let mut app = machine.synced();
    state(&mut app);
    for header in app.list(&ListOptions::default()).unwrap() {
        export_all(&app, header.id.as_str());
    }
    let quokka = app.find(CLAUDE).unwrap();
    app.forget(&quokka).unwrap();
    drop(app);
    App::discard_index(&machine.settings()).unwrap();
    state(&mut machine.synced());
    let (before, after) = (before.iter(), conformance::hash_tree(machine.home()));
    let changed: Vec<_> = after
        .iter()
        .filter(|file| !before.clone().any(|other| other == *file))
        .collect();
    assert!(
        changed.is_empty() && after.len() == before.len(),
        "{changed:?}"
    );
}

/// Writes a session in every form.
fn export_all(app: &App, id: &str) {
    let found = app.find(id).unwrap();
    for form in 0..4 {
        let mut out = Vec::new();
        let look = DocumentOptions::default();
        let mut writer: Box<dyn SessionWriter> = match form {
            0 => Box::new(DocumentWriter::new(&mut out)),
            1 => Box::new(LinesWriter::new(&mut out)),
            2 => Box::new(MarkdownWriter::new(&mut out, look)),
            _ => Box::new(HtmlWriter::new(&mut out, look)),
        };
        app.visit(&found, OpenOptions::default(), &mut *writer)
            .unwrap();
        drop(writer);
        assert!(!out.is_empty(), "{id}");
    }
}
