//! `*** Begin Patch`. What is expected is what the Codex CLI does with the same patch
//! and files, but where a test says otherwise.

use stead_edit::parse_patch;

use crate::tree::Files;

/// A file before, a patch's lines within, and the file after.
fn updated(before: &str, hunks: &str) -> Result<String, String> {
    let mut files = Files::of(&[("f.txt", before)]);
    let patch = format!("*** Begin Patch\n*** Update File: f.txt\n{hunks}\n*** End Patch");
    files.apply(parse_patch(&patch))?;
    Ok(files.text("f.txt").unwrap_or_default())
}

#[test]
fn files_are_made_changed_moved_and_deleted() {
    let mut files = Files::of(&[
        ("modify.txt", "line1\nline2\n"),
        ("delete.txt", "x\n"),
        ("old/name.txt", "from\n"),
    ]);
    let patch = "*** Begin Patch\n*** Add File: nested/new.txt\n+created\n*** Delete File: delete.txt\n\
                 *** Update File: modify.txt\n@@\n-line2\n+changed\n*** Update File: old/name.txt\n\
                 *** Move to: renamed/dir/name.txt\n@@\n-from\n+to\n*** End Patch\n";
    files.apply(parse_patch(patch)).unwrap();
    assert_eq!(files.text("nested/new.txt").as_deref(), Some("created\n"));
    assert_eq!(
        files.text("modify.txt").as_deref(),
        Some("line1\nchanged\n")
    );
    assert_eq!(files.text("renamed/dir/name.txt").as_deref(), Some("to\n"));
    assert_eq!(
        (files.text("delete.txt"), files.text("old/name.txt")),
        (None, None)
    );
}

#[test]
fn several_hunks_stand_in_order() {
    let after = updated("a\nb\na\nb\n", "@@\n-b\n+1\n@@\n-b\n+2");
    assert_eq!(after.as_deref(), Ok("a\n1\na\n2\n"));
    let after = updated("a\nb\n", "@@\n-a\n-b\n+b\n+b\n+a");
    assert_eq!(after.as_deref(), Ok("b\nb\na\n"));
}

#[test]
fn a_line_above_says_which_place_is_meant() {
    let file =
        "class A:\n    def f():\n        return 1\n\nclass B:\n    def f():\n        return 1\n";
    let after = updated(
        file,
        "@@ class B:\n@@     def f():\n-        return 1\n+        return 2",
    )
    .unwrap();
    assert_eq!(
        after,
        format!(
            "{}        return 2\n",
            &file[..file.rfind("        return").unwrap()]
        )
    );
    // As git writes it, with numbers and a part of the line.
    let after = updated(
        file,
        "@@ -5,3 +5,3 @@ class B\n-        return 1\n+        return 2",
    )
    .unwrap();
    assert!(
        after.starts_with(&file[..40]) && after.ends_with("return 2\n"),
        "{after}"
    );
}

#[test]
fn lines_alone_go_to_the_end_or_below_the_line_that_they_name() {
    assert_eq!(
        updated("a\nb\n", "@@\n+c\n+d").as_deref(),
        Ok("a\nb\nc\nd\n")
    );
    assert_eq!(
        updated("import a\nx\n", "@@ import a\n+import b").as_deref(),
        Ok("import a\nimport b\nx\n")
    );
}

#[test]
fn the_end_of_the_file_is_meant_where_it_is_said() {
    let after = updated("x\ny\nx\n", "@@\n-x\n+z\n*** End of File");
    assert_eq!(after.as_deref(), Ok("x\ny\nz\n"));
    let after = updated(
        "no newline at end",
        "@@\n-no newline at end\n+first\n+second",
    );
    assert_eq!(after.as_deref(), Ok("first\nsecond\n"));
}

#[test]
fn a_place_is_given_up_for_a_later_hunk() {
    // The first `x` would leave no `y` for the second hunk.
    let after = updated("y\nx\n1\nx\ny\n", "@@\n-x\n-y\n+z");
    assert_eq!(after.as_deref(), Ok("y\nx\n1\nz\n"));
    let after = updated("x\nx\ny\n", "@@\n-x\n+1\n@@\n x\n y\n+2").unwrap();
    assert_eq!(after, "1\nx\ny\n2\n");
}

#[test]
fn lines_keep_their_ends() {
    for (before, hunks, after) in [
        (
            "one\r\ntwo\r\nthree\r\n",
            "@@\n-one\n+uno\n@@\n two\n+\n+between\n three",
            "uno\r\ntwo\r\n\r\nbetween\r\nthree\r\n",
        ),
        ("same\r\nsame\n", "@@\n-same\n same", "same\n"),
        (
            "one\r\ntwo\nthree\r\nfour\n",
            "@@\n one\n two\n-three\n+THREE\n four",
            "one\r\ntwo\nTHREE\r\nfour\n",
        ),
        ("one\r\ntwo", "@@\n-one\n+ONE", "ONE\r\ntwo\r\n"),
    ] {
        assert_eq!(
            updated(before, hunks).as_deref(),
            Ok(after),
            "{before:?} {hunks:?}"
        );
    }
}

#[test]
fn white_space_around_marks_and_here_documents_make_no_difference() {
    let patch = "<<'EOF'\n *** Begin Patch \n  *** Update File: f.txt  \n@@ \n-a\n+b\n *** End Patch\t\nEOF\n";
    let mut files = Files::of(&[("f.txt", "a\n")]);
    files.apply(parse_patch(patch)).unwrap();
    assert_eq!(files.text("f.txt").as_deref(), Some("b\n"));
    // The first hunk may have no mark, the patch no end.
    let mut files = Files::of(&[("f.txt", "a\n")]);
    files
        .apply(parse_patch(
            "*** Begin Patch\n*** Update File: f.txt\n-a\n+b\n",
        ))
        .unwrap();
    assert_eq!(files.text("f.txt").as_deref(), Some("b\n"));
}

#[test]
fn other_white_space_and_other_signs_are_understood_and_told() {
    let mut files = Files::of(&[(
        "f.py",
        "def f():\n    x = 1   \n    y = \u{2018}a\u{2019}\n",
    )]);
    let hunk = "*** Begin Patch\n*** Update File: f.py\n@@\n def f():\n-    x = 1\n+    x = 2\n     y = 'a'\n*** End Patch";
    let told = files.apply(parse_patch(hunk)).unwrap();
    assert_eq!(
        files.text("f.py").as_deref(),
        Some("def f():\n    x = 2\n    y = \u{2018}a\u{2019}\n")
    );
    assert_eq!(told.len(), 1, "{told:?}");
}

#[test]
fn new_lines_are_indented_as_those_that_they_stand_beside() {
    let file = "class A:\n\tdef f(self):\n\t\treturn 1\n";
    let hunk = "@@\n def f(self):\n-    return 1\n+    if self:\n+        return 2";
    assert_eq!(
        updated(file, hunk).unwrap_err().lines().next(),
        Some(
            "f.txt: the lines at 2 are indented otherwise, each by another width; write them as they stand in the file:"
        )
    );
    let hunk = "@@\n     def f(self):\n-        return 1\n+        if self:\n+            return 2";
    assert_eq!(
        updated(file, hunk).as_deref(),
        Ok("class A:\n\tdef f(self):\n\t\tif self:\n\t\t\treturn 2\n")
    );
}

#[test]
fn what_is_refused_says_why() {
    let refused = |before: &str, hunks: &str| updated(before, hunks).unwrap_err();
    assert_eq!(
        refused("line1\nline2\nline3\n", "@@\n line1\n-line 2\n+x\n line3"),
        "f.txt: these lines are not in the file:\nline1\nline 2\nline3\nThe nearest are at line 1:\nline1\nline2\nline3"
    );
    // Leniently only where one place is meant.
    assert!(refused("  a\nb\n  a\n", "@@\n-a\n+c").contains("stand in 2 places (at lines 1, 3)"));
    let parse = |text: &str| parse_patch(text).unwrap_err().to_string();
    assert_eq!(
        parse("hello"),
        "line 1: a patch begins with `*** Begin Patch`"
    );
    assert_eq!(
        parse("*** Begin Patch\n*** End Patch"),
        "line 1: the patch is empty"
    );
    assert!(
        parse("*** Begin Patch\n*** Frobnicate File: foo\n*** End Patch")
            .starts_with("line 2: `*** Frobnicate File: foo` is no operation")
    );
    assert!(parse("*** Begin Patch\n*** Update File: foo\n*** End Patch").contains("has no lines"));
}

#[test]
fn paths_stay_in_the_project() {
    for path in ["/etc/passwd", "../x", "a/../../x", "C:\\x", ""] {
        let mut files = Files::of(&[]);
        let patch = format!("*** Begin Patch\n*** Add File: {path}\n+x\n*** End Patch");
        assert!(files.apply(parse_patch(&patch)).is_err(), "{path}");
    }
    let mut files = Files::of(&[]);
    files
        .apply(parse_patch(
            "*** Begin Patch\n*** Add File: ./a/../b.txt\n+x\n*** End Patch",
        ))
        .unwrap();
    assert_eq!(files.text("b.txt").as_deref(), Some("x\n"));
}

#[test]
fn all_or_nothing_or_each_up_to_the_first_that_fails() {
    let patch = "*** Begin Patch\n*** Add File: created.txt\n+hello\n*** Update File: missing.txt\n@@\n-old\n+new\n*** End Patch";
    let mut files = Files::of(&[]);
    assert_eq!(
        files.apply(parse_patch(patch)).unwrap_err(),
        "missing.txt: there is no such file"
    );
    assert_eq!(files.text("created.txt"), None);
    assert_eq!(
        files.apply_each(parse_patch(patch)).as_deref(),
        Some("missing.txt: there is no such file")
    );
    assert_eq!(files.text("created.txt").as_deref(), Some("hello\n"));
}

#[test]
fn files_that_are_not_in_utf_8_keep_their_bytes() {
    let patch = "*** Begin Patch\n*** Update File: f.c\n@@\n-b\n+c\n*** End Patch";
    let mut files = Files::bytes("f.c", b"a\xe9\nb\n");
    files.apply(parse_patch(patch)).unwrap();
    assert_eq!(files.held("f.c"), b"a\xe9\nc\n");
    let mut files = Files::bytes("f.c", b"a\xe9\nb\n");
    assert!(
        files
            .apply(parse_patch(&patch.replace("+c", "+\u{20ac}")))
            .unwrap_err()
            .contains("UTF-8")
    );
    let mut files = Files::bytes("f.c", b"a\0b\n");
    assert_eq!(
        files.apply(parse_patch(patch)).unwrap_err(),
        "f.c: it is a binary file"
    );
}
