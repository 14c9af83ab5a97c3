//! `glob` on real folders.

use serde_json::json;

use crate::tools::tests::Trial;

fn trial() -> Trial {
    Trial::new(&[
        (".gitignore", "build\n"),
        ("a.py", ""),
        ("src/b.py", ""),
        ("src/deep/c.py", ""),
        ("src/deep/[odd].txt", ""),
        ("build/d.py", ""),
        (".git/hooks/e.py", ""),
    ])
}

#[test]
fn names_are_found_as_ripgrep_would() {
    let mut trial = trial();
    let root = trial.workspace.root().display().to_string();
    for (pattern, path, found) in [
        ("*.py", ".", "a.py\nsrc/b.py\nsrc/deep/c.py"),
        ("./*.py", ".", "a.py\nsrc/b.py\nsrc/deep/c.py"),
        ("**/*.py", ".", "a.py\nsrc/b.py\nsrc/deep/c.py"),
        ("src/*.py", ".", "src/b.py"),
        ("src/*.py", "src", "src/b.py"),
        ("deep/*", "src", "src/deep/[odd].txt\nsrc/deep/c.py"),
        ("src/", ".", "src/b.py\nsrc/deep/[odd].txt\nsrc/deep/c.py"),
        ("*.{txt,rs}", ".", "src/deep/[odd].txt"),
        ("[ab].py", ".", "a.py\nsrc/b.py"),
        (&format!("{root}/src/*.py"), ".", "src/b.py"),
        (
            "*.rs",
            ".",
            "no file has such a name; what git ignores is not looked at",
        ),
    ] {
        let answer = trial.call("glob", json!({"pattern": pattern, "path": path}));
        assert_eq!(
            (answer.text.as_str(), answer.ok),
            (found, true),
            "{pattern} in {path}"
        );
    }
}

#[test]
fn what_is_no_pattern_is_told() {
    let mut trial = trial();
    let answer = trial.call("glob", json!({"pattern": "src/[a"}));
    assert_eq!(
        answer.text,
        "`src/[a` is no pattern: unclosed character class; missing ']'"
    );
    let out = trial.call("glob", json!({"pattern": "*", "path": "/etc"}));
    assert!(!out.ok);
    let up = trial.call("glob", json!({"pattern": "../*"}));
    assert!(up.text.starts_with("no file"), "{}", up.text);
}

#[test]
fn many_files_are_cut_with_a_count() {
    let mut trial = Trial::new(&[]);
    for number in 0..600 {
        trial.put(&format!("{number:04}"), b"");
    }
    let answer = trial.call("glob", json!({"pattern": "*"}));
    assert!(
        answer
            .text
            .ends_with("0499\n(100 more files; narrow the pattern or give a `path`)")
    );
}
