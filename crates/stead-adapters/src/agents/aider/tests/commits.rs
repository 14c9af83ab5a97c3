//! Commits that the history names, and the log that git keeps of them. Git does not
//! take a folder called `.git` into a repository, so the log is made here: of the
//! commits that `EXPECTED.json` has.

use std::fmt::Write as _;
use std::path::Path;

use fs_err as fs;
use serde::Deserialize;
use stead_usf::Session;

use super::super::Aider;
use super::store::case;
use crate::conformance;

#[derive(Deserialize)]
struct Repositories {
    repositories: std::collections::BTreeMap<String, Vec<Commit>>,
}

#[derive(Deserialize)]
struct Commit {
    id: String,
    time: String,
    subject: String,
}

/// The commits of the fixture in which the log is tried.
fn commits() -> Vec<Commit> {
    let text = fs::read(case("v0.86.2").join("EXPECTED.json")).unwrap();
    let mut all: Repositories = serde_json::from_slice(&text).unwrap();
    all.repositories.remove("/home/dev/work/demo").unwrap()
}

fn seconds(time: &str) -> i64 {
    stead_usf::Time::parse(time).unwrap().as_millis() / 1000
}

/// The log of these commits, in a zone this many hours east of that of the history.
fn log(commits: &[Commit], hours: i64) -> String {
    let mut log = String::new();
    let mut old = "0".repeat(40);
    for Commit { id, time, subject } in commits {
        let at = seconds(time) - hours * 3600;
        writeln!(
            log,
            "{old} {id} Dev (aider) <dev@example.com> {at} +0{hours}00\tcommit: {subject}"
        )
        .unwrap();
        old.clone_from(id);
    }
    log
}

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Hash, whole id and time of every commit of the sessions.
fn found(home: &Path) -> Vec<(String, Option<String>, Option<i64>)> {
    let mut found = Vec::new();
    for session in conformance::sessions(&Aider, home).into_values() {
        found.extend(found_in(&session));
    }
    found
}

fn found_in(session: &Session) -> Vec<(String, Option<String>, Option<i64>)> {
    let mut found = Vec::new();
    for event in &session.events {
        let extra = event
            .extra
            .as_ref()
            .and_then(|extra| extra.to::<serde_json::Value>().ok());
        if let Some(commit) = extra.as_ref().and_then(|extra| extra.get("commit")) {
            let text = |name: &str| {
                commit
                    .get(name)
                    .map(|text| text.as_str().unwrap().to_owned())
            };
            let at = event.at.map(|at| at.as_millis() / 1000);
            found.push((text("hash").unwrap(), text("id"), at));
        }
    }
    found
}

#[test]
fn the_log_of_git_has_time_and_whole_id() {
    let home = conformance::unpack(&case("v0.86.2").join("home"));
    let commits = commits();
    put(
        &home.path().join("work/demo/.git/logs/HEAD"),
        &log(&commits, 0),
    );
    conformance::check(&Aider, home.path());
    let mut known = 0;
    for (hash, id, at) in found(&home.path().join("work/demo")) {
        let commit = commits.iter().find(|commit| commit.id.starts_with(&hash));
        assert_eq!(id, commit.map(|commit| commit.id.clone()), "{hash}");
        assert_eq!(at, commit.map(|commit| seconds(&commit.time)), "{hash}");
        known += usize::from(commit.is_some());
    }
    assert_eq!(known, 5, "one of six was taken back");
    let sessions = conformance::sessions(&Aider, home.path());
    let dated = sessions
        .values()
        .filter(|session| session.created_at.is_some());
    assert_eq!(dated.count(), 4);
}

#[test]
fn a_zone_and_a_worktree_make_no_difference() {
    let home = conformance::unpack(&case("v0.86.2").join("home"));
    let demo = home.path().join("work/demo");
    put(&demo.join(".git"), "gitdir: ../main/.git/worktrees/demo\n");
    let log = log(&commits(), 2);
    put(
        &home.path().join("work/main/.git/worktrees/demo/logs/HEAD"),
        &log,
    );
    let found = found(&demo);
    assert_eq!(found.iter().filter(|(_, id, _)| id.is_some()).count(), 5);
}

/// The same digits in another repository, or years later, are another commit.
#[test]
fn a_commit_of_another_time_is_another_one() {
    let home = conformance::unpack(&case("v0.86.2").join("home"));
    let mut commits = commits();
    for commit in &mut commits {
        commit.time = commit.time.replace("2026", "2024");
    }
    put(
        &home.path().join("work/demo/.git/logs/HEAD"),
        &log(&commits, 0),
    );
    assert!(
        found(home.path())
            .iter()
            .all(|(_, id, at)| id.is_none() && at.is_none())
    );
}
