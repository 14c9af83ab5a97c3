//! Histories at random that are hard to blame: lines that move, files that are
//! renamed, copied and merged, with names that git quotes. No agent takes part.
#![expect(
    clippy::missing_panics_doc,
    reason = "what cannot be made is reported by a panic"
)]

mod act;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::play::Noise;

/// Names that are not plain to a shell, to git or to both.
const NAMES: [&str; 14] = [
    "plain.txt",
    "src/with blank.rs",
    "größe/ü.txt",
    "日本/語.txt",
    "src/tab\there",
    "quote\"d.txt",
    "back\\slash",
    "-dash",
    "[a]*.txt",
    ":(top)x",
    "deep/er/down/a.rs",
    "src/.hidden",
    "#hash~",
    "deep/ends with blank ",
];

/// A repository with such a history. Its folder is removed when it is dropped.
#[derive(Debug)]
pub struct Tangle {
    guard: TempDir,
    noise: Noise,
    /// What lies in the folder, each line with its end.
    files: BTreeMap<String, Vec<String>>,
    /// Seconds since 1970.
    clock: i64,
    /// So many lines, names and branches were given.
    given: usize,
}

impl Tangle {
    /// So many commits at random, the same for the same seed.
    pub fn new(seed: u64, commits: usize) -> Self {
        let mut tangle = Self {
            guard: tempfile::tempdir().expect("a temporary folder"),
            noise: Noise::new(seed),
            files: BTreeMap::new(),
            clock: 1_700_000_000,
            given: 0,
        };
        tangle.git(&["init", "--quiet", "-b", "main", "repo"], Path::new(""));
        for _ in 0..4 {
            tangle.begin_file();
        }
        tangle.commit();
        for _ in 0..commits {
            match tangle.noise.below(8) {
                0 => tangle.merge(),
                _ => tangle.step(),
            }
        }
        tangle
    }

    /// The work tree.
    pub fn folder(&self) -> PathBuf {
        self.guard.path().join("repo")
    }

    /// A folder beside it.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.guard.path().join(name)
    }

    /// Runs git in the work tree; it must succeed.
    pub fn run(&self, arguments: &[&str]) -> String {
        self.git(arguments, Path::new("repo"))
    }

    /// The same where it may refuse.
    pub fn attempt(&self, arguments: &[&str]) -> Output {
        self.output(arguments, Path::new("repo"))
    }

    /// Leaves changes that are not committed: files changed, new, and renamed, a
    /// part of them staged.
    pub fn dirty(&mut self) {
        for _ in 0..3 {
            self.change();
        }
        self.write();
        self.run(&["add", "--all"]);
        for _ in 0..3 {
            self.change_lines();
        }
        self.begin_file();
        self.write();
    }

    /// Some changes and a commit.
    fn step(&mut self) {
        for _ in 0..=self.noise.below(3) {
            self.change();
        }
        self.commit();
    }

    /// A branch from an earlier commit, and both sides together. Where they
    /// contradict, one of them wins.
    fn merge(&mut self) {
        self.given += 1;
        let (branch, back) = (format!("side-{}", self.given), self.noise.below(4));
        let from = format!("HEAD~{back}");
        let known = self.attempt(&["rev-parse", "--quiet", "--verify", &from]);
        let from = if known.status.success() {
            &from
        } else {
            "HEAD"
        };
        self.run(&["checkout", "--quiet", "-b", &branch, from]);
        self.read();
        for _ in 0..=self.noise.below(2) {
            self.step();
        }
        self.run(&["checkout", "--quiet", "main"]);
        self.read();
        self.step();
        let side = ["ours", "theirs"][self.noise.below(2)];
        let merge = [
            "merge", "--quiet", "--no-ff", "-m", "merge", "-X", side, &branch,
        ];
        if !self.attempt(&merge).status.success() {
            // A file is gone on one side, or two were renamed to one name.
            self.run(&["add", "--all"]);
            self.run(&["commit", "--quiet", "--allow-empty", "-m", "merge"]);
        }
        self.read();
    }

    fn commit(&mut self) {
        self.clock += 60;
        self.write();
        self.run(&["add", "--all"]);
        self.run(&["commit", "--quiet", "--allow-empty", "-m", "step"]);
    }

    /// Makes the folder hold the files.
    fn write(&self) {
        for path in self.listed() {
            if !self.files.contains_key(&path) {
                fs_err::remove_file(self.folder().join(path)).expect("removed");
            }
        }
        for (path, lines) in &self.files {
            let path = self.folder().join(path);
            fs_err::create_dir_all(path.parent().expect("has one")).expect("created");
            fs_err::write(path, lines.concat()).expect("written");
        }
    }

    /// Takes the files as they are in the folder.
    fn read(&mut self) {
        let paths = self.listed();
        let lines = paths.into_iter().map(|path| {
            let text = fs_err::read_to_string(self.folder().join(&path)).expect("read");
            let lines = text.split_inclusive('\n').map(str::to_owned).collect();
            (path, lines)
        });
        self.files = lines.collect();
    }

    /// Files that lie there.
    fn listed(&self) -> Vec<String> {
        let listed = self.run(&["ls-files", "-z", "--cached", "--others"]);
        let mut paths: Vec<String> = listed
            .split('\0')
            .filter(|path| !path.is_empty() && self.folder().join(path).is_file())
            .map(str::to_owned)
            .collect();
        paths.dedup();
        paths
    }

    fn git(&self, arguments: &[&str], folder: &Path) -> String {
        let output = self.output(arguments, folder);
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {words}");
        String::from_utf8(output.stdout).expect("it is Unicode")
    }

    fn output(&self, arguments: &[&str], folder: &Path) -> Output {
        let mut command = Command::new("git");
        let date = format!("{} +0000", self.clock);
        for role in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{role}_NAME"), "Dev")
                .env(format!("GIT_{role}_EMAIL"), "dev@example.com")
                .env(format!("GIT_{role}_DATE"), &date);
        }
        command
            .current_dir(self.guard.path().join(folder))
            .args(["-c", "core.hooksPath=", "-c", "gc.auto=0"])
            .args(["-c", "core.fsync=none", "-c", "maintenance.auto=false"])
            .args(["-c", "protocol.file.allow=always"])
            .args(arguments)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("LC_ALL", "C");
        command.output().expect("git runs")
    }
}
