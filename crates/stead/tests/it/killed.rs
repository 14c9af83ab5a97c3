//! Several programs at once, and programs that are killed.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::machine::Machine;

/// What the machine tells through the program.
fn state(machine: &Machine) -> Vec<String> {
    let mut state = vec![
        sorted(machine, &["ls", "--all", "--json"], "/id"),
        machine.ok(&["stats", "--json", "--by", "agent,model,project"]),
    ];
    for query in ["slugify", "is:error", "file:NOTES.md", "\"round 7\""] {
        let arguments = ["search", "--json", "--limit", "0", query];
        state.push(sorted(machine, &arguments, "/session/id"));
    }
    state
}

/// A list of a JSON answer, in the order of its ids and without what depends on
/// the order of reading.
fn sorted(machine: &Machine, arguments: &[&str], id: &str) -> String {
    let mut answer = machine.json(arguments);
    let list = if answer.is_array() {
        answer.as_array_mut()
    } else {
        answer["hits"].as_array_mut()
    };
    let mut list = std::mem::take(list.unwrap());
    for item in &mut list {
        item.as_object_mut().unwrap().remove("score");
    }
    list.sort_by_key(|item| item.pointer(id).unwrap().to_string());
    serde_json::to_string_pretty(&list).unwrap()
}

/// What an index tells that nobody disturbed.
fn fresh(machine: &Machine) -> Vec<String> {
    machine.ok(&["sync", "--rebuild"]);
    state(machine)
}

/// Compares line by line, so that a difference can be read.
fn assert_same(found: &[String], expected: &[String], round: u32) {
    for (found, expected) in found.iter().zip(expected) {
        for (found, expected) in found.lines().zip(expected.lines()) {
            assert_eq!(found, expected, "round {round}");
        }
        assert_eq!(found.len(), expected.len(), "round {round}");
    }
}

fn spawn(machine: &Machine) -> std::process::Child {
    let mut command = machine.command(&["sync"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

#[test]
fn a_killed_sync_is_made_good_by_the_next() {
    let machine = Machine::with_samples();
    let begin = Instant::now();
    machine.ok(&["sync"]);
    let whole = begin.elapsed().max(Duration::from_millis(10));
    // What only the archive has must come back as well.
    let is_rollout = |file: &std::path::PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("rollout-")
    };
    let mut files = stead_testkit::disk::files(machine.home()).into_iter();
    fs_err::remove_file(files.find(is_rollout).unwrap()).unwrap();
    machine.ok(&["sync"]);
    let mut killed = 0;
    for round in 0..15_u32 {
        machine.say(round, &format!("round {round}"));
        if round % 3 == 0 {
            fs_err::remove_dir_all(machine.data().join("index")).unwrap();
        }
        let (mut child, begin) = (spawn(&machine), Instant::now());
        let patience = whole * (round + 1) / 15;
        while begin.elapsed() < patience && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        killed += u32::from(child.wait().unwrap().code().is_none());
        // Every third is seen as it is, the others pile up.
        if round % 3 == 2 {
            let found = state(&machine);
            assert_same(&found, &fresh(&machine), round);
        }
    }
    assert!(killed > 0, "nobody was killed");
    machine.ok(&["doctor"]);
}

#[test]
fn several_at_once_make_the_index_of_one() {
    let machine = Machine::with_samples();
    for round in 0..2 {
        machine.say(round, &format!("round {round}"));
        let running: Vec<_> = (0..4).map(|_| spawn(&machine)).collect();
        for mut child in running {
            assert_eq!(child.wait().unwrap().code(), Some(0));
        }
        let found = state(&machine);
        assert_same(&found, &fresh(&machine), round);
        fs_err::remove_dir_all(machine.data().join("index")).unwrap();
    }
}
