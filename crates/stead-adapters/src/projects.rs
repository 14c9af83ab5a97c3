//! Agents like Aider keep their sessions in the folder that they work in. This is
//! where such folders are looked for: where any session worked, and in the extra
//! roots that the user has named.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::{Disk, Env};

/// So deep below an extra root projects are looked for, in so many folders.
const DEPTH: usize = 4;
const MOST: usize = 4_000;

/// Folders of other people's code, of builds and of systems, which nobody works in.
const SKIPPED: [&str; 7] = [
    "node_modules",
    "target",
    "vendor",
    "venv",
    "__pycache__",
    "Library",
    "AppData",
];

/// Every folder that may hold a store of its own, each once.
pub fn folders(env: &Env, disk: &Disk) -> Vec<PathBuf> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let mut add = |folder: &Path| {
        if disk.is_open_folder(folder) && seen.insert(disk.real(folder)) {
            found.push(folder.to_owned());
        }
    };
    env.projects.iter().for_each(|folder| add(folder));
    for root in &env.roots {
        below(root, disk, &mut add);
    }
    found
}

/// The folder and those below it, the upper ones first.
fn below(root: &Path, disk: &Disk, add: &mut dyn FnMut(&Path)) {
    let mut level = vec![root.to_owned()];
    let mut listed = 0;
    for depth in 0..=DEPTH {
        let mut next = Vec::new();
        for folder in &level {
            add(folder);
            listed += 1;
            if depth == DEPTH || listed > MOST {
                continue;
            }
            for entry in disk.list_if_open(folder) {
                let hidden = entry.name.starts_with('.');
                if entry.is_folder && !hidden && !SKIPPED.contains(&entry.name.as_str()) {
                    next.push(entry.path());
                }
            }
        }
        level = next;
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::folders;
    use crate::{Disk, Env};

    #[test]
    fn folders_of_sessions_and_below_roots_are_found_once() {
        let home = tempfile::tempdir().unwrap();
        let at = |path: &str| home.path().join(path);
        for path in [
            "root/work/web/src",
            "root/work/web/.git",
            "root/node_modules/x",
            "api",
        ] {
            fs::create_dir_all(at(path)).unwrap();
        }
        let env = Env::at_home(home.path())
            .with_root(at("root"))
            .with_project(at("api"))
            .with_project(at("root/work/web"))
            .with_project(at("missing"));
        let found = folders(&env, &Disk::default());
        let expected = [
            "api",
            "root/work/web",
            "root",
            "root/work",
            "root/work/web/src",
        ];
        assert_eq!(found, expected.map(at));
    }
}
