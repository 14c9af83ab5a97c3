//! `stead search`

use std::io::Write;

use anstyle::{AnsiColor, Style};
use stead_app::{AppError, SearchHit, SearchOptions};
use stead_redact::terminal::escape;

use super::{apart, ask, list_options, ls, styled};
use crate::cli::{GlobalArgs, SearchArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;
use crate::text::{age, fit, one_line, path, width};

const DEFAULT_LIMIT: usize = 20;

pub(crate) fn run(
    args: &SearchArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let query = args.query.join(" ");
    let options = SearchOptions {
        list: list_options(global, context, Some(DEFAULT_LIMIT))?,
    };
    let (report, advice) = ask(context, |app| {
        let report = app.search(&query, &options).map_err(|error| match error {
            AppError::Query(error) => {
                CommandError::usage(format!("the query is wrong\n{}", error.render(&query)))
                    .hint("`stead search --help` shows what a query can say")
            }
            other => other.into(),
        })?;
        let advice = if report.hits.is_empty() && !global.json {
            apart::advice(app, &query, &options, context)?
        } else {
            None
        };
        Ok((report, advice))
    })?;
    if global.json {
        let mut out = Output::plain();
        serde_json::to_writer_pretty(&mut out, &report).map_err(std::io::Error::from)?;
        writeln!(out)?;
        out.finish()?;
        return Ok(Exit::Ok);
    }
    if report.hits.is_empty() {
        let mut stderr = anstream::stderr();
        writeln!(stderr, "Nothing found.")?;
        if let Some(advice) = advice {
            writeln!(stderr, "{}", escape(&advice))?;
        }
        return Ok(Exit::Ok);
    }
    let mut out = Output::paged(context);
    for hit in &report.hits {
        write_hit(hit, context, &mut out)?;
    }
    out.finish()?;
    Ok(Exit::Ok)
}

/// Three lines: what it is, why it was found, how to open it.
fn write_hit(hit: &SearchHit, context: &Context, out: &mut Output) -> Result<(), CommandError> {
    let paint = |style: Style| styled(style, context.colour);
    let (yellow, cyan) = (
        paint(AnsiColor::Yellow.on_default()),
        paint(AnsiColor::Cyan.on_default()),
    );
    let (bold, dim) = (paint(Style::new().bold()), paint(Style::new().dimmed()));
    let session = &hit.session;
    let id = &hit.short_id;
    let agent = session.agent.as_str();
    let when = age(hit.at.or(session.updated_at), context.settings.now);
    let project = session.cwd.as_deref().unwrap_or("-");
    let project = one_line(&path(project, context.home.as_deref()));
    let used = width(id) + width(agent) + width(&when) + width(&project) + 8;
    let title = fit(
        &one_line(ls::label(session)),
        context.width.saturating_sub(used).max(20),
    );
    writeln!(
        out,
        "{yellow}{id}{yellow:#}  {bold}{title}{bold:#}  {cyan}{agent}{cyan:#}  {dim}{project}  {when}{dim:#}"
    )?;
    let kind = hit.kind.replace('_', " ");
    writeln!(out, "  {dim}{kind}:{dim:#} {}", highlighted(hit, context))?;
    if let Some(event) = &hit.event {
        let more = match hit.matches {
            0 | 1 => String::new(),
            number => format!("  ({} more in this session)", number - 1),
        };
        writeln!(
            out,
            "  {dim}stead show {id} --at {}{more}{dim:#}",
            escape(event)
        )?;
    }
    writeln!(out)?;
    Ok(())
}

/// The snippet with its matches marked, safe for a terminal.
fn highlighted(hit: &SearchHit, context: &Context) -> String {
    use std::fmt::Write;
    let mark = styled(AnsiColor::Red.on_default().bold(), context.colour);
    let snippet = &hit.snippet;
    let mut line = String::new();
    let mut at = 0;
    for range in &snippet.matches {
        line += &escape(&snippet.text[at..range.start]);
        let found = escape(&snippet.text[range.clone()]);
        // Writing to a string cannot fail.
        let _ = write!(line, "{mark}{found}{mark:#}");
        at = range.end;
    }
    line += &escape(&snippet.text[at..]);
    line
}
