//! `write` on real files.

use serde_json::json;

use crate::tools::tests::Trial;

#[test]
fn files_and_their_folders_are_made() {
    let mut trial = Trial::new(&[]);
    let answer = trial.call(
        "write",
        json!({"path": "src/deep/a.py", "content": "x\ny\n"}),
    );
    assert_eq!(
        (answer.text.as_str(), answer.ok),
        ("`src/deep/a.py` is made, 2 lines", true)
    );
    assert_eq!(answer.changes[0].before, None);
    assert_eq!(trial.held("src/deep/a.py"), "x\ny\n");
    let again = trial.call("write", json!({"path": "src/deep/a.py", "content": "z"}));
    assert_eq!(again.text, "`src/deep/a.py` is replaced, 1 line");
}

#[test]
fn what_was_not_seen_as_it_is_is_not_replaced() {
    let mut trial = Trial::new(&[("a", "words\n"), ("empty", "")]);
    let write = |trial: &mut Trial, path: &str| {
        trial.call("write", json!({"path": path, "content": "new\n"}))
    };
    let answer = write(&mut trial, "a");
    assert!(!answer.ok && answer.changes.is_empty());
    assert!(
        answer
            .text
            .starts_with("`a` is there already and you have not seen it"),
        "{}",
        answer.text
    );
    trial.call("read", json!({"path": "a"}));
    trial.put("a", b"words of somebody else\n");
    let answer = write(&mut trial, "a");
    assert!(
        answer.text.contains("no longer what you have seen"),
        "{}",
        answer.text
    );
    // A small change does not show the rest of the file.
    assert!(
        trial
            .call(
                "edit",
                json!({"path": "a", "old": "somebody", "new": "someone"})
            )
            .ok
    );
    assert!(!write(&mut trial, "a").ok);
    assert_eq!(trial.held("a"), "words of someone else\n");
    trial.call("read", json!({"path": "a"}));
    assert!(write(&mut trial, "a").ok);
    assert_eq!(write(&mut trial, "a").text, "`a` already is so");
    assert!(write(&mut trial, "empty").ok);
    // Nor by another way.
    trial.put("b", b"words\n");
    let patch = "*** Begin Patch\n*** Add File: b\n+new\n*** End Patch";
    let answer = trial.call("apply_patch", json!({"input": patch}));
    assert!(!answer.ok);
    assert_eq!(trial.held("b"), "words\n");
}

#[test]
fn content_that_is_json_is_written_as_json() {
    let mut trial = Trial::new(&[]);
    let answer = trial.call(
        "write",
        json!({"filename": "a.json", "contents": {"b": 1, "a": [2]}}),
    );
    assert!(answer.ok);
    assert_eq!(
        trial.held("a.json"),
        "{\n  \"b\": 1,\n  \"a\": [\n    2\n  ]\n}\n"
    );
    let answer = trial.call("write", json!({"path": "a.json"}));
    assert_eq!(
        answer.text,
        "`content` is missing; call again with the whole file"
    );
}

#[test]
fn a_folder_is_no_file() {
    let mut trial = Trial::new(&[("d/a", "")]);
    for path in ["d", ".", "d/a/b", ""] {
        let answer = trial.call("write", json!({"path": path, "content": "x"}));
        assert!(!answer.ok, "{path}: {}", answer.text);
    }
    let long = trial.call("write", json!({"path": "n".repeat(300), "content": "x"}));
    assert!(!long.ok);
}
