//! Without any session the commit of each line is that of `git blame -w -M -C`
//! (rule P2 of `docs/specs/provenance.md`).

mod asked;
mod settings;
mod unfinished;

use std::collections::BTreeSet;
use std::path::Path;

use stead_app::App;
use stead_testkit::play::{random, scenarios};
use stead_testkit::tangle::Tangle;

use crate::machine::{Machine, ask, attempt, blame};
use asked::{Source, by_git};

/// Compares all files of a work tree, at the last commit and in the working tree,
/// named from its top and from their own folders. Gives the origins of all lines.
fn compare(root: &Path, more: &[&str]) -> BTreeSet<&'static str> {
    let machine = Machine::without_sessions();
    let app = machine.app(root);
    let mut origins = BTreeSet::new();
    let listed = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let working = ask(root, &listed);
    for path in working.split('\0').filter(|path| root.join(path).is_file()) {
        origins.extend(same(&app, root, path, None, more));
        if let Some((folder, name)) = path.rsplit_once('/') {
            origins.extend(same(&app, &root.join(folder), name, None, more));
        }
    }
    if !attempt(root, &["rev-parse", "--verify", "HEAD"])
        .status
        .success()
    {
        return origins;
    }
    let committed = ask(root, &["ls-tree", "-r", "-z", "--name-only", "HEAD"]);
    for path in committed.split('\0').filter(|path| !path.is_empty()) {
        // Submodules and links have no lines.
        let kind = ask(
            root,
            &["ls-tree", "HEAD", "--", &format!(":(literal){path}")],
        );
        if kind.starts_with("100") {
            origins.extend(same(&app, root, path, Some("HEAD"), more));
        }
    }
    origins
}

/// Holds stead's answers for one file against git's, and gives the origins.
fn same(
    app: &App,
    folder: &Path,
    file: &str,
    revision: Option<&str>,
    more: &[&str],
) -> BTreeSet<&'static str> {
    let lines = blame(app, folder, file, revision);
    let told: Vec<Source> = lines.iter().map(Source::told).collect();
    let Some(asked) = by_git(folder, file, revision, more) else {
        // git refuses files that it does not know; every line of them is new.
        let new = |source: &Source| source.commit.is_none();
        assert!(told.iter().all(new), "{file} in {}", folder.display());
        return BTreeSet::new();
    };
    let place = format!("{file:?} at {revision:?} in {}", folder.display());
    assert_eq!(told.len(), asked.len(), "{place}");
    for (number, (told, asked)) in told.iter().zip(&asked).enumerate() {
        assert_eq!(told, asked, "line {} of {place}", number + 1);
    }
    let origins = lines.iter().map(|line| line.line.origin.as_str());
    origins.collect()
}

#[test]
fn tangled_histories_are_as_git_has_them() {
    for seed in 0..6 {
        let mut tangle = Tangle::new(seed, 25);
        let unknown = BTreeSet::from(["unknown"]);
        assert_eq!(compare(&tangle.folder(), &[]), unknown);
        tangle.dirty();
        assert_eq!(compare(&tangle.folder(), &[]), unknown);
        assert!(elsewhere(&tangle.folder()) > 20, "{seed} is not tangled");
    }
}

/// How many lines git finds in other files than those where they stand.
fn elsewhere(root: &Path) -> usize {
    let listed = ask(root, &["ls-files", "-z"]);
    let paths = listed.split('\0').filter(|path| !path.is_empty());
    let sources = paths.map(|path| {
        let sources = by_git(root, path, None, &[]).unwrap_or_default();
        sources.iter().filter(|source| source.path != path).count()
    });
    sources.sum()
}

#[test]
fn played_histories_are_as_git_has_them() {
    let played = [7, 8].map(|seed| random::play(seed, 120));
    for played in &played {
        for folder in played.folders.iter().filter(|folder| folder.is_dir()) {
            compare(folder, &[]);
        }
    }
}

/// Families of scenarios in which git has something to find.
const FAMILIES: [&str; 9] = [
    "clone-worktree",
    "dirty",
    "encoding",
    "merge",
    "move",
    "notebook",
    "rename",
    "revert",
    "rewrite-history",
];

#[test]
fn scenarios_are_as_git_has_them() {
    let stories = scenarios::all().into_iter();
    let stories = stories.filter(|story| FAMILIES.contains(&story.family));
    for (number, story) in stories.enumerate() {
        let played = story.play(&story.cast(number));
        for folder in played.folders.iter().filter(|folder| folder.is_dir()) {
            compare(folder, &[]);
        }
    }
}
