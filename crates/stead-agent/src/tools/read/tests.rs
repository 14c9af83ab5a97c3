//! `read` on real files.

use serde_json::json;

use crate::tools::tests::Trial;

#[test]
fn lines_have_their_numbers_and_long_files_say_how_to_go_on() {
    let mut trial = Trial::new(&[("src/a.py", "one\ntwo\n\nfour")]);
    let all = trial.call("read", json!({"path": "src/a.py"}));
    assert_eq!(
        (all.text.as_str(), all.ok),
        ("1\tone\n2\ttwo\n3\t\n4\tfour", true)
    );
    let some = trial.call(
        "read",
        json!({"path": "./src/a.py", "offset": "2", "limit": 2.0}),
    );
    assert_eq!(
        some.text,
        "2\ttwo\n3\t\n(lines 2 to 3 of 4; go on with offset 4)"
    );
    let none = trial.call("read", json!({"path": "src/a.py", "offset": 9}));
    assert_eq!(
        none.text,
        "`src/a.py` has only 4 lines; `offset` 9 is behind its end"
    );
    assert!(!none.ok);
}

#[test]
fn answers_stay_short_whatever_the_file_holds() {
    let mut trial = Trial::new(&[]);
    trial.put("many", "abcdefghij\n".repeat(10_000).as_bytes());
    trial.put("long", "é".repeat(100_000).as_bytes());
    let mut next = 1;
    let mut calls = 0;
    while next <= 10_000 {
        let answer = trial.call(
            "read",
            json!({"path": "many", "offset": next, "limit": 100_000}),
        );
        assert!(answer.text.chars().count() <= 30_000);
        let on = answer
            .text
            .rsplit_once("offset ")
            .map(|(_, on)| on.trim_end_matches(')').parse());
        next = on.map_or(10_001, Result::unwrap);
        calls += 1;
    }
    assert_eq!(calls, 6);
    let long = trial.call("read", json!({"path": "long"}));
    assert!(
        long.text.contains("1 line cut after 2000 characters"),
        "{}",
        long.text
    );
}

#[test]
fn what_is_no_text_is_told() {
    let mut trial = Trial::new(&[("empty", ""), ("crlf", "a\r\nb\r\n")]);
    trial.put("image.png", b"\x89PNG\r\n\x1a\n\0\0");
    trial.put("latin", b"caf\xe9\n");
    trial.put("wide", b"\xff\xfea\0b\0");
    let mut text = |path: &str| trial.call("read", json!({"path": path})).text;
    assert_eq!(text("empty"), "(the file is empty)");
    assert_eq!(
        text("crlf"),
        "1\ta\n2\tb\n(lines end in CRLF, which changes keep)"
    );
    assert_eq!(
        text("image.png"),
        "`image.png`: it is a binary file of 10 bytes that begins with 89 50 4e 47 0d 0a 1a 0a"
    );
    assert!(text("latin").starts_with("1\tcafé\n(not in UTF-8"));
    assert!(text("wide").contains("UTF-16"));
}

#[test]
fn what_is_not_there_leads_on() {
    let mut trial = Trial::new(&[("src/deep/Utils.py", "x"), ("src/b", "x")]);
    let missing = trial.call("read", json!({"path": "utils.py"}));
    assert_eq!(
        missing.text,
        "`utils.py`: there is no such file or folder; perhaps `src/deep/Utils.py`"
    );
    let folder = trial.call("read", json!({"path": "src"}));
    assert_eq!(folder.text, "b\ndeep/ (1 file)");
    let none = trial.call("read", json!({}));
    assert_eq!(none.text, "`path` is missing; call again with it");
}

#[cfg(unix)]
#[test]
fn nothing_leads_out_and_nothing_is_waited_for() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret"), "words").unwrap();
    let mut trial = Trial::new(&[("a", "x")]);
    symlink(outside.path().join("secret"), trial.path().join("link")).unwrap();
    symlink(outside.path(), trial.path().join("out")).unwrap();
    symlink("loop", trial.path().join("loop")).unwrap();
    let pipe = trial.path().join("pipe");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(pipe)
            .status()
            .unwrap()
            .success()
    );
    let secret = outside.path().join("secret");
    for path in [
        "link",
        "out/secret",
        "out",
        "loop",
        "pipe",
        "../a",
        "a/../../a",
        "/etc/passwd",
        "~/.ssh/id_rsa",
        "~",
        "file:///etc/passwd",
        secret.to_str().unwrap(),
        "a\0b",
        "..\\a",
        "C:\\a",
        "/proc/self/environ",
    ] {
        let answer = trial.call("read", json!({"path": path}));
        assert!(!answer.ok, "{path}");
        assert!(!answer.text.contains("words"), "{path}");
    }
}

#[test]
fn other_names_and_absolute_paths_are_taken_and_told() {
    let mut trial = Trial::new(&[("src/a", "x")]);
    let whole = trial.workspace.root().join("src/a");
    let answer = trial.call(
        "read",
        json!({"file_path": whole, "encoding": "utf8", "limit": null}),
    );
    assert_eq!(
        answer.text,
        format!(
            "1\tx\n[`file_path` was taken for `path`]\n\
             [`{}` is `src/a`; write paths from the top of the workspace]\n\
             [not known and left out: `encoding`; the arguments are path, offset, limit]",
            whole.display()
        )
    );
    let rooted = trial.call("read", json!({"path": "/src/a"}));
    assert!(
        rooted.text.ends_with("if you mean `src/a`, write it so"),
        "{}",
        rooted.text
    );
}
