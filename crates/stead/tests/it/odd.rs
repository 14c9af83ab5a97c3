//! Repositories that are not as most are, and files with odd names: each is traced,
//! or refused in words that say why.

use std::io::Read;
use std::process::Stdio;

use super::machine::{CLAUDE, Run};
use super::tracing::Repository;

const FILE: &str = "src/utils.py";

/// The lines of the file that the bundled session wrote.
const ITS: [u64; 6] = [3, 4, 5, 6, 7, 8];

impl Repository {
    /// A repository beside the first one, and its file's lines by the session.
    fn its_lines_in(&self, folder: &str) -> Vec<u64> {
        let run = self.run_in(&self.beside(folder), &["blame", FILE, "--json"]);
        assert_eq!(run.code, 0, "{folder}: {}", run.err);
        let lines: Vec<serde_json::Value> = serde_json::from_str(&run.out).unwrap();
        let its = lines.iter().filter(|line| {
            let session = line["session"].as_str().unwrap_or_default();
            session.ends_with(CLAUDE)
        });
        its.map(|line| line["line"].as_u64().unwrap()).collect()
    }

    fn refused(&self, folder: &str, arguments: &[&str], words: &str) {
        let Run { code, out, err } = self.run_in(&self.beside(folder), arguments);
        assert_eq!(out, "", "{arguments:?}");
        assert!(code > 0 && code < 3, "{arguments:?}: {code} {err}");
        assert!(err.contains(words), "{arguments:?}: {err}");
        assert!(err.contains("hint: "), "{arguments:?}: {err}");
    }
}

#[test]
fn ranges_may_be_named_by_what_they_hold_as_git_has_it() {
    let repository = Repository::new();
    let git = |ranges: &[&str]| {
        let arguments = [&["blame", "-s", "-w", "-M", "-C"], ranges, &[FILE]].concat();
        let answer = repository.git(&arguments);
        let number = |line: &str| line.split(')').next()?.rsplit(' ').next()?.parse().ok();
        answer.lines().filter_map(number).collect::<Vec<u64>>()
    };
    let ranges: [&[&str]; 5] = [
        &["-L/slugify/,+2"],
        &["-L:slugify"],
        &["-L/def/,/return/"],
        &["-L/def/,+1", "-L/def/,+1"],
        &["-L3,/words/"],
    ];
    for ranges in ranges {
        let lines = repository.json(&[&["blame", FILE, "--json"], ranges].concat());
        let lines = lines.as_array().unwrap().iter();
        let numbers: Vec<_> = lines.map(|line| line["line"].as_u64().unwrap()).collect();
        assert_eq!(numbers, git(ranges), "{ranges:?}");
        assert!(!numbers.is_empty());
    }
    for (range, words) in [
        ("-L/no such line/", "No match"),
        ("-L:none", "no match"),
        ("-L/[/", "regular expression"),
        ("-L/def/,x", "`/def/,x` is no range of lines"),
    ] {
        repository.refused("demo", &["blame", FILE, range], words);
    }
}

#[test]
fn clones_of_every_kind_are_traced() {
    let repository = Repository::new();
    let url = format!("file://{}", repository.root.display());
    let code = repository.beside("");
    repository.git_in(&code, &["clone", "--quiet", "--depth=1", &url, "shallow"]);
    repository.git(&["worktree", "add", "--quiet", "--detach", "../tree"]);
    repository.git_in(&code, &["clone", "--quiet", &url, "detached"]);
    let detached = repository.beside("detached");
    // jj keeps commits by refs of its own, and no branch is checked out.
    repository.git_in(&detached, &["checkout", "--quiet", "--detach"]);
    repository.git_in(&detached, &["update-ref", "refs/jj/keep/1", "HEAD~1"]);
    fs_err::create_dir(detached.join(".jj")).unwrap();
    repository.git_in(&code, &["init", "--quiet", "outer"]);
    let outer = repository.beside("outer");
    let submodule = [
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
    ];
    repository.git_in(&outer, &[&submodule[..], &[&url, "inner"]].concat());
    for folder in ["demo", "shallow", "tree", "detached", "outer/inner"] {
        assert_eq!(repository.its_lines_in(folder), ITS, "{folder}");
    }
    // By its path from the outer repository it is the same file.
    let run = repository.run_in(&outer, &["blame", "inner/src/utils.py"]);
    let inner = repository.run_in(&outer.join("inner"), &["blame", FILE]);
    assert_eq!((run.code, run.out), (0, inner.out));
    // Where the history ends, a line may be older.
    let run = repository.run_in(&repository.beside("shallow"), &["why", "src/utils.py:1"]);
    assert!(
        run.out.contains("the history is cut off here"),
        "{}",
        run.out
    );
}

#[test]
fn a_history_that_was_rewritten_as_a_whole_keeps_its_sessions() {
    let repository = Repository::new();
    let stream = repository.git(&["fast-export", "--all"]);
    let stream = stream.replace("dev@example.com", "somebody@example.org");
    let stream = stream.replace("Dev <", "Somebody Else <");
    let code = repository.beside("");
    repository.git_in(&code, &["init", "--quiet", "filtered"]);
    fs_err::write(code.join("stream"), stream).unwrap();
    let filtered = repository.beside("filtered");
    let input = fs_err::File::open(code.join("stream")).unwrap();
    let status = std::process::Command::new("git")
        .args(["fast-import", "--quiet"])
        .current_dir(&filtered)
        .stdin(Stdio::from(input.into_parts().0))
        .status();
    assert!(status.unwrap().success());
    repository.git_in(&filtered, &["checkout", "--quiet", "main"]);
    assert_eq!(repository.its_lines_in("filtered"), ITS);
}

#[test]
fn longer_ids_make_no_difference() {
    let repository = Repository::new();
    let long = repository.beside("long");
    let code = repository.beside("");
    repository.git_in(
        &code,
        &["init", "--quiet", "--object-format=sha256", "long"],
    );
    fs_err::create_dir(long.join("src")).unwrap();
    fs_err::copy(repository.root.join(FILE), long.join(FILE)).unwrap();
    repository.git_in(&long, &["add", "--all"]);
    repository.git_in(&long, &["commit", "--quiet", "-m", "all at once"]);
    let head = repository.git_in(&long, &["rev-parse", "HEAD"]);
    let run = repository.run_in(&long, &["blame", FILE, "--json"]);
    let lines: Vec<serde_json::Value> = serde_json::from_str(&run.out).unwrap();
    assert!(lines.iter().all(|line| line["commit"] == head.trim_end()));
    for command in ["log", "report"] {
        let run = repository.run_in(&long, &[command]);
        assert!(
            run.out.contains(&head[..8]),
            "{command}: {}{}",
            run.out,
            run.err
        );
    }
    let text = fs_err::read_to_string(long.join(FILE)).unwrap();
    fs_err::write(long.join(FILE), text + "more = 1\n").unwrap();
    let run = repository.run_in(&long, &["blame", "--porcelain", "-L9,9", FILE]);
    let zeros = "0".repeat(64);
    assert!(
        run.out.starts_with(&format!("{zeros} 9 9 1\n")),
        "{}",
        run.out
    );
}

#[test]
fn commits_are_those_that_are_there_not_those_that_replace_them() {
    let repository = Repository::new();
    let blame = |lines: &serde_json::Value| lines[5]["commit"].clone();
    let before = blame(&repository.json(&["blame", FILE, "--json"]));
    let commit = before.as_str().unwrap();
    repository.git(&["replace", commit, &format!("{commit}~1")]);
    assert_eq!(blame(&repository.json(&["blame", FILE, "--json"])), before);
}

#[test]
fn nothing_is_fetched_and_what_is_not_there_is_said() {
    let repository = Repository::new();
    repository.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", repository.root.display());
    let code = repository.beside("");
    let partial = ["clone", "--quiet", "--filter=blob:none", &url, "partial"];
    repository.git_in(&code, &partial);
    repository.refused("partial", &["blame", FILE], "git blame: fatal: ");
    let first = repository.git(&["rev-list", "--max-parents=0", "HEAD"]);
    let first = first.trim_end();
    let words = format!("what `src/utils.py` holds at {first} is not in this clone");
    repository.refused("partial", &["blame", FILE, "--at", first], &words);
    repository.refused("partial", &["log"], "git log: fatal: ");
    let run = repository.run_in(&repository.beside("partial"), &["report"]);
    assert!(run.out.contains("that could not be read"), "{}", run.out);
}

#[test]
fn repositories_without_the_file_or_without_files_say_so() {
    let repository = Repository::new();
    let code = repository.beside("");
    let url = repository.root.display().to_string();
    repository.git_in(&code, &["clone", "--quiet", "--bare", &url, "bare"]);
    for command in [
        &["blame", FILE][..],
        &["why", "src/utils.py:1"],
        &["log"],
        &["report"],
    ] {
        repository.refused("bare", command, "the repository is bare");
    }
    repository.git_in(&code, &["clone", "--quiet", &url, "sparse"]);
    let sparse = repository.beside("sparse");
    let set = ["sparse-checkout", "set", "--no-cone", "/*", "!src"];
    repository.git_in(&sparse, &set);
    let words = "there is no file `src/utils.py` in the working tree";
    repository.refused("sparse", &["blame", FILE], words);
    let run = repository.run_in(&sparse, &["blame", FILE, "--at", "HEAD"]);
    assert!(run.out.contains("claude-code"), "{}{}", run.out, run.err);
}

#[test]
fn settings_of_git_make_no_difference() {
    let repository = Repository::new();
    repository.write("z.txt", "one\n");
    repository.git(&["add", "--all"]);
    let author = "--author=Zo\u{eb} <zoe@example.com>";
    repository.git(&["commit", "--quiet", "-m", "na\u{ef}ve", author]);
    let commands: [&[&str]; 6] = [
        &["blame", FILE],
        &["blame", "--porcelain", "z.txt"],
        &["why", "src/utils.py:6", "--json"],
        &["log"],
        &["log", "src"],
        &["report", "--md"],
    ];
    let before = commands.map(|command| repository.ok(command));
    for (name, value) in [
        ("blame.showEmail", "true"),
        ("blame.date", "relative"),
        ("color.ui", "always"),
        ("core.abbrev", "5"),
        ("core.pager", "false"),
        ("core.quotePath", "true"),
        ("diff.algorithm", "histogram"),
        ("diff.external", "false"),
        ("diff.mnemonicPrefix", "true"),
        ("diff.noprefix", "true"),
        ("diff.renames", "copies"),
        ("format.pretty", "oneline"),
        ("i18n.logOutputEncoding", "ISO-8859-1"),
        ("log.date", "iso"),
        ("log.follow", "true"),
        ("log.showRoot", "false"),
        ("log.showSignature", "true"),
    ] {
        repository.git(&["config", name, value]);
    }
    for (command, before) in commands.iter().zip(before) {
        assert_eq!(repository.ok(command), before, "{command:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let repository = Repository::new();
    let made = std::process::Command::new("mkfifo")
        .arg(repository.root.join("pipe"))
        .status();
    assert!(made.unwrap().success());
    for command in [&["blame", "pipe"][..], &["why", "pipe:1"]] {
        let run = repository.run(command);
        assert_eq!(run.code, 1, "{}", run.out);
        assert!(run.err.contains("`pipe` cannot be read"), "{}", run.err);
    }
    repository.ok(&["report", "--working-tree"]);
}

#[cfg(unix)]
#[test]
fn odd_names_are_those_that_git_has() {
    let repository = Repository::new();
    let names = [
        "with blanks.txt",
        "quo\"te.txt",
        "line\nbreak.txt",
        "bell\u{7}.txt",
        "escape\u{1b}.txt",
        "back\\slash.txt",
        "\u{fc}n\u{ef}code.txt",
        "-dash.txt",
        ":(top)colon.txt",
        "[gl*b]?.txt",
    ];
    for name in names {
        repository.write(name, "one\ntwo\n");
    }
    repository.commit("names");
    let head = repository.git(&["rev-parse", "HEAD"]);
    let file_name = |porcelain: &str| {
        let mut names = porcelain
            .lines()
            .filter(|line| line.starts_with("filename "));
        names.next().map(str::to_owned)
    };
    for name in names {
        for at in [&[][..], &["--at", "HEAD"]] {
            let asked = [&["blame", "--json"], at, &["--", name]].concat();
            let lines = repository.json(&asked);
            assert_eq!(lines[1]["commit"], head.trim_end(), "{name}");
        }
        let ours = repository.ok(&["blame", "--porcelain", "--", name]);
        let git = [
            "-c",
            "core.quotePath=false",
            "blame",
            "--porcelain",
            "--",
            name,
        ];
        let theirs = repository.git(&git);
        assert_eq!(file_name(&ours), file_name(&theirs), "{name}");
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let repository = Repository::new();
    repository.write("long.txt", "line\n".repeat(30_000));
    for arguments in [
        &["blame", "long.txt"][..],
        &["blame", "--json", "long.txt"],
        &["blame", "--porcelain", "long.txt"],
    ] {
        let mut command = repository.machine.command(arguments);
        let command = command.current_dir(&repository.root);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut first = [0; 16];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(
            !words.contains("error") && !words.contains("panic"),
            "{words}"
        );
    }
}
