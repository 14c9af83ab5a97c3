//! `stead`, `ls`, `stats`, `doctor`, `sync`: what there is.

use serde_json::Value;
use stead_adapters::conformance;
use stead_usf::Session;

use super::machine::{CLAUDE, Machine};

#[test]
fn an_empty_machine_is_told_what_to_do() {
    let machine = Machine::empty();
    for arguments in [&[][..], &["ls"]] {
        let run = machine.run(arguments);
        assert_eq!((run.code, run.out.as_str()), (0, ""), "{arguments:?}");
        assert!(run.err.contains("No sessions found."), "{}", run.err);
        assert!(run.err.contains("stead demo"), "{}", run.err);
    }
    assert_eq!(machine.ok(&["ls", "--json"]), "[]\n");
    assert!(machine.ok(&["doctor"]).contains("not found"));
    let run = machine.run(&["show"]);
    assert_eq!(run.code, 1);
    assert!(
        run.err.contains("there is no session to show"),
        "{}",
        run.err
    );
}

#[test]
fn the_overview_says_what_to_type_next() {
    let machine = Machine::with_samples();
    let text = machine.ok(&[]);
    assert!(text.starts_with("13 sessions ("), "{text}");
    for agent in ["4 OpenCode", "4 Codex CLI", "5 Claude Code"] {
        assert!(text.contains(agent), "{text}");
    }
    for line in text
        .lines()
        .filter(|line| line.starts_with("  stead show "))
    {
        let id = line.split_whitespace().nth(2).unwrap();
        machine.ok(&["show", id]);
    }
}

#[test]
fn sessions_are_listed_the_newest_first() {
    let machine = Machine::with_samples();
    let text = machine.ok(&["ls"]);
    let ids: Vec<_> = text
        .lines()
        .skip(1)
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(
        ids,
        [
            "ses_e04160",
            "ses_e0416bb",
            "ses_e0416f6",
            "ses_e0417",
            "01a1fbc6",
            "01a1fbc5-d",
            "01a1fbc5-a1",
            "01a1fbc5-7",
            "85e65a38",
            "f525b7c4",
            "b282a111",
            "a9f9eeee",
            "e519b8e8",
        ]
    );
    assert!(
        text.lines()
            .nth(4)
            .unwrap()
            .contains("Add slugify helper with tests")
    );
    assert_eq!(machine.ok(&["ls", "--all"]).lines().count(), 20);
    assert_eq!(machine.ok(&["list", "-n", "2"]).lines().count(), 3);
    assert_eq!(
        machine
            .ok(&["ls", "-a", "codex", "-p", "other"])
            .lines()
            .count(),
        2
    );
    assert_eq!(
        machine
            .ok(&["ls", "--before", "2026-11-21T01:30:00Z"])
            .lines()
            .count(),
        6
    );
    let none = machine.run(&["ls", "-p", "nowhere"]);
    assert_eq!((none.code, none.out.as_str()), (0, ""));
    assert!(
        none.err.contains("None of the 19 sessions fits."),
        "{}",
        none.err
    );
}

#[test]
fn lists_are_usf_headers() {
    let machine = Machine::with_samples();
    let headers: Vec<Session> =
        serde_json::from_str(&machine.ok(&["ls", "--all", "--json"])).unwrap();
    assert_eq!(headers.len(), 19);
    for header in &headers {
        assert_eq!(stead_usf::validate(header), [], "{}", header.id);
        assert!(header.events.is_empty());
    }
}

#[test]
fn wrong_arguments_are_usage_errors() {
    let machine = Machine::with_samples();
    for arguments in [
        &["ls", "--limit", "many"][..],
        &["ls", "--since", "fortnight"],
        &["ls", "-a", "nobody"],
        &["export", "e519", "--format", "pdf"],
        &["search"],
        &["frobnicate"],
    ] {
        let run = machine.run(arguments);
        assert_eq!(
            (run.code, run.out.as_str()),
            (2, ""),
            "{arguments:?}: {}",
            run.err
        );
        assert!(run.err.starts_with("error: "), "{}", run.err);
    }
    let config = machine.home().join("config.toml");
    fs_err::write(&config, "archive = 7").unwrap();
    let run = machine
        .command(&["ls"])
        .env("STEAD_CONFIG", &config)
        .output();
    assert_eq!(run.unwrap().status.code(), Some(2));
}

#[test]
fn other_places_can_be_looked_into() {
    let (machine, other) = (Machine::empty(), Machine::with_samples());
    let root = other.home().to_str().unwrap();
    assert_eq!(machine.ok(&["ls", "--root", root]).lines().count(), 14);
    assert_eq!(machine.ok(&["ls", "--json"]), "[]\n");
}

#[test]
fn numbers_are_the_same_before_and_after_a_sync() {
    let machine = Machine::with_samples();
    let before = machine.json(&["stats", "--json", "--by", "agent,model"]);
    machine.ok(&["sync"]);
    assert_eq!(
        machine.json(&["stats", "--json", "--by", "agent,model"]),
        before
    );
    let total = &before["total"];
    assert_eq!(
        (&total["requests"], &total["sessions"]),
        (&84.into(), &19.into())
    );
    assert_eq!(total["usage"]["input"], 961_128);
    assert_eq!(total["usage"]["output"], 3096);
    let text = machine.ok(&["stats", "--by", "day"]);
    assert!(
        text.contains("2026-11-21") && text.contains("961k"),
        "{text}"
    );
}

#[test]
fn the_doctor_names_agents_places_and_versions() {
    let machine = Machine::with_samples();
    let text = machine.ok(&["doctor"]);
    for words in [
        "✓ Claude Code  7 sessions in 7 files",
        "✓ Codex CLI  6 sessions in 6 files",
        "✓ OpenCode  6 sessions in 1 file,",
        "~/.claude/projects",
        "versions 2.1.329 (7)",
        "versions 0.169.0 (6)",
        "versions 1.18.33 (6)",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let report = machine.json(&["doctor", "--json"]);
    let agents = report["agents"].as_array().unwrap();
    assert_eq!(agents.len(), stead_adapters::adapters().len());
    assert_eq!(report["failed"], Value::Array(vec![]));
}

#[test]
fn syncing_says_what_it_did() {
    let machine = Machine::with_samples();
    let first = machine.run(&["sync"]);
    assert_eq!(first.code, 0);
    assert!(first.out.starts_with("Read 14 files, "), "{}", first.out);
    assert!(
        first.err.contains("note: stead keeps a compressed copy"),
        "{}",
        first.err
    );
    assert!(
        first.err.contains("archive.enabled = false"),
        "{}",
        first.err
    );
    let second = machine.run(&["sync"]);
    assert_eq!(second.out, "Everything is up to date.\n");
    assert_eq!(second.err, "");
    machine.say(1, "about the quokka");
    assert!(machine.ok(&["sync"]).starts_with("Read 1 file, "));
    fs_err::remove_file(machine.transcript()).unwrap();
    assert!(machine.ok(&["sync"]).contains("1 is gone"));
    let listed = machine.ok(&["ls", "--json"]);
    assert_eq!(machine.json(&["sync", "--rebuild", "--json"])["read"], 13);
    assert_eq!(machine.ok(&["ls", "--json"]), listed);
    assert!(
        machine
            .ok(&["ls"])
            .contains("[archived] Add a slugify helper")
    );
}

#[test]
fn the_archive_can_be_switched_off() {
    let machine = Machine::with_samples();
    let config = machine.home().join(".config/stead/config.toml");
    fs_err::create_dir_all(config.parent().unwrap()).unwrap();
    fs_err::write(&config, "[archive]\nenabled = false\n").unwrap();
    let run = machine.run(&["sync"]);
    assert!(!run.err.contains("compressed copy"), "{}", run.err);
    fs_err::remove_file(machine.transcript()).unwrap();
    assert_eq!(machine.run(&["show", CLAUDE]).code, 3);
    assert!(machine.ok(&["doctor"]).contains("archive  off"));
}

#[test]
fn stores_are_never_written() {
    let machine = Machine::with_samples();
    let before = conformance::hash_tree(machine.home());
    for arguments in [
        &[][..],
        &["ls"],
        &["show", CLAUDE],
        &["search", "slugify"],
        &["stats"],
        &["doctor"],
        &["export", CLAUDE, "--format", "html"],
        &["sync", "--rebuild"],
        &["forget", "--yes", CLAUDE],
    ] {
        machine.ok(arguments);
        let after = conformance::hash_tree(machine.home());
        assert!(after == before, "{arguments:?}");
    }
}

#[test]
fn a_place_that_is_not_there_is_an_error() {
    let machine = Machine::with_samples();
    let run = machine.run(&["--root", "/no/such/place", "ls"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(
        run.err.contains("`/no/such/place` is not there"),
        "{}",
        run.err
    );
}
