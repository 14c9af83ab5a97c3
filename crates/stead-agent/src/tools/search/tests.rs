//! `search` on real files.

use serde_json::json;

use crate::tools::tests::Trial;

fn trial() -> Trial {
    Trial::new(&[
        (".gitignore", "build\n"),
        (
            "a.py",
            "def one():\n    pass\n\ndef two(x):\n    return one()\n",
        ),
        ("src/b.rs", "fn One() {}\nfn two() { one(); }\n"),
        ("build/c.py", "def one(): pass\n"),
        (".env", "one=secret\n"),
    ])
}

#[test]
fn lines_are_found_by_file_with_numbers() {
    let mut trial = trial();
    let mut text = |given| trial.call("search", given).text;
    assert_eq!(
        text(json!({"pattern": r"one\(", "path": "."})),
        "a.py\n1:def one():\n5:    return one()\nsrc/b.rs\n2:fn two() { one(); }"
    );
    assert_eq!(
        text(json!({"pattern": "ONE", "ignore_case": "true", "include": "*.rs"})),
        "src/b.rs\n1:fn One() {}\n2:fn two() { one(); }\n[`include` was taken for `glob`]"
    );
    assert_eq!(
        text(json!({"pattern": "^def two", "context": 1})),
        "a.py\n3-\n4:def two(x):\n5-    return one()"
    );
    assert_eq!(
        text(json!({"pattern": "def", "path": "build"})),
        "build/c.py\n1:def one(): pass"
    );
    assert_eq!(
        text(json!({"pattern": "pass", "path": "a.py"})),
        "a.py\n2:    pass"
    );
    assert_eq!(
        text(json!({"pattern": r"\(\):\n +pass"})),
        "a.py\n1:def one():\n2:    pass"
    );
    assert_eq!(
        text(json!({"pattern": "three", "path": "src"})),
        "nothing found in 1 file; what git ignores is not looked at"
    );
}

#[test]
fn what_is_no_regular_expression_is_looked_for_as_it_is() {
    let answer = trial().call("search", json!({"pattern": "two(x"}));
    assert_eq!(
        answer.text,
        "a.py\n4:def two(x):\n[`two(x` is no regular expression, so it was looked for as it is written]"
    );
    for hostile in ["(a{1000}){1000}{1000}", "(?x)(", "\\", "[[", "a{99999999}"] {
        let answer = trial().call("search", json!({"pattern": hostile}));
        assert!(
            answer.text.chars().count() < 1_000,
            "{hostile}: {}",
            answer.text
        );
    }
}

#[test]
fn files_that_are_not_to_be_read_stay_unread() {
    let mut trial = trial();
    trial.denied = vec![".env"];
    for path in [".", ".env"] {
        let answer = trial.call("search", json!({"pattern": "secret|^one", "path": path}));
        assert_eq!(
            answer.text,
            format!(
                "nothing found in {}; what git ignores is not looked at\n[1 file left out: not to be read]",
                if path == "." { "3 files" } else { "0 files" }
            )
        );
    }
}

#[cfg(unix)]
#[test]
fn a_linked_folder_is_looked_through_under_its_own_name_and_never_outside() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("x"), "secret").unwrap();
    let mut trial = trial();
    trial.put("conf/.env", b"secret\n");
    trial.denied = vec!["conf/.env"];
    symlink(outside.path(), trial.path().join("out")).unwrap();
    symlink("conf", trial.path().join("alias")).unwrap();
    let answer = trial.call("search", json!({"pattern": "secret", "path": "out"}));
    assert!(
        !answer.ok && !answer.text.contains("x\n"),
        "{}",
        answer.text
    );
    let answer = trial.call("search", json!({"pattern": "secret", "path": "alias"}));
    assert!(
        answer.text.ends_with("[1 file left out: not to be read]"),
        "{}",
        answer.text
    );
    let answer = trial.call("search", json!({"pattern": "secret"}));
    assert_eq!(
        answer.text,
        ".env\n1:one=secret\n[1 file left out: not to be read]"
    );
}

#[test]
fn many_and_long_lines_are_cut_with_a_count() {
    let mut trial = Trial::new(&[]);
    trial.put("many", "needle\n".repeat(5_000).as_bytes());
    trial.put("more", b"needle\nneedle\n");
    trial.put(
        "packed.js",
        format!("{}needle{}", "a".repeat(50_000), "b".repeat(50_000)).as_bytes(),
    );
    trial.put("binary", b"needle\0needle");
    let answer = trial.call("search", json!({"pattern": "needle"}));
    assert!(answer.text.ends_with("200:needle\n(4803 more lines in 3 files match; narrow it with `path`, `glob` or the pattern)"), "{}", &answer.text[answer.text.len() - 200..]);
    let packed = trial.call("search", json!({"pattern": "needle", "path": "packed.js"}));
    assert!(packed.text.contains("aaneedlebb"), "{}", packed.text);
    assert!(packed.text.chars().count() < 600);
    let wide = "x".repeat(399);
    trial.put("wide", format!("{wide}\n").repeat(150).as_bytes());
    let answer = trial.call("search", json!({"pattern": "x+", "path": "wide"}));
    assert!(answer.text.chars().count() <= 30_000);
    assert!(answer.text.contains("more lines in 1 file match"));
}
