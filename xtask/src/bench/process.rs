//! One process, from start to end, with what it used.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use wait4::Wait4;

use super::Bench;

/// A program and the environment that it runs in.
#[derive(Debug)]
pub(super) struct Program {
    path: PathBuf,
    environment: Vec<(String, PathBuf)>,
    /// Where its output goes.
    work: PathBuf,
    /// Where it is started.
    folder: PathBuf,
    limit: Duration,
}

/// What a process took and wrote.
#[derive(Debug)]
pub(super) struct Run {
    wall: Duration,
    /// In user and system, of it and of its children.
    cpu: Duration,
    /// Peak resident memory, in bytes.
    memory: u64,
    pub(super) output: Vec<u8>,
}

/// What several runs took.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures {
    /// From the shortest to the longest.
    pub(super) walls: Vec<Duration>,
    /// The median.
    pub(super) cpu: Duration,
    /// The most, in bytes.
    pub(super) memory: u64,
}

impl Program {
    /// A program on the copied home, with nothing of our own environment but
    /// the PATH.
    pub(super) fn new(bench: &Bench, path: &Path) -> Self {
        Self::on(&bench.home.path, path, &bench.work, bench.limit)
    }

    /// The same on any home; `work` is for what it writes.
    pub(super) fn on(home: &Path, path: &Path, work: &Path, limit: Duration) -> Self {
        let mut program = Self {
            path: path.to_owned(),
            environment: Vec::new(),
            work: work.to_owned(),
            folder: work.to_owned(),
            limit,
        };
        program.set("HOME", home);
        program.set("XDG_CONFIG_HOME", work.join("config"));
        program.set("TZ", "UTC");
        program.set("LANG", "C.UTF-8");
        program
    }

    /// Starts it in this folder from now on.
    pub(super) fn within(&mut self, folder: &Path) {
        folder.clone_into(&mut self.folder);
    }

    pub(super) fn set(&mut self, name: &str, value: impl Into<PathBuf>) {
        self.environment.push((name.to_owned(), value.into()));
    }

    /// Runs it to its end. Its output goes to a file, as a pipe would make it
    /// wait for us.
    pub(super) fn run(&self, args: &[&str]) -> Result<Run> {
        let paths = ["out", "err"].map(|name| self.work.join(name));
        let mut command = Command::new(&self.path);
        command
            .args(args)
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| name == "PATH"))
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(fs_err::File::create(&paths[0])?.into_parts().0)
            .stderr(fs_err::File::create(&paths[1])?.into_parts().0);
        let started = Instant::now();
        let child = command.spawn()?;
        let id = child.id().to_string();
        let (done, waiting) = channel::<()>();
        let (ended, wall) = std::thread::scope(|scope| {
            scope.spawn(move || {
                if waiting.recv_timeout(self.limit) == Err(RecvTimeoutError::Timeout) {
                    // It shows as ended by a signal.
                    drop(Command::new("kill").args(["-9", &id]).status());
                }
            });
            let ended = child.wait4();
            let wall = started.elapsed();
            drop(done);
            (ended, wall)
        });
        let ended = ended?;
        let output = fs_err::read(&paths[0])?;
        let name = self.path.file_name().unwrap_or_default().display();
        if ended.status.code().is_none() && wall >= self.limit {
            bail!(
                "{name} {}: more than {} s",
                args.join(" "),
                self.limit.as_secs()
            );
        }
        // Searches that find nothing may say so with their code.
        if ended.status.code().is_none_or(|code| code > 1) {
            let said = fs_err::read(&paths[1])?;
            let said = String::from_utf8_lossy(&said);
            let said = said.lines().last().unwrap_or_default();
            bail!("{name} {}: {}: {said}", args.join(" "), ended.status);
        }
        Ok(Run {
            wall,
            cpu: ended.rusage.utime + ended.rusage.stime,
            memory: ended.rusage.maxrss,
            output,
        })
    }
}

/// Runs something once to warm up and then as often as there is time for, but
/// at least once.
pub(super) fn repeat(bench: &Bench, once: impl FnMut() -> Result<Run>) -> Result<Figures> {
    repeat_within(bench.runs, bench.limit, once)
}

/// The same, at most so many times and for about so long.
pub(super) fn repeat_within(
    most: usize,
    limit: Duration,
    mut once: impl FnMut() -> Result<Run>,
) -> Result<Figures> {
    let started = Instant::now();
    once()?;
    let mut runs = Vec::new();
    while runs.is_empty() || (runs.len() < most && started.elapsed() < limit) {
        let run = once()?;
        // Our own memory would show as that of the processes to come.
        let output = Vec::new();
        runs.push(Run { output, ..run });
    }
    Figures::of(&runs).context("no runs")
}

impl Figures {
    fn of(runs: &[Run]) -> Option<Self> {
        let sorted = |part: fn(&Run) -> Duration| {
            let mut all: Vec<Duration> = runs.iter().map(part).collect();
            all.sort_unstable();
            all
        };
        let cpus = sorted(|run| run.cpu);
        Some(Self {
            cpu: *cpus.get(cpus.len() / 2)?,
            walls: sorted(|run| run.wall),
            memory: runs.iter().map(|run| run.memory).max()?,
        })
    }

    pub(super) fn median(&self) -> Duration {
        let middle = self.walls.get(self.walls.len() / 2);
        middle.copied().unwrap_or_default()
    }
}
