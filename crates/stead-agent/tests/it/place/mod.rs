//! What an agent does in its place changes nothing in the user's tree, until it is applied.

mod applying;
mod changes;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use stead_agent::place::{Changes, DiffOptions, Kept, NoVersions, Versions};
use stead_usf::Time;
use tempfile::TempDir;

/// Some number that no user of the machine has.
const SOMEBODY: u32 = 54_321;

/// The ways to work that leave the tree alone.
const APART: [&str; 2] = ["overlay", "copy"];

/// A tree, and a changes folder beside it.
struct World {
    folder: TempDir,
    user: Option<u32>,
}

impl World {
    fn new(files: &[(&str, &str)]) -> Self {
        let world = Self {
            folder: tempfile::tempdir().unwrap(),
            user: None,
        };
        fs::create_dir(world.tree()).unwrap();
        for (path, text) in files {
            put(&world.tree().join(path), text.as_bytes());
        }
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        fs::canonicalize(self.folder.path()).unwrap().join(name)
    }

    fn tree(&self) -> PathBuf {
        self.path("tree")
    }

    fn changes_folder(&self) -> PathBuf {
        self.path("session/changes")
    }

    fn command(&self, how: &str, script: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_place-child"));
        command
            .arg("work")
            .args([self.tree(), self.changes_folder()]);
        command.args([how, script]).current_dir(self.tree());
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        command
    }

    /// Works there as an agent does, in one of the ways; gives what the script printed.
    fn work(&self, how: &str, script: &str) -> String {
        let (told, printed) = self.try_work(how, script).unwrap();
        assert_eq!(told, how, "{printed}");
        printed
    }

    /// The way it worked in, and what the script printed; or why it could not.
    fn try_work(&self, how: &str, script: &str) -> Result<(String, String), String> {
        let done = self.command(how, script).output().unwrap();
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        if !done.status.success() {
            return Err(text);
        }
        let mut lines = text.splitn(3, '\n');
        let (told, why) = (lines.next().unwrap(), lines.next().unwrap());
        let told = format!(
            "{told}{}",
            if why.is_empty() || how == "copy" {
                String::new()
            } else {
                format!(": {why}")
            }
        );
        Ok((told, lines.next().unwrap().to_owned()))
    }

    fn kept(&self) -> Kept {
        Kept::open(&self.changes_folder()).unwrap()
    }

    fn changes(&self) -> Changes {
        self.kept().changes(&NoVersions).unwrap()
    }

    /// Letters and paths.
    fn list(&self) -> Vec<String> {
        listed(&self.changes())
    }

    fn diff(&self) -> Vec<u8> {
        let (kept, mut out) = (self.kept(), Vec::new());
        let options = DiffOptions { binary: true };
        kept.diff(&self.changes(), options, &mut out).unwrap();
        out
    }

    /// Applies what there is.
    fn apply(&self) -> Vec<String> {
        let changes = self.changes();
        let applied = self
            .kept()
            .apply(&changes, &NoVersions, false, now())
            .unwrap();
        applied
            .files
            .iter()
            .map(|file| format!("{} {}", file.status, file.path.display()))
            .collect()
    }
}

fn listed(changes: &Changes) -> Vec<String> {
    let told = changes.told();
    told.map(|change| format!("{} {}", change.letter(), change.path.display()))
        .collect()
}

fn now() -> Time {
    Time::parse("2026-11-21T12:00:00Z").unwrap()
}

fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|facts| facts.uid() == 0)
}

fn give(path: &Path, user: u32) {
    std::os::unix::fs::lchown(path, Some(user), Some(user)).unwrap();
    if fs::symlink_metadata(path).unwrap().is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            give(&entry.unwrap().path(), user);
        }
    }
}

/// Everything in a folder but for git's own: what kind, which rights, what it holds.
fn picture(folder: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap() == ".git" {
                continue;
            }
            let facts = fs::symlink_metadata(&path).unwrap();
            let held = if facts.is_dir() {
                folders.push(path.clone());
                Vec::new()
            } else if facts.is_symlink() {
                fs::read_link(&path)
                    .unwrap()
                    .into_os_string()
                    .into_encoded_bytes()
            } else {
                fs::read(&path).unwrap()
            };
            let mode = if facts.is_symlink() {
                0
            } else {
                facts.permissions().mode()
            };
            all.insert(path.strip_prefix(folder).unwrap().to_owned(), (mode, held));
        }
    }
    all
}

#[test]
fn the_tree_changes_only_when_it_is_applied() {
    for how in APART {
        let world = World::new(&[("a", "1\n"), ("gone", "2\n"), ("d/old", "3\n")]);
        let before = picture(&world.tree());
        let script = "cat a; echo 2 > a; rm gone; mv d/old d/new; mkdir e; echo x > e/y";
        assert_eq!(world.work(how, script), "1\n", "{how}");
        assert_eq!(picture(&world.tree()), before, "{how}");
        assert_eq!(world.list(), ["M a", "R d/new", "A e/y", "D gone"], "{how}");
        // A second process goes on where the first one stopped.
        assert_eq!(world.work(how, "cat a e/y; ls gone; echo 3 >> a"), "2\nx\n");
        assert_eq!(
            world.apply(),
            ["M a", "R d/new", "D d/old", "A e/y", "D gone"],
            "{how}"
        );
        let after = picture(&world.tree());
        let names: Vec<&str> = after.keys().map(|path| path.to_str().unwrap()).collect();
        assert_eq!(names, ["a", "d", "d/new", "e", "e/y"], "{how}");
        assert_eq!(after[Path::new("a")].1, b"2\n3\n");
        assert!(world.changes().is_empty() && world.kept().is_empty());
        // And begins anew.
        assert_eq!(world.work(how, "cat a; ls; echo 4 > a"), "2\n3\na\nd\ne\n");
        assert_eq!(world.list(), ["M a"]);
    }
}

#[test]
fn an_ordinary_user_has_an_overlay_too() {
    if !is_root() {
        // Every other test has shown it.
        return;
    }
    let mut world = World::new(&[("a", "1\n"), ("d/b", "2\n")]);
    fs::create_dir(world.path("session")).unwrap();
    give(world.folder.path(), SOMEBODY);
    world.user = Some(SOMEBODY);
    world.work(
        "overlay",
        "echo 2 > a; rm -r d; mkdir d; echo 3 > d/c; chmod +x a",
    );
    assert_eq!(world.list(), ["M a", "D d/b", "A d/c"]);
    world.apply();
    let after = picture(&world.tree());
    assert_eq!(after[Path::new("a")], (0o100_755, b"2\n".to_vec()));
    assert!(!after.contains_key(Path::new("d/b")));
}

#[test]
fn a_session_applies_by_itself_what_it_has_done() {
    for how in APART {
        let world = World::new(&[("a", "1\n"), ("gone", "")]);
        let told = world.work(how, "echo 2 > a; rm gone; echo 3 > b # and apply");
        assert_eq!(told, "applied 3\nleft 0\n", "{how}");
        let after = picture(&world.tree());
        assert_eq!(after[Path::new("a")].1, b"2\n");
        assert_eq!(after.len(), 2, "{how}: {after:?}");
        let lines = fs::read_to_string(world.changes_folder().join("applied.json")).unwrap();
        let line: serde_json::Value = serde_json::from_str(lines.trim()).unwrap();
        assert_eq!(line["files"][0]["path"], "a");
        // SHA-256 of "1\n" and of "2\n".
        let [one, two] = [
            "4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865",
            "53c234e5e8472b6ac51c1ae1cab3fe06fad053beb8ebfd8977b010655bfdd3c3",
        ];
        assert_eq!(line["files"][0]["before_sha256"], one);
        assert_eq!(line["files"][0]["after_sha256"], two);
    }
}

/// A process with an overlay over the tree cannot have git look at the tree itself.
#[test]
fn a_session_does_not_overwrite_what_is_not_committed() {
    let world = World::new(&[("a", "1\n"), ("b", "1\n")]);
    for name in ["a", "b"] {
        put(&world.path("session/held").join(name), b"1\n");
    }
    let told = world.work("overlay", "echo 2 > a; echo 2 > new # and apply");
    assert_eq!(told, "applied 2\nleft 0\n");
    let why = world
        .try_work("overlay", "echo 3 > a; echo 3 > b; rm new # and apply")
        .unwrap_err();
    assert_eq!(why, "not committed: a, new\n");
    assert_eq!(fs::read(world.tree().join("b")).unwrap(), b"1\n");
}

#[test]
fn in_place_is_the_tree_itself() {
    let world = World::new(&[("a", "1\n")]);
    let (told, _) = world.try_work("in-place", "echo 2 > a").unwrap();
    assert_eq!(told, "in place: in place, as asked for");
    assert_eq!(fs::read(world.tree().join("a")).unwrap(), b"2\n");
    assert!(world.changes().is_empty());
}

#[test]
fn where_there_can_be_no_overlay_it_is_a_copy_and_the_reason_is_told() {
    if !is_root() {
        return;
    }
    // A folder of another group cannot be brought into an overlay of somebody without rights.
    let mut world = World::new(&[("a", "1\n")]);
    fs::create_dir(world.path("session")).unwrap();
    give(world.folder.path(), SOMEBODY);
    chown(world.tree(), Some(SOMEBODY), Some(SOMEBODY + 1)).unwrap();
    world.user = Some(SOMEBODY);
    let (told, _) = world.try_work("overlay", "echo 2 > a").unwrap();
    assert!(
        told.starts_with("copy: ") && told.contains("group"),
        "{told}"
    );
    assert_eq!(world.list(), ["M a"]);
}

#[test]
fn a_place_that_would_hold_itself_is_refused() {
    let world = World::new(&[("a", "1\n")]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_place-child"));
    command
        .arg("work")
        .arg(world.tree())
        .arg(world.tree().join("data"));
    let done = command.args(["overlay", "true"]).output().unwrap();
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(
        text.contains("holds the folder where changes are kept"),
        "{text}"
    );
}

#[test]
fn two_at_a_time_are_refused() {
    let world = World::new(&[("a", "1\n")]);
    world.work("copy", "true");
    let mut kept = world.kept();
    kept.lock().unwrap();
    let why = world.try_work("copy", "true").unwrap_err();
    assert!(why.contains("at work in another process"), "{why}");
    drop(kept);
    world.work("copy", "true");
}

/// As git has it, in tests of what it is asked for.
#[derive(Default)]
struct Known {
    kept: Vec<PathBuf>,
    uncommitted: Vec<PathBuf>,
    held: BTreeMap<PathBuf, Vec<u8>>,
    merged: Option<Vec<u8>>,
}

impl Versions for Known {
    fn kept_though_ignored(&self) -> Result<Vec<PathBuf>, String> {
        Ok(self.kept.clone())
    }

    fn checked_out(&self) -> Option<String> {
        Some("HEAD".to_owned())
    }

    fn uncommitted(&self, paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
        let all = self.uncommitted.iter();
        Ok(all.filter(|path| paths.contains(path)).cloned().collect())
    }

    fn held(&self, _: &str, path: &Path) -> Option<Vec<u8>> {
        self.held.get(path).cloned()
    }

    fn merge(&self, _: &[u8], _: &[u8], _: &[u8]) -> Option<Vec<u8>> {
        self.merged.clone()
    }
}
