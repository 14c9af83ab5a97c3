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
