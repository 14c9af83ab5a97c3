//! What is kept of a tree makes the same tree again, whatever became of it meanwhile.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::listing::{Found, all, look};
use super::{Commits, Held, Limits, Manifest, Store, keep, restore};

/// A commit as a table.
#[derive(Default)]
struct Table {
    held: BTreeMap<PathBuf, Held>,
    not_committed: Vec<PathBuf>,
}

impl Commits for Table {
    fn since(&self, _: &str) -> Result<Vec<PathBuf>, String> {
        Ok(Vec::new())
    }

    fn not_committed(&self) -> Result<Vec<PathBuf>, String> {
        Ok(self.not_committed.clone())
    }

    fn held(&self, _: &str, paths: &[PathBuf]) -> Result<Vec<Option<Held>>, String> {
        Ok(paths
            .iter()
            .map(|path| self.held.get(path).cloned())
            .collect())
    }
}

/// What every path holds, with `->` before a link's target and `*` before what may be run.
fn told(root: &Path) -> BTreeMap<String, String> {
    let paths = all(root).into_iter();
    let dir = cap_std::fs::Dir::open_ambient_dir(root, cap_std::ambient_authority()).unwrap();
    paths
        .map(|path| {
            let Found::Held(held) = look(&dir, &path, 1 << 20).unwrap() else {
                panic!("{path:?}");
            };
            let sign = match (held.link, held.runs) {
                (true, _) => "->",
                (_, true) => "*",
                _ => "",
            };
            let text = format!("{sign}{}", String::from_utf8_lossy(&held.bytes));
            (path.display().to_string(), text)
        })
        .collect()
}

fn write(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn kept(root: &Path, commit: Option<&str>, paths: &[&str]) -> (TempDir, Store, Manifest, String) {
    let session = tempfile::tempdir().unwrap();
    let store = Store::of(session.path());
    let paths = paths.iter().map(PathBuf::from).collect();
    let (name, manifest) = keep(root, commit, paths, &store, Limits::default()).unwrap();
    (session, store, manifest, name)
}

#[cfg(unix)]
#[test]
fn without_a_commit_all_files_come_back() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let tree = tempfile::tempdir().unwrap();
    let root = tree.path();
    write(
        root,
        &[
            ("a.txt", "one"),
            ("b/c.sh", "run"),
            (".gitignore", "*.o\n"),
            ("x.o", "made"),
        ],
    );
    fs::set_permissions(root.join("b/c.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink("a.txt", root.join("link")).unwrap();
    let before = told(root);
    let (_session, store, manifest, name) = kept(root, None, &[]);
    assert_eq!(store.manifest(&name).unwrap(), manifest);

    fs::remove_file(root.join("link")).unwrap();
    write(
        root,
        &[
            ("a.txt", "two"),
            ("new/er.txt", "new"),
            ("x.o", "again"),
            ("link", "file"),
        ],
    );
    fs::remove_dir_all(root.join("b")).unwrap();
    write(root, &[("b", "a file in the place of a folder")]);
    let restored = restore(root, &manifest, &store, &Table::default()).unwrap();
    assert_eq!(told(root), before);
    assert_eq!(restored.changed.len(), 5, "{restored:?}");
    // What is ignored stays, and folders with nothing in them go.
    assert_eq!(fs::read_to_string(root.join("x.o")).unwrap(), "again");
    assert!(!root.join("new").exists());
    let again = restore(root, &manifest, &store, &Table::default()).unwrap();
    assert_eq!(again.changed, Vec::<PathBuf>::new());
}

#[test]
fn what_was_not_committed_comes_over_the_commit() {
    let tree = tempfile::tempdir().unwrap();
    let root = tree.path();
    write(
        root,
        &[("same", "1"), ("changed", "mine"), ("new", "mine too")],
    );
    let (_session, store, manifest, _) = kept(root, Some("c1"), &["changed", "new", "gone"]);
    assert_eq!(manifest.files.len(), 3);

    write(
        root,
        &[("same", "2"), ("gone", "came back"), ("later", "!")],
    );
    fs::remove_file(root.join("new")).unwrap();
    let file = |text: &str| Held {
        bytes: text.into(),
        link: false,
        runs: false,
    };
    let table = Table {
        held: [("same", "1"), ("changed", "old"), ("gone", "old")]
            .map(|(path, text)| (path.into(), file(text)))
            .into(),
        not_committed: ["same", "changed", "gone", "later"]
            .map(PathBuf::from)
            .into(),
    };
    restore(root, &manifest, &store, &table).unwrap();
    let expected = [("same", "1"), ("changed", "mine"), ("new", "mine too")];
    let expected = expected.map(|(path, text)| (path.to_owned(), text.to_owned()));
    assert_eq!(told(root), expected.into());
}

#[test]
fn what_was_altered_is_noticed() {
    let tree = tempfile::tempdir().unwrap();
    write(tree.path(), &[("a", "one"), ("b", "two")]);
    let (session, store, manifest, name) = kept(tree.path(), None, &[]);
    store.check(&name).unwrap();
    let objects = session.path().join("begin/objects");
    let [one, two] = [0, 1].map(|n| manifest.objects().nth(n).unwrap().to_owned());
    let path = |name: &str| objects.join(format!("{name}.gz"));
    fs::copy(path(&one), path(&two)).unwrap();
    let told = store.check(&name).unwrap_err();
    assert!(
        told.is_altered() && told.to_string().contains(&two),
        "{told}"
    );
    fs::remove_file(path(&two)).unwrap();
    assert!(
        store
            .check(&name)
            .unwrap_err()
            .to_string()
            .contains("is gone")
    );
    fs::write(
        session.path().join("begin").join(format!("{name}.json")),
        "{}",
    )
    .unwrap();
    assert!(store.manifest(&name).unwrap_err().is_altered());
}

#[test]
fn what_is_too_large_is_named() {
    let tree = tempfile::tempdir().unwrap();
    write(
        tree.path(),
        &[("a", "12345"), ("b", "123"), ("c", "123"), ("d", "1")],
    );
    let session = tempfile::tempdir().unwrap();
    let store = Store::of(session.path());
    let limits = Limits {
        file: 4,
        all: 4,
        files: 3,
    };
    let (_, manifest) = keep(tree.path(), None, Vec::new(), &store, limits).unwrap();
    let left: Vec<(&str, &str)> = manifest
        .left_out
        .iter()
        .map(|left| (left.path.as_str(), left.why.as_str()))
        .collect();
    assert_eq!(
        left,
        [
            ("a", "it has 5 bytes, too many to keep"),
            ("c", "there is too much to keep"),
            ("", "there are 1 more files, too many to keep"),
        ]
    );
    // What was left out stays as it is.
    write(tree.path(), &[("a", "other"), ("b", "x")]);
    restore(tree.path(), &manifest, &store, &Table::default()).unwrap();
    assert_eq!(told(tree.path())["a"], "other");
    assert_eq!(told(tree.path())["b"], "123");
    assert_eq!(told(tree.path())["d"], "1");
}

/// Whatever a list says, nothing outside of the tree is written, nor git's own files.
#[cfg(unix)]
#[test]
fn nothing_leads_out() {
    let (tree, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(tree.path(), &[("dir/file", "mine")]);
    let (_session, store, mut manifest, _) = kept(tree.path(), None, &[]);
    fs::remove_dir_all(tree.path().join("dir")).unwrap();
    std::os::unix::fs::symlink(outside.path(), tree.path().join("dir")).unwrap();
    restore(tree.path(), &manifest, &store, &Table::default()).unwrap();
    assert_eq!(told(tree.path())["dir/file"], "mine");
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    for path in ["../out", "/tmp/out", ".git/config", "a/.GIT/hooks/x"] {
        path.clone_into(&mut manifest.files[0].path);
        restore(tree.path(), &manifest, &store, &Table::default()).unwrap_err();
    }
}
