//! Stores that are damaged or cannot be read cost nothing else.

use super::machine::{CLAUDE, Machine};

#[test]
fn damaged_records_are_issues_and_the_rest_is_shown() {
    let machine = Machine::with_samples();
    let text = fs_err::read_to_string(machine.transcript()).unwrap();
    let lines = text.lines().count();
    fs_err::write(
        machine.transcript(),
        format!("{text}{{\"type\":\"user\",\"mess\u{0}\n[1,2\n"),
    )
    .unwrap();
    let session = machine.json(&["show", CLAUDE, "--json"]);
    let issues = session["issues"].as_array().unwrap();
    assert!(!issues.is_empty());
    assert_eq!(issues[0]["source"]["line"], lines + 1);
    assert!(
        machine
            .ok(&["show", CLAUDE])
            .contains("Also drop punctuation")
    );
    let doctor = machine.ok(&["doctor"]);
    assert!(
        doctor.contains(&format!("{CLAUDE}.jsonl:{}", lines + 1)),
        "{doctor}"
    );
    assert_eq!(machine.ok(&["ls"]).lines().count(), 14);
}

#[test]
fn a_database_that_is_none_is_told_and_the_rest_is_listed() {
    let machine = Machine::with_samples();
    let folder = machine.home().join(".local/share/opencode");
    fs_err::write(folder.join("opencode.db"), [7; 9000]).unwrap();
    fs_err::remove_file(folder.join("opencode.db-wal")).unwrap();
    let doctor = machine.run(&["doctor"]);
    assert_eq!(doctor.code, 5, "{}", doctor.out);
    assert!(doctor.out.contains("opencode.db"), "{}", doctor.out);
    for _ in 0..2 {
        let synced = machine.run(&["sync", "--json"]);
        assert_eq!(synced.code, 5, "{}", synced.out);
        assert!(synced.err.contains("opencode.db"), "{}", synced.err);
        let answer: serde_json::Value = serde_json::from_str(&synced.out).unwrap();
        assert_eq!(answer["unreadable"].as_array().unwrap().len(), 1);
    }
    assert_eq!(machine.ok(&["ls"]).lines().count(), 10);
    assert!(!machine.ok(&["search", "agent:codex slugify"]).is_empty());
    assert!(machine.ok(&["stats"]).contains("codex"));
}

/// Nothing can be kept from root.
#[cfg(unix)]
#[test]
fn a_store_without_permission_is_told_and_the_rest_is_listed() {
    use std::os::unix::fs::PermissionsExt;
    let machine = Machine::with_samples();
    let store = machine.home().join(".codex/sessions");
    let allow = |mode| fs_err::set_permissions(&store, PermissionsExt::from_mode(mode)).unwrap();
    allow(0);
    if fs_err::read_dir(&store).is_ok() {
        return;
    }
    let doctor = machine.run(&["doctor"]);
    let listed = machine.ok(&["ls"]);
    let synced = machine.run(&["sync"]).code;
    allow(0o700);
    assert_eq!((doctor.code, synced), (5, 5), "{}", doctor.out);
    assert!(doctor.out.contains(".codex/sessions"), "{}", doctor.out);
    assert_eq!(listed.lines().count(), 10);
    assert_eq!(machine.ok(&["ls"]).lines().count(), 14);
}

/// Nothing can be kept from root.
#[cfg(unix)]
#[test]
fn a_file_without_permission_is_told_and_read_once_it_may_be() {
    use std::os::unix::fs::PermissionsExt;
    let machine = Machine::with_samples();
    machine.ok(&["sync"]);
    let database = machine.home().join(".local/share/opencode/opencode.db");
    for file in [machine.transcript(), database] {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let allow = |mode| fs_err::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
        fs_err::remove_dir_all(machine.data().join("index")).unwrap();
        allow(0);
        if fs_err::read(&file).is_ok() {
            return;
        }
        let synced = machine.run(&["sync"]);
        let doctor = machine.run(&["doctor"]);
        let listed = machine.ok(&["ls"]);
        allow(0o600);
        assert_eq!((synced.code, doctor.code), (5, 5), "{}", doctor.out);
        assert!(synced.err.contains(&name), "{}", synced.err);
        assert!(doctor.out.contains(&name), "{}", doctor.out);
        assert!(listed.lines().count() < 14, "{listed}");
        assert_eq!(machine.ok(&["ls"]).lines().count(), 14);
        assert_eq!(machine.run(&["doctor"]).code, 0);
    }
}

#[test]
fn an_index_that_cannot_be_changed_is_shown_as_it_was() {
    let machine = Machine::with_samples();
    machine.ok(&["sync"]);
    let lock = machine.data().join("index/lock");
    fs_err::remove_file(&lock).unwrap();
    fs_err::create_dir(&lock).unwrap();
    machine.say(1, "the words that came last");
    let listed = machine.run(&["ls"]);
    assert_eq!((listed.code, listed.out.lines().count()), (0, 14));
    assert!(listed.err.contains("may be incomplete"), "{}", listed.err);
    assert!(listed.err.contains("index/lock"), "{}", listed.err);
    assert!(machine.ok(&["search", "slugify"]).contains("stead show"));
    assert_eq!(machine.ok(&["search", "\"words that came last\""]), "");
    // A session is read from the agent's own file, so nothing is missing there.
    let shown = machine.ok(&["show", CLAUDE]);
    assert!(shown.contains("the words that came last"), "{shown}");
    let doctor = machine.run(&["doctor"]);
    assert_eq!(doctor.code, 5, "{}", doctor.out);
    assert!(doctor.out.contains("problem"), "{}", doctor.out);
    let synced = machine.run(&["sync"]);
    assert_eq!((synced.code, synced.out.as_str()), (1, ""));
    let data = machine.data().display().to_string();
    for word in ["error:", "hint:", "room", &data, "STEAD_DATA_DIR"] {
        assert!(synced.err.contains(word), "{word}: {}", synced.err);
    }
    fs_err::remove_dir(&lock).unwrap();
    assert!(
        machine
            .ok(&["search", "\"words that came last\""])
            .contains(&CLAUDE[..8])
    );
}

#[test]
fn a_data_folder_that_cannot_be_made_is_told_with_what_to_do() {
    let machine = Machine::with_samples();
    let taken = machine.data().join("taken");
    fs_err::write(&taken, "a file").unwrap();
    for arguments in [&["ls"][..], &["search", "x"], &["show"], &["doctor"]] {
        let mut command = machine.command(arguments);
        let output = command.env("STEAD_DATA_DIR", &taken).output().unwrap();
        let run = super::machine::Run::of(output);
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{arguments:?}");
        assert!(run.err.contains("hint:"), "{}", run.err);
        assert!(run.err.contains("STEAD_DATA_DIR"), "{}", run.err);
    }
}

#[test]
fn what_is_kept_is_said_even_if_the_first_sync_fails() {
    let machine = Machine::with_samples();
    // The archive's folder is made, and then something stands in its way.
    fs_err::create_dir_all(machine.data().join("index/lock")).unwrap();
    let nothing = machine.run(&["ls"]);
    assert_eq!((nothing.code, nothing.out.as_str()), (1, ""));
    assert!(!nothing.err.contains("No sessions"), "{}", nothing.err);
    assert!(!nothing.err.contains("secrets included"));
    fs_err::remove_dir(machine.data().join("index/lock")).unwrap();
    fs_err::create_dir_all(machine.data().join("index/text/1.tmp")).unwrap();
    let failed = machine.run(&["sync"]);
    assert_eq!(failed.code, 1, "{}", failed.err);
    assert!(failed.err.contains("secrets included"), "{}", failed.err);
    fs_err::remove_dir(machine.data().join("index/text/1.tmp")).unwrap();
    let later = machine.run(&["sync"]);
    assert_eq!((later.code, later.err.as_str()), (0, ""));
}
