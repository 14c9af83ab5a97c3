//! `stead` without a command: what happened lately, and what to type next.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use stead_app::ListOptions;

use super::{list_options, ls, open, styled};
use crate::cli::GlobalArgs;
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;
use crate::text::count;

const SHOWN: usize = 10;

pub(crate) fn run(global: &GlobalArgs, context: &Context) -> Result<Exit, CommandError> {
    let (app, _) = open(context)?;
    let options = list_options(global, context, Some(SHOWN))?;
    if global.json {
        let args = crate::cli::LsArgs { all: false };
        let global = GlobalArgs {
            limit: options.limit,
            ..global.clone()
        };
        return ls::run(&args, &global, context);
    }
    let sessions = app.list(&options)?;
    if sessions.is_empty() {
        return ls::nothing(ls::everything(&app)?, context);
    }
    let mut out = Output::plain();
    let everything = app.count(&ListOptions::default())?;
    let bold = styled(Style::new().bold(), context.colour);
    let dim = styled(Style::new().dimmed(), context.colour);
    let mut agents: Vec<String> = Vec::new();
    for adapter in stead_adapters::adapters() {
        let info = adapter.info();
        let one = ListOptions {
            agents: vec![info.id.to_string()],
            ..ListOptions::default()
        };
        match app.count(&one)? {
            0 => {}
            number => agents.push(format!("{} {}", count(number), info.name)),
        }
    }
    writeln!(
        out,
        "{bold}{everything} sessions{bold:#} {dim}({}){dim:#}\n",
        agents.join(", ")
    )?;
    ls::table(&sessions, &app, context)?.write(&mut out, context.width, context.colour)?;
    let command = styled(AnsiColor::Green.on_default(), context.colour);
    let id = app.short_id(&sessions[0].id)?;
    writeln!(out)?;
    for (typed, meaning) in [
        (format!("stead show {id}"), "show a session"),
        (
            "stead search WORDS".to_owned(),
            "find anything said or done in any of them",
        ),
        ("stead stats --by day".to_owned(), "tokens and cost"),
        ("stead help".to_owned(), "everything else"),
    ] {
        writeln!(
            out,
            "  {command}{typed:<24}{command:#} {dim}{meaning}{dim:#}"
        )?;
    }
    out.finish()?;
    Ok(Exit::Ok)
}
