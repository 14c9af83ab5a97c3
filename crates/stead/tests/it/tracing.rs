//! `blame`, `why`, `log`, `report`, on the bundled sessions and the repository
//! that they worked on. Who wrote what there is known from how it was made: one
//! session added `slugify`, and then dropped punctuation in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::machine::{CLAUDE, Machine, Run};

const BUNDLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/demo.bundle");

/// A machine with a clone of the repository on it, somewhere else than where the
/// sessions had it.
pub(super) struct Repository {
    pub(super) machine: Machine,
    pub(super) root: PathBuf,
}

impl Repository {
    pub(super) fn new() -> Self {
        let machine = Machine::with_samples();
        let root = machine.home().join("code/demo");
        let repository = Self { machine, root };
        fs_err::create_dir_all(repository.root.parent().unwrap()).unwrap();
        let home = repository.machine.home();
        repository.git_in(
            home,
            &["clone", "--quiet", "--branch", "main", BUNDLE, "code/demo"],
        );
        repository
    }

    /// A folder beside the repository.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        self.root.parent().unwrap().join(name)
    }

    pub(super) fn git_in(&self, folder: &Path, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=Dev", "-c", "user.email=dev@example.com"])
            .args(arguments)
            .current_dir(folder)
            .env("HOME", self.machine.home())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {words}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub(super) fn git(&self, arguments: &[&str]) -> String {
        self.git_in(&self.root, arguments)
    }

    pub(super) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.root.join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, content).unwrap();
    }

    pub(super) fn commit(&self, words: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "-m", words]);
    }

    pub(super) fn run_in(&self, folder: &Path, arguments: &[&str]) -> Run {
        let mut command = self.machine.command(arguments);
        Run::of(command.current_dir(folder).output().unwrap())
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Run {
        self.run_in(&self.root, arguments)
    }

    pub(super) fn ok(&self, arguments: &[&str]) -> String {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.out, run.err);
        run.out
    }

    pub(super) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.ok(arguments)).unwrap()
    }

    /// Line numbers of a file that an agent wrote.
    fn agents_lines(&self, arguments: &[&str]) -> Vec<u64> {
        let arguments = [arguments, &["--json"]].concat();
        let lines = self.json(&arguments);
        let lines = lines.as_array().unwrap().iter();
        let agents = lines.filter(|line| line["origin"] == "agent");
        agents.map(|line| line["line"].as_u64().unwrap()).collect()
    }
}

fn id() -> String {
    format!("claude-code:{CLAUDE}")
}

/// Text that a terminal would obey.
fn controls(text: &str) -> bool {
    text.contains(|c: char| c.is_control() && c != '\n' && c != '\t')
}

#[test]
fn blamed_lines_name_session_model_and_licence() {
    let repository = Repository::new();
    let lines = repository.json(&["blame", "src/utils.py", "--json"]);
    let lines = lines.as_array().unwrap();
    assert_eq!(lines.len(), 8);
    let keys: Vec<&String> = lines[0].as_object().unwrap().keys().collect();
    let names = "line text origin session agent model license event confidence commit evidence";
    assert_eq!(keys, names.split(' ').collect::<Vec<_>>());
    let line = &lines[5];
    assert_eq!(line["line"], 6);
    assert_eq!(line["origin"], "agent");
    assert_eq!(line["session"], id());
    assert_eq!(line["agent"], "claude-code");
    assert_eq!(line["model"], "claude-opus-5-5");
    assert_eq!(line["license"], "proprietary");
    assert!(line["text"].as_str().unwrap().contains("w.strip("));
    // The event is one of the session, and its change has the line.
    let session = repository.json(&["show", CLAUDE, "--json"]);
    let events = session["events"].as_array().unwrap().iter();
    let event = events.clone().find(|event| event["id"] == line["event"]);
    assert!(event.unwrap()["edits"].to_string().contains("w.strip("));
    // What was there before any session is nobody's of them.
    for line in &lines[..2] {
        assert_ne!(line["origin"], "agent");
        assert_eq!(line["session"], Value::Null);
    }
    // Commits are those of git.
    let blamed = repository.git(&[
        "blame",
        "-w",
        "-M",
        "-C",
        "-l",
        "-s",
        "--root",
        "src/utils.py",
    ]);
    for (line, git) in lines.iter().zip(blamed.lines()) {
        assert_eq!(line["commit"], git.split(' ').next().unwrap());
    }
}

#[test]
fn blame_aligns_its_columns_and_colours_only_terminals() {
    let repository = Repository::new();
    let text = repository.ok(&["blame", "src/utils.py"]);
    let source = fs_err::read_to_string(repository.root.join("src/utils.py")).unwrap();
    let mut places = Vec::new();
    for (number, (row, line)) in text.lines().zip(source.lines()).enumerate() {
        let mark = format!(" {}) ", number + 1);
        let place = row.find(&mark).unwrap_or_else(|| panic!("{row}"));
        assert_eq!(&row[place + mark.len()..], line);
        places.push(place);
    }
    assert_eq!(places, [places[0]; 8]);
    let row = text.lines().nth(5).unwrap();
    let columns: Vec<&str> = row.split_whitespace().take(5).collect();
    let expected = [
        "1ee7bee9",
        "claude-code",
        "e519b8e8",
        "claude-opus-5-5",
        "2026-11-21",
    ];
    assert_eq!(columns, expected);
    assert!(!controls(&text));
    let mut coloured = repository
        .machine
        .command(&["blame", "src/utils.py", "--color", "always"]);
    let run = Run::of(coloured.current_dir(&repository.root).output().unwrap());
    assert!(run.out.contains("\u{1b}["), "{}", run.out);
}

#[test]
fn ranges_choose_lines() {
    let repository = Repository::new();
    let numbers = |ranges: &[&str]| -> Vec<u64> {
        let mut arguments = vec!["blame", "src/utils.py", "--json"];
        arguments.extend(ranges.iter().flat_map(|range| ["-L", range]));
        let lines = repository.json(&arguments);
        let lines = lines.as_array().unwrap().iter();
        lines.map(|line| line["line"].as_u64().unwrap()).collect()
    };
    assert_eq!(numbers(&["3,5"]), [3, 4, 5]);
    assert_eq!(numbers(&["3,+2"]), [3, 4]);
    assert_eq!(numbers(&["7"]), [7, 8]);
    assert_eq!(numbers(&["7,99"]), [7, 8]);
    assert_eq!(numbers(&["8,8", "1,+1"]), [1, 8]);
}

#[test]
fn porcelain_is_that_of_git_with_headers_of_our_own() {
    let repository = Repository::new();
    repository.write(
        "src/utils.py",
        "# new\n\ndef shout(text):\n    return text.upper() + \"!\"\n",
    );
    for path in ["src/utils.py", "tests/test_utils.py"] {
        let git = repository.git(&["blame", "-w", "-M", "-C", "--porcelain", path]);
        let ours = repository.ok(&["blame", path, "--porcelain"]);
        let of_git = |text: &str| -> Vec<String> {
            let own = |row: &&str| !row.starts_with("stead-") && !row.starts_with("previous ");
            // git names the moment and the file of what is not committed.
            let vague = |row: &str| {
                let external = row.starts_with("author") || row.starts_with("committer");
                !external
                    && !row.starts_with("summary Version of")
                    && !row.contains("Not Committed")
            };
            let rows = text.lines().filter(own).filter(|row| vague(row));
            rows.map(str::to_owned).collect()
        };
        assert_eq!(of_git(&ours), of_git(&git), "{path}");
        let authors = |text: &str| text.matches("author Dev\n").count();
        assert_eq!(authors(&ours), authors(&git), "{path}");
    }
    let ours = repository.ok(&["blame", "tests/test_utils.py", "-L", "1,+1", "--porcelain"]);
    for header in [
        "stead-origin agent".to_owned(),
        format!("stead-session {}", id()),
        "stead-agent claude-code".to_owned(),
        "stead-model claude-opus-5-5".to_owned(),
        "stead-license proprietary".to_owned(),
    ] {
        assert!(ours.lines().any(|row| row == header), "{header}: {ours}");
    }
}

#[test]
fn files_have_many_names() {
    let repository = Repository::new();
    let expected = repository.ok(&["blame", "src/utils.py"]);
    let absolute = repository.root.join("src/utils.py");
    let same = |folder: &Path, name: &str| {
        let run = repository.run_in(folder, &["blame", name]);
        assert_eq!(
            (run.code, run.out.as_str()),
            (0, expected.as_str()),
            "{name}: {}",
            run.err
        );
    };
    let home = repository.machine.home();
    same(home, absolute.to_str().unwrap());
    same(home, "code/demo/src/utils.py");
    same(&repository.root.join("src"), "utils.py");
    same(&repository.root.join("tests"), "../src/utils.py");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&repository.root, home.join("link")).unwrap();
        same(home, "link/src/utils.py");
        same(&home.join("link/src"), "utils.py");
    }
    let tree = home.join("elsewhere");
    repository.git(&[
        "worktree",
        "add",
        "--quiet",
        tree.to_str().unwrap(),
        "-b",
        "other",
    ]);
    same(&tree, "src/utils.py");
}

#[test]
fn revisions_are_traced_as_they_were() {
    let repository = Repository::new();
    assert_eq!(
        repository.agents_lines(&["blame", "src/utils.py"]),
        [3, 4, 5, 6, 7, 8]
    );
    let then = repository.json(&["blame", "src/utils.py", "--at", "HEAD~3", "--json"]);
    assert_eq!(then.as_array().unwrap().len(), 7);
    assert_eq!(
        then[5]["text"],
        "    words = [w for w in text.lower().split() if w]"
    );
    assert_eq!(then[5]["session"], id());
    // A file that is gone has lines where it was.
    let notes = repository.json(&["blame", "NOTES.md", "--at", "HEAD~1", "--json"]);
    assert_eq!(notes[0]["text"], "# Notes");
}

#[test]
fn what_is_not_committed_is_traced_too() {
    let repository = Repository::new();
    // The session's last change, taken out of the history and left in the file.
    repository.git(&["reset", "--quiet", "--soft", "HEAD~3"]);
    let lines = repository.json(&["blame", "src/utils.py", "--json"]);
    // More than one agent wrote just this into such a file.
    assert_eq!(
        (&lines[5]["commit"], &lines[5]["origin"]),
        (&Value::Null, &json!("agent"))
    );
    // A line that somebody typed, and a file that git does not know.
    let source = fs_err::read_to_string(repository.root.join("src/utils.py")).unwrap();
    repository.write(
        "src/utils.py",
        format!("{source}\ndef typed_by_hand_today(number):\n"),
    );
    repository.write("src/new.py", "def typed_in_a_new_file(number):\n");
    let lines = repository.json(&["blame", "src/utils.py", "--json"]);
    assert_eq!(lines[9]["commit"], Value::Null);
    assert_ne!(lines[9]["origin"], "agent");
    let new = repository.json(&["blame", "src/new.py", "--json"]);
    assert_eq!(
        (new.as_array().unwrap().len(), &new[0]["commit"]),
        (1, &Value::Null)
    );
    assert_ne!(new[0]["origin"], "agent");
    assert!(
        repository
            .ok(&["blame", "src/new.py"])
            .starts_with("--------")
    );
}

#[test]
fn what_is_asked_wrongly_is_answered_with_a_hint() {
    let repository = Repository::new();
    repository.write("picture.bin", [0, 1, 2, 0]);
    let outside = tempfile::tempdir().unwrap();
    let here = repository.root.as_path();
    for (folder, arguments, words) in [
        (
            here,
            &["blame", "src/none.py"][..],
            "there is no file `src/none.py`",
        ),
        (here, &["blame", "NOTES.md"], "there is no file `NOTES.md`"),
        (
            here,
            &["blame", "NOTES.md", "--at", "HEAD"],
            "there is no file `NOTES.md` at HEAD",
        ),
        (
            here,
            &["blame", "README.md", "--at", "v9"],
            "there is no revision `v9`",
        ),
        (
            here,
            &["blame", "README.md", "--at=--help"],
            "there is no revision `--help`",
        ),
        (
            here,
            &["blame", "README.md", "-L", "4"],
            "the file has 3 lines, there is no line 4",
        ),
        (
            here,
            &["blame", "README.md", "-L", "x,3"],
            "`x,3` is no range of lines",
        ),
        (
            here,
            &["blame", "README.md", "-L", "-3"],
            "`-3` is no range of lines",
        ),
        (here, &["blame", "picture.bin"], "`picture.bin` is no text"),
        (here, &["blame", "src"], "`src` is a folder"),
        (here, &["why", "README.md"], "`README.md` names no line"),
        (
            here,
            &["why", "README.md:4"],
            "the file has 3 lines, there is no line 4",
        ),
        (here, &["why", "README.md:0"], "`0` is no line"),
        (here, &["log", "--at", "v9"], "there is no revision `v9`"),
        (
            here,
            &["report", "--since", "fortnight"],
            "`fortnight` is neither a revision",
        ),
        (here, &["report", "--at", "v9"], "there is no revision `v9`"),
        (
            outside.path(),
            &["blame", "x.py"],
            "is in no git repository",
        ),
        (
            outside.path(),
            &["why", "x.py:1"],
            "is in no git repository",
        ),
        (outside.path(), &["log"], "is in no git repository"),
        (outside.path(), &["report"], "is in no git repository"),
    ] {
        let run = repository.run_in(folder, arguments);
        assert_eq!(
            (run.code, run.out.as_str()),
            (2, ""),
            "{arguments:?}: {}",
            run.err
        );
        assert!(run.err.contains(words), "{arguments:?}: {}", run.err);
        assert!(run.err.contains("hint: "), "{arguments:?}: {}", run.err);
    }
}

#[test]
fn hooks_of_another_repository_make_no_difference() {
    let repository = Repository::new();
    let expected = repository.ok(&["blame", "src/utils.py"]);
    let other = repository.machine.home().join("code/other");
    fs_err::create_dir_all(&other).unwrap();
    repository.git_in(&other, &["init", "--quiet", "-b", "main"]);
    let mut command = repository.machine.command(&["blame", "src/utils.py"]);
    command
        .current_dir(&repository.root)
        .env("GIT_DIR", other.join(".git"))
        .env("GIT_WORK_TREE", &other);
    let run = Run::of(command.output().unwrap());
    assert_eq!((run.code, run.out), (0, expected), "{}", run.err);
    // One without a work tree has no lines.
    let bare = repository.machine.home().join("code/bare.git");
    repository.git_in(
        &other,
        &["init", "--quiet", "--bare", bare.to_str().unwrap()],
    );
    let run = repository.run_in(&bare, &["report"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.contains("no files are checked out"), "{}", run.err);
}

#[test]
fn why_tells_the_whole_chain() {
    let repository = Repository::new();
    let text = repository.ok(&["why", "src/utils.py:6"]);
    let mut rest = text.as_str();
    for words in [
        "src/utils.py:6",
        "words = [w.strip(",
        "claude-code, ",
        "1ee7bee9 Drop punctuation (Dev, 2026-11-21 01:12)",
        "e519b8e8",
        "Claude Code 2.1.329",
        "claude-opus-5-5, licence proprietary",
        "❯ Also drop punctuation",
        "I strip punctuation too.",
        "src/utils.py  +2 −1",
        "-     words = [w for w in text.lower().split() if w]",
        "+     words = [w.strip(",
        "before   words = [w for w in text.lower().split() if w]",
        "stead show e519b8e8 --at ",
    ] {
        let place = rest.find(words);
        let place = place.unwrap_or_else(|| panic!("{words:?} after that in {text}"));
        rest = &rest[place..];
    }
    assert!(!controls(&text));
    assert_eq!(repository.ok(&["why", "src/utils.py", "6"]), text);
    assert_eq!(repository.ok(&["why", "src/utils.py:6:12"]), text);
    // What it says to type next works.
    let next = text.lines().last().unwrap().trim();
    let arguments: Vec<&str> = next.split(' ').skip(1).collect();
    assert!(repository.ok(&arguments).contains("w.strip("));
}

#[test]
fn why_is_data_for_scripts() {
    let repository = Repository::new();
    let why = repository.json(&["why", "src/utils.py:6", "--json"]);
    assert_eq!(
        (&why["path"], &why["line"]),
        (&json!("src/utils.py"), &json!(6))
    );
    assert_eq!(why["request"]["text"], "Also drop punctuation");
    assert_eq!(
        (&why["turn"], &why["header"]["id"]),
        (&json!(2), &json!(id()))
    );
    assert_eq!(why["call"]["id"], why["event"]);
    assert_eq!(why["call"]["edits"].as_array().unwrap().len(), 1);
    assert_eq!(why["brought_by"]["subject"], "Drop punctuation");
    assert_eq!(why["earlier"][0]["by"]["session"], id());
    // Of a line that no session wrote, the rest is told.
    let why = repository.json(&["why", "src/utils.py:1", "--json"]);
    assert_eq!(
        (&why["request"], &why["header"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(why["brought_by"]["subject"], "Start the demo");
    let text = repository.ok(&["why", "src/utils.py:1"]);
    assert!(text.contains("stead search file:src/utils.py"), "{text}");
}

#[test]
fn sessions_that_are_gone_from_the_store_are_told_from_the_archive() {
    let repository = Repository::new();
    let before = repository.json(&["blame", "src/utils.py", "--json"]);
    fs_err::remove_file(repository.machine.transcript()).unwrap();
    assert_eq!(
        repository.json(&["blame", "src/utils.py", "--json"]),
        before
    );
    let text = repository.ok(&["why", "src/utils.py:6"]);
    assert!(text.contains("❯ Also drop punctuation"), "{text}");
}

#[test]
fn commits_are_listed_with_whose_lines_they_brought() {
    let repository = Repository::new();
    let commits = repository.json(&["log", "--json"]);
    let told: Vec<_> = commits
        .as_array()
        .unwrap()
        .iter()
        .map(|commit| {
            let subject = commit["subject"].as_str().unwrap();
            (subject, commit["lines"].as_u64(), commit["agent"].as_u64())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("Drop the notes", Some(0), Some(0)),
            ("Write notes", Some(3), Some(3)),
            ("Drop punctuation", Some(2), Some(2)),
            ("Add slugify", Some(14), Some(14)),
            ("Start the demo", Some(5), Some(0)),
        ]
    );
    assert_eq!(commits[2]["sessions"], json!([id()]));
    assert_eq!(commits[2]["models"], json!({"claude-opus-5-5": 2}));
    let of_file = repository.ok(&["log", "src/utils.py"]);
    assert_eq!(of_file.lines().count(), 4, "{of_file}");
    let row: Vec<&str> = of_file.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(row[..5], ["1ee7bee9", "2026-11-21", "2", "100", "%"]);
    assert_eq!(repository.ok(&["log", "-n", "2"]).lines().count(), 3);
    assert_eq!(
        repository
            .json(&["log", "src", "--at", "HEAD~3", "--json"])
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let none = repository.run(&["log", "--before", "2020-01-01"]);
    assert_eq!((none.code, none.out.as_str()), (0, ""));
}

#[test]
fn the_report_adds_up() {
    let repository = Repository::new();
    let report = repository.json(&["report", "--json"]);
    let total = &report["total"];
    assert_eq!((&report["files"], &total["lines"]), (&json!(3), &json!(20)));
    assert_eq!(
        (&total["agent"], &total["agents"]["claude-code"]),
        (&json!(15), &json!(15))
    );
    let model = json!([{"agent": "claude-code", "model": "claude-opus-5-5", "license": "proprietary", "lines": 15}]);
    assert_eq!(report["models"], model);
    assert_eq!(report["licenses"], json!([["proprietary", 15]]));
    assert_eq!(report["sessions"][0]["session"], id());
    for rows in ["directories", "authors"] {
        let rows = report[rows].as_array().unwrap().iter();
        let sum: u64 = rows.map(|row| row[1]["lines"].as_u64().unwrap()).sum();
        assert_eq!(sum, 20);
    }
    let text = repository.ok(&["report"]);
    assert!(
        text.starts_with("demo at 2af98f56: 20 lines in 3 files\n"),
        "{text}"
    );
    assert!(text.contains("claude-code     15   75 %"), "{text}");
    assert!(text.trim_end().ends_with("stead show e519b8e8"), "{text}");
    // What is newer than a revision: the lines of the commits since.
    let newer = repository.json(&["report", "--since", "HEAD~3", "--json"]);
    assert_eq!(
        (&newer["total"]["lines"], &newer["total"]["agent"]),
        (&json!(2), &json!(2))
    );
    let newer = repository.json(&["report", "--since", "2030-01-01", "--json"]);
    assert_eq!(newer["total"]["lines"], 0);
    let then = repository.json(&["report", "--at", "HEAD~4", "--json"]);
    assert_eq!(
        (&then["total"]["lines"], &then["total"]["agent"]),
        (&json!(5), &json!(0))
    );
}

#[test]
fn the_report_leaves_out_what_nobody_wrote_here() {
    let repository = Repository::new();
    repository.write("picture.bin", [0, 1, 2, 0]);
    repository.write("vendor/them.py", "x = 1\n");
    repository.write("made.py", "y = 1\n");
    repository.write(
        ".gitattributes",
        "vendor/** linguist-vendored\nmade.py linguist-generated=true\n",
    );
    let now = repository.json(&["report", "--working-tree", "--json"]);
    let skipped = json!({"binary": 1, "vendored": 1, "generated": 1, "unreadable": 0});
    assert_eq!((&now["skipped"], &now["files"]), (&skipped, &json!(4)));
    assert_eq!(now["commit"], Value::Null);
    repository.commit("Add files of others");
    let report = repository.json(&["report", "--json"]);
    assert_eq!(
        (&report["skipped"], &report["files"]),
        (&skipped, &json!(4))
    );
    let text = repository.ok(&["report"]);
    assert!(
        text.contains("not counted: files 1 binary, 1 vendored, 1 generated"),
        "{text}"
    );
}

#[test]
fn remembered_lines_are_never_stale() {
    let repository = Repository::new();
    let blame = || repository.json(&["blame", "src/utils.py", "--json"]);
    let first = blame();
    assert_eq!(blame(), first);
    // The file, the history, the sessions.
    let source = fs_err::read_to_string(repository.root.join("src/utils.py")).unwrap();
    repository.write("src/utils.py", source.replace("shout", "cry"));
    assert_eq!(blame()[0]["text"], "def cry(text):");
    assert_eq!(blame()[0]["commit"], Value::Null);
    repository.commit("Cry");
    assert_eq!(
        blame()[0]["commit"],
        repository.git(&["rev-parse", "HEAD"]).trim()
    );
    assert_eq!(blame()[5]["session"], id());
    repository.ok(&["forget", CLAUDE, "--yes"]);
    assert_ne!(blame()[5]["session"], id());
    let then = |revision| repository.json(&["blame", "src/utils.py", "--at", revision, "--json"]);
    assert_eq!(then("HEAD~1").as_array().unwrap().len(), 8);
    assert_eq!(then("HEAD~4").as_array().unwrap().len(), 7);
}

#[test]
fn a_remembered_report_is_never_stale() {
    let repository = Repository::new();
    let report = || repository.json(&["report", "--json"]);
    let first = report();
    assert_eq!(report(), first);
    assert_eq!(first["sessions"][0]["session"], id());
    // Attributes that are not committed count at once.
    repository.write(".gitattributes", "tests/** linguist-generated\n");
    assert_eq!(report()["skipped"]["generated"], 1);
    fs_err::remove_file(repository.root.join(".gitattributes")).unwrap();
    assert_eq!(report(), first);
    repository.write("more.py", "more = 1\n");
    repository.commit("Add more");
    assert_eq!(report()["total"]["lines"], 21);
    // What a session says now, and that it is forgotten.
    repository.machine.say(1, "and thanks");
    assert_ne!(
        report()["sessions"][0]["at_ms"],
        first["sessions"][0]["at_ms"]
    );
    repository.ok(&["forget", CLAUDE, "--yes"]);
    let sessions = report()["sessions"].to_string();
    assert!(!sessions.contains(CLAUDE), "{sessions}");
}

#[test]
fn hostile_names_and_lines_stay_harmless() {
    let repository = Repository::new();
    let hostile = "<script>alert(1)</script> | \u{1b}]0;owned\u{7} \u{9b}31m `x` **y**";
    repository.write("<script>evil/a.txt", format!("{hostile}\n"));
    repository.git(&["add", "--all"]);
    let author = format!("user.name={hostile}");
    repository.git(&["-c", &author, "commit", "--quiet", "-m", hostile]);
    for arguments in [
        &["blame", "<script>evil/a.txt"][..],
        &["why", "<script>evil/a.txt:1"],
        &["log"],
        &["report"],
        &["report", "--md"],
        &["report", "--html"],
    ] {
        let text = repository.ok(arguments);
        assert!(!controls(&text), "{arguments:?}: {text:?}");
    }
    let page = repository.ok(&["report", "--html"]);
    assert!(
        !page.contains("<script") && page.contains("&lt;script"),
        "{page}"
    );
    assert!(page.contains("default-src 'none'"), "{page}");
    let bar = page.find("<div class=\"bar\"").unwrap();
    assert!(page[bar..].contains("<span class=\"agent\" style=\"flex-grow: 15\">"));
    let markdown = repository.ok(&["report", "--md"]);
    assert!(!markdown.contains("<script"), "{markdown}");
}

#[test]
fn another_repository_has_nothing_of_these_sessions() {
    let repository = Repository::new();
    let other = repository.machine.home().join("code/other");
    fs_err::create_dir_all(&other).unwrap();
    repository.git_in(&other, &["init", "--quiet", "-b", "main"]);
    // The same boilerplate, in a file of another name and another project.
    fs_err::write(other.join("main.py"), "def main():\n    return 0\n").unwrap();
    repository.git_in(&other, &["add", "--all"]);
    repository.git_in(&other, &["commit", "--quiet", "-m", "Start"]);
    let run = repository.run_in(&other, &["report", "--json"]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(
        (&report["total"]["lines"], &report["total"]["agent"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(report["sessions"], json!([]));
    // A repository without a commit has no history to list, and a file in it lines.
    let empty = repository.machine.home().join("code/empty");
    fs_err::create_dir_all(&empty).unwrap();
    repository.git_in(&empty, &["init", "--quiet", "-b", "main"]);
    fs_err::write(empty.join("a.py"), "one = 1\n").unwrap();
    assert_eq!(repository.run_in(&empty, &["log", "--json"]).out, "[]\n");
    let blamed = repository.run_in(&empty, &["blame", "a.py", "--json"]);
    let blamed: Value = serde_json::from_str(&blamed.out).unwrap();
    assert_eq!(
        (&blamed[0]["commit"], &blamed[0]["text"]),
        (&Value::Null, &json!("one = 1"))
    );
}
