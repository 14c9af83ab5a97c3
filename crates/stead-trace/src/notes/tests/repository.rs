//! Notes in a repository, as other programs put them there.

use std::path::Path;
use std::process::Command;

use super::super::{
    AI_NOTES, Contributor, Kept, Log, NoteSource, Notes, TRACES, keep_logs, keep_records,
};
use super::{credits, mixed, session};
use crate::repo::{Git, History, Objects};

/// Which kind of note says so, who, and in which session.
type Said = (NoteSource, Contributor, Option<String>);

struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    fn new() -> Self {
        let repository = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        repository.git(&["init", "-q", "-b", "main"]);
        repository.git(&["config", "user.name", "Dev"]);
        repository.git(&["config", "user.email", "dev@example.com"]);
        repository
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .current_dir(self.root())
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout)
            .unwrap()
            .trim_end()
            .to_owned()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// What notes say of a line of a commit, and what they complain of.
    fn said(&self, commit: &str, path: &str, line: usize) -> (Option<Said>, Vec<String>) {
        let git = Git::at(self.root()).unwrap();
        let history = History::of(&git).unwrap();
        let mut objects = Objects::open(&git).unwrap();
        let mut notes = Notes::of(&git).unwrap();
        let found = notes.line(&mut objects, &history.commits[commit], path, line);
        let found = found.map(|found| (found.source, found.contributor, found.session));
        (found, notes.problems().to_vec())
    }
}

#[test]
fn without_notes_nothing_is_said() {
    let repository = Repository::new();
    repository.write("a.rs", "one\n");
    let commit = repository.commit("one");
    assert_eq!(repository.said(&commit, "a.rs", 1), (None, vec![]));
    let git = Git::at(repository.root()).unwrap();
    assert!(Notes::of(&git).unwrap().is_empty());
}

#[test]
fn notes_of_others_are_read_and_damage_is_told() {
    let repository = Repository::new();
    repository.write("src/a.rs", "one\ntwo\nthree\n");
    let good = repository.commit("good");
    let bad = repository.commit("bad");
    let log = mixed().log(&good, "1.4.5").unwrap().to_string();
    repository.git(&["notes", "--ref=ai", "add", "-m", &log, &good]);
    repository.git(&["notes", "--ref=ai", "add", "-m", "a.rs\n  s_1 1-2", &bad]);
    let agent = |id: &str| Some((NoteSource::GitAi, Contributor::Agent, Some(id.to_owned())));
    assert_eq!(
        repository.said(&good, "src/a.rs", 2),
        (agent("one"), vec![])
    );
    let human = Some((NoteSource::GitAi, Contributor::Human, None));
    assert_eq!(repository.said(&good, "src/a.rs", 3).0, human);
    let (nothing, problems) = repository.said(&bad, "a.rs", 1);
    assert_eq!(nothing, None);
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].contains(&bad[..8]) && problems[0].contains("---"),
        "{problems:?}"
    );
}

#[test]
fn traces_are_read_for_their_commit_and_weakly_for_its_child() {
    let repository = Repository::new();
    let first = repository.commit("first");
    let second = repository.commit("second");
    let third = repository.commit("third");
    let record = mixed()
        .record(&second, "1", "2026-11-21T12:00:00Z")
        .unwrap();
    let line = serde_json::to_string(&record).unwrap();
    repository.write(TRACES, &format!("{line}\nnot json\n"));
    let of = |commit: &str| repository.said(commit, "src/a.rs", 1).0;
    let agent = Some((
        NoteSource::AgentTrace,
        Contributor::Agent,
        Some("one".to_owned()),
    ));
    assert_eq!(of(&second), agent);
    assert_eq!(of(&third), agent);
    assert_eq!(of(&first), None);
    assert_eq!(
        repository.said(&first, "x", 1).1,
        [format!("{TRACES}: 1 lines are no records of Agent Trace")]
    );
}

#[test]
fn checkpoints_name_the_session_of_a_file() {
    let repository = Repository::new();
    repository.write(
        "ab/c123def456/metadata.json",
        r#"{"files_touched": ["a.rs", "b.rs"], "sessions": [{}, {}]}"#,
    );
    repository.write(
        "ab/c123def456/0/metadata.json",
        r#"{"session_id": "first", "agent": "Helper", "files_touched": ["a.rs"]}"#,
    );
    repository.write("ab/c123def456/1/metadata.json", r#"{"session_id": "second", "agent": "Helper", "files_touched": ["a.rs", "b.rs"], "token_usage": 7}"#);
    repository.commit("Checkpoint: abc123def456");
    repository.git(&["branch", "-m", "entire/checkpoints/v1"]);
    repository.git(&["checkout", "-q", "--orphan", "main"]);
    let commit = repository.commit("work\n\nEntire-Checkpoint: abc123def456");
    let lost = repository.commit("more\n\nEntire-Checkpoint: 000000000000");
    let of = |path: &str| repository.said(&commit, path, 1).0;
    let agent = |id: Option<&str>| {
        Some((
            NoteSource::Entire,
            Contributor::Agent,
            id.map(str::to_owned),
        ))
    };
    assert_eq!(of("b.rs"), agent(Some("second")));
    assert_eq!(of("a.rs"), agent(None));
    assert_eq!(of("c.rs"), None);
    assert_eq!(
        repository.said(&lost, "a.rs", 1),
        (
            None,
            vec!["the checkpoint 000000000000 of Entire cannot be read".to_owned()]
        )
    );
}

#[test]
fn logs_are_kept_and_those_of_others_stay() {
    let repository = Repository::new();
    let commit = repository.commit("one");
    let git = Git::at(repository.root()).unwrap();
    let ours = mixed().log(&commit, "stead 1").unwrap();
    let keep = |log: &Log, force| {
        let new = [(commit.clone(), log.clone())];
        keep_logs(&git, &new, force).unwrap()[0]
    };
    assert_eq!(keep(&ours, false), Kept::New);
    assert_eq!(keep(&ours, false), Kept::Same);
    // To the letter: nothing is tidied up.
    assert_eq!(
        repository.git(&["notes", "--ref", AI_NOTES, "show", &commit]),
        ours.to_string()
    );
    let later = credits(&[("b", 1, session("helper", "two", false))])
        .log(&commit, "stead 2")
        .unwrap();
    assert_eq!(keep(&later, false), Kept::Replaced);
    repository.git(&[
        "notes",
        "--ref=ai",
        "add",
        "-f",
        "-m",
        "something else",
        &commit,
    ]);
    assert_eq!(keep(&ours, false), Kept::Foreign);
    assert_eq!(
        repository.git(&["notes", "--ref=ai", "show", &commit]),
        "something else"
    );
    assert_eq!(keep(&ours, true), Kept::Overwritten);
}

#[test]
fn logs_of_many_commits_are_one_change_of_the_notes() {
    let repository = Repository::new();
    let commits: Vec<String> = (0..120)
        .map(|at| repository.commit(&at.to_string()))
        .collect();
    repository.git(&["notes", "--ref=ai", "add", "-m", "theirs", &commits[0]]);
    let git = Git::at(repository.root()).unwrap();
    let log = |commit: &String| (commit.clone(), mixed().log(commit, "stead 1").unwrap());
    let new: Vec<(String, Log)> = commits.iter().map(log).collect();
    let kept = keep_logs(&git, &new, false).unwrap();
    assert_eq!(kept[0], Kept::Foreign);
    assert!(kept[1..].iter().all(|how| *how == Kept::New));
    for (commit, log) in &new[1..] {
        let note = repository.git(&["notes", "--ref", AI_NOTES, "show", commit]);
        assert_eq!(note, log.to_string());
    }
    assert_eq!(repository.git(&["rev-list", "--count", AI_NOTES]), "2");
    assert_eq!(repository.git(&["fsck", "--strict"]), "");
}

#[test]
fn records_are_kept_beside_those_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let record = |commit: &str, time: &str| mixed().record(commit, "1", time).unwrap();
    let keep = |record, force| keep_records(folder.path(), &[record], force).unwrap()[0];
    let lines = || {
        std::fs::read_to_string(folder.path().join(TRACES))
            .unwrap()
            .lines()
            .count()
    };
    assert_eq!(keep(record("c1", "2026-11-21T12:00:00Z"), false), Kept::New);
    assert_eq!(
        keep(record("c1", "2026-11-22T12:00:00Z"), false),
        Kept::Same
    );
    assert_eq!(keep(record("c2", "2026-11-21T12:00:00Z"), false), Kept::New);
    assert_eq!(lines(), 2);
    let mut foreign = record("c3", "2026-11-21T12:00:00Z");
    foreign.id = "550e8400-e29b-41d4-a716-446655440000".into();
    let text = std::fs::read_to_string(folder.path().join(TRACES)).unwrap();
    let foreign = serde_json::to_string(&foreign).unwrap();
    std::fs::write(folder.path().join(TRACES), format!("{text}{foreign}")).unwrap();
    assert_eq!(
        keep(record("c3", "2026-11-21T12:00:00Z"), false),
        Kept::Foreign
    );
    assert_eq!(
        keep(record("c3", "2026-11-21T12:00:00Z"), true),
        Kept::Overwritten
    );
    assert_eq!(lines(), 4);
    let text = std::fs::read_to_string(folder.path().join(TRACES)).unwrap();
    assert!(text.contains(&foreign), "{text}");
}
