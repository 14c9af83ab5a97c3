//! When changes are applied, and when they are refused.

use std::fs;
use std::path::{Path, PathBuf};

use stead_agent::place::{ApplyError, Changes};

use super::{APART, Known, World, now, picture, put};

fn apply(world: &World, known: &Known, force: bool) -> Result<Vec<bool>, ApplyError> {
    let mut kept = world.kept();
    let changes = kept.changes(known).unwrap();
    let applied = kept.apply(&changes, known, force, now())?;
    Ok(applied.files.iter().map(|file| file.merged).collect())
}

/// Writes a file until its moment is later than that of the session's beginning.
fn change(world: &World, path: &str, text: &str) {
    loop {
        put(&world.tree().join(path), text.as_bytes());
        let changes: Changes = world.changes();
        let mut list = changes.list.iter();
        if list.any(|one| one.path == Path::new(path) && one.changed_since) {
            return;
        }
    }
}

#[test]
fn what_the_user_changed_meanwhile_is_refused() {
    for how in APART {
        let world = World::new(&[("a", "1\n"), ("b", "1\n"), ("c", "1\n")]);
        world.work(how, "echo 2 > a; echo 2 > b; echo 2 > new; rm c");
        assert!(world.changes().list.iter().all(|one| !one.changed_since));
        for path in ["a", "new", "c"] {
            change(&world, path, "mine\n");
            let before = picture(&world.tree());
            let refused = apply(&world, &Known::default(), true).unwrap_err();
            let ApplyError::Changed(paths) = refused else {
                panic!("{refused}");
            };
            assert!(paths.contains(&PathBuf::from(path)), "{how}: {paths:?}");
            assert_eq!(picture(&world.tree()), before);
        }
    }
}

#[test]
fn what_is_not_committed_is_refused_until_it_is_wanted() {
    for how in APART {
        let world = World::new(&[("a", "1\n"), ("b", "1\n")]);
        world.work(how, "echo 2 > a; echo 2 > b");
        let known = Known {
            uncommitted: vec!["b".into(), "other".into()],
            ..Known::default()
        };
        let before = picture(&world.tree());
        let refused = apply(&world, &known, false).unwrap_err();
        assert_eq!(refused.to_string(), "not committed: b");
        assert_eq!(picture(&world.tree()), before);
        assert_eq!(apply(&world, &known, true).unwrap(), [false, false]);
        assert_eq!(fs::read(world.tree().join("b")).unwrap(), b"2\n");
    }
}

#[test]
fn a_check_changes_nothing() {
    let world = World::new(&[("a", "1\n")]);
    world.work("copy", "echo 2 > a");
    let before = picture(&world.tree());
    let kept = world.kept();
    let known = Known::default();
    let applied = kept.check(&world.changes(), &known, false, now()).unwrap();
    assert_eq!(applied.files[0].status, "M");
    assert_eq!(picture(&world.tree()), before);
    assert_eq!(world.list(), ["M a"]);
}

#[test]
fn ignored_files_stay_where_a_folder_goes() {
    for how in APART {
        let world = World::new(&[
            (".gitignore", "*.log\n"),
            ("d/a", "1\n"),
            ("d/b.log", "2\n"),
            ("e/a", "1\n"),
        ]);
        world.work(how, "rm -r d e");
        world.apply();
        let after = picture(&world.tree());
        let names: Vec<&Path> = after.keys().map(PathBuf::as_path).collect();
        assert_eq!(
            names,
            [".gitignore", "d", "d/b.log"].map(Path::new),
            "{how}"
        );
        // Where they are in the way, nothing is applied.
        put(&world.tree().join("d/a"), b"1\n");
        world.work(how, "rm -r d; echo 1 > d; echo 2 > x");
        let refused = apply(&world, &Known::default(), false).unwrap_err();
        assert!(
            refused.to_string().contains("a folder is in its place"),
            "{refused}"
        );
        assert!(!world.tree().join("x").exists() && !world.tree().join(".stead-apply").exists());
    }
}

#[test]
fn discarding_takes_all_away() {
    for how in APART {
        let world = World::new(&[("a", "1\n")]);
        world.work(
            how,
            "echo 2 > a; mkdir shut; echo x > shut/x; chmod 000 shut",
        );
        world.kept().discard().unwrap();
        assert!(world.kept().is_empty() && world.changes().is_empty());
        assert_eq!(world.work(how, "cat a; ls"), "1\na\n");
    }
}
