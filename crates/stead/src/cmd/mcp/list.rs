//! `stead mcp list`, `allow`, `forbid`: the servers that stead's own agent uses.

use std::io::Write;

use anstyle::Style;
use serde_json::json;
use stead_agent::mcp::By;

use super::super::tracing::{current, write_json};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;
use crate::table::Table;
use crate::text::one_line;
use crate::tool_servers::{Known, Servers};

/// Which servers there are, from where, and whether they are used.
pub(super) fn list(json: bool, context: &Context) -> Result<Exit, CommandError> {
    let servers = Servers::load(&current(context)?, context)?;
    if json {
        let one = |known: &Known| {
            json!({
                "name": known.name,
                "by": known.settings.as_ref().map(|settings| by(settings.by)).ok(),
                "starts": known.settings.as_ref().map(stead_agent::mcp::Settings::in_words).ok(),
                "used": known.allowed,
                "problem": known.settings.as_ref().err(),
            })
        };
        write_json(&servers.all.iter().map(one).collect::<Vec<_>>())?;
        return Ok(Exit::Ok);
    }
    if servers.all.is_empty() {
        writeln!(
            anstream::stderr(),
            "No MCP servers are configured. `[mcp.NAME]` in config.toml, or .stead/mcp.toml of a project."
        )?;
        return Ok(Exit::Ok);
    }
    let mut table = Table::new(&["NAME", "BY", "STATE", "STARTS"]);
    for known in &servers.all {
        let (whose, words) = match &known.settings {
            Ok(settings) => (by(settings.by), settings.in_words()),
            Err(why) => ("-", why.clone()),
        };
        let state = match (&known.settings, known.allowed) {
            (Err(_), _) => "not used",
            (_, true) => "used",
            (_, false) => "not allowed",
        };
        let cells = [&known.name, whose, state, &words].map(|text| (one_line(text), Style::new()));
        table.row(cells.into());
    }
    let mut out = Output::paged(context);
    table.write(&mut out, context.width, context.colour)?;
    out.finish()?;
    Ok(Exit::Ok)
}

const fn by(by: By) -> &'static str {
    match by {
        By::User => "user",
        By::Project => "project",
    }
}

/// Allows or forbids a server of the project that the user is in.
pub(super) fn decide(name: &str, allow: bool, context: &Context) -> Result<Exit, CommandError> {
    let mut servers = Servers::load(&current(context)?, context)?;
    let known = servers.all.iter().find(|known| known.name == name);
    let known = known.ok_or_else(|| {
        CommandError::usage(format!("no MCP server is called `{name}` here"))
            .hint("`stead mcp list` shows those of this project and of the configuration")
    })?;
    let settings = known
        .settings
        .as_ref()
        .map_err(|why| CommandError::usage(format!("MCP server `{name}`: {why}")))?;
    if settings.by == By::User {
        return Err(CommandError::usage(format!("`{name}` is your own server"))
            .hint("`disabled = true` in its table of config.toml switches it off"));
    }
    let kept = if allow {
        servers.leave.give(&servers.project, settings)
    } else {
        servers.leave.take(&servers.project, settings).map(|_| ())
    };
    kept.map_err(|error| CommandError::failure(error.to_string()))?;
    let words = if allow {
        "may be started here"
    } else {
        "may not be started here"
    };
    let starts = one_line(&settings.in_words());
    writeln!(anstream::stdout(), "{} {words}: {starts}", one_line(name))?;
    Ok(Exit::Ok)
}
