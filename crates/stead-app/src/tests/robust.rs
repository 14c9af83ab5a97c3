//! Whatever happens to the index, the next sync makes it right.

use std::path::Path;

use fs_err as fs;
use stead_testkit::disk::files;

use super::machine::{CLAUDE, Machine, State, assert_same, state};
use crate::App;

fn index(machine: &Machine) -> std::path::PathBuf {
    machine.data().join("index")
}

#[test]
fn the_index_can_be_deleted_at_any_time() {
    let machine = Machine::with_samples();
    let before = state(&mut machine.synced());
    for part in ["", "catalog.db", "text"] {
        let path = index(&machine).join(part);
        if path.is_dir() {
            fs::remove_dir_all(&path).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        if part == "text" {
            // Only the folder of texts is no deleted index, but a damaged one.
            App::discard_index(&machine.settings()).unwrap();
        }
        assert_same(&state(&mut machine.synced()), &before);
    }
}

#[test]
fn an_index_that_is_no_index_is_built_anew() {
    let machine = Machine::with_samples();
    let before = state(&mut machine.synced());
    let catalog = index(&machine).join("catalog.db");
    for bytes in [
        &b"no database at all, but long enough"[..],
        &[0xff; 8192],
        b"",
    ] {
        for suffix in ["-wal", "-shm"] {
            let _ = fs::remove_file(index(&machine).join(format!("catalog.db{suffix}")));
        }
        fs::write(&catalog, bytes).unwrap();
        assert_same(&state(&mut machine.synced()), &before);
    }
}

#[test]
fn files_that_a_killed_process_left_are_cleared_away() {
    let machine = Machine::with_samples();
    let before = state(&mut machine.synced());
    let left = index(&machine).join("text/999.seg");
    fs::write(&left, b"half a segment").unwrap();
    machine.say(CLAUDE, 1, "goes on");
    machine.synced();
    assert!(!left.exists());
    let file = machine.file_of(CLAUDE);
    let text = fs::read_to_string(&file).unwrap();
    let (kept, _) = text.trim_end().rsplit_once('\n').unwrap();
    fs::write(&file, format!("{kept}\n")).unwrap();
    assert_same(&state(&mut machine.synced()), &before);
}

#[test]
fn rebuilding_gives_the_same_answers() {
    let machine = Machine::with_samples();
    let before = state(&mut machine.synced());
    for _ in 0..3 {
        App::discard_index(&machine.settings()).unwrap();
        assert_same(&state(&mut machine.synced()), &before);
    }
}

#[test]
fn several_at_once_make_the_index_of_one() {
    let machine = Machine::with_samples();
    let expected = machine.fresh_state();
    for round in 0..4 {
        if round % 2 == 0 {
            fs::remove_dir_all(index(&machine)).ok();
        }
        machine.say(CLAUDE, round, &format!("round {round}"));
        let states: Vec<State> = std::thread::scope(|scope| {
            let run = || {
                let mut app = machine.open();
                app.sync(&|_| {}).unwrap();
                state(&mut app)
            };
            let running: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
            running.into_iter().map(|run| run.join().unwrap()).collect()
        });
        let expected = machine.fresh_state();
        for state in &states {
            assert_same(state, &expected);
        }
        assert_same(&state(&mut machine.synced()), &expected);
    }
    assert_ne!(expected, machine.fresh_state());
}

/// Nothing that syncing writes is left to others.
#[cfg(unix)]
#[test]
fn only_the_user_can_look_into_the_data() {
    use std::os::unix::fs::PermissionsExt;
    let machine = Machine::with_samples();
    machine.synced();
    let is_private = |folder: &Path| {
        let mode = fs::metadata(folder).unwrap().permissions().mode();
        mode & 0o777 == 0o700
    };
    for folder in ["index", "index/text", "archive"] {
        assert!(is_private(&machine.data().join(folder)), "{folder}");
    }
    assert!(!files(machine.data()).is_empty());
}
