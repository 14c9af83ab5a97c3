//! `stead ls`

use std::io::Write;

use anstyle::{AnsiColor, Style};
use stead_app::{App, ListOptions};
use stead_usf::{LinkKind, Session};

use super::{ask, list_options};
use crate::cli::{GlobalArgs, LsArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;
use crate::table::Table;
use crate::text::{age, one_line, path};

/// Sessions listed when no limit is given.
const DEFAULT_LIMIT: usize = 30;

pub(crate) fn run(
    args: &LsArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let default = (!global.json).then_some(DEFAULT_LIMIT);
    let mut options = list_options(global, context, default)?;
    options.all = args.all;
    if global.json {
        write_json(&ask(context, |app| Ok(app.list_json(&options)?))?)?;
        return Ok(Exit::Ok);
    }
    let listed = ask(context, |app| {
        let sessions = app.list(&options)?;
        if sessions.is_empty() {
            return Ok(Err(everything(app)?));
        }
        let count = app.count(&options)?;
        let more = count.saturating_sub(sessions.len() as u64);
        Ok(Ok((table(&sessions, app, context)?, more)))
    })?;
    let (table, more) = match listed {
        Ok(listed) => listed,
        Err(everything) => return nothing(everything, context),
    };
    let mut out = Output::paged(context);
    table.write(&mut out, context.width, context.colour)?;
    out.finish()?;
    if more > 0 {
        writeln!(anstream::stderr(), "{more} more; --limit 0 shows all")?;
    }
    Ok(Exit::Ok)
}

/// How many sessions there are at all.
pub(super) fn everything(app: &App) -> Result<u64, CommandError> {
    let all = ListOptions {
        all: true,
        ..ListOptions::default()
    };
    Ok(app.count(&all)?)
}

/// Says why there is nothing to list.
pub(super) fn nothing(everything: u64, context: &Context) -> Result<Exit, CommandError> {
    let mut stderr = anstream::stderr();
    if everything == 0 {
        writeln!(
            stderr,
            "No sessions found. `stead doctor` says where stead looked;"
        )?;
        writeln!(
            stderr,
            "`stead demo` shows what it does on bundled sessions."
        )?;
    } else {
        let of = if context.settings.env.roots.is_empty() {
            ""
        } else {
            " in these places"
        };
        writeln!(stderr, "None of the {everything} sessions{of} fits.")?;
    }
    Ok(Exit::Ok)
}

/// Writes headers as a JSON array. The index holds them with secrets masked.
fn write_json(headers: &[String]) -> Result<(), CommandError> {
    let mut out = Output::plain();
    write!(out, "[")?;
    for (place, header) in headers.iter().enumerate() {
        let comma = if place == 0 { "\n" } else { ",\n" };
        write!(out, "{comma}{header}")?;
    }
    writeln!(out, "{}", if headers.is_empty() { "]" } else { "\n]" })?;
    Ok(out.finish()?)
}

/// A table of sessions, with ids as short as they can be.
pub(super) fn table(
    sessions: &[Session],
    app: &App,
    context: &Context,
) -> Result<Table, CommandError> {
    let mut table = Table::new(&["ID", "WHEN", "AGENT", "PROJECT", "TITLE"]);
    for session in sessions {
        let project = session.cwd.as_deref().unwrap_or("-");
        let mut title = one_line(label(session));
        if let Some(parent) = &session.parent {
            title = format!("{} {title}", link(parent.kind));
        }
        if session.archived {
            title = format!("[archived] {title}");
        }
        table.row(vec![
            (app.short_id(&session.id)?, AnsiColor::Yellow.on_default()),
            (
                age(session.updated_at, context.settings.now),
                Style::new().dimmed(),
            ),
            (session.agent.to_string(), AnsiColor::Cyan.on_default()),
            (
                one_line(&path(project, context.home.as_deref())),
                AnsiColor::Blue.on_default(),
            ),
            (title, Style::new()),
        ]);
    }
    Ok(table)
}

/// What a session is called: its title, else what was asked first.
pub(super) fn label(session: &Session) -> &str {
    let text = session.title.as_deref().or(session.first_prompt.as_deref());
    text.unwrap_or("(nothing was typed)")
}

const fn link(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Subagent => "[subagent]",
        LinkKind::Fork => "[fork]",
        LinkKind::Resume => "[resumed]",
    }
}
