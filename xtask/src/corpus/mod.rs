//! `cargo xtask corpus`: a home directory as of somebody who has used coding
//! agents for a year, made up from a seed.

mod boiler;
mod claude;
mod claude_open;
mod claude_tools;
mod codex;
mod codex_open;
mod codex_tools;
mod grammar;
pub(crate) mod json;
mod opencode;
mod opencode_store;
mod opencode_tools;
mod plan;
mod project;
pub(crate) mod rng;
mod run;
mod script;
mod sink;
mod step;
mod talk;
mod truth;
mod words;

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use plan::Agent;

/// Writes a home directory with made-up sessions, the same for the same options.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to write: DIR/home and DIR/TRUTH.json. Must not exist, or be empty.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// About how many bytes: a number, with MB or GB.
    #[arg(long, default_value = "157MB", value_parser = size)]
    size: u64,
    /// How many sessions, subagents and forks included [default: 1600 at 157MB]
    #[arg(long)]
    sessions: Option<usize>,
    /// What the corpus is made up from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// For which agents.
    #[arg(long, value_delimiter = ',', value_enum, default_values = ["claude-code", "codex", "opencode"])]
    agents: Vec<Agent>,
}

fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        other => return Err(format!("unknown unit {other:?}: use MB or GB")),
    };
    let number: u64 = digits
        .parse()
        .map_err(|_| format!("not a number: {digits:?}"))?;
    Ok(number * unit)
}

/// Writes the corpus and says what is in it.
pub(crate) fn corpus(args: &Args) -> Result<()> {
    let home = args.out.join("home");
    if home.exists() {
        bail!("{} exists", home.display());
    }
    fs_err::create_dir_all(&home)?;
    // Somebody with ten times the bytes has more sessions, and longer ones.
    let sessions = args.sessions.unwrap_or_else(|| {
        let scale = args.size as f64 / 157e6;
        (1_600.0 * scale.powf(0.75)) as usize
    });
    if sessions == 0 || args.agents.is_empty() {
        bail!("nothing to write");
    }
    let started = std::time::Instant::now();
    let truth = run::run(&home, args.seed, args.size, sessions, &args.agents)?;
    truth.write(&args.out.join("TRUTH.json"))?;
    let mut out = std::io::stdout().lock();
    truth.summary(&mut out).context("summary")?;
    let seconds = started.elapsed().as_secs_f64();
    let megabytes = truth.bytes() as f64 / 1e6;
    writeln!(out, "{seconds:.1} s, {:.0} MB/s", megabytes / seconds)?;
    Ok(())
}
