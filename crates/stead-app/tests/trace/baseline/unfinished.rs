//! Repositories in the middle of something.

use stead_testkit::tangle::Tangle;

use super::compare;

/// A history with one file, and a branch whose last commit contradicts it.
fn contradicting() -> Tangle {
    let tangle = Tangle::new(21, 6);
    let write = |text: &str| fs_err::write(tangle.folder().join("both.rs"), text).unwrap();
    let line = |word: &str, n| format!("let {word}_{n} = made_by_side({n});\n");
    let lines = |word: &str| [1, 2, 3, 4, 5, 6].map(|n| line(word, n)).concat();
    let commit = || {
        tangle.run(&["add", "--all"]);
        tangle.run(&["commit", "--quiet", "-m", "step"]);
    };
    write(&lines("start"));
    commit();
    tangle.run(&["checkout", "--quiet", "-b", "their"]);
    write(&(lines("start") + &lines("their")));
    fs_err::write(tangle.folder().join("only-theirs.rs"), lines("alone")).unwrap();
    commit();
    tangle.run(&["checkout", "--quiet", "main"]);
    write(&(lines("start") + &lines("our")));
    commit();
    tangle
}

#[test]
fn a_merge_with_conflicts() {
    let tangle = contradicting();
    assert!(!tangle.attempt(&["merge", "their"]).status.success());
    compare(&tangle.folder(), &[]);
}

#[test]
fn a_commit_that_does_not_fit() {
    let tangle = contradicting();
    assert!(!tangle.attempt(&["cherry-pick", "their"]).status.success());
    compare(&tangle.folder(), &[]);
}

#[test]
fn files_that_are_staged_and_not_committed() {
    let tangle = contradicting();
    tangle.run(&["mv", "both.rs", "renamed.rs"]);
    compare(&tangle.folder(), &[]);
    fs_err::copy(
        tangle.folder().join("renamed.rs"),
        tangle.folder().join("copied.rs"),
    )
    .unwrap();
    tangle.run(&["add", "--intent-to-add", "copied.rs"]);
    compare(&tangle.folder(), &[]);
    tangle.run(&["rm", "--quiet", "--cached", "renamed.rs"]);
    compare(&tangle.folder(), &[]);
}
