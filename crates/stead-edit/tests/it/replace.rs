//! One text in the place of another.

use proptest::prelude::*;
use stead_edit::Change;

use crate::tree::Files;

fn replaced(
    before: &str,
    old: &str,
    new: &str,
    all: bool,
) -> Result<(String, Vec<String>), String> {
    let mut files = Files::of(&[("f", before)]);
    let change = Change::Replace {
        path: "f".to_owned(),
        old: old.to_owned(),
        new: new.to_owned(),
        all,
    };
    let told = files.apply(Ok(vec![change]))?;
    Ok((files.text("f").unwrap_or_default(), told))
}

fn exactly(before: &str, old: &str, new: &str) -> String {
    match replaced(before, old, new, false) {
        Ok((after, told)) if told.is_empty() => after,
        other => format!("{other:?}"),
    }
}

#[test]
fn a_text_that_stands_once_is_replaced() {
    assert_eq!(
        exactly("let a = 1;\nlet b = 2;\n", "a = 1", "a = 3"),
        "let a = 3;\nlet b = 2;\n"
    );
    assert_eq!(exactly("a\nb\nc\n", "b\n", ""), "a\nc\n");
    assert_eq!(exactly("a\nb\nc", "b\nc", "x\ny\nz"), "a\nx\ny\nz");
    assert_eq!(exactly("a\nb\nc\n", "a\nb", "ab"), "ab\nc\n");
    assert_eq!(
        exactly("a\r\nb\r\nc\r\n", "a\nb", "x\ny\nz"),
        "x\r\ny\r\nz\r\nc\r\n"
    );
}

#[test]
fn several_places_are_refused_unless_all_are_meant() {
    let error = replaced("x = 1\ny\nx = 1\n", "x = 1", "x = 2", false).unwrap_err();
    assert_eq!(
        error,
        "f: these lines stand in 2 places (at lines 1, 3); add lines around them so that only one place is meant:\nx = 1"
    );
    let (after, _) = replaced("x = 1\ny\nx = 1\n", "x = 1", "x = 2", true).unwrap();
    assert_eq!(after, "x = 2\ny\nx = 2\n");
}

#[test]
fn lines_indented_otherwise_are_found_and_new_ones_indented_so_and_it_is_told() {
    let before = "fn f() {\n    if a {\n        b();\n    }\n}\n";
    let (after, told) = replaced(
        before,
        "if a {\n    b();\n}",
        "if a {\n    b();\n    c();\n}",
        false,
    )
    .unwrap();
    assert_eq!(
        after,
        "fn f() {\n    if a {\n        b();\n        c();\n    }\n}\n"
    );
    assert_eq!(
        told,
        ["lines 2 to 4 were taken as those meant, which they are but for their indentation"]
    );
}

#[test]
fn numbers_escapes_and_empty_lines_that_are_not_meant_are_left_out() {
    let (after, told) = replaced("a\nb\n", "1\ta\n2\tb", "1\ta\n2\tc", false).unwrap();
    assert_eq!((after.as_str(), told.len()), ("a\nc\n", 1));
    let (after, told) = replaced(
        "s = \"x\"\nt\n",
        "s = \\\"x\\\"\\nt",
        "s = \\\"y\\\"\\nt",
        false,
    )
    .unwrap();
    assert_eq!((after.as_str(), told.len()), ("s = \"y\"\nt\n", 1));
    let (after, told) = replaced("a\nb\n", "\na\n\n", "\nc\n\n", false).unwrap();
    assert_eq!((after.as_str(), told.len()), ("c\nb\n", 1));
}

#[test]
fn what_is_not_there_is_refused_with_what_is_nearest() {
    let error = replaced("one\ntwo\nthree\n", "one\ntwo\nfour", "x", false).unwrap_err();
    assert!(
        error.ends_with("The nearest are at line 1:\none\ntwo\nthree"),
        "{error}"
    );
    assert_eq!(
        replaced("a\n", "a", "a", false).unwrap_err(),
        "f: the change leaves the file as it is"
    );
}

#[test]
fn a_new_file_comes_of_nothing_and_an_old_one_does_not() {
    let mut files = Files::of(&[("old", "x\n")]);
    let change = |path: &str| Change::Replace {
        path: path.to_owned(),
        old: String::new(),
        new: "text\n".to_owned(),
        all: false,
    };
    files.apply(Ok(vec![change("new")])).unwrap();
    assert_eq!(files.text("new").as_deref(), Some("text\n"));
    assert!(files.apply(Ok(vec![change("old")])).is_err());
    assert_eq!(files.text("old").as_deref(), Some("x\n"));
}

proptest! {
    /// Against the standard library's replacing.
    #[test]
    fn what_stands_once_is_replaced_as_text(
        before in "[ab]{0,3}(\n[abc]{0,3}){0,6}\n?",
        new in "[ab\n]{0,8}",
        from in 0usize..20, length in 1usize..8,
    ) {
        let from = from.min(before.len());
        let old = &before[from..(from + length).min(before.len())];
        prop_assume!(!old.is_empty() && old != new);
        let times = before.match_indices(old).count();
        match replaced(&before, old, &new, false) {
            Ok((after, told)) => {
                prop_assert_eq!(times, 1);
                prop_assert_eq!(after, before.replace(old, &new));
                prop_assert!(told.is_empty());
            }
            Err(_) => prop_assert!(times > 1),
        }
    }
}
