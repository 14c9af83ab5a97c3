//! `stead stats`

use std::io::Write;

use anstyle::Style;
use stead_app::{App, GroupBy, Stats, StatsOptions, StatsRow};

use super::list_options;
use super::notice::ArchiveBegins;
use crate::cli::{By, GlobalArgs, StatsArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;
use crate::table::Table;
use crate::text::{count, one_line, path};

pub(crate) fn run(
    args: &StatsArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let options = StatsOptions {
        list: list_options(global, context, None)?,
        by: args.by.iter().copied().filter_map(group).collect(),
    };
    let archive = ArchiveBegins::new(context);
    let counted = App::open(context.settings.clone())?.stats(&options);
    archive.say();
    let mut stats = counted?;
    if let Some(limit) = options.list.limit {
        stats.rows.truncate(limit);
    }
    if global.json {
        let mut out = Output::plain();
        serde_json::to_writer_pretty(&mut out, &stats).map_err(std::io::Error::from)?;
        writeln!(out)?;
        out.finish()?;
        return Ok(Exit::Ok);
    }
    let mut out = Output::paged(context);
    table(&stats, &options.by, context).write(&mut out, context.width, context.colour)?;
    out.finish()?;
    Ok(Exit::Ok)
}

const fn group(by: By) -> Option<GroupBy> {
    match by {
        By::Agent => Some(GroupBy::Agent),
        By::Model => Some(GroupBy::Model),
        By::Project => Some(GroupBy::Project),
        By::Day => Some(GroupBy::Day),
        By::Total => None,
    }
}

pub(super) fn table(stats: &Stats, by: &[GroupBy], context: &Context) -> Table {
    let has = |group| by.contains(&group);
    let columns = [
        (has(GroupBy::Day), "DAY"),
        (has(GroupBy::Agent), "AGENT"),
        (has(GroupBy::Model), "MODEL"),
        (has(GroupBy::Project), "PROJECT"),
        (by.is_empty(), ""),
    ];
    let mut heads: Vec<_> = columns
        .iter()
        .filter(|(shown, _)| *shown)
        .map(|(_, head)| *head)
        .collect();
    heads.extend([
        ">SESSIONS",
        ">REQUESTS",
        ">INPUT",
        ">OUTPUT",
        ">CACHE READ",
        ">CACHE WRITE",
        ">COST",
    ]);
    let mut table = Table::new(&heads);
    let labels = |row: &StatsRow| -> Vec<String> {
        let text = |value: &Option<String>| {
            value
                .as_deref()
                .map_or_else(|| "(not recorded)".into(), one_line)
        };
        let project = row
            .project
            .as_deref()
            .map(|p| path(p, context.home.as_deref()));
        let all = [
            (has(GroupBy::Day), text(&row.day)),
            (has(GroupBy::Agent), text(&row.agent)),
            (has(GroupBy::Model), text(&row.model)),
            (has(GroupBy::Project), text(&project)),
            (by.is_empty(), "total".into()),
        ];
        all.into_iter()
            .filter(|(shown, _)| *shown)
            .map(|(_, label)| label)
            .collect()
    };
    for row in &stats.rows {
        add(&mut table, labels(row), row, Style::new());
    }
    if stats.rows.len() > 1 {
        let mut labels = vec![String::new(); labels(&stats.total).len()];
        labels[0] = "total".into();
        add(&mut table, labels, &stats.total, Style::new().bold());
    }
    table
}

fn add(table: &mut Table, labels: Vec<String>, row: &StatsRow, style: Style) {
    let tokens = |number: Option<u64>| number.map_or_else(|| "-".into(), count);
    let numbers = [
        count(row.sessions),
        count(row.requests),
        tokens(row.usage.input),
        tokens(row.usage.output),
        tokens(row.usage.cache_read),
        tokens(row.usage.cache_write),
        row.cost_usd
            .map_or_else(|| "-".into(), |cost| format!("${cost:.2}")),
    ];
    let cells = labels.into_iter().chain(numbers).map(|text| (text, style));
    table.row(cells.collect());
}
