//! Unified diffs, held against the two texts that they lie between.

use proptest::prelude::*;
use similar::TextDiff;
use stead_edit::{parse_any, parse_unified};

use crate::tree::Files;

#[test]
fn files_come_change_move_and_go() {
    let diff = "Here it is:\n```diff\ndiff --git a/new.txt b/new.txt\nnew file mode 100644\n--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+hello\n\
                diff --git a/gone.txt b/gone.txt\n--- a/gone.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n\
                --- a/old.txt\n+++ b/moved.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n```\nThat is all.\n";
    let mut files = Files::of(&[("gone.txt", "x\n"), ("old.txt", "one\ntwo\n")]);
    files.apply(parse_any(diff)).unwrap();
    assert_eq!(files.text("new.txt").as_deref(), Some("hello\n"));
    assert_eq!(files.text("moved.txt").as_deref(), Some("one\n2\n"));
    assert_eq!(
        (files.text("gone.txt"), files.text("old.txt")),
        (None, None)
    );
}

#[test]
fn wrong_counts_and_numbers_do_no_harm() {
    let diff = "--- f\n+++ f\n@@ -90,1 +90,77 @@\n b\n-c\n+C\n\n@@ @@\n-e\n+E\n";
    let mut files = Files::of(&[("f", "a\nb\nc\n\nd\ne\n")]);
    files.apply(parse_unified(diff)).unwrap();
    assert_eq!(files.text("f").as_deref(), Some("a\nb\nC\n\nd\nE\n"));
}

#[test]
fn numbers_decide_between_places_that_are_the_same() {
    let diff = "--- f\n+++ f\n@@ -3 +3 @@\n-x\n+y\n";
    let mut files = Files::of(&[("f", "x\nx\nx\nx\n")]);
    files.apply(parse_unified(diff)).unwrap();
    assert_eq!(files.text("f").as_deref(), Some("x\nx\ny\nx\n"));
    let error = files
        .apply(parse_unified(&diff.replace("-3", "-30")))
        .unwrap_err();
    assert!(
        error.contains("stand in 3 places (at lines 1, 2, 4)"),
        "{error}"
    );
}

proptest! {
    /// A true diff never leads to anything but the text that it was made for.
    #[test]
    fn true_diffs_lead_to_the_new_text(
        before in proptest::collection::vec("[a-d]{0,2}", 1..25),
        after in proptest::collection::vec("[a-d]{0,2}", 1..25),
        context in 0usize..4,
    ) {
        let text = |lines: &[String]| lines.join("\n") + "\n";
        let (before, after) = (text(&before), text(&after));
        prop_assume!(before != after);
        let diff = TextDiff::from_lines(&before, &after);
        let diff = diff.unified_diff().context_radius(context).header("a/f", "b/f").to_string();
        let mut files = Files::of(&[("f", &before)]);
        match files.apply(parse_unified(&diff)) {
            Ok(_) => prop_assert_eq!(files.text("f"), Some(after), "{}", diff),
            Err(error) => prop_assert!(false, "{}\n{}", error, diff),
        }
    }
}
