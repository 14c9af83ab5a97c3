//! An overlay over a whole process: it and what it starts write elsewhere, and the sandbox above it
//! holds as it does without.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use stead_sandbox::{OverlayError, enter_overlay, try_overlay};

use super::{child, put, read, skipped};

/// Some number that no user of the machine has.
const SOMEBODY: u32 = 54_321;

/// A tree with what an overlay needs, for a user.
struct Layers(tempfile::TempDir);

impl Layers {
    fn new(user: Option<u32>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["upper", "work", "scratch", "home/work"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        let layers = Self(folder);
        let tree = layers.path("home/work");
        put(&tree.join("file"), "old\n");
        put(&tree.join("gone"), "");
        put(&tree.join("folder/inner"), "");
        put(&tree.join(".git/config"), "as it was\n");
        put(&layers.path("home/secret"), "SECRET\n");
        put(&layers.path("beside"), "SECRET\n");
        if let Some(user) = user {
            give(&fs::canonicalize(layers.0.path()).unwrap(), user);
        }
        layers
    }

    fn path(&self, name: &str) -> PathBuf {
        fs::canonicalize(self.0.path()).unwrap().join(name)
    }

    /// What a process printed that worked there; `None` if this machine mounts no overlay.
    fn work(&self, user: Option<u32>, script: &str) -> Option<String> {
        let mut process = Process::new(&child().program);
        process.arg("overlay").arg(self.path("")).arg(script);
        if let Some(user) = user {
            process.uid(user).gid(user);
        }
        let told = match process.output() {
            Ok(told) => told,
            Err(error) => {
                skipped(&format!(
                    "another user cannot start the test's child: {error}"
                ));
                return None;
            }
        };
        let text = String::from_utf8(told.stdout).unwrap();
        if !told.status.success() && text.contains("this system lets you make no namespace") {
            skipped(&text);
            return None;
        }
        assert!(told.status.success(), "{text}{:?}", told.stderr);
        Some(text)
    }
}

fn give(path: &Path, user: u32) {
    chown(path, Some(user), Some(user)).unwrap();
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            give(&entry.unwrap().path(), user);
        }
    }
}

/// Oneself, and somebody else where one may be that.
fn users() -> Vec<Option<u32>> {
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        vec![None, Some(SOMEBODY)]
    } else {
        vec![None]
    }
}

#[test]
fn a_process_and_its_sandboxes_write_into_the_upper_folder() {
    for user in users() {
        let layers = Layers::new(user);
        let script = "cat by-process file; echo new > file; rm gone; mv folder/inner folder/other; \
                      mkdir made; echo x > made/x";
        let Some(told) = layers.work(user, script) else {
            continue;
        };
        assert_eq!(told, "by process\nold\nseen: new\nreal: old\n");
        let (tree, upper) = (layers.path("home/work"), layers.path("upper"));
        assert_eq!(read(&tree.join("file")), "old\n");
        assert!(tree.join("gone").exists() && tree.join("folder/inner").exists());
        assert!(!tree.join("made").exists() && !tree.join("by-process").exists());
        assert_eq!(read(&upper.join("file")), "new\n");
        assert_eq!(read(&upper.join("made/x")), "x\n");
        let gone = fs::symlink_metadata(upper.join("gone")).unwrap();
        assert_eq!((gone.mode() & 0o170_000, gone.rdev()), (0o020_000, 0));
        // The same folders serve again.
        let told = layers.work(user, "cat file; ls").unwrap();
        assert!(
            told.starts_with("new\nby-process\nfile\nfolder\nmade\nseen"),
            "{told}"
        );
    }
}

#[test]
fn a_sandbox_above_an_overlay_confines_as_without() {
    for user in users() {
        let layers = Layers::new(user);
        let script = format!(
            "exec 2>&-; echo evil > .git/config; echo evil > .git/new; rm -rf .git; mv .git moved; cat .git/config
             cat {0}/home/secret {0}/beside {0}/upper/by-process; echo x > /tmp/stead-private
             mount --bind folder made && echo mounted; id -u",
            layers.path("").display()
        );
        let Some(told) = layers.work(user, &script) else {
            continue;
        };
        let id = user.unwrap_or_else(|| fs::metadata("/proc/self").unwrap().uid());
        assert_eq!(told, format!("as it was\n{id}\nseen: old\nreal: old\n"));
        assert!(!Path::new("/tmp/stead-private").exists());
        assert_eq!(read(&layers.path("home/work/.git/config")), "as it was\n");
    }
}

#[test]
fn files_that_are_shut_stay_shut() {
    for user in users() {
        let layers = Layers::new(user);
        let shut = put(&layers.path("home/work/shut"), "SECRET\n");
        fs::set_permissions(&shut, fs::Permissions::from_mode(0o0)).unwrap();
        if let Some(user) = user {
            give(&shut, user);
            let told = layers.work(Some(user), "cat shut 2>&1 | grep SECRET");
            assert!(told.is_none_or(|told| !told.contains("SECRET")));
        }
    }
}

#[test]
fn a_program_with_threads_is_refused() {
    // A test's own thread is the second.
    let layers = Layers::new(None);
    let [tree, upper, work] = ["home/work", "upper", "work"].map(|name| layers.path(name));
    let refused = enter_overlay(&tree, &upper, &work).unwrap_err();
    assert!(matches!(refused, OverlayError::Threads(2..)), "{refused}");
}

#[test]
fn a_trial_leaves_nothing_and_says_why_it_failed() {
    let layers = Layers::new(None);
    let scratch = layers.path("scratch");
    let tried = try_overlay(&child(), &scratch, true);
    assert_eq!(fs::read_dir(&scratch).unwrap().count(), 0, "{tried:?}");
    // The kernel takes no upper folder on a file system without a disk or memory behind it.
    let refused = try_overlay(&child(), &layers.path("missing"), true).unwrap_err();
    assert!(refused.to_string().contains("missing"), "{refused}");
}
