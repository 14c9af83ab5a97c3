//! A process that works as an agent does, for tests: `work TREE CHANGES WISH SCRIPT` prepares a place
//! and runs a shell script there, `time TREE CHANGES` says how long the first takes, `stage` is what
//! the sandbox starts.

use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use stead_agent::place::{Ask, Place, Versions, Wish};
use stead_sandbox::Child;
use stead_usf::Time;

/// Any time.
const NOW: &str = "2026-11-21T12:00:00Z";

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args_os()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let told = match words.as_slice() {
        [_, "stage", _] => {
            let stage = arguments.pop().unwrap_or_default();
            return ExitCode::from(stead_sandbox::child_main(stage.as_ref()));
        }
        [program, "work", tree, changes, wish, script] => {
            work(program, tree.as_ref(), changes.as_ref(), wish, script)
        }
        [program, "time", tree, changes] => time(program, tree.as_ref(), changes.as_ref()),
        _ => return ExitCode::from(2),
    };
    let (text, code) = match told {
        Ok(text) => (text, ExitCode::SUCCESS),
        Err(error) => (format!("{error}\n"), ExitCode::FAILURE),
    };
    let written = std::io::stdout().write_all(text.as_bytes());
    written.map_or(ExitCode::FAILURE, |()| code)
}

fn prepare(
    program: &str,
    tree: &Path,
    changes: &Path,
    wish: Wish,
) -> Result<Place, Box<dyn std::error::Error>> {
    let child = Child {
        program: PathBuf::from(program),
        arguments: vec!["stage".into()],
    };
    Ok(Place::prepare(&Ask {
        tree,
        changes,
        wish,
        head: None,
        now: Time::parse(NOW)?,
        child: Some(&child),
        confined: true,
    })?)
}

/// Gives how it worked, why so, and what the script printed.
fn work(
    program: &str,
    tree: &Path,
    changes: &Path,
    wish: &str,
    script: &str,
) -> Result<String, Box<dyn std::error::Error>> {
    let wish = match wish {
        "copy" => Wish::Copy,
        "in-place" => Wish::InPlace,
        _ => Wish::Apart,
    };
    let mut place = prepare(program, tree, changes, wish)?;
    let ran = Command::new("sh")
        .arg("-c")
        .arg(script)
        .current_dir(place.root())
        .output()?;
    let (how, why) = (place.how(), place.why().unwrap_or_default());
    let mut text = format!("{how}\n{why}\n");
    text += &String::from_utf8_lossy(&ran.stdout);
    if script.ends_with("# and apply") {
        let versions = Held(changes.with_file_name("held"));
        let changes = place.changes(&versions)?;
        let applied = place
            .kept()
            .apply(&changes, &versions, false, Time::parse(NOW)?)?;
        writeln!(text, "applied {}", applied.files.len())?;
        let again = place.changes(&versions)?;
        writeln!(text, "left {}", again.list.len())?;
    }
    Ok(text)
}

fn time(program: &str, tree: &Path, changes: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let began = Instant::now();
    let place = prepare(program, tree, changes, Wish::Apart)?;
    let took = began.elapsed().as_secs_f64() * 1e3;
    Ok(format!("{}: {took:.2} ms\n", place.how()))
}

/// A commit that holds what lies in a folder, if that is there.
struct Held(PathBuf);

impl Versions for Held {
    fn kept_though_ignored(&self) -> Result<Vec<PathBuf>, String> {
        Ok(Vec::new())
    }

    fn checked_out(&self) -> Option<String> {
        self.0.is_dir().then(|| "HEAD".to_owned())
    }

    fn uncommitted(&self, _: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
        Ok(Vec::new())
    }

    fn held(&self, _: &str, path: &Path) -> Option<Vec<u8>> {
        std::fs::read(self.0.join(path)).ok()
    }

    fn merge(&self, _: &[u8], _: &[u8], _: &[u8]) -> Option<Vec<u8>> {
        None
    }
}
