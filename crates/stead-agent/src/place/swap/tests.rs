//! Killed after any step, a tree is as it was once somebody comes next.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::{FOLDER, KEPT, Swap, recover};
use crate::place::how::PlaceError;

/// What is in a folder: text, where links lead, and folders.
fn picture(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            let facts = fs::symlink_metadata(&path).unwrap();
            let held = if facts.is_dir() {
                folders.push(path.clone());
                "/".to_owned()
            } else if facts.is_symlink() {
                format!("-> {}", fs::read_link(&path).unwrap().display())
            } else {
                fs::read_to_string(&path).unwrap()
            };
            all.insert(path.strip_prefix(folder).unwrap().to_owned(), held);
        }
    }
    all
}

/// A tree with something of every kind that can be changed.
fn tree() -> (tempfile::TempDir, Dir) {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    for path in ["d/deep", "e"] {
        fs::create_dir_all(at(path)).unwrap();
    }
    for path in ["a", "gone", "d/x", "d/deep/y", "e/z", "file"] {
        fs::write(at(path), format!("old {path}")).unwrap();
    }
    symlink("a", at("link")).unwrap();
    let dir = Dir::open_ambient_dir(folder.path(), ambient_authority()).unwrap();
    (folder, dir)
}

const DELETED: [&str; 5] = ["gone", "d/x", "d/deep/y", "file", "link"];
/// `d` becomes a file, `file` and `link` become folders.
const PUT: [&str; 5] = ["a", "d", "file/in", "link/in", "new/deep/b"];

fn swap(dir: &Dir) -> Swap<'_> {
    let mut swap = Swap::begin(dir).unwrap();
    for (number, path) in PUT.iter().enumerate() {
        let (own, staged) = swap.staging(number);
        own.write(staged, format!("new {path}")).unwrap();
    }
    let deleted: Vec<(usize, &Path)> = numbered(&DELETED, PUT.len());
    swap.plan(&deleted, &numbered(&PUT, 0)).unwrap();
    swap
}

fn numbered<'a>(paths: &'a [&'a str], from: usize) -> Vec<(usize, &'a Path)> {
    let paths = paths.iter().enumerate();
    paths
        .map(|(number, path)| (from + number, Path::new(*path)))
        .collect()
}

fn expected() -> BTreeMap<PathBuf, String> {
    let all = [
        ("a", "new a"),
        ("d", "new d"),
        ("e", "/"),
        ("e/z", "old e/z"),
        ("file", "/"),
        ("file/in", "new file/in"),
        ("link", "/"),
        ("link/in", "new link/in"),
        ("new", "/"),
        ("new/deep", "/"),
        ("new/deep/b", "new new/deep/b"),
    ];
    all.map(|(path, held)| (path.into(), held.into())).into()
}

#[test]
fn killed_after_any_step_it_is_as_if_it_had_not_begun() {
    let mut stopped = 0;
    for most in 0.. {
        let (folder, dir) = tree();
        let before = picture(folder.path());
        let swap = swap(&dir);
        let steps = swap.steps.len();
        assert!(swap.carry_out_until(most).unwrap(), "{most}");
        // At each moment, what is neither deleted nor put anew is there, old or new.
        let now = picture(folder.path());
        assert!(
            ["old a", "new a"].contains(&now[Path::new("a")].as_str()),
            "{most}"
        );
        recover(&dir).unwrap();
        assert_eq!(picture(folder.path()), before, "{most}");
        // And it can be done again.
        super::tests::swap(&dir).carry_out().unwrap();
        assert_eq!(picture(folder.path()), expected(), "{most}");
        stopped += 1;
        if most == steps {
            break;
        }
    }
    assert!(stopped > PUT.len() + DELETED.len(), "{stopped}");
}

#[test]
fn killed_before_the_journal_is_written_or_after_it_is_gone_nothing_is_taken_back() {
    let (folder, dir) = tree();
    let before = picture(folder.path());
    drop(swap(&dir));
    recover(&dir).unwrap();
    assert_eq!(picture(folder.path()), before);
    swap(&dir).carry_out_until(usize::MAX - 1).unwrap();
    dir.create_dir(FOLDER).unwrap();
    recover(&dir).unwrap();
    assert_eq!(picture(folder.path()), expected());
}

#[test]
fn what_the_user_changed_after_an_interruption_stays() {
    let (folder, dir) = tree();
    let swap = swap(&dir);
    let steps = swap.steps.len();
    swap.carry_out_until(steps).unwrap();
    fs::write(folder.path().join("mine"), "mine").unwrap();
    fs::remove_file(folder.path().join("a")).unwrap();
    fs::write(folder.path().join("a"), "mine").unwrap();
    let told = recover(&dir).unwrap_err();
    let PlaceError::Half { paths, kept } = told else {
        panic!("{told}");
    };
    assert_eq!(paths, "a");
    let now = picture(folder.path());
    assert_eq!(now[Path::new("a")], "mine");
    assert_eq!(now[Path::new("mine")], "mine");
    assert_eq!(now[Path::new("gone")], "old gone");
    assert_eq!(now[Path::new("d/deep/y")], "old d/deep/y");
    assert_eq!(kept, Path::new(&format!("{KEPT}-0")));
    assert_eq!(now[&kept.join("old/0")], "old a");
    // The next one finds nothing to take back.
    recover(&dir).unwrap();
    assert_eq!(picture(folder.path()), now);
}

#[test]
fn a_step_that_fails_takes_all_back() {
    let (folder, dir) = tree();
    let before = picture(folder.path());
    let swap = swap(&dir);
    // Somebody puts a folder where a file is to come.
    fs::create_dir_all(folder.path().join("new/deep/b/in")).unwrap();
    let refused = swap.carry_out().unwrap_err();
    assert!(matches!(refused, PlaceError::Io { .. }), "{refused}");
    let mut now = picture(folder.path());
    now.retain(|path, _| !path.starts_with("new"));
    assert_eq!(now, before);
}

#[test]
fn two_at_a_time_are_kept_apart() {
    let (_folder, dir) = tree();
    let first = swap(&dir);
    assert!(matches!(recover(&dir), Err(PlaceError::Busy(_))));
    assert!(Swap::begin(&dir).is_err());
    first.give_up();
    recover(&dir).unwrap();
}

#[test]
fn a_folder_of_that_name_that_is_the_users_own_is_left_alone() {
    let (folder, dir) = tree();
    fs::create_dir(folder.path().join(FOLDER)).unwrap();
    recover(&dir).unwrap();
    assert!(!folder.path().join(FOLDER).exists());
    fs::create_dir(folder.path().join(FOLDER)).unwrap();
    fs::write(folder.path().join(FOLDER).join("mine"), "mine").unwrap();
    let before = picture(folder.path());
    assert!(recover(&dir).is_err() && Swap::begin(&dir).is_err());
    assert_eq!(picture(folder.path()), before);
}
