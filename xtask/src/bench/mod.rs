//! `cargo xtask bench`: how long stead takes, as whole processes on a home
//! made by `cargo xtask corpus`, and how long its peers take on the same home.
//!
//! Everything runs on a private copy of the home, so that neither a peer nor
//! the appended lines touch the original. The answers are checked too: a fast
//! search that finds nothing is no search.

mod checks;
mod home;
mod peers;
mod process;
#[cfg(feature = "crates")]
mod run;
mod stead;
mod table;
mod trace;
mod truth;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail, ensure};

use home::Home;
use table::Table;
use truth::Truth;

/// Measures stead, and its peers beside it, on a made-up home.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// A home that `cargo xtask corpus` wrote, with TRUTH.json beside it.
    #[arg(long, value_name = "DIR")]
    home: Option<PathBuf>,
    /// How large a home to make, if none is given: 157MB, 1GB, 10GB. It is kept for the next time.
    #[arg(long, default_value = "157MB", conflicts_with = "home")]
    size: String,
    /// How often to measure each item, after one warm-up.
    #[arg(long, default_value_t = 11)]
    runs: usize,
    /// Seconds that one item may take with all its runs, and that one process may take.
    #[arg(long, default_value_t = 60)]
    limit: u64,
    /// Measure the peers too that are on the PATH: fr, agentsview, sessionwiki, ccusage.
    #[arg(long)]
    peers: bool,
    /// This program instead of one built here.
    #[arg(long, value_name = "PROGRAM")]
    stead: Option<PathBuf>,
    /// Write JSON instead of tables.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    #[cfg(feature = "crates")]
    Run(run::Args),
    Trace(trace::Args),
}

/// What all items share.
#[derive(Debug)]
struct Bench {
    /// The copy of the home.
    home: Home,
    truth: Truth,
    /// For data, configuration and output; removed at the end.
    work: PathBuf,
    runs: usize,
    limit: Duration,
}

/// Runs all items and prints what they took. An error if an answer was wrong.
pub(crate) fn bench(args: &Args) -> Result<()> {
    match &args.what {
        #[cfg(feature = "crates")]
        Some(What::Run(args)) => return run::bench(args),
        Some(What::Trace(args)) => return trace::bench(args),
        None => {}
    }
    let target = crate::root().join("target");
    let original = match &args.home {
        Some(home) => home.clone(),
        None => home::made(&target.join("bench"), &args.size)?,
    };
    let program = match &args.stead {
        Some(program) => fs_err::canonicalize(program)?,
        None => build(&target)?,
    };
    let work = work(&target)?;
    let outcome = run(args, &original, &program, &work);
    fs_err::remove_dir_all(&work)?;
    let table = outcome?;
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{:#}", table.json())?;
    } else {
        write!(out, "{table}")?;
    }
    let wrong = table.wrong();
    ensure!(wrong == 0, "{wrong} answers were wrong");
    Ok(())
}

fn run(args: &Args, original: &Path, program: &Path, work: &Path) -> Result<Table> {
    ensure!(args.runs > 0, "no runs");
    let truth = Truth::read(original)?;
    // A copy, so that another build does not change it half way.
    let stead = work.join("stead");
    fs_err::copy(program, &stead)?;
    let bench = Bench {
        home: Home::copy(original, &work.join("home"))?,
        truth,
        work: work.to_owned(),
        runs: args.runs,
        limit: Duration::from_secs(args.limit),
    };
    let mut table = Table::new(&bench.truth);
    stead::measure(&bench, &stead, &mut table)?;
    if args.peers {
        peers::measure(&bench, &mut table)?;
        table.group();
    }
    Ok(table)
}

/// An empty folder for one run.
fn work(target: &Path) -> Result<PathBuf> {
    let work = target.join(format!("bench/run-{}", std::process::id()));
    home::remove(&work)?;
    fs_err::create_dir_all(&work)?;
    Ok(work)
}

/// Builds the program as people get it.
fn build(target: &Path) -> Result<PathBuf> {
    let built = Command::new("cargo")
        .args(["build", "--quiet", "--release", "--package", "stead"])
        .current_dir(crate::root())
        .status()?;
    if !built.success() {
        bail!("stead does not build");
    }
    let name = format!("release/stead{}", std::env::consts::EXE_SUFFIX);
    Ok(target.join(name))
}
