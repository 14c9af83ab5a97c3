//! `stead log`

use std::io::Write;

use anstyle::{AnsiColor, Style};
use stead_app::trace::{FilePlace, LogOptions, LoggedCommit, Share, log, percent};

use super::tracing::{Traced, current, day, short_commit, write_json};
use super::{notice, styled, when};
use crate::cli::{GlobalArgs, LogArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;
use crate::table::Table;
use crate::text::one_line;

/// Commits listed when no limit is given.
const DEFAULT_LIMIT: usize = 30;

/// In a terminal with fewer columns some give way.
const NARROW: usize = 80;

/// Places of the columns that do: the day, and lines that were changed.
const SPARED: [usize; 2] = [1, 5];

pub(crate) fn run(
    args: &LogArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let place = FilePlace::of(
        args.path.as_deref().unwrap_or(".".as_ref()),
        &current(context)?,
    )?;
    let since_ms = when(global.since.as_deref(), "--since", context)?;
    let before_ms = when(global.before.as_deref(), "--before", context)?;
    let mut traced = Traced::at(&place.folder, context)?;
    let path = match &args.path {
        Some(path) => Some(place.inside(traced.tracer.root()).ok_or_else(|| {
            CommandError::usage(format!(
                "`{}` lies outside of the repository",
                path.display()
            ))
        })?),
        None => None,
    };
    let options = LogOptions {
        revision: args.at.clone(),
        follow: path.as_deref().is_some_and(|path| {
            let whole = traced.tracer.root().join(path);
            !whole.is_dir()
        }),
        path,
        limit: match global.limit {
            Some(0) => None,
            Some(limit) => Some(limit),
            None => Some(DEFAULT_LIMIT),
        },
        since_ms,
        before_ms,
    };
    let commits = log(&mut traced.tracer, &options)?;
    notice::unread(&traced.tracer.problems());
    if global.json {
        write_json(&commits)?;
        return Ok(Exit::Ok);
    }
    if commits.is_empty() {
        writeln!(anstream::stderr(), "No commit fits.")?;
        return Ok(Exit::Ok);
    }
    let mut out = Output::paged(context);
    table(&commits, context).write(&mut out, context.width, context.colour)?;
    if context.terminal && commits.len() > 1 {
        closing(&commits, &mut out, context)?;
    }
    out.finish()?;
    if options.limit == Some(commits.len()) && global.limit.is_none() {
        writeln!(anstream::stderr(), "there may be more; --limit 0 shows all")?;
    }
    Ok(Exit::Ok)
}

fn table(commits: &[LoggedCommit], context: &Context) -> Table {
    let heads = [
        "COMMIT", ">DAY", ">LINES", ">AGENT", ">HUMAN", ">MIXED", ">UNKNOWN", "BY", "SUBJECT",
    ];
    let narrow = context.terminal && context.width < NARROW;
    let shown: Vec<usize> = (0..heads.len())
        .filter(|place| !narrow || !SPARED.contains(place))
        .collect();
    let some: Vec<&'static str> = shown.iter().map(|place| heads[*place]).collect();
    let mut table = Table::new(&some);
    for commit in commits {
        let share = &commit.share;
        let number = |lines: u64| match (lines, share.lines) {
            (_, 0) => "-".to_owned(),
            (lines, all) => percent(lines, all),
        };
        let lines = if commit.merge {
            "merge".to_owned()
        } else {
            share.lines.to_string()
        };
        let cells = [
            (
                short_commit(&commit.commit).to_owned(),
                AnsiColor::Yellow.on_default(),
            ),
            (day(commit.at_ms, context), Style::new().dimmed()),
            (lines, Style::new()),
            (number(share.agent), AnsiColor::Cyan.on_default()),
            (number(share.human), AnsiColor::Green.on_default()),
            (number(share.mixed), AnsiColor::Magenta.on_default()),
            (number(share.unknown), Style::new().dimmed()),
            (one_line(&by(share)), AnsiColor::Cyan.on_default()),
            (one_line(&commit.subject), Style::new()),
        ];
        let cells = cells.into_iter().enumerate();
        let cells = cells.filter(|(place, _)| shown.contains(place));
        table.row(cells.map(|(_, cell)| cell).collect());
    }
    table
}

/// The agents and their models, those with the most lines first.
fn by(share: &Share) -> String {
    let names = |counts: &std::collections::BTreeMap<String, u64>| {
        let mut names: Vec<(&String, &u64)> = counts.iter().collect();
        names.sort_by_key(|(_, lines)| std::cmp::Reverse(**lines));
        let names = names.into_iter().map(|(name, _)| name.clone());
        names.collect::<Vec<_>>().join(", ")
    };
    match (names(&share.agents), names(&share.models)) {
        (agents, _) if agents.is_empty() => "-".to_owned(),
        (agents, models) if models.is_empty() || models == stead_app::trace::NO_MODEL => agents,
        (agents, models) => format!("{agents} ({models})"),
    }
}

fn closing(
    commits: &[LoggedCommit],
    out: &mut Output,
    context: &Context,
) -> Result<(), CommandError> {
    let mut all = Share::default();
    for commit in commits {
        all.absorb(&commit.share);
    }
    let dim = styled(Style::new().dimmed(), context.colour);
    let lines = crate::text::counted(all.lines, "line");
    let words = one_line(&all.words());
    Ok(writeln!(out, "{dim}{lines} brought: {words}{dim:#}")?)
}
