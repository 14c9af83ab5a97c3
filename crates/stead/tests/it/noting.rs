//! Notes for other tools, held against histories in which each line is known.

use std::process::{Command, Stdio};

use serde_json::Value;
use stead_testkit::play::{Agent, Asked, Origin, Played, scenarios};

use crate::machine::{Machine, Run};

/// A played history, and a machine whose home it is.
struct Place {
    machine: Machine,
    played: Played,
}

impl Place {
    fn of(scenario: &str) -> Self {
        let all = scenarios::all();
        let scenario = all.iter().find(|one| one.name == scenario).unwrap();
        Self {
            machine: Machine::empty(),
            played: scenario.play(&[Agent::Claude]),
        }
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = self.machine.command(arguments);
        let person = ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"];
        let address = ["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"];
        command
            .env("HOME", &self.played.home)
            .envs(person.map(|name| (name, "Dev")))
            .envs(address.map(|name| (name, "dev@example.com")))
            .current_dir(&self.played.repository);
        Run::of(command.output().unwrap())
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.out, run.err);
        run.out
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=Dev", "-c", "user.email=dev@example.com"])
            .args(arguments)
            .current_dir(&self.played.repository)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The truth of a file; its work tree is clean.
    fn file(&self, path: &str) -> &Asked {
        let mut asked = self.played.asked.iter();
        asked.find(|one| one.path == path).unwrap()
    }
}

/// Who `stead notes read` says wrote each line of a file, with the session.
fn claimed(json: &str, path: &str, lines: usize) -> Vec<Option<(String, String)>> {
    let claims: Vec<Value> = serde_json::from_str(json).unwrap();
    let mut found = vec![None; lines];
    for claim in claims.iter().filter(|claim| claim["path"] == path) {
        let text = |name: &str| claim[name].as_str().unwrap_or_default().to_owned();
        for range in text("lines").split(',') {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            for line in first.parse::<usize>().unwrap()..=last.parse().unwrap() {
                found[line - 1] = Some((text("contributor"), text("session")));
            }
        }
    }
    found
}

#[test]
fn notes_say_what_is_true() {
    for format in ["git-ai", "agent-trace"] {
        let place = Place::of("inside-the-block");
        let out = place.ok(&["notes", "write", "--format", format]);
        assert!(out.contains("lines written\n1 note written to "), "{out}");
        let json = place.ok(&["notes", "read", "--json"]);
        let lines = &place.file("src/c.rs").lines;
        let claimed = claimed(&json, "src/c.rs", lines.len());
        let (mut agents, mut found) = (0, 0);
        for (line, claim) in lines.iter().zip(&claimed) {
            let best = line.truth.best;
            let id = best.session.map(|key| &place.played.session(key).native_id);
            agents += usize::from(best.origin == Origin::Agent && line.truth.counts);
            match claim {
                Some((who, session)) if who == "agent" => {
                    found += usize::from(line.truth.counts);
                    assert_eq!(Some(session), id, "{format}: {}", line.text);
                }
                Some((who, _)) => {
                    assert_eq!(who, "human", "{format}: {}", line.text);
                    assert_eq!(best.origin, Origin::Human, "{format}: {}", line.text);
                }
                None => {}
            }
        }
        assert!(
            agents > 0 && found == agents,
            "{format}: {found} of {agents}"
        );
    }
}

#[test]
fn lines_that_a_formatter_moved_keep_their_session() {
    let place = Place::of("formatted-later");
    let all = place.git(&["rev-list", "HEAD"]);
    let commits: Vec<&str> = all.lines().collect();
    place.ok(&[&["notes", "write"], commits.as_slice()].concat());
    let mut agents = 0;
    for asked in &place.played.asked {
        // git as other programs ask it: white space makes a line another one.
        let blame = place.git(&["blame", "--porcelain", "HEAD", "--", &asked.path]);
        let heads = blame.lines().filter(|line| !line.starts_with('\t'));
        let heads = heads.filter_map(|line| {
            let (commit, rest) = line.split_once(' ').filter(|(id, _)| id.len() == 40)?;
            Some((
                commit.to_owned(),
                rest.split(' ').next()?.parse::<usize>().ok()?,
            ))
        });
        for (line, (commit, number)) in asked.lines.iter().zip(heads) {
            let best = line.truth.best;
            if best.origin != Origin::Agent || !line.truth.counts {
                continue;
            }
            let json = place.ok(&["notes", "read", "--json", &commit]);
            let claims = claimed(&json, &asked.path, 1000);
            let session = best.session.map(|key| &place.played.session(key).native_id);
            let named = claims[number - 1].as_ref().map(|(_, session)| session);
            assert_eq!(named, session, "{}", line.text);
            agents += 1;
        }
    }
    assert!(agents > 0);
}

#[test]
fn notes_of_other_programs_stay() {
    let place = Place::of("inside-the-block");
    place.git(&["notes", "--ref=ai", "add", "-m", "theirs", "HEAD"]);
    let out = place.ok(&["notes", "write"]);
    assert!(
        out.contains("left as it is") && out.contains("0 notes written"),
        "{out}"
    );
    assert_eq!(
        place.git(&["notes", "--ref=ai", "show"]).trim_end(),
        "theirs"
    );
    let run = place.run(&["notes", "read"]);
    assert!(
        run.err.contains("is left out: it has no line `---`"),
        "{}",
        run.err
    );
    let out = place.ok(&["notes", "write", "--force"]);
    assert!(out.contains("in place of another program's note"), "{out}");
    let again = place.ok(&["notes", "write"]);
    assert!(again.contains("there already"), "{again}");
}

#[test]
fn notes_that_cannot_be_read_are_told_once_by_whoever_looks_at_lines() {
    let place = Place::of("inside-the-block");
    place.git(&["notes", "--ref=ai", "add", "-m", "no log", "HEAD"]);
    let words = "is left out: it has no line `---`";
    let commands: [&[&str]; 5] = [
        &["blame", "src/c.rs"],
        // Answered from memory, and told again.
        &["blame", "src/c.rs"],
        &["why", "src/c.rs:1"],
        &["log"],
        &["report", "--json"],
    ];
    for command in commands {
        let run = place.run(command);
        assert_eq!(run.code, 0, "{command:?}: {}", run.err);
        let told = run.err.matches(words).count();
        let is_blame_of_another = command[0] == "why";
        assert!(told == 1 || is_blame_of_another, "{command:?}: {}", run.err);
    }
}

#[test]
fn what_notes_say_is_not_written_down_again() {
    let place = Place::of("inside-the-block");
    // Somebody claims every line of the first commit for a person.
    let first = place.git(&["rev-list", "--max-parents=0", "HEAD"]);
    let first = first.trim_end();
    let files = place.git(&["ls-tree", "-r", "--name-only", first]);
    let claim = |path| format!("{path}\n  h_31dce776f88375 1-1000\n");
    let claims = files.lines().map(claim).collect::<Vec<_>>().concat();
    let about = format!(
        r#"{{"schema_version": "authorship/3.0.0", "base_commit_sha": "{first}", "prompts": {{}},
            "humans": {{"h_31dce776f88375": {{"author": "Alice Smith <alice@example.com>"}}}}}}"#
    );
    let note = format!("{claims}---\n{about}");
    place.git(&["notes", "--ref=ai", "add", "-m", &note, first]);
    let out = place.ok(&["notes", "write", "--force", first]);
    assert!(out.contains("nothing to write"), "{out}");
}

#[test]
fn notes_answer_when_the_sessions_are_gone() {
    for format in ["git-ai", "agent-trace"] {
        let mut place = Place::of("inside-the-block");
        place.ok(&["notes", "write", "--format", format]);
        let before = place.ok(&["blame", "src/c.rs", "--json"]);
        fs_err::remove_dir_all(place.played.home.join(".claude")).unwrap();
        place.machine = Machine::empty();
        let after = place.ok(&["blame", "src/c.rs", "--json"]);
        let lines = |json: &str| serde_json::from_str::<Vec<Value>>(json).unwrap();
        let mut agents = 0;
        for (before, after) in lines(&before).iter().zip(lines(&after)) {
            if before["origin"] != "agent" {
                continue;
            }
            agents += 1;
            for name in ["origin", "agent", "session"] {
                assert_eq!(before[name], after[name], "{format}: {after}");
            }
            assert!(before["confidence"].as_f64() > after["confidence"].as_f64());
        }
        assert!(agents > 0, "{format}");
    }
}

#[test]
fn nothing_but_the_note_is_written() {
    let place = Place::of("inside-the-block");
    let refs = || place.git(&["for-each-ref", "--format=%(refname)"]);
    let (status, before) = (place.git(&["status", "--short"]), refs());
    assert_eq!(
        place.ok(&["notes", "read"]),
        "no notes of git-ai, Agent Trace or Entire here\n"
    );
    assert_eq!(refs(), before);
    place.ok(&["notes", "write"]);
    assert_eq!(refs(), format!("{before}refs/notes/ai\n"));
    assert_eq!(place.git(&["status", "--short"]), status);
}

#[test]
fn what_cannot_be_noted_is_said() {
    let place = Place::of("inside-the-block");
    let run = place.run(&["notes", "write", "no-such-branch"]);
    assert!(
        run.err
            .starts_with("error: there is no revision `no-such-branch`\n"),
        "{}",
        run.err
    );
    assert_ne!(run.code, 0);
    let outcomes: Vec<Value> =
        serde_json::from_str(&place.ok(&["notes", "write", "HEAD~1", "--json"])).unwrap();
    assert_eq!(outcomes.len(), 1);
    let machine = Machine::empty();
    let mut command = machine.command(&["notes", "read"]);
    let run = Run::of(command.current_dir(machine.home()).output().unwrap());
    assert!(run.err.contains("is in no git repository"), "{}", run.err);
}
