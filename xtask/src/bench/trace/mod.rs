//! `cargo xtask bench trace`: what tracing costs, against `git blame` of the same
//! file in the same run, on a repository and sessions that are made for it.

mod made;
mod sessions;
mod table;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::home::{self, Home};
use super::process::{Program, Run, repeat_within};
use made::{Made, Size};
use table::{Against, Table};

/// Measures `stead blame` and `stead report` against `git blame`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How often to measure each item, after one warm-up.
    #[arg(long, default_value_t = 7)]
    runs: usize,
    /// Seconds that one item may take with all its runs, and that one process may take.
    #[arg(long, default_value_t = 120)]
    limit: u64,
    /// Make everything so many times smaller, to try it out.
    #[arg(long, default_value_t = 1)]
    divide: usize,
    /// This program instead of one built here.
    #[arg(long, value_name = "PROGRAM")]
    stead: Option<PathBuf>,
}

/// The file that is blamed: all its lines are in one file with a long history.
const LARGE: Size = Size {
    lines: 11_000,
    files: 200,
    commits: 5_000,
    sessions: 1_000,
    edits: 3_000,
};

/// The repository that is reported on: many files.
const WIDE: Size = Size {
    lines: 400,
    files: 2_000,
    commits: 1_500,
    sessions: 300,
    edits: 900,
};

/// What is measured with.
struct Bench<'a> {
    args: &'a Args,
    stead: PathBuf,
    work: PathBuf,
    table: Table,
}

/// Runs all items and prints what they took. An error if an answer was wrong.
pub(super) fn bench(args: &Args) -> Result<()> {
    ensure!(args.runs > 0 && args.divide > 0, "no runs");
    let target = crate::root().join("target");
    let program = match &args.stead {
        Some(program) => fs_err::canonicalize(program)?,
        None => super::build(&target)?,
    };
    let work = super::work(&target)?;
    let stead = work.join("stead");
    fs_err::copy(program, &stead)?;
    let mut bench = Bench {
        args,
        stead,
        work: work.clone(),
        table: Table::default(),
    };
    let outcome = bench.blame().and_then(|()| bench.report());
    fs_err::remove_dir_all(&work)?;
    outcome?;
    write!(std::io::stdout().lock(), "{}", bench.table)?;
    Ok(())
}

impl Bench<'_> {
    /// A program in a repository, with a folder for its data.
    fn program(&self, made: &Made, path: &Path, data: &Path) -> Program {
        let limit = Duration::from_secs(self.args.limit);
        let mut program = Program::on(&made.home, path, &self.work, limit);
        program.set("STEAD_DATA_DIR", data);
        program.within(&made.repository);
        program
    }

    /// Measures an item.
    fn time(
        &mut self,
        item: &str,
        against: Against,
        once: impl FnMut() -> Result<Run>,
    ) -> Result<()> {
        let limit = Duration::from_secs(self.args.limit);
        let figures = repeat_within(self.args.runs, limit, once)?;
        self.table.add(item, figures, against);
        Ok(())
    }

    fn made(&mut self, name: &str, size: &Size) -> Result<Made> {
        let made = Made::new(&self.work.join(name), &size.divided(self.args.divide))?;
        self.table.say(format!("{name}: {}", made.size));
        Ok(made)
    }

    fn blame(&mut self) -> Result<()> {
        let made = self.made("large", &LARGE)?;
        let data = self.work.join("data-large");
        let git = self.program(&made, Path::new("git"), &data);
        let stead = self.program(&made, &self.stead, &data);
        let blame = ["blame", "--porcelain", made::LARGE_FILE];
        let moved = ["blame", "--porcelain", "-w", "-M", "-C", made::LARGE_FILE];
        self.time("git blame", Against::Nothing, || git.run(&blame))?;
        self.time("git blame -w -M -C", Against::Nothing, || git.run(&moved))?;
        self.time("stead blame, no data folder", Against::Git(None), || {
            home::remove(&data)?;
            stead.run(&blame)
        })?;
        let synced = synced(&stead, &data)?;
        let item = "stead blame, sessions indexed, traced for the first time";
        self.time(item, Against::Git(Some(5.0)), || {
            restore(&synced, &data)?;
            stead.run(&blame)
        })?;
        let path = made.repository.join(made::LARGE_FILE);
        let item = "stead blame, traced before, the file touched";
        self.time(item, Against::Git(None), || {
            made::touch(&path)?;
            stead.run(&blame)
        })?;
        check_agents(&stead.run(&blame)?)?;
        let item = "stead blame, nothing changed";
        self.time(item, Against::Git(Some(1.5)), || stead.run(&blame))
    }

    fn report(&mut self) -> Result<()> {
        let made = self.made("wide", &WIDE)?;
        let data = self.work.join("data-wide");
        let stead = self.program(&made, &self.stead, &data);
        let report = ["report", "--json"];
        let minute = Against::Seconds(Some(60.0));
        self.time("stead report, no data folder", minute, || {
            home::remove(&data)?;
            stead.run(&report)
        })?;
        let synced = synced(&stead, &data)?;
        let item = "stead report, sessions indexed, traced for the first time";
        self.time(item, minute, || {
            restore(&synced, &data)?;
            stead.run(&report)
        })?;
        let item = "stead report, nothing changed";
        self.time(item, Against::Seconds(Some(2.0)), || stead.run(&report))?;
        let mut number = 0;
        let item = "stead report, after one more commit";
        self.time(item, Against::Seconds(None), || {
            number += 1;
            made.commit_once_more(number)?;
            stead.run(&report)
        })
    }
}

/// A copy of the data folder in which all sessions are indexed and nothing was
/// traced.
fn synced(stead: &Program, data: &Path) -> Result<PathBuf> {
    home::remove(data)?;
    stead.run(&["sync"])?;
    let synced = data.with_extension("synced");
    Home::copy(data, &synced)?;
    Ok(synced)
}

/// Makes the data folder what it was. Not part of the time.
fn restore(synced: &Path, data: &Path) -> Result<()> {
    home::remove(data)?;
    Home::copy(synced, data).map(drop)
}

/// A fast answer that finds no agent is none: sessions wrote most of what was
/// changed.
fn check_agents(run: &Run) -> Result<()> {
    let text = String::from_utf8_lossy(&run.output);
    let told = text
        .lines()
        .filter(|line| line.starts_with("stead-origin agent"));
    let told = told.count();
    (told > 0)
        .then_some(())
        .context("stead blame found no line of an agent")
}
