//! Settings of a repository and its kind: what changes git's answer changes
//! stead's in the same way.

use std::path::Path;

use stead_testkit::tangle::Tangle;

use super::{compare, same};
use crate::machine::{Machine, ask, blame};

fn write(root: &Path, path: &str, text: &str) {
    fs_err::write(root.join(path), text).unwrap();
}

/// A history with a commit that only moved lines to the right, listed in the file
/// of commits to be passed over.
fn with_ignored(seed: u64) -> Tangle {
    let tangle = Tangle::new(seed, 15);
    let listed = tangle.run(&["rev-list", "--max-count=3", "--skip=4", "HEAD"]);
    write(&tangle.folder(), ".git-blame-ignore-revs", &listed);
    tangle.run(&["add", "--all"]);
    tangle.run(&["commit", "--quiet", "-m", "list"]);
    tangle
}

#[test]
fn commits_that_a_setting_passes_over_are_passed_over() {
    let tangle = with_ignored(11);
    // The file alone says nothing.
    compare(&tangle.folder(), &[]);
    tangle.run(&["config", "blame.ignoreRevsFile", ".git-blame-ignore-revs"]);
    compare(&tangle.folder(), &[]);
    for setting in [
        "markIgnoredLines",
        "markUnblamableLines",
        "showRoot",
        "blankBoundary",
    ] {
        tangle.run(&["config", &format!("blame.{setting}"), "true"]);
    }
    compare(&tangle.folder(), &[]);
}

#[test]
fn settings_of_comparing_are_gits() {
    let mut tangle = Tangle::new(12, 15);
    tangle.dirty();
    for (name, value) in [
        ("diff.renames", "false"),
        ("diff.renames", "copies"),
        ("diff.algorithm", "histogram"),
        ("diff.indentHeuristic", "false"),
        ("core.autocrlf", "true"),
        ("core.autocrlf", "input"),
        ("core.quotePath", "true"),
        ("core.precomposeUnicode", "true"),
    ] {
        tangle.run(&["config", name, value]);
        compare(&tangle.folder(), &[]);
    }
}

#[test]
fn ends_of_lines_by_attributes_are_gits() {
    let tangle = Tangle::new(13, 10);
    let root = tangle.folder();
    write(&root, ".gitattributes", "*.txt text eol=crlf\n*.rs text\n");
    tangle.run(&["add", "--all", "--renormalize"]);
    tangle.run(&["commit", "--quiet", "--allow-empty", "-m", "ends"]);
    tangle.run(&["checkout-index", "--all", "--force"]);
    compare(&root, &[]);
}

/// `--no-textconv`: nothing that a repository names is run, and lines are those of
/// the file.
#[test]
fn what_a_repository_would_show_by_a_program_is_read_as_it_is() {
    let mut tangle = Tangle::new(14, 10);
    let root = tangle.folder();
    write(&root, ".gitattributes", "* diff=loud\n");
    tangle.run(&["config", "diff.loud.textconv", "sed s/value/VALUE/"]);
    tangle.dirty();
    compare(&root, &["--no-textconv"]);
}

/// A filter is a program that the configuration names: it is not run, and lines
/// are those of the file.
#[test]
fn filters_are_not_run() {
    let mut tangle = Tangle::new(17, 6);
    let (root, ran) = (tangle.folder(), tangle.beside("ran"));
    tangle.dirty();
    write(&root, ".gitattributes", "* filter=loud\n");
    let program = format!("sh -c 'touch {} && tr a-z A-Z'", ran.display());
    tangle.run(&["config", "filter.loud.clean", &program]);
    tangle.run(&["config", "filter.loud.required", "true"]);
    let machine = Machine::without_sessions();
    let app = machine.app(&root);
    for path in ask(&root, &["ls-files", "-z"]).split('\0') {
        let Ok(text) = fs_err::read_to_string(root.join(path)) else {
            continue;
        };
        let told = blame(&app, &root, path, None);
        let told: Vec<&str> = told.iter().map(|line| line.line.text.as_str()).collect();
        assert_eq!(told, text.lines().collect::<Vec<_>>(), "{path}");
    }
    assert!(!ran.exists());
}

#[test]
fn work_trees_clones_and_submodules_are_as_git_has_them() {
    let mut tangle = Tangle::new(15, 12);
    let (tree, shallow) = (tangle.beside("tree"), tangle.beside("shallow"));
    let at = |folder: &Path| folder.to_str().unwrap().to_owned();
    tangle.run(&["worktree", "add", "--quiet", &at(&tree), "HEAD~3"]);
    compare(&tree, &[]);
    let origin = format!("file://{}", at(&tangle.folder()));
    let clone = ["clone", "--quiet", "--depth", "4", &origin, &at(&shallow)];
    tangle.run(&clone);
    compare(&shallow, &[]);
    let whole = Tangle::new(16, 3);
    let add = ["submodule", "--quiet", "add", &origin, "inner"];
    whole.run(&add);
    whole.run(&["commit", "--quiet", "-m", "inner"]);
    compare(&whole.folder(), &[]);
    compare(&whole.folder().join("inner"), &[]);
    // From the top of the outer one, stead finds the inner repository by itself.
    let machine = Machine::without_sessions();
    let app = machine.app(&whole.folder());
    let inner = whole.folder().join("inner");
    tangle.dirty();
    for entry in fs_err::read_dir(&inner).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path.file_name().unwrap() != ".git" {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            same(&app, &inner, &name, None, &[]);
        }
    }
}
