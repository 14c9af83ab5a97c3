//! `stead blame`

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use stead_trace::{Origin, TracedLine, Tracer};

use super::{Bar, open};
use crate::cli::{BlameArgs, GlobalArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;

pub(crate) fn run(
    args: &BlameArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let (app, _) = open(context)?;
    let (folder, _) = folder_of(&args.file)?;
    let bar = Bar::new();
    let mut tracer = app.tracer(&folder, &|progress| bar.show(progress))?;
    bar.done();
    let path = path_in(&tracer, &args.file)?;
    let lines = tracer
        .file(&path, args.at.as_deref())
        .map_err(stead_app::AppError::from)?;
    let mut out = Output::paged(context);
    if global.json {
        let lines: Vec<Line<'_>> = lines.iter().map(|line| Line::of(line, &tracer)).collect();
        serde_json::to_writer_pretty(&mut out, &lines).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        for line in &lines {
            let view = Line::of(line, &tracer);
            writeln!(
                out,
                "{:>8.8} {:<12.12} {:<20.20} {:>5}) {}",
                view.commit.unwrap_or("-"),
                view.agent.unwrap_or(view.origin),
                view.session.unwrap_or(""),
                line.number,
                line.text
            )?;
        }
    }
    out.finish()?;
    Ok(Exit::Ok)
}

/// The folder of a file and its name; the file itself may be gone.
fn folder_of(file: &Path) -> Result<(PathBuf, PathBuf), CommandError> {
    let whole = std::env::current_dir()?.join(file);
    let folder = whole.parent().unwrap_or(&whole);
    let mut existing = folder;
    while !existing.is_dir() {
        existing = existing.parent().unwrap_or(Path::new("/"));
    }
    Ok((existing.to_owned(), whole))
}

/// The path from the top of the repository.
fn path_in(tracer: &Tracer, file: &Path) -> Result<String, CommandError> {
    let (folder, whole) = folder_of(file)?;
    let real = folder
        .canonicalize()?
        .join(whole.strip_prefix(&folder).unwrap_or(&whole));
    let root = tracer.root().canonicalize()?;
    let inner = real.strip_prefix(&root).unwrap_or(file);
    Ok(inner.to_string_lossy().replace('\\', "/"))
}

/// A line as `--json` writes it.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "line")]
    number: usize,
    text: &'a str,
    origin: &'static str,
    session: Option<&'a str>,
    agent: Option<&'a str>,
    model: Option<&'a str>,
    license: Option<&'a str>,
    event: Option<&'a str>,
    confidence: f32,
    commit: Option<&'a str>,
    evidence: &'a [String],
}

impl<'a> Line<'a> {
    fn of(line: &'a TracedLine, tracer: &'a Tracer) -> Self {
        let finding = &line.finding;
        let evidence = tracer.evidence();
        let step = finding.step().map(|step| &evidence.steps[step as usize]);
        let session = step.map(|step| &evidence.sessions[step.session as usize]);
        let origin = match &finding.origin {
            Origin::Agent { .. } | Origin::Marked { .. } => "agent",
            Origin::Human => "human",
            Origin::Mixed { .. } => "mixed",
            Origin::Unknown => "unknown",
        };
        let (marked, model) = match &finding.origin {
            Origin::Marked { agent, model, .. } => (Some(agent.as_str()), model.as_deref()),
            _ => (None, None),
        };
        Self {
            number: line.number,
            text: &line.text,
            origin,
            session: session.map(|session| session.id.as_str()),
            agent: session.map(|session| session.agent.as_str()).or(marked),
            model: step
                .and_then(|step| Some(step.model.as_ref()?.id.as_str()))
                .or(model),
            license: None,
            event: step.map(|step| step.event.as_str()),
            confidence: finding.confidence,
            commit: line.commit.as_deref(),
            evidence: &finding.evidence,
        }
    }
}
