//! Where threads lie: several ways to a store, compressed and archived files,
//! names in other files.

use std::fs;
use std::path::Path;

use stead_testkit::truth::prompts;

use super::oddities::{Home, ID, META, user};
use super::{Codex, home};
use crate::{Adapter, Env, conformance};

#[test]
fn compressed_rollouts_read_like_plain_ones() {
    let plain = conformance::unpack(&home("v0.125.0"));
    let expected = conformance::sessions(&Codex, plain.path());
    let packed = conformance::unpack(&home("v0.125.0"));
    for unit in conformance::discover(&Codex, packed.path()) {
        let bytes = fs::read(&unit.path).expect("read");
        let mut path = unit.path.clone().into_os_string();
        path.push(".zst");
        let compressed = zstd::encode_all(bytes.as_slice(), 3).expect("compressed");
        fs::write(path, compressed).expect("written");
        if unit.path.to_string_lossy().ends_with("8a.jsonl") {
            continue; // both forms lie side by side while Codex changes one into the other
        }
        fs::remove_file(&unit.path).expect("removed");
    }
    let found = conformance::sessions(&Codex, packed.path());
    assert_eq!(found.len(), expected.len());
    for (id, session) in &found {
        assert_eq!(session.events.len(), expected[id].events.len());
        assert_eq!(session.usage, expected[id].usage);
        assert_eq!(session.title, expected[id].title);
    }
    for unit in conformance::discover(&Codex, packed.path()) {
        let mut sum = stead_usf::Usage::default();
        Codex
            .scan_usage(&unit, &mut |record| sum += record.usage)
            .expect("readable");
        assert_eq!(
            crate::load(&Codex, &unit).expect("readable").0[0].usage,
            sum
        );
    }
}

#[test]
fn damaged_compression_keeps_what_comes_before() {
    let home = Home::new();
    let mut text = [META, &user("a"), ""].join("\n");
    for line in 0..20_000 {
        text += &user(&format!("{line} {:x}", line * 2_654_435_761_u64));
        text.push('\n');
    }
    let mut bytes = zstd::encode_all(text.as_bytes(), 3).expect("compressed");
    bytes.truncate(bytes.len() / 2);
    home.put(
        &format!("archived_sessions/rollout-2026-10-01T10-00-00-{ID}.jsonl.zst"),
        bytes,
    );
    let session = home.session();
    assert!(prompts(&session).len() > 10);
    assert!(
        session
            .issues
            .iter()
            .any(|issue| issue.code == "bad-compression")
    );
}

#[test]
fn names_in_the_database_are_titles_and_change_only_their_thread() {
    let home = conformance::unpack(&home("v0.169.0"));
    let stamps = || {
        let units = conformance::discover(&Codex, home.path());
        units.iter().map(|unit| unit.stamp).collect::<Vec<_>>()
    };
    let before = stamps();
    let database =
        rusqlite::Connection::open(home.path().join(".codex/state_5.sqlite")).expect("open");
    let thread = "01a1fbc5-763d-7443-8be7-e5cbf19667b9";
    database
        .execute(
            "UPDATE threads SET name = 'My name' WHERE id = ?1",
            [thread],
        )
        .expect("renamed");
    drop(database);
    let after = stamps();
    assert_eq!(before.iter().zip(&after).filter(|(a, b)| a != b).count(), 1);
    let sessions = conformance::sessions(&Codex, home.path());
    assert_eq!(sessions[thread].title.as_deref(), Some("My name"));
    assert_eq!(
        sessions
            .values()
            .filter(|session| session.title.is_some())
            .count(),
        1
    );
    for unit in conformance::discover(&Codex, home.path()) {
        if !unit.path.to_string_lossy().contains(thread) {
            fs::remove_file(unit.path).expect("removed");
        }
    }
    conformance::check(&Codex, home.path());
}

#[test]
fn stores_are_found_by_every_way_and_once() {
    let home = conformance::unpack(&home("v0.22.0"));
    let store = home.path().join(".codex");
    let count = |env: &Env| {
        let mut found = 0;
        Codex
            .discover(env, &crate::Disk::default(), &mut |_| found += 1)
            .expect("listed");
        found
    };
    let bare = Env::empty(crate::Os::Linux);
    assert_eq!(count(&bare.clone().with_variable("CODEX_HOME", &store)), 3);
    assert_eq!(count(&bare.clone().with_root(&store)), 3);
    assert_eq!(count(&bare.clone().with_root(home.path())), 3);
    let all = Env::at_home(home.path())
        .with_variable("CODEX_HOME", &store)
        .with_root(&store);
    assert_eq!(count(&all.with_root(home.path())), 3);
    #[cfg(unix)]
    {
        let link = home.path().join("link");
        std::os::unix::fs::symlink(&store, &link).expect("linked");
        assert_eq!(count(&Env::at_home(home.path()).with_root(&link)), 3);
    }
}

#[test]
fn a_thread_in_both_folders_counts_once() {
    let home = Home::new();
    home.rollout(&[META, &user("live")]);
    let name = format!("archived_sessions/rollout-2026-10-01T10-00-00-{ID}.jsonl");
    home.put(&name, [META, &user("archived"), ""].join("\n"));
    home.put("sessions/notes.txt", "no rollout");
    assert_eq!(home.units().len(), 1);
    assert_eq!(prompts(&home.session()), ["live"]);
}

#[test]
fn a_file_that_is_gone_is_an_error_and_no_panic() {
    let home = Home::new();
    let path = home.rollout(&[META]);
    let unit = home.units().remove(0);
    fs::remove_file(path).expect("removed");
    assert!(crate::load(&Codex, &unit).is_err());
    assert!(Codex.scan_usage(&unit, &mut |_| {}).is_err());
    assert!(super::super::locate::store_of(Path::new("/x/y.jsonl")).is_none());
}
