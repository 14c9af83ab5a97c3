//! The git data of a work tree are for reading only: what is in them is run later, outside.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use stead_sandbox::RunError;

use super::{Place, everywhere, put, read, sandboxes};

fn git(folder: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.args([
        "-c",
        "user.name=Dev",
        "-c",
        "user.email=dev@example.com",
        "-c",
        "init.defaultBranch=main",
    ]);
    let status = git.current_dir(folder).args(arguments).output().unwrap();
    assert!(status.status.success(), "{status:?}");
}

#[test]
fn git_data_are_for_reading_only() {
    everywhere(
        |place| {
            for name in [".git/config", ".git/HEAD", ".git/hooks/pre-commit", "sub/.git/config", "deep/er/.git"] {
                put(&place.tree().join(name), "as it was");
            }
        },
        "for name in .git/config .git/hooks/pre-commit .git/hooks/new .git/new sub/.git/config sub/.git/new deep/er/.git; do
             echo evil > $name && echo \"wrote $name\"
         done
         mv .git moved && echo moved; rm -rf .git sub/.git deep/er/.git; mv sub/.git sub/other && echo moved
         cp -r .git copy && rm -rf .git; ln -sfn copy .git; mount --bind copy .git; chmod -R 777 .git; cat .git/config",
        |place, ran| {
            assert_eq!(ran.output, "as it was", "{ran:?}");
            for name in [".git/config", ".git/HEAD", ".git/hooks/pre-commit", "sub/.git/config", "deep/er/.git"] {
                assert_eq!(read(&place.tree().join(name)), "as it was");
            }
            assert!(!place.tree().join(".git/new").exists() && !place.tree().join(".git/hooks/new").exists());
        },
    );
}

/// In a large tree they are found once, not for each command.
#[test]
fn repositories_that_were_found_before_are_protected() {
    everywhere(
        |place| {
            for number in 0..6000 {
                fs::create_dir_all(place.tree().join(format!("many/{number}"))).unwrap();
            }
            put(&place.tree().join("many/z/deep/.git/config"), "as it was");
            put(
                &place.tree().join("node_modules/x/.git/config"),
                "not looked at",
            );
            let found = stead_sandbox::repositories(place.tree());
            assert_eq!(found, [place.tree().join("many/z/deep/.git")]);
            place.policy.repositories = Some(found);
        },
        "echo evil > many/z/deep/.git/config; rm -rf many/z; cat many/z/deep/.git/config",
        |_, ran| assert_eq!(ran.output, "as it was", "{ran:?}"),
    );
}

#[test]
fn git_itself_can_be_used_to_look() {
    everywhere(
        |place| {
            git(place.tree(), &["init", "-q"]);
            put(&place.tree().join("file"), "one\n");
            git(place.tree(), &["add", "file"]);
            git(place.tree(), &["commit", "-qm", "first"]);
        },
        "echo two >> file; git status --short; git log --format=%s; git diff --stat | tail -1; git commit -qam second && echo committed",
        |place, ran| {
            assert!(ran.output.starts_with(" M file\nfirst\n"), "{ran:?}");
            assert!(!ran.output.contains("committed"), "{ran:?}");
            git(
                place.tree(),
                &["diff", "--exit-code", "HEAD~0", "--", "missing"],
            );
        },
    );
}

#[test]
fn a_linked_work_tree_shows_its_repository() {
    for sandbox in sandboxes() {
        let mut place = Place::new();
        let main = place.root().join("elsewhere/main");
        fs::create_dir_all(&main).unwrap();
        git(&main, &["init", "-q"]);
        put(&main.join("file"), "one\n");
        git(&main, &["add", "file"]);
        git(&main, &["commit", "-qm", "first"]);
        let tree = place.root().join("home/linked");
        git(&main, &["worktree", "add", "-q", tree.to_str().unwrap()]);
        place.policy.work_tree.clone_from(&tree);
        let script = format!(
            "git log --format=%s; git status --short; echo evil > .git; echo evil > '{0}/.git/config'; \
             echo evil > '{0}/.git/hooks/pre-commit'; cat '{0}/file'",
            main.display()
        );
        let before = (read(&tree.join(".git")), read(&main.join(".git/config")));
        let ran = place.run_in(sandbox, &script).unwrap();
        assert_eq!(ran.output, "first\n", "{ran:?}");
        assert_eq!(
            (read(&tree.join(".git")), read(&main.join(".git/config"))),
            before
        );
        assert!(!main.join(".git/hooks/pre-commit").exists());
    }
}

#[test]
fn a_forged_git_file_shows_nothing() {
    for sandbox in sandboxes() {
        let place = Place::new();
        let secret = put(&place.root().join("private/secret"), "SECRET");
        let folder = secret.parent().unwrap();
        put(&folder.join("HEAD"), "ref: refs/heads/main\n");
        put(&folder.join("commondir"), ".\n");
        put(
            &place.tree().join(".git"),
            &format!("gitdir: {}\n", folder.display()),
        );
        let ran = place
            .run_in(sandbox, &format!("cat '{}'", secret.display()))
            .unwrap();
        assert_eq!(ran.output, "", "{ran:?}");
    }
}

#[test]
fn a_git_folder_that_is_a_link_is_refused() {
    for sandbox in sandboxes() {
        let place = Place::new();
        fs::create_dir(place.tree().join("data")).unwrap();
        symlink("data", place.tree().join(".git")).unwrap();
        match place.run_in(sandbox, "true") {
            Err(RunError::Policy(why)) => assert!(why.contains("symbolic link"), "{why}"),
            other => panic!("{other:?}"),
        }
    }
}
