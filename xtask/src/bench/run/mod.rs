//! `cargo xtask bench run`: a headless turn of stead's agent and of its peers with the same
//! scripted model, and what commands that they run can get at.
//!
//! The model answers at once, so that what is measured is the agents' own time. Each agent
//! has a home folder of its own; those that are not installed are left out.

mod agents;
mod probes;
mod table;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use stead_testkit::model::{Answer, ScriptedModel, ScriptedTask};

use super::home;
use super::process::{Figures, Program, repeat_within};
use agents::{AGENTS, Agent};
use table::Table;

/// Measures a headless turn of stead and of its peers.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How often to measure each item, after one warm-up.
    #[arg(long, default_value_t = 11)]
    runs: usize,
    /// Seconds that one item may take with all its runs, and that one process may take.
    #[arg(long, default_value_t = 60)]
    limit: u64,
    /// This program instead of one built here.
    #[arg(long, value_name = "PROGRAM")]
    stead: Option<PathBuf>,
    /// Make homes and repositories here; not below /tmp, into which some agents let commands write.
    #[arg(long, value_name = "DIR")]
    work: Option<PathBuf>,
    /// The Codex CLI, if it is not on the PATH.
    #[arg(long, value_name = "PROGRAM")]
    codex: Option<PathBuf>,
}

/// A repository and a home for one agent.
struct Place {
    home: PathBuf,
    repository: PathBuf,
    /// For what the measurement itself writes.
    work: PathBuf,
    limit: Duration,
}

/// A task with what the model answers.
struct Item {
    name: &'static str,
    task: &'static str,
    answers: Vec<Answer>,
}

fn items() -> [Item; 2] {
    let write = "printf 'made\\n' > made.txt && cat made.txt";
    [
        Item {
            name: "a question, one request",
            task: "Why is the cart wrong?",
            answers: vec![Answer::say("The discount is not taken as percent.")],
        },
        Item {
            name: "a command that writes a file, two requests",
            task: "Write made.txt.",
            answers: vec![Answer::shell(write), Answer::say("It is made.")],
        },
    ]
}

/// Runs all items and prints what they took. An error if a turn was not done.
pub(super) fn bench(args: &Args) -> Result<()> {
    ensure!(args.runs > 0, "no runs");
    let target = crate::root().join("target");
    let stead = match &args.stead {
        Some(program) => fs_err::canonicalize(program)?,
        None => super::build(&target)?,
    };
    let work = super::work(args.work.as_ref().unwrap_or(&target))?;
    let outcome = measure(args, &stead, &work);
    fs_err::remove_dir_all(&work)?;
    write!(std::io::stdout().lock(), "{}", outcome?)?;
    Ok(())
}

fn measure(args: &Args, stead: &Path, work: &Path) -> Result<Table> {
    let mut table = Table::default();
    for agent in AGENTS {
        let program = match agent.name {
            "stead" => Some(stead.to_owned()),
            "codex" if args.codex.is_some() => args.codex.clone(),
            _ => home::installed(agent.name),
        };
        let Some(program) = program else {
            table.skipped(agent.name);
            continue;
        };
        let program = fs_err::canonicalize(program)?;
        for item in items() {
            let place = place(work, agent.name, args.limit)?;
            let (figures, first) = turns(args, agent, &program, &place, &item)
                .with_context(|| format!("{}: {}", agent.name, item.name))?;
            table.turn(item.name, agent.name, figures, first);
        }
        let place = place(work, agent.name, args.limit)?;
        for (probe, reached) in probes::all(agent, &program, &place)? {
            table.probe(probe, agent.name, reached);
        }
    }
    Ok(table)
}

/// A new repository and a new home.
fn place(work: &Path, name: &str, limit: u64) -> Result<Place> {
    let top = work.join(name);
    home::remove(&top)?;
    let place = Place {
        home: top.join("home"),
        repository: top.join("repository"),
        work: top,
        limit: Duration::from_secs(limit),
    };
    for folder in [&place.home, &place.repository] {
        fs_err::create_dir_all(folder)?;
    }
    // A repository without tests, or the time would be that of the tests.
    let task = ScriptedTask::load("shell-project", &[]);
    task.lay_out(&place.repository, &[]);
    for name in ["AGENTS.md", "tests"] {
        let path = place.repository.join(name);
        if path.is_dir() {
            fs_err::remove_dir_all(path)?;
        } else {
            fs_err::remove_file(path)?;
        }
    }
    Ok(place)
}

/// The same turn again and again; also the bytes of the first request.
fn turns(
    args: &Args,
    agent: &Agent,
    program: &Path,
    place: &Place,
    item: &Item,
) -> Result<(Figures, usize)> {
    let count = item.answers.len();
    let answers = item.answers.clone();
    let model = ScriptedModel::new(stead_testkit::model::Script::by(move |number, _| {
        answers.get(number % count).cloned().unwrap_or_default()
    }));
    let ready = agent.ready(program, place, &model)?;
    let arguments = (agent.arguments)(item.task, &model);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let made = place.repository.join("made.txt");
    let mut turns = 0;
    let figures = repeat_within(args.runs, place.limit, || {
        if made.exists() {
            fs_err::remove_file(&made)?;
        }
        turns += 1;
        ready.run(&arguments)
    })?;
    let asked = model.asked();
    ensure!(
        asked.len() == turns * count,
        "{} requests for {turns} turns",
        asked.len()
    );
    let results = asked.last().map(|asked| asked.results().join("\n"));
    let results = results.unwrap_or_default();
    ensure!(
        count == 1 || results.contains("made"),
        "the command did not run: {results}"
    );
    let first = asked.first().map_or(0, |asked| asked.body.len());
    Ok((figures, first))
}

impl Agent {
    /// The program as it is started in a place.
    fn ready(&self, program: &Path, place: &Place, model: &ScriptedModel) -> Result<Program> {
        (self.set_up)(place, model)?;
        let mut ready = Program::on(&place.home, program, &place.work, place.limit);
        ready.within(&place.repository);
        ready.set("SCRIPTED_KEY", "none");
        ready.set("STEAD_DATA_DIR", place.home.join("stead"));
        Ok(ready)
    }
}
