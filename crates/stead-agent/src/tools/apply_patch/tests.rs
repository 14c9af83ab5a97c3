//! `apply_patch` on real files.

use serde_json::json;
use stead_edit::parse_patch;

use crate::tools::tests::Trial;

const PATCH: &str = "*** Begin Patch
*** Update File: a
@@
 1
-2
+two
*** Add File: new/b
+x
*** Delete File: gone
*** Update File: old
*** Move to: moved
@@
-o
+O
*** End Patch
";

fn trial() -> Trial {
    Trial::new(&[("a", "1\n2\n3\n"), ("gone", "g\n"), ("old", "o\n")])
}

#[test]
fn all_files_are_changed_and_shown() {
    let mut trial = trial();
    let answer = trial.call("apply_patch", json!({"input": PATCH}));
    assert_eq!(
        answer.text,
        "`a` is changed:\n1\t1\n2\ttwo\n3\t3\n`new/b` is made\n`gone` is gone\n\
         `old` is gone\n`moved` is what `old` was:\n1\tO"
    );
    assert!(answer.ok);
    assert_eq!(answer.changes.len(), 5);
    assert_eq!(
        (trial.held("a").as_str(), trial.held("moved").as_str()),
        ("1\ntwo\n3\n", "O\n")
    );
    assert!(!trial.path().join("gone").exists());
}

#[test]
fn one_hunk_that_does_not_fit_leaves_all_as_it_was() {
    let mut trial = trial();
    let patch = PATCH.replace("-o\n", "-other\n");
    let answer = trial.call("apply_patch", json!({"input": patch}));
    assert!(!answer.ok && answer.changes.is_empty());
    assert!(
        answer
            .text
            .contains("old: these lines are not in the file:\nother"),
        "{}",
        answer.text
    );
    assert!(answer.text.contains("Nothing was changed."));
    assert_eq!(trial.held("a"), "1\n2\n3\n");
    assert!(!trial.path().join("new").exists());
}

#[test]
fn other_forms_are_taken_and_what_is_none_is_told() {
    let mut trial = trial();
    let diff = "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n 1\n-2\n+II\n";
    assert!(trial.call("apply_patch", json!({"patch": diff})).ok);
    assert_eq!(trial.held("a"), "1\nII\n3\n");
    let answer = trial.call("apply_patch", json!({"input": "please change a"}));
    assert!(
        answer.text.contains("A patch is `*** Begin Patch`"),
        "{}",
        answer.text
    );
    let answer = trial.call("apply_patch", json!({"input": ""}));
    assert!(!answer.ok);
    let out = PATCH.replace("new/b", "../b");
    let answer = trial.call("apply_patch", json!({"input": out}));
    assert!(!answer.ok);
    assert!(!trial.path().parent().unwrap().join("b").exists());
}

#[test]
fn the_grammar_that_models_get_is_that_of_the_reader() {
    let grammar = include_str!("grammar.lark");
    for mark in PATCH.lines().filter(|line| line.starts_with("***")) {
        let mark = mark.split_inclusive(": ").next().unwrap();
        assert!(grammar.contains(mark), "{mark}");
    }
    assert_eq!(parse_patch(PATCH).unwrap().len(), 4);
}
