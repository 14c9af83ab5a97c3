//! `list` on real folders.

use serde_json::json;

use crate::tools::tests::Trial;

#[test]
fn a_folder_shows_its_names_and_what_git_ignores() {
    let mut trial = Trial::new(&[
        (".gitignore", "target/\n*.log\n"),
        ("Cargo.toml", ""),
        ("a.log", ""),
        ("src/lib.rs", ""),
        ("src/deep/er/x.rs", ""),
        ("target/debug/a", ""),
        (".git/config", ""),
        (".github/ci.yml", ""),
    ]);
    let top = trial.call("list", json!({}));
    assert_eq!(
        top.text,
        ".git/ (ignored or empty)\n.github/ (1 file)\n.gitignore\nCargo.toml\n\
         a.log (ignored)\nsrc/ (2 files)\ntarget/ (ignored or empty)"
    );
    let deep = trial.call("list", json!({"path": "src", "depth": "3"}));
    assert_eq!(deep.text, "deep/\n  er/\n    x.rs\nlib.rs");
    let ignored = trial.call("list", json!({"path": "target/"}));
    assert_eq!(ignored.text, "debug/ (1 file)");
}

#[test]
fn what_is_no_folder_is_told() {
    let mut trial = Trial::new(&[("a", "123")]);
    std::fs::create_dir(trial.path().join("empty")).unwrap();
    let mut text = |path: &str| trial.call("list", json!({"path": path})).text;
    assert_eq!(text("a"), "a (3 bytes)");
    assert_eq!(text("empty"), "(the folder is empty)");
    assert_eq!(
        text("b"),
        "`b`: there is no such file or folder; look for it with `glob`"
    );
    assert!(text("..").contains("nothing leads out"));
}

#[test]
fn thousands_of_names_are_cut_with_a_count() {
    let mut trial = Trial::new(&[]);
    for number in 0..3000 {
        trial.put(&format!("a-rather-long-name-{number:05}"), b"");
    }
    let answer = trial.call("list", json!({"path": "."}));
    assert!(answer.text.chars().count() <= 30_000);
    assert!(
        answer
            .text
            .ends_with("(1820 more names; list a folder in it, or use `glob`)"),
        "{}",
        &answer.text[29_000..]
    );
}
