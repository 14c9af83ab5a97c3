//! Finding sessions: by what is in them, and by when they were.

use std::fmt::Write;

use serde::Deserialize;
use serde_json::{Value, json};
use stead_app::{AppError, SearchHit, SearchOptions};
use stead_usf::{Session, Time};

use super::super::super::{apart, ask, list_options, ls};
use super::{Desk, arguments, object, read_on};
use crate::cli::GlobalArgs;
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::text::{age, counted, fit, one_line, path};

/// Sessions in an answer if nobody asked for more.
const USUAL: usize = 10;
/// Sessions in an answer at most.
const MOST: usize = 50;
/// Titles are cut to so many columns.
const TITLE: usize = 120;

/// Which sessions are meant.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    query: String,
    agent: Option<String>,
    project: Option<String>,
    since: Option<String>,
    before: Option<String>,
    limit: Option<usize>,
}

impl Wanted {
    /// As the command line would have it; what is not said is as stead was started.
    fn options(&self, global: &GlobalArgs) -> GlobalArgs {
        let or =
            |said: &Option<String>, else_: &Option<String>| said.clone().or_else(|| else_.clone());
        GlobalArgs {
            agent: self
                .agent
                .as_ref()
                .map_or_else(|| global.agent.clone(), |agent| vec![agent.clone()]),
            project: or(&self.project, &global.project),
            since: or(&self.since, &global.since),
            before: or(&self.before, &global.before),
            limit: Some(self.limit.unwrap_or(USUAL).clamp(1, MOST)),
            ..GlobalArgs::default()
        }
    }
}

/// The properties that say which sessions are meant.
pub(super) fn filters() -> Value {
    json!({
        "agent": {"type": "string", "description": "Only sessions of this agent, by the id that lists have"},
        "project": {"type": "string", "description": "Only sessions that worked in this folder (an absolute path, or `.`), or whose path has this part"},
        "since": {"type": "string", "description": "Only since then: 3d, 12h, 2w, 2026-11-21, yesterday"},
        "before": {"type": "string", "description": "Only before then"},
        "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "description": "At most so many sessions; 10 if not said"},
    })
}

pub(super) fn search_schema() -> Value {
    let mut properties = filters();
    properties["query"] =
        json!({"type": "string", "description": "Few, rare words; filters as described"});
    object(&properties, &["query"])
}

pub(super) fn list_schema() -> Value {
    object(&filters(), &[])
}

pub(super) fn search(given: Value, desk: &Desk) -> Result<String, CommandError> {
    let wanted: Wanted = arguments(given, search_schema)?;
    let context = &desk.context;
    let options = SearchOptions {
        list: list_options(&wanted.options(&desk.global), context, Some(USUAL))?,
    };
    let query = &wanted.query;
    ask(context, |app| {
        let report = app.search(query, &options).map_err(|error| match error {
            AppError::Query(error) => {
                CommandError::usage(format!("the query is wrong\n{}", error.render(query)))
            }
            other => other.into(),
        })?;
        if report.hits.is_empty() {
            let advice = apart::advice(app, query, &options, context)?;
            let advice = advice.unwrap_or_else(|| "Try fewer or other words.".to_owned());
            return Ok(format!("Nothing found.\n{advice}"));
        }
        let hits = report.hits.iter().map(|hit| told(hit, context));
        Ok(hits.collect::<Vec<_>>().join("\n"))
    })
}

/// A hit: the session, what fits, and where to read on.
fn told(hit: &SearchHit, context: &Context) -> String {
    let session = &hit.session;
    let mut text = heading(session, &hit.short_id, hit.at, context);
    let kind = hit.kind.replace('_', " ");
    let snippet = one_line(&hit.snippet.text);
    // Writing to a string cannot fail.
    let _ = writeln!(text, "  {kind}: {snippet}");
    if let Some(event) = &hit.event {
        let _ = write!(text, "  {}", read_on(&hit.short_id, event));
        if hit.matches > 1 {
            let _ = write!(
                text,
                " ({} in this session fit)",
                counted(hit.matches, "event")
            );
        }
        text.push('\n');
    }
    text
}

/// A session on one line: id, agent, when, folder, title.
fn heading(session: &Session, id: &str, at: Option<Time>, context: &Context) -> String {
    let when = age(at.or(session.updated_at), context.settings.now);
    let folder = session.cwd.as_deref().unwrap_or("-");
    let folder = one_line(&path(folder, context.home.as_deref()));
    let title = fit(&one_line(ls::label(session)), TITLE);
    let agent = session.agent.as_str();
    format!("{id}  {agent}  {when}  {folder}  {title}\n")
}

pub(super) fn list(given: Value, desk: &Desk) -> Result<String, CommandError> {
    let wanted: Wanted = arguments(given, list_schema)?;
    let context = &desk.context;
    let options = list_options(&wanted.options(&desk.global), context, Some(USUAL))?;
    ask(context, |app| {
        let sessions = app.list(&options)?;
        if sessions.is_empty() {
            let all = ls::everything(app)?;
            return Ok(format!("None of the {} fits.", counted(all, "session")));
        }
        let mut text = String::new();
        for session in &sessions {
            text += &heading(session, &app.short_id(&session.id)?, None, context);
        }
        let more = app.count(&options)?.saturating_sub(sessions.len() as u64);
        if more > 0 {
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{more} more: raise `limit`, or say since, before, project"
            );
        }
        Ok(text)
    })
}
