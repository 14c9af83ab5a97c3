//! `stead report`

use std::io::{IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use stead_app::App;
use stead_app::trace::{
    Report, ReportOptions, Since, report_html, report_markdown, report_sections, repository,
};
use stead_index::query;
use stead_trace::repo::Git;

use super::tracing::{ShortIds, current, write_json};
use super::{Bar, notice, open, styled};
use crate::cli::{GlobalArgs, ReportArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;
use crate::table::Table;
use crate::text::one_line;

pub(crate) fn run(
    args: &ReportArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let folder = current(context)?;
    let git = repository(&folder)?;
    let since = global.since.as_deref();
    let options = ReportOptions {
        revision: args.at.clone(),
        working_tree: args.working_tree,
        since: since.map(|text| newer(text, &git, context)).transpose()?,
        threads: context.settings.threads,
    };
    let (app, _) = open(context)?;
    let (reading, tracing) = (Bar::new(), bar());
    let made = app.report(
        git,
        &options,
        &|progress| reading.show(progress),
        &|done, all| {
            reading.done();
            tracing.set_length(all as u64);
            tracing.set_position(done as u64);
        },
    );
    reading.done();
    tracing.finish_and_clear();
    let report = made?;
    notice::unread(&report.problems);
    if global.json {
        write_json(&report)?;
    } else if args.md || args.html {
        let page = if args.md {
            report_markdown(&report)
        } else {
            report_html(&report)
        };
        let mut out = Output::exact();
        out.write_all(page.as_bytes())?;
        out.finish()?;
    } else {
        text(report, &app, context)?;
    }
    Ok(Exit::Ok)
}

/// A revision of the repository, else a time.
pub(super) fn newer(text: &str, git: &Git, context: &Context) -> Result<Since, CommandError> {
    if git.commit(text).is_some() {
        return Ok(Since::Revision(text.to_owned()));
    }
    let settings = &context.settings;
    let moment = query::parse_time(text, settings.now, &settings.time_zone);
    let moment = moment.map(Timestamp::as_millisecond).map_err(|_| {
        CommandError::usage(format!("`{text}` is neither a revision nor a time"))
            .hint("write a branch, a tag, a commit, or 3d, 2w, 2026-11-21")
    })?;
    Ok(Since::Time(moment))
}

fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    let form = "{spinner} tracing {bar:30} {pos}/{len} files {eta}";
    if let Ok(style) = ProgressStyle::with_template(form) {
        bar.set_style(style);
    }
    bar
}

fn text(mut report: Report, app: &App, context: &Context) -> Result<(), CommandError> {
    let mut ids = ShortIds::default();
    for row in &mut report.sessions {
        row.session = ids.of(&row.session, app);
    }
    let (head, sections) = report_sections(&report);
    let bold = styled(Style::new().bold(), context.colour);
    let dim = styled(Style::new().dimmed(), context.colour);
    let mut out = Output::paged(context);
    for (at, line) in head.iter().enumerate() {
        let style = if at == 0 { bold } else { dim };
        writeln!(out, "{style}{}{style:#}", one_line(line))?;
    }
    for section in sections {
        writeln!(out, "\n{bold}{}{bold:#}", section.title)?;
        let mut table = Table::new(&section.heads);
        for row in &section.rows {
            let cells = row.iter().enumerate().map(|(at, cell)| {
                let style = match at {
                    0 => AnsiColor::Cyan.on_default(),
                    _ => Style::new(),
                };
                (one_line(cell), style)
            });
            table.row(cells.collect());
        }
        table.write(&mut out, context.width, context.colour)?;
        if let Some(note) = section.note {
            writeln!(out, "{dim}{}{dim:#}", one_line(&note))?;
        }
    }
    if let Some(session) = report.sessions.first() {
        let green = styled(AnsiColor::Green.on_default(), context.colour);
        let id = one_line(&session.session);
        writeln!(out, "\n  {green}stead show {id}{green:#}")?;
    }
    Ok(out.finish()?)
}
