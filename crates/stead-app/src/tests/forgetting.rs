//! A session that was forgotten is nowhere any more, and does not come back.

use fs_err as fs;
use stead_testkit::disk::holding;

use super::machine::{CLAUDE, CODEX, Machine, OPENCODE, all, documents, found, state};
use crate::App;

/// Holds that nothing of a session is left, and all of the others.
fn check_forgotten(machine: &Machine, native: &str, words: &str, others: usize) {
    let mut app = machine.synced();
    assert!(app.find(native).is_err(), "{native} is found by its id");
    let listed = app.list(&all()).unwrap();
    assert!(listed.iter().all(|header| header.native_id != native));
    assert_eq!(listed.len(), others);
    assert!(found(&app, words).is_empty(), "{words} is found");
    assert!(!documents(&app).values().any(|json| json.contains(words)));
    state(&mut app);
    drop(app);
    let files = holding(machine.data(), words);
    assert!(files.is_empty(), "{words} is left in {files:?}");
}

fn forget(machine: &Machine, native: &str) {
    let mut app = machine.synced();
    let session = app.find(native).unwrap();
    app.forget(&session).unwrap();
}

#[test]
fn a_forgotten_session_is_nowhere() {
    let machine = Machine::with_samples();
    machine.say(CLAUDE, 1, "unheardofquokka speaks");
    machine.synced();
    assert!(!holding(machine.data(), "unheardofquokka").is_empty());
    forget(&machine, CLAUDE);
    let files = holding(machine.data(), "unheardofquokka");
    assert!(files.is_empty(), "{files:?}");
    check_forgotten(&machine, CLAUDE, "unheardofquokka", 18);
}

#[test]
fn a_forgotten_session_does_not_come_back() {
    let machine = Machine::with_samples();
    machine.say(CLAUDE, 1, "unheardofquokka speaks");
    machine.synced();
    forget(&machine, CLAUDE);
    machine.say(CLAUDE, 2, "unheardofquokka again");
    check_forgotten(&machine, CLAUDE, "unheardofquokka", 18);
    App::discard_index(&machine.settings()).unwrap();
    check_forgotten(&machine, CLAUDE, "unheardofquokka", 18);
    fs::remove_dir_all(machine.data().join("index")).unwrap();
    check_forgotten(&machine, CLAUDE, "unheardofquokka", 18);
    fs::remove_file(machine.file_of(CLAUDE)).unwrap();
    check_forgotten(&machine, CLAUDE, "unheardofquokka", 18);
}

#[test]
fn a_session_in_two_stores_is_forgotten_in_both() {
    let mut machine = Machine::with_samples();
    machine.say(CLAUDE, 1, "unheardofquokka speaks");
    let copy = tempfile::tempdir().unwrap();
    stead_testkit::disk::copy(machine.home(), copy.path());
    machine.add_root(copy);
    machine.synced();
    forget(&machine, CLAUDE);
    check_forgotten(&machine, CLAUDE, "unheardofquokka", 18);
}

#[test]
fn an_archived_session_can_be_forgotten() {
    let machine = Machine::with_samples();
    machine.say(CLAUDE, 1, "unheardofquokka speaks");
    machine.synced();
    fs::remove_file(machine.file_of(CLAUDE)).unwrap();
    forget(&machine, CLAUDE);
    check_forgotten(&machine, CLAUDE, "unheardofquokka", 18);
}

#[test]
fn forgetting_needs_no_archive() {
    let machine = Machine::with_samples().without_archive();
    machine.say(CLAUDE, 1, "unheardofquokka speaks");
    machine.synced();
    forget(&machine, CLAUDE);
    check_forgotten(&machine, CLAUDE, "unheardofquokka", 18);
}

#[test]
fn the_others_stay_as_they_are() {
    let machine = Machine::with_samples();
    let mut before = documents(&machine.synced());
    for native in [CLAUDE, CODEX, OPENCODE] {
        forget(&machine, native);
        before.retain(|id, _| !id.ends_with(&format!(":{native}")));
    }
    let now = documents(&machine.synced());
    super::machine::assert_same(&now, &before);
}

/// OpenCode keeps all sessions in one database.
#[test]
fn one_session_of_many_in_a_file_can_be_forgotten() {
    let machine = Machine::with_samples();
    let app = machine.synced();
    // The identifier of a message stands in no other session.
    let session = super::machine::load(&app, OPENCODE);
    let message = session.events[1].message.clone().unwrap();
    drop(app);
    forget(&machine, OPENCODE);
    let files = holding(machine.data(), &message);
    assert!(files.is_empty(), "{message} is left in {files:?}");
    // Its subagent has lost its parent, but not itself.
    check_forgotten(&machine, OPENCODE, &message, 18);
}
