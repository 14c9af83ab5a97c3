//! Numbers: tokens and cost, and whose lines a repository has.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};
use stead_app::trace::{ReportOptions, report_markdown, repository};
use stead_app::{App, GroupBy, StatsOptions};

use super::super::super::tracing::current;
use super::super::super::{list_options, open, report as report_command, stats as stats_command};
use super::{Desk, arguments, object, sessions};
use crate::cli::GlobalArgs;
use crate::command_error::CommandError;

/// Rows of a table at most.
const ROWS: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatsWanted {
    #[serde(default)]
    by: Vec<By>,
    agent: Option<String>,
    project: Option<String>,
    since: Option<String>,
    before: Option<String>,
    limit: Option<usize>,
}

/// By what to split.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum By {
    Agent,
    Model,
    Project,
    Day,
}

impl From<By> for GroupBy {
    fn from(by: By) -> Self {
        match by {
            By::Agent => Self::Agent,
            By::Model => Self::Model,
            By::Project => Self::Project,
            By::Day => Self::Day,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReportWanted {
    folder: Option<PathBuf>,
    revision: Option<String>,
    since: Option<String>,
}

pub(super) fn stats_schema() -> Value {
    let mut properties = sessions::filters();
    properties["by"] = json!({
        "type": "array",
        "items": {"type": "string", "enum": ["agent", "model", "project", "day"]},
        "description": "By what to split; without, one total",
    });
    properties["limit"]["maximum"] = json!(ROWS);
    properties["limit"]["description"] = json!("At most so many rows; 100 if not said");
    object(&properties, &[])
}

pub(super) fn report_schema() -> Value {
    object(
        &json!({
            "folder": {"type": "string", "description": "A folder of the repository; without, the one that stead was started in"},
            "revision": {"type": "string", "description": "At this revision of git; without, at HEAD"},
            "since": {"type": "string", "description": "Only lines that are newer: a revision, or 3d, 2w, 2026-11-21"},
        }),
        &[],
    )
}

pub(super) fn stats(given: Value, desk: &Desk) -> Result<String, CommandError> {
    let wanted: StatsWanted = arguments(given, stats_schema)?;
    let (global, context) = (&desk.global, &desk.context);
    let agents = wanted.agent.map(|agent| vec![agent]);
    let filters = GlobalArgs {
        agent: agents.unwrap_or_else(|| global.agent.clone()),
        project: wanted.project.or_else(|| global.project.clone()),
        since: wanted.since.or_else(|| global.since.clone()),
        before: wanted.before.or_else(|| global.before.clone()),
        ..GlobalArgs::default()
    };
    let options = StatsOptions {
        list: list_options(&filters, context, None)?,
        by: wanted.by.into_iter().map(GroupBy::from).collect(),
    };
    let mut stats = App::open(context.settings.clone())?.stats(&options)?;
    let rows = stats.rows.len();
    stats
        .rows
        .truncate(wanted.limit.unwrap_or(ROWS).clamp(1, ROWS));
    let left = rows - stats.rows.len();
    let mut text = Vec::new();
    stats_command::table(&stats, &options.by, context).write(&mut text, context.width, false)?;
    let text = String::from_utf8_lossy(&text).into_owned();
    Ok(match left {
        0 => text,
        left => format!("{text}{left} more rows; the total counts them\n"),
    })
}

pub(super) fn report(given: Value, desk: &Desk) -> Result<String, CommandError> {
    let wanted: ReportWanted = arguments(given, report_schema)?;
    let context = &desk.context;
    let folder = match wanted.folder {
        Some(folder) => current(context)?.join(folder),
        None => current(context)?,
    };
    let git = repository(&folder)?;
    let since = wanted.since.as_deref();
    let since = since.map(|text| report_command::newer(text, &git, context));
    let options = ReportOptions {
        revision: wanted.revision,
        working_tree: false,
        since: since.transpose()?,
        threads: context.settings.threads,
    };
    let (app, _) = open(context)?;
    let report = app.report(git, &options, &|_| (), &|_, _| ())?;
    Ok(report_markdown(&report))
}
