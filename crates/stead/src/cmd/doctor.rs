//! `stead doctor`

use std::io::Write;

use anstyle::{AnsiColor, Style};
use stead_app::{AgentReport, DoctorReport};
use stead_usf::Severity;

use super::{open_thoroughly, styled};
use crate::cli::GlobalArgs;
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;
use crate::text::{bytes, count, counted, one_line, path};

pub(crate) fn run(global: &GlobalArgs, context: &Context) -> Result<Exit, CommandError> {
    let (app, update) = open_thoroughly(context)?;
    let mut report = app.doctor(&update.report)?;
    report
        .failed
        .extend(update.stale.iter().map(ToString::to_string));
    let unreadable = report
        .agents
        .iter()
        .flat_map(|agent| &agent.issues)
        .any(|i| i.code == "unreadable");
    let exit = if report.failed.is_empty() && !unreadable {
        Exit::Ok
    } else {
        Exit::Partial
    };
    if global.json {
        let mut out = Output::plain();
        serde_json::to_writer_pretty(&mut out, &report).map_err(std::io::Error::from)?;
        writeln!(out)?;
        out.finish()?;
        return Ok(exit);
    }
    let mut out = Output::paged(context);
    for agent in &report.agents {
        write_agent(agent, context, &mut out)?;
    }
    write_own(&report, context, &mut out)?;
    out.finish()?;
    Ok(exit)
}

fn write_agent(agent: &AgentReport, context: &Context, out: &mut Output) -> std::io::Result<()> {
    let paint = |style: Style| styled(style, context.colour);
    let (bold, dim) = (paint(Style::new().bold()), paint(Style::new().dimmed()));
    let found = agent.sessions > 0 || agent.stores.iter().any(|store| store.exists);
    let (sign, green) = if found {
        ("✓", paint(AnsiColor::Green.on_default()))
    } else {
        ("·", dim)
    };
    write!(out, "{green}{sign}{green:#} {bold}{}{bold:#}", agent.name)?;
    if found {
        let size = bytes(agent.bytes);
        write!(
            out,
            "  {} in {}, {size}",
            counted(agent.sessions as u64, "session"),
            counted(agent.units as u64, "file")
        )?;
        if agent.archived > 0 {
            write!(out, ", {} of them archived", agent.archived)?;
        }
    } else {
        write!(out, "  {dim}not found{dim:#}")?;
    }
    writeln!(out)?;
    for store in &agent.stores {
        let place = one_line(&path(
            &store.path.to_string_lossy(),
            context.home.as_deref(),
        ));
        let state = if store.exists { "" } else { "  (not there)" };
        writeln!(out, "    {dim}{place}{state}{dim:#}")?;
    }
    if !agent.versions.is_empty() {
        let versions: Vec<_> = agent
            .versions
            .iter()
            .map(|(version, n)| format!("{} ({n})", one_line(version)))
            .collect();
        writeln!(out, "    versions {}", versions.join(", "))?;
    }
    if agent.records > 0 {
        let ignored: u64 = agent.ignored.values().sum();
        let kinds = agent.ignored.len();
        writeln!(
            out,
            "    {} records read; {} left out by {} (--json names them)",
            count(agent.records),
            count(ignored),
            counted(kinds as u64, "rule")
        )?;
    }
    for group in &agent.issues {
        let style = match group.example.severity {
            Severity::Info => dim,
            Severity::Warning => paint(AnsiColor::Yellow.on_default()),
            Severity::Error => paint(AnsiColor::Red.on_default()),
        };
        writeln!(
            out,
            "    {style}{} × {}{style:#}: {}",
            group.count,
            group.code,
            one_line(&group.example.message)
        )?;
        if let Some(source) = &group.example.source {
            let line = source
                .line
                .map_or_else(String::new, |line| format!(":{line}"));
            let file = one_line(&path(&source.file, context.home.as_deref()));
            writeln!(out, "        {dim}for example {file}{line}{dim:#}")?;
        }
    }
    writeln!(out)
}

fn write_own(report: &DoctorReport, context: &Context, out: &mut Output) -> std::io::Result<()> {
    let place = |folder: &std::path::Path| path(&folder.to_string_lossy(), context.home.as_deref());
    writeln!(
        out,
        "index    {}  {}",
        place(&report.index_dir),
        bytes(report.index_bytes)
    )?;
    let archive = place(&report.archive_dir);
    if report.archive_enabled {
        let (packed, raw) = (bytes(report.archive_bytes), bytes(report.archive_raw_bytes));
        writeln!(out, "archive  {archive}  {packed} for {raw} of records")?;
    } else {
        writeln!(out, "archive  off")?;
    }
    for failed in &report.failed {
        writeln!(out, "problem  {}", one_line(failed))?;
    }
    Ok(())
}
