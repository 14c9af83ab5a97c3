//! `edit` on real files.

use serde_json::json;

use crate::tools::tests::Trial;

const CODE: &str = "def a():\n    x = 1\n    return x\n\ndef b():\n    x = 1\n    return x\n";

#[test]
fn what_stands_there_once_is_replaced_and_shown() {
    let mut trial = Trial::new(&[("m.py", CODE)]);
    let answer = trial.call("edit", json!({"path": "m.py", "old": "def b():\n    x = 1", "new": "def b():\n    x = 2\n    y = 3"}));
    assert_eq!(
        answer.text,
        "`m.py` is changed:\n4\t\n5\tdef b():\n6\t    x = 2\n7\t    y = 3\n8\t    return x"
    );
    assert!(answer.ok);
    assert_eq!(answer.changes.len(), 1);
    assert_eq!(
        answer.changes[0].after.as_deref(),
        Some(trial.held("m.py").as_bytes())
    );
    assert_eq!(
        trial.held("m.py"),
        CODE.replace("def b():\n    x = 1", "def b():\n    x = 2\n    y = 3")
    );
}

#[test]
fn what_stands_there_twice_is_refused_with_the_places_unless_all_are_meant() {
    let mut trial = Trial::new(&[("m.py", CODE)]);
    let given = json!({"path": "m.py", "old": "x = 1", "new": "x = 2"});
    let answer = trial.call("edit", given);
    assert!(!answer.ok);
    assert!(
        answer.text.contains("in 2 places (at lines 2, 6)"),
        "{}",
        answer.text
    );
    assert_eq!(trial.held("m.py"), CODE);
    let given = json!({"path": "m.py", "old": "x = 1", "new": "x = 2", "replace_all": "true"});
    assert!(trial.call("edit", given).ok);
    assert_eq!(trial.held("m.py"), CODE.replace("x = 1", "x = 2"));
}

#[test]
fn other_white_space_is_taken_and_told() {
    let mut trial = Trial::new(&[("m.py", CODE)]);
    let given = json!({"file_path": "m.py", "old_string": "def b():\n  x = 1\n  return x", "new_string": "def b():\n  x = 1\n  return x + 1"});
    let answer = trial.call("edit", given);
    assert!(answer.ok, "{}", answer.text);
    assert!(answer.text.contains("[m.py: lines 5 to 7 were taken as those meant, which they are but for their indentation]"), "{}", answer.text);
    assert_eq!(trial.held("m.py"), format!("{} + 1\n", CODE.trim_end()));
}

#[test]
fn what_is_not_there_is_told_with_the_nearest_lines() {
    let mut trial = Trial::new(&[("m.py", CODE), ("src/n.py", "")]);
    let given = json!({"path": "m.py", "old": "def b():\n    x = 7\n    return x", "new": "pass"});
    let answer = trial.call("edit", given);
    assert!(!answer.ok);
    assert!(
        answer
            .text
            .contains("The nearest are at line 5:\ndef b():\n    x = 1"),
        "{}",
        answer.text
    );
    let answer = trial.call("edit", json!({"path": "n.py", "old": "a", "new": "b"}));
    assert_eq!(
        answer.text,
        "`n.py`: there is no such file or folder; perhaps `src/n.py`; new files are made with `write`"
    );
    let answer = trial.call("edit", json!({"path": "m.py", "old": "", "new": "b"}));
    assert!(
        answer.text.starts_with("`old` is empty and `m.py` is not"),
        "{}",
        answer.text
    );
    let answer = trial.call(
        "edit",
        json!({"path": "m.py", "old": "pass", "new": "pass"}),
    );
    assert!(
        answer.text.contains("leaves the file as it is"),
        "{}",
        answer.text
    );
    assert_eq!(trial.held("m.py"), CODE);
}

#[test]
fn bytes_that_are_not_meant_stay() {
    let mut trial = Trial::new(&[("crlf", "a\r\nb\r\nc")]);
    trial.put("latin", b"caf\xe9\nx\n");
    assert!(
        trial
            .call("edit", json!({"path": "crlf", "old": "b", "new": "b\nb2"}))
            .ok
    );
    assert_eq!(trial.held("crlf"), "a\r\nb\r\nb2\r\nc");
    assert!(
        trial
            .call("edit", json!({"path": "latin", "old": "x", "new": "y"}))
            .ok
    );
    assert_eq!(
        std::fs::read(trial.path().join("latin")).unwrap(),
        b"caf\xe9\ny\n"
    );
    let big = format!("start\n{}end\n", "line\n".repeat(500));
    trial.put("big", big.as_bytes());
    let answer = trial.call(
        "edit",
        json!({"path": "big", "old": "line\n", "new": "row\n", "all": true}),
    );
    assert!(answer.text.contains("… 480 lines …"), "{}", answer.text);
}

#[cfg(unix)]
#[test]
fn git_and_what_lies_outside_are_not_written() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("a"), "1").unwrap();
    let mut trial = Trial::new(&[
        (".git/config", "1"),
        ("sub/.git/hooks/x", "1"),
        ("d/x", "1"),
    ]);
    symlink(".git", trial.path().join("alias")).unwrap();
    symlink("../.git/config", trial.path().join("d/conf")).unwrap();
    symlink(outside.path(), trial.path().join("out")).unwrap();
    for path in [
        ".git/config",
        ".GIT/config",
        "sub/.git/hooks/x",
        "alias/config",
        "d/conf",
        "d/../.git/config",
        "out/a",
        "../a",
        "~/a",
    ] {
        let answer = trial.call("edit", json!({"path": path, "old": "1", "new": "2"}));
        assert!(!answer.ok, "{path}: {}", answer.text);
        let answer = trial.call("write", json!({"path": path, "content": "2"}));
        assert!(!answer.ok, "{path}: {}", answer.text);
        let patch = format!("*** Begin Patch\n*** Update File: {path}\n@@\n-1\n+2\n*** End Patch");
        let answer = trial.call("apply_patch", json!({"input": patch}));
        assert!(!answer.ok, "{path}: {}", answer.text);
    }
    for path in [".git/config", "sub/.git/hooks/x", "d/x"] {
        assert_eq!(trial.held(path), "1");
    }
    assert_eq!(
        std::fs::read_to_string(outside.path().join("a")).unwrap(),
        "1"
    );
}
