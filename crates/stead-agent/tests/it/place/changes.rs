//! What counts as a change, and how it is told.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::{APART, Known, World, listed, picture, put};

#[test]
fn what_version_control_ignores_is_no_change() {
    for how in APART {
        let world = World::new(&[
            (".gitignore", "*.log\n/target\nnode_modules/\n"),
            ("a.log", "1\n"),
            ("kept.log", "1\n"),
            ("target/old", "1\n"),
            ("target/deep/kept", "1\n"),
            ("sub/.gitignore", "!keep.log\n"),
            (".git/config", ""),
        ]);
        let script =
            "echo 2 > a.log; echo 2 > kept.log; echo 2 > target/deep/kept; echo 2 > target/new
            rm target/old; echo 2 > sub/keep.log; mkdir -p node_modules/x; echo 2 > node_modules/x/y
            echo 2 > .git/config; mkdir -p new/.git; echo 2 > new/.git/HEAD; echo 2 > new/file";
        world.work(how, script);
        assert_eq!(world.list(), ["A new/file", "A sub/keep.log"], "{how}");
        // Unless it is kept all the same.
        let known = Known {
            kept: ["kept.log".into(), "target/deep/kept".into()].into(),
            ..Known::default()
        };
        let changes = world.kept().changes(&known).unwrap();
        let all = [
            "M kept.log",
            "A new/file",
            "A sub/keep.log",
            "M target/deep/kept",
        ];
        assert_eq!(listed(&changes), all, "{how}");
        // Rules that the agent wrote hold too.
        world.work(how, "echo '*' > new/.gitignore; rm sub/.gitignore");
        assert_eq!(world.list(), ["D sub/.gitignore"], "{how}");
    }
}

#[test]
fn what_was_touched_and_holds_the_same_is_no_change() {
    for how in APART {
        let world = World::new(&[("a", "1\n"), ("d/b", "2\n"), ("e/c", "3\n")]);
        let script = "touch a; chmod 600 a; echo x > d/b; echo 2 > d/b; rm -r e; mkdir e; echo 3 > e/c; mkdir empty";
        world.work(how, script);
        assert_eq!(world.list(), [""; 0], "{how}");
    }
}

#[test]
fn modes_links_and_kinds_are_changes() {
    for how in APART {
        let world = World::new(&[
            ("run", "1\n"),
            ("file", "2\n"),
            ("d/x", "3\n"),
            ("d/y", "4\n"),
            ("f", "5\n"),
        ]);
        std::os::unix::fs::symlink("file", world.tree().join("link")).unwrap();
        std::os::unix::fs::symlink("d", world.tree().join("folder-link")).unwrap();
        let script = "chmod +x run; ln -sfn run link; ln -s /etc/passwd out; rm file; ln -s run file
            rm -r d; echo 6 > d; rm f; mkdir f; echo 7 > f/g; rm folder-link; mkdir folder-link; echo 8 > folder-link/x
            mkfifo pipe";
        world.work(how, script);
        let changes = world.changes();
        let all = [
            "A d",
            "D d/x",
            "D d/y",
            "D f",
            "A f/g",
            "T file",
            "D folder-link",
            "A folder-link/x",
            "M link",
            "A out",
            "M run",
        ];
        assert_eq!(listed(&changes), all, "{how}");
        assert!(changes.notes[0].contains("pipe"), "{:?}", changes.notes);
        world.apply();
        let after = picture(&world.tree());
        assert_eq!(after[Path::new("run")].0, 0o100_755);
        assert_eq!(after[Path::new("out")].1, b"/etc/passwd");
        assert_eq!(after[Path::new("d")].1, b"6\n");
        assert_eq!(after[Path::new("f/g")].1, b"7\n");
        assert_eq!(after[Path::new("folder-link/x")].1, b"8\n");
        assert!(!after.contains_key(Path::new("pipe")));
    }
}

#[test]
fn names_that_are_no_text_are_kept() {
    for how in APART {
        let world = World::new(&[("a b", "1\n"), ("grüße", "1\n"), ("tab\tquote\"", "1\n")]);
        let odd = OsStr::from_bytes(b"latin-\xe9");
        put(&world.tree().join(odd), b"1\n");
        let script =
            "for name in *; do echo 2 > \"$name\"; done; printf x > \"$(printf 'new-\\377')\"";
        world.work(how, script);
        let changes = world.changes();
        assert_eq!(changes.list.len(), 5, "{changes:?}");
        applies_with_git(&world, how);
        world.apply();
        assert_eq!(fs::read(world.tree().join(odd)).unwrap(), b"2\n");
        let new = OsStr::from_bytes(b"new-\xff");
        assert_eq!(fs::read(world.tree().join(new)).unwrap(), b"x");
    }
}

/// Applies the diff by git to a copy of the tree, and has it that of the agent.
fn applies_with_git(world: &World, how: &str) {
    let clone = world.path("clone");
    let _ = fs::remove_dir_all(&clone);
    let copied = Command::new("cp")
        .arg("-a")
        .args([world.tree(), clone.clone()])
        .status();
    assert!(copied.unwrap().success());
    let diff = world.diff();
    put(&world.path("diff"), &diff);
    let git = Command::new("git")
        .arg("apply")
        .arg(world.path("diff"))
        .current_dir(&clone)
        .env("GIT_CEILING_DIRECTORIES", world.path(""))
        .output();
    let git = git.unwrap();
    let text = String::from_utf8_lossy(&diff);
    assert!(
        git.status.success(),
        "{how}: {}{text}",
        String::from_utf8_lossy(&git.stderr)
    );
    let layer = if how == "copy" { "copy" } else { "merged" };
    let merged = world.path(layer);
    let _ = fs::remove_dir_all(&merged);
    world.work(how, &format!("cp -a . {}", merged.display()));
    let (mut ours, gits) = (picture(&merged), picture(&clone));
    ours.retain(|path, (mode, _)| gits.contains_key(path) || *mode & 0o170_000 != 0o040_000);
    assert_eq!(ours, gits, "{how}\n{text}");
}

#[test]
fn a_diff_can_be_applied_by_git() {
    for how in APART {
        let long: Vec<String> = (0..200).map(|number| format!("line {number}\n")).collect();
        let long = long.concat();
        let world = World::new(&[
            ("long", &long),
            ("no-end", "a\nb"),
            ("crlf", "a\r\nb\r\n"),
            ("empty", ""),
            ("moved", "some text\nthat is moved\n"),
            ("gone", "x\n"),
            ("run me", "#!/bin/sh\n"),
        ]);
        put(
            &world.tree().join("picture"),
            &(0..=255).cycle().take(5000).collect::<Vec<u8>>(),
        );
        put(&world.tree().join("latin"), b"gr\xfc\xdfe\nb\n");
        std::os::unix::fs::symlink("long", world.tree().join("link")).unwrap();
        let script = "sed -i 's/^line 5$/five/; 100d; $d; 1i first' long; printf c >> no-end; printf 'c\\r\\n' >> crlf
            echo x > empty; mkdir d; mv moved d/moved; rm gone; chmod +x 'run me'; printf '\\000\\001' >> picture
            printf 'x' >> latin; ln -sfn crlf link; : > new-empty; printf 'one' > new; head -c 70000 /dev/zero > zeros
            rm latin; ln -s new latin";
        world.work(how, script);
        applies_with_git(&world, how);
        let diff = String::from_utf8_lossy(&world.diff()).into_owned();
        assert!(
            diff.contains("rename from moved\nrename to d/moved\n"),
            "{diff}"
        );
        let counts: Vec<_> = world
            .changes()
            .told()
            .map(|change| (change.path.clone(), world.kept().counts(change).unwrap()))
            .collect();
        let of = |name: &str| {
            counts
                .iter()
                .find(|(path, _)| path == Path::new(name))
                .unwrap()
                .1
        };
        assert_eq!((of("long").added, of("long").removed), (2, 3));
        assert!(of("picture").binary);
        let after = {
            world.apply();
            picture(&world.tree())
        };
        assert_eq!(after, picture(&world.path("clone")), "{how}");
    }
}

#[test]
fn files_that_nobody_may_read_are_left_alone() {
    let mut world = World::new(&[("a", "1\n"), ("shut", "2\n"), ("shut-folder/x", "3\n")]);
    if super::is_root() {
        fs::create_dir(world.path("session")).unwrap();
        super::give(world.folder.path(), super::SOMEBODY);
        world.user = Some(super::SOMEBODY);
    }
    for name in ["shut", "shut-folder"] {
        fs::set_permissions(world.tree().join(name), fs::Permissions::from_mode(0o000)).unwrap();
    }
    for how in APART {
        world.work(how, "echo 2 > a");
        assert_eq!(world.list(), ["M a"], "{how}");
        world.kept().discard().unwrap();
    }
    fs::set_permissions(
        world.tree().join("shut-folder"),
        fs::Permissions::from_mode(0o755),
    )
    .unwrap();
}

#[test]
fn many_files_are_no_trouble() {
    let world = World::new(&[]);
    for folder in 0..20 {
        for file in 0..100 {
            put(&world.tree().join(format!("d{folder}/f{file}")), b"text\n");
        }
    }
    for how in APART {
        world.work(how, "echo x > d5/f5; rm -r d6; mv d7 d8/d7");
        let changes = world.changes();
        assert_eq!(changes.list.len(), 1 + 100 + 200, "{how}");
        world.kept().discard().unwrap();
        assert!(world.changes().is_empty());
    }
}
