//! `cargo xtask fuzz`: the fuzz targets on a stable compiler.
//!
//! It changes seeds at random, without coverage feedback, so it finds shallow
//! bugs fast and deep ones not at all; `cargo +nightly fuzz run TARGET` goes
//! further. The same seed number gives the same inputs on every machine.

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use targets::{TARGETS, Target};

#[path = "../../fuzz/src/targets.rs"]
#[expect(
    unreachable_pub,
    reason = "it is public in the library that libFuzzer builds"
)]
mod targets;

/// A longer input is slow for what it finds.
const LONGEST: usize = 64 << 10;
/// An input that takes longer hangs, for all that a user can tell.
const HANG: Duration = Duration::from_secs(20);

/// Changes seeds at random and runs the fuzz targets on them.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only this target.
    target: Option<String>,
    /// How long to run each target.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Another number gives other inputs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs the targets and keeps the first input that breaks one.
pub(crate) fn fuzz(args: &Args) -> Result<()> {
    use std::io::Write;
    let chosen: Vec<&Target> = TARGETS
        .iter()
        .filter(|(name, _)| args.target.as_deref().is_none_or(|wanted| wanted == *name))
        .collect();
    if chosen.is_empty() {
        let names: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
        bail!("no such target; there are {}", names.join(", "));
    }
    for (name, body) in chosen {
        let until = Instant::now() + Duration::from_secs(args.seconds);
        let mut runs = 0_u64;
        run(name, *body, args.seed, &mut || {
            runs += 1;
            Instant::now() < until
        })?;
        writeln!(std::io::stdout(), "{name}: {runs} inputs, nothing found")?;
    }
    Ok(())
}

/// Runs a target on its seeds and on what becomes of them while `more` says so.
fn run(name: &str, body: fn(&[u8]), seed: u64, more: &mut dyn FnMut() -> bool) -> Result<()> {
    let seeds = seeds(name)?;
    for seed in &seeds {
        attempt(name, body, seed)?;
    }
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    while more() {
        attempt(name, body, &random.change(&seeds))?;
    }
    Ok(())
}

/// Runs a target once. Of an input that breaks it, the file is named.
fn attempt(name: &str, body: fn(&[u8]), input: &[u8]) -> Result<()> {
    let started = Instant::now();
    let outcome = catch_unwind(|| body(input));
    let what = match outcome {
        Err(_) => "panics",
        Ok(()) if started.elapsed() > HANG => "takes too long",
        Ok(()) => return Ok(()),
    };
    let folder = crate::root().join("fuzz/artifacts").join(name);
    fs_err::create_dir_all(&folder)?;
    let file = folder.join(format!("{:016x}", fingerprint(input)));
    fs_err::write(&file, input)?;
    bail!("{name} {what} on {}", file.display());
}

fn fingerprint(input: &[u8]) -> u64 {
    input.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The committed seeds of a target; for adapters, their fixtures as well.
fn seeds(name: &str) -> Result<Vec<Vec<u8>>> {
    let mut seeds = vec![Vec::new()];
    for file in files(&crate::root().join("fuzz/seeds").join(name))? {
        seeds.push(fs_err::read(file)?);
    }
    if name == "adapter" {
        for (place, adapter) in stead_adapters::adapters().iter().enumerate() {
            let info = adapter.info();
            let folder = info.id.as_str().replace('-', "_");
            let agents = crate::root().join("crates/stead-adapters/src/agents");
            for file in files(&agents.join(folder).join("testdata"))? {
                let lines = file
                    .extension()
                    .is_some_and(|extension| extension == "jsonl");
                let container = info.containers.iter().position(|container| {
                    lines == (*container == stead_adapters::Container::JsonLines)
                });
                let content = fs_err::read(&file)?;
                if let Some(container) = container.filter(|_| content.len() < LONGEST) {
                    seeds.push([&[place as u8, container as u8], &content[..]].concat());
                }
            }
        }
    }
    Ok(seeds)
}

/// The files below a folder, in order; none if there is no such folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if folder.is_dir() {
        for entry in fs_err::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                found.extend(files(&path)?);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Pieces that mean something to one reader or another.
const PIECES: &[&[u8]] = &[
    b"{\"",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b",",
    b":",
    b"\n",
    b"\r",
    b"\0",
    b"null",
    b"true",
    b"-1",
    b"18446744073709551615",
    b"1e999",
    b"\\ud800",
    b"\\u0000",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xc3\xa9",
    b"\x1b[",
    b"\x1b]",
    b"\x07",
    b"\xe2\x80\xae",
    b" OR ",
    b" NOT ",
    b"-",
    b"(",
    b")",
    b"since:",
    b"file:",
    b"token=",
    b"://a:b@",
    b"sk-ant-api03-",
    b"{}",
    b"[]",
    b"\"\"",
    b"0000-00-00T00:00:00Z",
];

/// A small generator of pseudo-random numbers (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        (number % bound.max(1) as u64) as usize
    }

    /// A seed with a few changes.
    fn change(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut input = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(6) {
            self.change_once(&mut input, seeds);
        }
        input.truncate(LONGEST);
        input
    }

    fn change_once(&mut self, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let place = self.below(input.len() + 1);
        let end = (place + 1 + self.below(64)).min(input.len());
        match self.below(8) {
            0 | 1 if place < input.len() => input[place] ^= 1 << self.below(8),
            2 if place < input.len() => input[place] = self.below(256) as u8,
            3 => drop(input.drain(place.min(end)..end)),
            4 => {
                let copy = input[place.min(end)..end].to_vec();
                let to = self.below(input.len() + 1);
                drop(input.splice(to..to, copy));
            }
            5 => input.truncate(place),
            6 => {
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len() + 1);
                let to = (from + self.below(256)).min(other.len());
                drop(input.splice(place..end.max(place), other[from..to].iter().copied()));
            }
            _ => {
                let piece = PIECES[self.below(PIECES.len())];
                drop(input.splice(place..place, piece.iter().copied()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::targets::TARGETS;
    use super::{Random, run, seeds};

    fn some(name: &str, count: usize) {
        let (_, body) = TARGETS.iter().find(|(target, _)| *target == name).unwrap();
        let mut left = count;
        let mut more = || {
            left = left.saturating_sub(1);
            left > 0
        };
        run(name, *body, 1, &mut more).unwrap();
    }

    #[test]
    fn jsonl() {
        some("jsonl", 500);
    }

    #[test]
    fn json_object() {
        some("json_object", 2000);
    }

    #[test]
    fn usf() {
        some("usf", 1000);
    }

    #[test]
    fn query() {
        some("query", 2000);
    }

    #[test]
    fn terminal() {
        some("terminal", 2000);
    }

    #[test]
    fn redact() {
        some("redact", 500);
    }

    #[test]
    fn adapter() {
        some("adapter", 300);
    }

    #[test]
    fn every_target_has_a_binary_and_seeds() {
        let manifest = include_str!("../../fuzz/Cargo.toml");
        assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
        for (name, _) in TARGETS {
            assert!(
                manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")),
                "{name}"
            );
            let file = crate::root().join(format!("fuzz/fuzz_targets/{name}.rs"));
            let text = std::fs::read_to_string(file).unwrap();
            assert!(text.contains(&format!("targets::{name}(")), "{name}");
            assert!(seeds(name).unwrap().len() > 1, "{name} has no seed");
        }
    }

    #[test]
    fn the_same_number_gives_the_same_inputs() {
        let seeds = [b"{\"a\":1}".to_vec(), Vec::new()];
        let inputs = |number| {
            let mut random = Random(number);
            (0..100).map(|_| random.change(&seeds)).collect::<Vec<_>>()
        };
        assert_eq!(inputs(3), inputs(3));
        assert_ne!(inputs(3), inputs(5));
    }

    #[test]
    fn a_panic_is_reported_with_its_input() {
        let breaks: fn(&[u8]) = |input| assert!(input.is_empty(), "as meant");
        let error = run("redact", breaks, 1, &mut || true)
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("redact panics on "), "{error}");
        std::fs::remove_file(error.trim_start_matches("redact panics on ")).unwrap();
    }
}
