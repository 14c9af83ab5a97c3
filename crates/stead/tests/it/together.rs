//! Sessions of several agents on one machine.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use stead_adapters::conformance;

use super::machine::{Machine, Run};

/// Sessions that agents made, of one version of each: the adapters' test data.
const FIXTURES: [&str; 11] = [
    "aider/testdata/v0.86.2",
    "claude_code/testdata/v2.1.329",
    "cline/testdata/v2.18.0",
    "codex/testdata/v0.169.0",
    "crush/testdata/schema-2026-01",
    "goose/testdata/v1.52.0",
    "kilo_code/testdata/v7.7.9",
    "opencode/testdata/v1.18.33",
    "openhands/testdata/cli-1.16.0",
    "openhands/testdata/v0.62.0",
    "roo_code/testdata/v3.51.0",
];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../stead-adapters/src/agents")
        .join(name)
}

/// A machine with all of these; what agents keep in projects lies below `work`.
fn machine() -> Machine {
    let machine = Machine::empty();
    for name in FIXTURES {
        let unpacked = conformance::unpack(&fixture(name));
        copy(&unpacked.path().join("home"), machine.home());
    }
    machine
}

fn copy(from: &Path, to: &Path) {
    fs_err::create_dir_all(to).unwrap();
    for entry in fs_err::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs_err::copy(entry.path(), to).unwrap();
        }
    }
}

/// The agents of these sessions, each once, in order of their names.
fn agents<'a>(sessions: impl Iterator<Item = &'a Value>) -> Vec<&'a str> {
    let agents = sessions.map(|session| session["agent"].as_str().unwrap());
    agents.collect::<BTreeSet<_>>().into_iter().collect()
}

fn listed(machine: &Machine, arguments: &[&str]) -> Vec<String> {
    let list = machine.json(&[&["ls", "--json", "--limit", "0"], arguments].concat());
    let sessions = list.as_array().unwrap().iter();
    sessions
        .map(|session| session["native_id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn one_query_finds_the_failed_commands_of_every_agent() {
    let machine = machine();
    let root = machine.home().to_str().unwrap();
    let query = ["search", "tool:shell is:error", "--json", "--limit", "0"];
    let found = machine.json(&[&query[..], &["--root", root]].concat());
    let hits = found["hits"].as_array().unwrap();
    // Aider does not write down what commands answered.
    let expected = [
        "claude-code",
        "cline",
        "codex",
        "crush",
        "goose",
        "kilo-code",
        "opencode",
        "openhands",
        "roo-code",
    ];
    assert_eq!(agents(hits.iter().map(|hit| &hit["session"])), expected);
    let of_old = machine.json(&["search", "tool:shell is:error before:2026-01", "--json"]);
    let agents_then = agents(
        of_old["hits"]
            .as_array()
            .unwrap()
            .iter()
            .map(|hit| &hit["session"]),
    );
    assert_eq!(agents_then, [""; 0], "the sessions are of November");
}

#[test]
fn sessions_of_all_agents_in_one_project_stand_together() {
    let machine = machine();
    let root = machine.home().to_str().unwrap();
    let list = machine.json(&["ls", "--json", "--limit", "0", "--root", root, "-p", "demo"]);
    let expected = [
        "aider",
        "claude-code",
        "cline",
        "codex",
        "crush",
        "goose",
        "kilo-code",
        "opencode",
        "openhands",
        "roo-code",
    ];
    assert_eq!(agents(list.as_array().unwrap().iter()), expected);
    let forms = [
        "/home/dev/work/demo",
        "/home/dev/work/demo/",
        "/home/dev/work/other/../demo",
    ];
    let counts = forms.map(|form| listed(&machine, &["-p", form]).len());
    assert!(counts[0] > 15, "{counts:?}");
    assert_eq!(counts, [counts[0]; 3]);
}

/// The folder of Aider's project, in which a Claude Code session worked too.
fn aider_beside_claude(machine: &Machine) -> PathBuf {
    let project = machine.home().join("work/demo");
    copy(&fixture("aider/testdata/v0.86.2/home/work/demo"), &project);
    let transcript = fs_err::read_to_string(machine.transcript()).unwrap();
    let project_name = project.to_str().unwrap();
    let transcript = transcript.replace("/home/dev/work/demo", project_name);
    fs_err::write(machine.transcript(), transcript).unwrap();
    project
}

#[test]
fn a_store_in_a_project_is_found_where_another_agent_worked() {
    let machine = Machine::with_samples();
    let project = aider_beside_claude(&machine);
    let found = listed(&machine, &["--agent", "aider"]);
    assert_eq!(found.len(), 4, "{found:?}");
    // What is new there is found by the next command, like anything else.
    let history = project.join(".aider.chat.history.md");
    let mut text = fs_err::read_to_string(&history).unwrap();
    text.push_str(
        "\n# aider chat started at 2026-11-21 12:00:00\n\n#### One more thing  \n\nDone.\n",
    );
    fs_err::write(&history, text).unwrap();
    assert_eq!(listed(&machine, &["--agent", "aider"]).len(), 5);
    assert!(machine.ok(&["search", "one more thing"]).contains("aider"));
}

#[test]
fn a_store_in_the_current_folder_is_found() {
    let machine = Machine::with_samples();
    let project = machine.home().join("elsewhere/demo");
    copy(&fixture("aider/testdata/v0.86.2/home/work/other"), &project);
    let list = |folder: &Path| {
        let mut command = machine.command(&["ls", "--agent", "aider", "--json"]);
        let run = Run::of(command.current_dir(folder).output().unwrap());
        assert_eq!(run.code, 0, "{}", run.err);
        let list: Value = serde_json::from_str(&run.out).unwrap();
        list.as_array().unwrap().len()
    };
    assert_eq!(list(machine.home()), 0);
    assert_eq!(list(&project), 3);
    assert_eq!(list(machine.home()), 3, "it is known from then on");
}

/// A database is archived row by row; its project says nothing while it is away.
#[test]
fn a_database_in_a_project_may_go_and_come_back() {
    let machine = Machine::empty();
    let unpacked = conformance::unpack(&fixture("crush/testdata/schema-2026-01"));
    copy(&unpacked.path().join("home"), machine.home());
    let project = machine.home().join("work/demo");
    let (data, away) = (project.join(".crush"), machine.home().join("away"));
    let state = |folder: &Path| {
        let mut command = machine.command(&["show", "crush:s", "--json"]);
        let run = Run::of(command.current_dir(folder).output().unwrap());
        assert_eq!(run.code, 0, "{}", run.err);
        let session: Value = serde_json::from_str(&run.out).unwrap();
        let archived = session["archived"].as_bool().unwrap_or(false);
        (archived, session["cwd"].as_str().unwrap().to_owned())
    };
    let cwd = project.to_str().unwrap().to_owned();
    assert_eq!(state(&project), (false, cwd.clone()));
    fs_err::rename(&data, &away).unwrap();
    assert_eq!(state(machine.home()), (true, cwd.clone()));
    machine.ok(&["sync", "--rebuild"]);
    assert_eq!(state(machine.home()), (true, cwd.clone()));
    fs_err::rename(&away, &data).unwrap();
    assert_eq!(state(machine.home()), (false, cwd));
}
